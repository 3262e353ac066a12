"""What each name of a law stands for, shown by laws made for it."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from isomargin.drive import Step
from isomargin.errors import RulebookError
from isomargin.judge import LawFinding, Verdict
from isomargin.rulebook.model import Case, Law

Judged = Callable[..., Verdict]

OPEN = {"instrument": "BTC-USD", "side": "buy", "quantity": "0.02", "price": "50000"}
RATE = {"instrument": "BTC-USD", "funding_rate": "0.001"}
FALL = {"instrument": "BTC-USD", "price": "30000"}
HEDGE = ("set_position_mode", {"position_mode": "hedge"})
AUTO = ("set_auto_add_margin", {"instrument": "BTC-USD", "enabled": True})


@pytest.fixture
def looked(new: SimpleNamespace, judged: Judged) -> Callable[..., list[LawFinding]]:
    """Return what is found of one law."""

    def made(law: Law, case: Case, *steps: Step, **options: Any) -> list[LawFinding]:
        return list(judged(case, *steps, by=new.ruled(law), **options).laws)

    return made


@pytest.fixture
def held(
    new: SimpleNamespace, looked: Callable[..., list[LawFinding]]
) -> Callable[..., list[bool | None]]:
    """Return whether a law on `trade` holds when this state is shown after it."""

    def made(holds: str, shown: dict[str, Any], **changes: Any) -> list[bool | None]:
        case = new.scenario(("trade", {**OPEN, **changes.pop("given", {})}), **changes)
        return [each.held for each in looked(new.law(holds), case, new.step(shown))]

    return made


@pytest.mark.parametrize(
    "holds",
    [
        "action.name == 'trade' and action.side == 'buy'",
        "action.quantity * action.price == 1000",
        "action.isolated_margin is None and action.liquidity is None",
        "not action.reduce_only",
        "action.position_side is None",
        "outcome == 'accepted' and reason is None and changed",
        "position_mode == 'one_way'",
        "profile.funding_source == 'isolated_margin'",
        "profile.removable_margin_floor == 0.1 and profile.no_such is None",
        "contract == 'linear' and contract_size == 1 and settle == 'USD'",
        "taker_fee_rate == 0 and symbol == 'BTC-USD' and quantity_step is None",
        "value(action.quantity, action.price) == 1000",
        "value(after.position.quantity, after.position.entry_price) == 1000",
        "kept(1 / 3) != 1 / 3 and kept(after.free_balance) == after.free_balance",
        "before.wallet_balance == 2000 and before.available_balance == 2000",
        "before.position is None and before.position.quantity is None",
        "sum(p.quantity for p in before.positions) == 0",
        "after.position is not None and after.position.quantity == 0.02",
        "after.position.side == long and after.position.side != short",
        "after.position.margin_mode == 'isolated'",
        "not after.position.auto_add_margin",
        "sum(p.isolated_margin for p in after.positions) == 100",
        "all(p.side == long for p in after.positions if p.margin_mode == 'isolated')",
        "all(other.before is None for other in others)",
        "after.position.liquidation_price is None",
        "max(0, after.free_balance) == 1900 and min(0, after.free_balance) == 0",
        "sum(action.price for other in others) == 0",
    ],
)
def test_a_name_stands_for_what_was_asked_or_observed(
    new: SimpleNamespace, held: Callable[..., list[bool | None]], holds: str
) -> None:
    shown = new.state("1900", new.position(liquidation_price=None), wallet="2000")
    assert held(holds, shown) == [True]


def test_a_comprehension_may_hold_functions_and_other_comprehensions(
    new: SimpleNamespace, held: Callable[..., list[bool | None]]
) -> None:
    other = new.position(instrument="ETH-USD", quantity="3")
    shown = new.state("1800", new.position(), other, wallet="2000")
    holds = (
        "all(any(p.quantity == other.after.quantity for p in after.positions)"
        " and value(other.after.quantity, action.price) == 150000 for other in others)"
    )
    assert held(holds, shown) == [True]


@pytest.mark.parametrize(
    ("holds", "missing"),
    [
        ("after.available_balance >= 0", "after.available_balance"),
        ("after.position.maximum_loss >= 0", "after.position.maximum_loss"),
        ("after.position.liquidation_price > 0", "after.position.liquidation_price"),
        ("after.position.leverage > 0", "leverage"),
        ("after.position.margin_mode == 'isolated'", "margin_mode"),
        ("not after.position.auto_add_margin", "auto_add_margin"),
        ("all(other.after.leverage > 0 for other in others)", "leverage"),
    ],
)
def test_a_figure_that_a_state_leaves_out_or_garbles_is_not_observed(
    new: SimpleNamespace,
    looked: Callable[..., list[LawFinding]],
    holds: str,
    missing: str,
) -> None:
    garbled = new.position(leverage=True, margin_mode=True, auto_add_margin="1")
    del garbled["liquidation_price"]
    other = {**garbled, "instrument": "ETH-USD"}
    shown = new.state("1900", garbled, other, wallet="2000")
    (found,) = looked(new.law(holds), new.scenario(("trade", OPEN)), new.step(shown))
    assert found.held is None
    assert found.figures[missing] == "not observed"


@pytest.mark.parametrize(
    "holds",
    [
        "after.position is None",
        "sum(p.quantity for p in after.positions) == 0",
        "all(other.after is None for other in others)",
        "not changed",
        "after.free_balance >= 0",
    ],
)
def test_a_state_that_shows_nothing_lets_nothing_be_judged(
    held: Callable[..., list[bool | None]], holds: str
) -> None:
    assert held(holds, {}) == [None]


def test_an_unknown_instrument_has_no_position_and_no_names(
    new: SimpleNamespace, held: Callable[..., list[bool | None]]
) -> None:
    unknown = {"instrument": "DOGE-USD"}
    calm = new.state("2000", wallet="2000")
    assert held("after.position is None", calm, given=unknown) == [True]
    assert held("taker_fee_rate == 0", calm, given=unknown) == [None]
    assert held("after.free_balance >= 0", calm, given=unknown) == [None]


@pytest.mark.parametrize(
    ("holds", "message"),
    [
        ("nonsense == 1", "spec/rules: a law has no name 'nonsense'"),
        ("is_whole(action.quantity)", "spec/rules: no rule defines is_whole() here"),
        (
            "action.isolated_margin > 0",
            (
                "rules/a.yaml:1: compares what does not exist:"
                " action.isolated_margin > 0;"
                " ask `is None` first"
            ),
        ),
    ],
)
def test_a_law_that_makes_no_sense_is_the_rulebooks_fault(
    new: SimpleNamespace,
    held: Callable[..., list[bool | None]],
    holds: str,
    message: str,
) -> None:
    with pytest.raises(RulebookError, match=f"^{re.escape(message)}$"):
        held(holds, new.state("2000", wallet="2000"))


def test_a_null_where_a_number_must_be_is_the_subjects_fault(
    new: SimpleNamespace, held: Callable[..., list[bool | None]]
) -> None:
    shown = new.state("1900", new.position(isolated_margin=None), wallet="2000")
    assert held("after.position.isolated_margin >= 0", shown) == [None]
    assert held("before.position.isolated_margin >= 0", shown) == [None]


def test_two_positions_in_one_instrument_are_no_position_to_judge(
    new: SimpleNamespace, held: Callable[..., list[bool | None]]
) -> None:
    shown = new.state("1800", new.position(), new.position(side="short"), wallet="2000")
    assert held("after.position is None", shown) == [None]


def test_a_law_below_must_fails_nothing(new: SimpleNamespace, judged: Judged) -> None:
    for level in ("should", "may"):
        rules = new.ruled(new.law("changed", level=level))
        verdict = judged(
            new.scenario(("trade", OPEN)), new.step({"positions": []}), by=rules
        )
        assert verdict.status == "passed"
        assert [each.held for each in verdict.laws] == [False]
        assert verdict.rules[-1] == "a.law"


def test_a_broken_law_without_figures_is_told_by_its_name(
    new: SimpleNamespace, judged: Judged
) -> None:
    rules = new.ruled(new.law("changed"))
    verdict = judged(
        new.scenario(("trade", OPEN)), new.step({"positions": []}), by=rules
    )
    assert verdict.detail == "step 1 trade breaks a.law"


def test_a_law_of_an_earlier_step_comes_before_a_figure_of_a_later_one(
    new: SimpleNamespace, judged: Judged
) -> None:
    wrong = {"account": {"wallet_balance": "1"}}
    rules = new.ruled(new.law("changed"))
    calm = new.step(new.state("2000", wallet="2000"))
    later = new.scenario(("trade", OPEN), ("trade", OPEN, wrong))
    assert judged(later, calm, calm, by=rules).kind == "law"
    same = new.scenario(("trade", OPEN, wrong), ("trade", OPEN))
    assert judged(same, calm, calm, by=rules).kind == "value"


# Before, after, and what the account holder set


def test_each_step_starts_from_what_the_one_before_showed(
    new: SimpleNamespace, looked: Callable[..., list[LawFinding]]
) -> None:
    case = new.scenario(("trade", OPEN), ("set_mark_price", FALL))
    steps = (
        new.step(new.state("1500", wallet="1500")),
        new.step(new.state("1200", wallet="1200")),
    )
    found = looked(new.law("not changed", after="set_mark_price"), case, *steps)
    assert [each.figures for each in found] == [
        {
            "before.USD.free_balance": "1500",
            "after.USD.free_balance": "1200",
            "before.USD.wallet_balance": "1500",
            "after.USD.wallet_balance": "1200",
        }
    ]


def test_the_opening_balances_are_exact_and_a_debt_is_not_available(
    new: SimpleNamespace, held: Callable[..., list[bool | None]]
) -> None:
    debt = {"balances": {"USD": "-5"}}
    calm = new.state("-5", wallet="-5")
    assert held("before.available_balance == 0", calm, **debt) == [True]
    assert held("before.free_balance + 5.0000000001 > 0", calm, **debt) == [True]


def test_a_position_that_opens_or_closes_is_a_change(
    new: SimpleNamespace, held: Callable[..., list[bool | None]]
) -> None:
    assert held("not changed", {"positions": [new.position()]}) == [False]
    assert held("not changed", {"positions": []}) == [True]


def test_the_position_mode_is_what_was_last_accepted(
    new: SimpleNamespace, looked: Callable[..., list[LawFinding]]
) -> None:
    case = new.scenario(("trade", OPEN), HEDGE, ("trade", OPEN), ("deposit", {}))
    hedge = new.law("position_mode == 'hedge'", after="trade")
    accepted = [new.step({"positions": []})] * 4
    assert [each.held for each in looked(hedge, case, *accepted)] == [False, True]
    refused = [accepted[0], new.step({}, reason="POSITION_MODE_LOCKED"), *accepted[:2]]
    assert [each.held for each in looked(hedge, case, *refused)] == [False, False]


@pytest.mark.parametrize(
    ("given", "enabled"),
    [
        ({"instrument": "BTC-USD", "enabled": True}, True),
        ({"instrument": "ETH-USD", "enabled": True}, False),
        ({"instrument": "BTC-USD", "enabled": False}, False),
    ],
)
def test_auto_add_margin_is_known_from_what_was_set(
    new: SimpleNamespace,
    looked: Callable[..., list[LawFinding]],
    given: dict[str, Any],
    enabled: bool,  # noqa: FBT001 - a table's column
) -> None:
    case = new.scenario(("set_auto_add_margin", given), ("trade", OPEN))
    still = [new.step(new.state("1900", new.position(), wallet="2000"))] * 2
    found = looked(new.law("before.position.auto_add_margin"), case, *still)
    assert [each.held for each in found] == [enabled]


def test_auto_add_margin_that_one_side_switches_off_may_be_on_for_the_other(
    new: SimpleNamespace, looked: Callable[..., list[LawFinding]]
) -> None:
    off = {"instrument": "BTC-USD", "enabled": False}
    on = new.law("before.position.auto_add_margin")
    still = [new.step(new.state("1900", new.position(), wallet="2000"))] * 3
    sided = new.scenario(
        AUTO, (AUTO[0], {**off, "position_side": "long"}), ("trade", OPEN)
    )
    assert [each.held for each in looked(on, sided, *still)] == [True]
    whole = new.scenario(AUTO, (AUTO[0], off), ("trade", OPEN))
    assert [each.held for each in looked(on, whole, *still)] == [False]


# Where a law is looked at from


def test_each_step_is_looked_at_once_for_every_asset(
    new: SimpleNamespace, looked: Callable[..., list[LawFinding]]
) -> None:
    every = new.law("before.position is None", after="each step")
    case = new.scenario(("trade", OPEN), balances={"EUR": "1", "USD": "2"})
    found = looked(every, case, new.step({}))
    assert [each.held for each in found] == [True, True]


def test_each_position_open_after_a_step_is_looked_at(
    new: SimpleNamespace, looked: Callable[..., list[LawFinding]]
) -> None:
    every = new.law(
        "after.position.quantity == 0.02"
        " and all(other.after.quantity == 3 for other in others)",
        after="each position",
    )
    other = new.position(instrument="ETH-USD", quantity="3")
    shown = new.state("1800", new.position(), other, wallet="2000")
    case = new.scenario(("trade", OPEN))
    found = looked(every, case, new.step(shown))
    assert [each.held for each in found] == [True, False]
    assert found[0].figures == {
        "after.position.quantity": "0.02",
        "after.position(ETH-USD long).quantity": "3",
    }
    assert looked(every, case, new.step({})) == []


def test_in_hedge_mode_an_action_is_looked_at_from_each_open_side(
    new: SimpleNamespace, looked: Callable[..., list[LawFinding]]
) -> None:
    case = new.scenario(HEDGE, ("apply_funding", RATE))
    side = new.law("after.position.side == long", after="apply_funding")
    calm = new.step(new.state("2000", wallet="2000"))
    both = new.step(
        new.state("1800", new.position(), new.position(side="short"), wallet="2000")
    )
    assert [each.held for each in looked(side, case, calm, both)] == [True, False]
    none = new.law("after.position is None", after="apply_funding")
    assert [each.held for each in looked(none, case, calm, calm)] == [True]
    assert [each.held for each in looked(none, case, calm, new.step({}))] == [None]


def test_in_hedge_mode_an_action_with_a_side_is_looked_at_from_it(
    new: SimpleNamespace, looked: Callable[..., list[LawFinding]]
) -> None:
    case = new.scenario(HEDGE, ("trade", {**OPEN, "position_side": "short"}))
    both = new.step(
        new.state("1800", new.position(), new.position(side="short"), wallet="2000")
    )
    seen = new.law(
        "action.position_side == short and after.position.side == short"
        " and any(other.after.side == long for other in others)"
        " and all(other.after.side == long for other in others)"
    )
    assert [each.held for each in looked(seen, case, both, both)] == [True]


def test_an_action_without_an_instrument_is_looked_at_from_its_asset(
    new: SimpleNamespace, looked: Callable[..., list[LawFinding]]
) -> None:
    case = new.scenario(("deposit", {"asset": "USD", "amount": "5"}))
    more = new.law(
        "after.free_balance - before.free_balance == action.amount"
        " and after.position is None",
        after="deposit",
    )
    found = looked(more, case, new.step(new.state("2005", wallet="2005")))
    assert [each.held for each in found] == [True]


def test_in_one_way_mode_a_position_that_flips_is_no_other_position(
    new: SimpleNamespace, held: Callable[..., list[bool | None]]
) -> None:
    flipped = new.state("1900", new.position(side="short"), wallet="2000")
    none = "not any(other.after is not None for other in others)"
    assert held(none, flipped) == [True]


# Events


@pytest.fixture
def fallen(
    new: SimpleNamespace, looked: Callable[..., list[LawFinding]]
) -> Callable[..., list[LawFinding]]:
    """Return what is found of a law on liquidations after these events."""

    def made(holds: str, *events: Any, hedge: bool = False) -> list[LawFinding]:
        opening = [HEDGE] if hedge else [("trade", OPEN)]
        case = new.scenario(*opening, ("set_mark_price", FALL))
        sides = [new.position(), new.position(side="short")][
            : 1 + (hedge and "both" in holds)
        ]
        before = new.step(new.state("1900", *sides, wallet="2000"))
        after = new.step(new.state("1900", wallet="1900"), *events)
        return looked(new.law(holds, after="liquidation"), case, before, after)

    return made


GONE = {"event": "liquidation", "instrument": "BTC-USD", "side": "long"}


def test_an_event_has_its_own_figures(
    fallen: Callable[..., list[LawFinding]],
) -> None:
    holds = (
        "event.event == 'liquidation' and event.instrument == 'BTC-USD' and"
        " event.side == long and event.amount == 100 and event.price == action.price"
    )
    event = {**GONE, "amount": "100", "price": "30000"}
    (found,) = fallen(holds, event)
    assert found.held is True
    assert found.figures["event.amount"] == "100"
    assert [each.held for each in fallen(holds, GONE)] == [None]
    unsided = {**event, "side": "buy"}
    assert [each.held for each in fallen(holds, unsided)] == [None]


def test_an_event_without_an_instrument_is_about_that_of_the_step(
    fallen: Callable[..., list[LawFinding]],
) -> None:
    found = fallen("before.position.quantity == 0.02", "liquidation")
    assert [each.held for each in found] == [True]


def test_an_event_about_another_instrument_is_looked_at_from_there(
    fallen: Callable[..., list[LawFinding]],
) -> None:
    found = fallen("before.position is None", {**GONE, "instrument": "ETH-USD"})
    assert [each.held for each in found] == [True]


def test_in_hedge_mode_an_event_without_a_side_is_about_the_only_position(
    fallen: Callable[..., list[LawFinding]],
) -> None:
    found = fallen("before.position.side == long", "liquidation", hedge=True)
    assert [each.held for each in found] == [True]
    sided = fallen("before.position is None", {**GONE, "side": "short"}, hedge=True)
    assert [each.held for each in sided] == [True]


def test_in_hedge_mode_an_event_that_may_be_about_either_side_is_not_judged(
    fallen: Callable[..., list[LawFinding]],
) -> None:
    (found,) = fallen("settle != 'both'", "liquidation", hedge=True)
    assert found.held is None
    assert found.figures == {"the side of an event": "not observed"}


def test_a_step_with_several_decisive_events_does_not_show_what_each_did(
    fallen: Callable[..., list[LawFinding]],
) -> None:
    (found,) = fallen("changed", GONE, "auto_margin_added", "fee")
    assert found.held is None
    assert found.figures == {"which of several events did what": "not observed"}
    assert [each.held for each in fallen("changed", GONE, "fee")] == [True]


def test_an_event_that_decides_nothing_is_looked_at_among_others(
    new: SimpleNamespace, looked: Callable[..., list[LawFinding]]
) -> None:
    fee = new.law("event.amount > 0", after="fee")
    case = new.scenario(("trade", OPEN))
    events = [{"event": "fee", "amount": "1"}, {"event": "fee", "amount": "0"}]
    done = new.step({}, *events, "liquidation", "stop_loss", "tea_break")
    assert [each.held for each in looked(fee, case, done)] == [True, False]
