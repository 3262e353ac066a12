import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from isomargin.drive import Step
from isomargin.errors import RulebookError
from isomargin.judge import Verdict

Judged = Callable[..., Verdict]

ON_BTC = {"instrument": "BTC-USD"}
OPEN = {**ON_BTC, "side": "buy", "quantity": "0.02", "price": "50000"}
FALL = {**ON_BTC, "price": "30000"}
HEDGE = ("set_position_mode", {"position_mode": "hedge"})


@pytest.fixture
def judged_one(new: SimpleNamespace, judged: Judged) -> Callable[..., Verdict]:
    """Judge one step by what is expected of it alone, without laws."""

    def made(expect: Any, step: Step, action: str = "trade", **given: Any) -> Verdict:
        case = new.scenario((action, {**OPEN, **given}, expect))
        return judged(case, step, by=new.ruled())

    return made


def test_a_step_that_does_what_is_expected_passes(
    new: SimpleNamespace, judged_one: Judged
) -> None:
    expect = {
        "outcome": "accepted",
        "position": {"quantity": "0.02", "liquidation_price": "45180", "side": "long"},
        "positions": [
            {"instrument": "BTC-USD", "side": "long", "isolated_margin": "100"}
        ],
        "account": {"wallet_balance": "2000"},
        "accounts": {"USD": {"free_balance": "1900"}},
        "events": ["fee"],
    }
    done = new.step(
        new.state("1900", new.position(), wallet="2000"), "fee", "margin_allocated"
    )
    verdict = judged_one(expect, done)
    assert (verdict.status, verdict.kind, verdict.detail) == ("passed", "", "")
    assert verdict.rules == ("liquidation_price.isolated",)
    assert [(each.path, each.grade) for each in verdict.findings] == [
        ("outcome", "exact"),
        ("events", "exact"),
        ("position.quantity", "exact"),
        ("position.liquidation_price", "exact"),
        ("position.side", "exact"),
        ("positions.BTC-USD.long.isolated_margin", "exact"),
        ("account.wallet_balance", "exact"),
        ("accounts.USD.free_balance", "exact"),
    ]


def expectations(new: SimpleNamespace) -> list[tuple[Any, Any, str]]:
    """Return what is expected, what is shown, and the detail of the failure."""
    held = new.state("1900", new.position(), wallet="2000")
    closed = new.state("1900", wallet="1900")
    both = new.state("1800", new.position(), new.position(side="short"), wallet="2000")
    no_price = new.position()
    del no_price["liquidation_price"]
    unpriced = new.state("1900", no_price, wallet="2000")
    return [
        (
            {"account": {"wallet_balance": "1900"}},
            held,
            "account.wallet_balance is 2000, expected 1900 (off)",
        ),
        (
            {"accounts": {"EUR": {"quantity": "1"}}},
            held,
            "accounts.EUR.quantity was not observed, expected 1",
        ),
        (
            {"position": {"isolated_margin": "99"}},
            held,
            "position.isolated_margin is 100, expected 99 (off)",
        ),
        (
            {"position": {"liquidation_price": None}},
            held,
            (
                "position.liquidation_price is 45180,"
                " expected null (off: it does not exist)"
            ),
        ),
        (
            {"position": {"liquidation_price": "45180"}},
            unpriced,
            "position.liquidation_price was not observed, expected 45180",
        ),
        (
            {"position": None},
            new.state("1900", {"instrument": "BTC-USD", "side": "long"}, wallet="2000"),
            "position is {instrument BTC-USD, side long}, expected null (off)",
        ),
        (
            {"position": {"quantity": "0.02", "auto_add_margin": False}},
            closed,
            (
                "position is null, expected {quantity 0.02, auto_add_margin false}"
                " (off: none is open in BTC-USD)"
            ),
        ),
        (
            {"position": None},
            {"balances": {}},
            "position was not observed, expected null",
        ),
        (
            {"position": {"quantity": "0.02"}},
            {},
            "position.quantity was not observed, expected 0.02",
        ),
        (
            {"position": {"quantity": "0.02"}},
            {"positions": [{"instrument": "BTC-USD", "side": "long"}] * 2},
            (
                "position is [{instrument BTC-USD, side long},"
                " {instrument BTC-USD, side long}],"
                " expected {quantity 0.02} (off: 2 positions are open in BTC-USD)"
            ),
        ),
        (
            {"position": {"side": "short", "quantity": "1"}},
            both,
            "position.quantity is 0.02, expected 1 (off)",
        ),
        (
            {"positions": [{"instrument": "ETH-USD"}]},
            held,
            "positions.ETH-USD is null, expected {} (off: none is open in ETH-USD)",
        ),
        (
            {"positions": [{"instrument": "ETH-USD"}]},
            {},
            "positions.ETH-USD was not observed, expected {}",
        ),
        (
            {"positions": []},
            {"positions": [{"instrument": "BTC-USD", "side": "long"}]},
            "positions is [{instrument BTC-USD, side long}], expected [] (off)",
        ),
        (
            {"positions": []},
            {},
            "positions was not observed, expected []",
        ),
    ]


def test_a_figure_that_is_wrong_or_missing_fails_the_step(
    new: SimpleNamespace, judged_one: Judged
) -> None:
    for expect, shown, detail in expectations(new):
        verdict = judged_one(expect, new.step(shown))
        assert (verdict.status, verdict.kind) == ("failed", "value")
        assert verdict.detail == f"step 1 trade: {detail}"


def test_an_empty_list_of_positions_expects_none_open(
    new: SimpleNamespace, judged_one: Judged
) -> None:
    expect = {"positions": [], "position": None}
    assert (
        judged_one(expect, new.step(new.state("1900", wallet="1900"))).status
        == "passed"
    )


def test_a_position_that_is_only_named_must_be_open(
    new: SimpleNamespace, judged_one: Judged
) -> None:
    expect = {"positions": [{"instrument": "BTC-USD", "side": "long"}]}
    done = new.step(new.state("1900", new.position(), wallet="2000"))
    assert judged_one(expect, done).status == "passed"


def test_a_figure_may_stand_under_its_own_name(
    new: SimpleNamespace, judged_one: Judged
) -> None:
    expect = {"account": {"insurance_fund": "7", "position_mode": "one_way"}}
    shown = {"insurance_fund": {"USD": "7"}, "position_mode": "one_way"}
    assert judged_one(expect, new.step(shown)).status == "passed"
    fund = {"insurance_fund": {"EUR": "7"}, "position_mode": "one_way"}
    verdict = judged_one(expect, new.step(fund), quantities=("insurance_fund",))
    assert verdict.detail.endswith("insurance_fund was not observed, expected 7")


def test_a_figure_that_is_not_declared_is_a_gap(
    new: SimpleNamespace, judged_one: Judged
) -> None:
    expect = {"account": {"available_balance": "1900"}, "position": None}
    verdict = judged_one(expect, new.step(new.state("1900", wallet="1900")))
    assert (verdict.status, verdict.detail) == (
        "unsupported",
        "quantity available_balance",
    )
    assert verdict.rules == ()


def test_a_figure_that_was_shown_once_is_no_gap_when_it_is_left_out(
    new: SimpleNamespace, judged: Judged
) -> None:
    expect = {"account": {"wallet_balance": "2000"}}
    case = new.scenario(("trade", OPEN), ("set_mark_price", FALL, expect))
    opened = new.step(new.state("1900", new.position(), wallet="2000"))
    verdict = judged(case, opened, new.step({"positions": []}))
    assert verdict.status == "failed"
    what = "account.wallet_balance was not observed, expected 2000"
    assert verdict.detail == f"step 2 set_mark_price: {what}"


# Outcomes and reasons


def test_a_step_is_accepted_unless_the_case_says_otherwise(
    new: SimpleNamespace, judged_one: Judged
) -> None:
    verdict = judged_one({}, new.step({}, reason="WOULD_LIQUIDATE"))
    assert (verdict.status, verdict.kind) == ("failed", "outcome")
    assert verdict.detail == (
        "step 1 trade: outcome is rejected, expected accepted"
        " (off: the reason given is WOULD_LIQUIDATE)"
    )


def test_a_reason_expects_a_rejection(new: SimpleNamespace, judged_one: Judged) -> None:
    verdict = judged_one({"reason": "WOULD_LIQUIDATE"}, new.step({}))
    assert (verdict.status, verdict.kind) == ("failed", "outcome")
    assert (
        verdict.detail == "step 1 trade: outcome is accepted, expected rejected (off)"
    )
    assert [each.path for each in verdict.findings] == ["outcome"]


def test_a_rejection_for_another_reason_is_a_failure_of_its_own(
    new: SimpleNamespace, judged_one: Judged
) -> None:
    expect = {"outcome": "rejected", "reason": "WOULD_LIQUIDATE"}
    verdict = judged_one(expect, new.step({}, reason="INVALID_PRICE"))
    assert (verdict.status, verdict.kind) == ("failed", "reason")
    assert verdict.detail == (
        "step 1 trade: reason is INVALID_PRICE, expected WOULD_LIQUIDATE (off)"
    )
    assert judged_one(expect, new.step({}, reason="WOULD_LIQUIDATE")).status == "passed"


def test_a_rejection_without_a_reason_expected_passes_for_any(
    new: SimpleNamespace, judged_one: Judged
) -> None:
    expect = {"outcome": "rejected"}
    assert judged_one(expect, new.step({}, reason="INVALID_PRICE")).status == "passed"


# Events


@pytest.mark.parametrize(
    ("expected", "reported", "shown"),
    [
        (["liquidation"], [], "[]"),
        (["liquidation"], ["liquidation", "liquidation"], "[liquidation, liquidation]"),
        (["liquidation"], ["liquidation", "stop_loss"], "[liquidation, stop_loss]"),
        ([], ["liquidation"], "[liquidation]"),
        (
            ["partial_liquidation", "liquidation"],
            ["liquidation", "partial_liquidation"],
            "[liquidation, partial_liquidation]",
        ),
        (["fee"], ["funding"], "[]"),
        (["fee", "liquidation"], ["liquidation", "fee"], "[liquidation, fee]"),
    ],
)
def test_decisive_events_are_exactly_those_expected_and_the_others_in_order(
    new: SimpleNamespace,
    judged_one: Judged,
    expected: list[str],
    reported: list[str],
    shown: str,
) -> None:
    verdict = judged_one({"events": expected}, new.step({}, *reported))
    assert (verdict.status, verdict.kind) == ("failed", "event")
    assert verdict.detail == (
        f"step 1 trade: events is {shown}, expected [{', '.join(expected)}] (off)"
    )


def test_events_that_decide_nothing_may_be_told_besides(
    new: SimpleNamespace, judged_one: Judged
) -> None:
    done = new.step({}, "fee", "liquidation", "insurance_fund_paid", "tea_break")
    for expected in (["liquidation"], ["fee", "liquidation"]):
        assert judged_one({"events": expected}, done).status == "passed"
    assert judged_one({}, new.step({}, "fee", "tea_break")).status == "passed"


def test_a_decisive_event_that_the_case_expects_nowhere_fails_it(
    new: SimpleNamespace, judged_one: Judged
) -> None:
    verdict = judged_one({}, new.step({}, "fee", "liquidation"))
    assert (verdict.status, verdict.kind) == ("failed", "event")
    assert verdict.detail == "step 1 trade: events is [liquidation], expected [] (off)"


def test_a_decisive_event_expected_elsewhere_is_no_stranger(
    new: SimpleNamespace, judged: Judged
) -> None:
    alternatives = [
        {"rule": "a", "events": ["stop_loss"]},
        {"rule": "b", "events": ["liquidation"]},
    ]
    case = new.scenario(
        ("set_mark_price", FALL), ("set_mark_price", FALL, {"any_of": alternatives})
    )
    steps = new.step({}, "stop_loss"), new.step({}, "liquidation")
    verdict = judged(case, *steps, by=new.ruled())
    assert verdict.status == "passed"
    assert verdict.rules == ("liquidation_price.isolated", "b")


# Alternatives


def test_an_alternative_may_be_refused_where_another_is_accepted(
    new: SimpleNamespace, judged_one: Judged
) -> None:
    expect = {
        "account": {"wallet_balance": "2000"},
        "any_of": [
            {"rule": "rejects", "outcome": "rejected", "reason": "LEVERAGE_LOCKED"},
            {"rule": "pulls", "position": {"isolated_margin": "100"}},
        ],
    }
    refused = new.step(new.state("2000", wallet="2000"), reason="LEVERAGE_LOCKED")
    held = new.state("1900", new.position(), wallet="2000")
    assert judged_one(expect, refused).rules[-1] == "rejects"
    assert judged_one(expect, new.step(held)).rules[-1] == "pulls"
    verdict = judged_one(expect, new.step(held, reason="LEVERAGE_LOCKED"))
    assert (verdict.status, verdict.rules[-1]) == ("passed", "rejects")
    verdict = judged_one(expect, new.step(held, reason="WOULD_LIQUIDATE"))
    assert verdict.detail == (
        "step 1 trade: reason is WOULD_LIQUIDATE, expected LEVERAGE_LOCKED"
        " (off: no permitted alternative holds)"
    )


# Which position, which account


def test_in_hedge_mode_the_position_is_the_one_on_the_steps_side(
    new: SimpleNamespace, judged: Judged
) -> None:
    both = new.state(
        "1800", new.position(), new.position(side="short", quantity="3"), wallet="2000"
    )
    short = {**OPEN, "position_side": "short"}
    case = new.scenario(HEDGE, ("trade", short, {"position": {"quantity": "3"}}))
    calm = new.step(new.state("2000", wallet="2000"))
    assert judged(case, calm, new.step(both), by=new.ruled()).status == "passed"
    verdict = judged(
        case, new.step({}, reason="INVALID_PRICE"), new.step(both), by=new.ruled()
    )
    note = next(each.note for each in verdict.findings if each.path == "position")
    assert note == "2 positions are open in BTC-USD"


def test_in_one_way_mode_a_side_given_is_no_choice_of_position(
    new: SimpleNamespace, judged_one: Judged
) -> None:
    held = new.step(new.state("1900", new.position(), wallet="2000"))
    expect = {"position": {"quantity": "0.02"}}
    assert judged_one(expect, held, position_side="short").status == "passed"


def test_an_account_is_in_the_asset_of_the_step(
    new: SimpleNamespace, judged: Judged
) -> None:
    shown = {
        "balances": {"USD": {"wallet_balance": "1"}, "EUR": {"wallet_balance": "2"}}
    }
    deposit = {"asset": "EUR", "amount": "1"}
    for action, given, amount in (
        ("trade", OPEN, "1"),
        ("deposit", deposit, "2"),
        ("set_position_mode", {"position_mode": "hedge"}, "1"),
        ("trade", {**OPEN, "instrument": "DOGE-USD"}, "1"),
    ):
        case = new.scenario((action, given, {"account": {"wallet_balance": amount}}))
        assert judged(case, new.step(shown), by=new.ruled()).status == "passed"


@pytest.mark.parametrize(
    ("expect", "named", "instead"),
    [
        (
            {"account": {"wallet_balance": "1"}},
            "account but names no asset",
            "accounts",
        ),
        ({"position": None}, "position but names no instrument", "positions"),
    ],
)
def test_a_case_must_say_what_it_expects_something_of(
    new: SimpleNamespace, judged: Judged, expect: Any, named: str, instead: str
) -> None:
    instruments = [
        {"symbol": name, "contract": "linear", "contract_size": "1", "settle": name}
        for name in ("USD", "EUR")
    ]
    case = new.scenario((*HEDGE, expect), instruments=instruments)
    message = (
        "cases/family.yaml:1: step 1 of family.case expects something of the"
        f" {named}; write it under `{instead}`"
    )
    with pytest.raises(RulebookError, match=f"^{re.escape(message)}$"):
        judged(case, new.step({}))


def test_the_first_thing_wrong_is_the_detail(
    new: SimpleNamespace, judged: Judged
) -> None:
    expect = {"account": {"wallet_balance": "1900"}}
    case = new.scenario(("trade", OPEN, expect), ("set_mark_price", FALL, expect))
    steps = (
        new.step(new.state("1900", new.position(), wallet="2000")),
        new.step(new.state("2000", wallet="2000"), "liquidation"),
    )
    assert judged(case, *steps).detail == (
        "step 1 trade: account.wallet_balance is 2000, expected 1900 (off)"
    )


def test_the_same_answer_gives_the_same_verdict(
    new: SimpleNamespace, judged: Judged
) -> None:
    case = new.scenario(("trade", OPEN, {"account": {"wallet_balance": "1900"}}))
    steps = [new.step(new.state("1900", new.position(), wallet="2000"))]
    assert judged(case, *steps) == judged(case, *steps)


REFUSED = {"outcome": "rejected", "reason": "INSUFFICIENT_BALANCE"}


def test_accepting_for_want_of_a_balance_nobody_keeps_is_a_gap(
    new: SimpleNamespace, judged: Judged
) -> None:
    case = new.scenario(
        ("trade", OPEN, REFUSED),
        ("set_mark_price", FALL, {"position": {"quantity": "7"}}),
    )
    verdict = judged(case, new.step({"positions": []}), new.step({"positions": []}))
    assert (verdict.status, verdict.detail) == ("unsupported", "quantity free_balance")


def test_accepting_for_want_of_a_balance_that_is_shown_is_a_failure(
    new: SimpleNamespace, judged: Judged
) -> None:
    shown = new.state("1900", new.position(), wallet="2000")
    verdict = judged(new.scenario(("trade", OPEN, REFUSED)), new.step(shown))
    assert (verdict.status, verdict.kind) == ("failed", "outcome")


def test_what_went_wrong_before_a_meaningless_refusal_still_fails(
    new: SimpleNamespace, judged: Judged
) -> None:
    case = new.scenario(
        ("set_mark_price", FALL, {"outcome": "rejected", "reason": "INVALID_PRICE"}),
        ("trade", OPEN, REFUSED),
    )
    verdict = judged(case, new.step({"positions": []}), new.step({"positions": []}))
    assert verdict.status == "failed"
