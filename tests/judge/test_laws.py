"""The rulebook's own laws, broken by traces that a case expects nothing wrong of."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from isomargin.judge import LawFinding, Verdict

Judged = Callable[..., Verdict]

OPEN = {"instrument": "BTC-USD", "side": "buy", "quantity": "0.02", "price": "50000"}
FALL = {"instrument": "BTC-USD", "price": "30000"}
LIQUIDATED = {"events": ["liquidation"]}
ETH = {"instrument": "ETH-USD", "quantity": "0.2", "entry_price": "5000"}
GONE = {"event": "liquidation", "instrument": "BTC-USD", "side": "long"}


def looked_at(verdict: Verdict, rule: str) -> list[LawFinding]:
    return [each for each in verdict.laws if each.rule == rule]


def held(verdict: Verdict, rule: str) -> list[bool | None]:
    return [each.held for each in looked_at(verdict, rule)]


@pytest.fixture
def liquidated(new: SimpleNamespace, judged: Judged) -> Callable[..., Verdict]:
    """Judge a liquidation of the position that leaves this state."""

    def made(
        after: dict[str, Any], *others: dict[str, Any], **declared: Any
    ) -> Verdict:
        case = new.scenario(("trade", OPEN), ("set_mark_price", FALL, LIQUIDATED))
        free = str(1900 - 100 * len(others))
        before = new.state(free, new.position(), *others, wallet="2000")
        # What was open in another instrument was so before: only step 2 is judged.
        return judged(case, new.step(before), new.step(after, GONE), **declared)

    return made


def test_a_liquidation_that_takes_the_allocation_and_nothing_else_breaks_no_law(
    new: SimpleNamespace, liquidated: Judged
) -> None:
    verdict = liquidated(new.state("1900", wallet="1900"))
    assert verdict.status == "passed"
    assert held(verdict, "liquidation.loses_only_isolated_margin") == [True]
    assert "liquidation.loses_only_isolated_margin" in verdict.rules
    assert all(each.held for each in verdict.laws)


def test_losing_more_than_the_allocation_fails_though_the_case_expects_nothing(
    new: SimpleNamespace, liquidated: Judged
) -> None:
    verdict = liquidated(new.state("1400", wallet="1400"))
    assert (verdict.status, verdict.kind) == ("failed", "law")
    assert verdict.detail == (
        "step 2 set_mark_price breaks liquidation.loses_only_isolated_margin:"
        " before.wallet_balance is 2000, after.wallet_balance is 1400,"
        " before.position.isolated_margin is 100"
    )
    assert "liquidation.loses_only_isolated_margin" in verdict.rules


def test_what_is_printed_with_eight_decimals_breaks_no_equality(
    new: SimpleNamespace, liquidated: Judged
) -> None:
    assert liquidated(new.state("1900", wallet="1900.00000001")).status == "passed"
    assert liquidated(new.state("1900", wallet="1900.00000002")).status == "failed"


def test_binary_figures_may_be_a_billionth_off(
    new: SimpleNamespace, liquidated: Judged
) -> None:
    near = new.state("1900", wallet="1900.000003")
    assert liquidated(near).status == "failed"
    assert liquidated(near, arithmetic="binary").status == "passed"
    far = new.state("1900", wallet="1900.00001")
    assert liquidated(far, arithmetic="binary").status == "failed"


def test_a_liquidation_that_leaks_into_another_position_fails(
    new: SimpleNamespace, liquidated: Judged
) -> None:
    leaked = new.position(**ETH, isolated_margin="90")
    verdict = liquidated(new.state("1800", leaked, wallet="1890"), new.position(**ETH))
    assert held(verdict, "liquidation.leaves_other_positions") == [False]
    assert verdict.kind == "law"
    kept = liquidated(
        new.state("1800", new.position(**ETH), wallet="1900"), new.position(**ETH)
    )
    assert held(kept, "liquidation.leaves_other_positions") == [True]
    gone = liquidated(new.state("1800", wallet="1800"), new.position(**ETH))
    assert held(gone, "liquidation.leaves_other_positions") == [False]


def test_a_liquidation_before_its_price_fails(
    new: SimpleNamespace, judged: Judged
) -> None:
    slip = {"instrument": "BTC-USD", "price": "45180.00000002"}
    case = new.scenario(("trade", OPEN), ("set_mark_price", slip, LIQUIDATED))
    before = new.step(new.state("1900", new.position(), wallet="2000"))
    after = new.step(new.state("1900", wallet="1900"), GONE)
    verdict = judged(case, before, after)
    assert verdict.detail == (
        "step 2 set_mark_price breaks liquidation.waits_for_the_trigger:"
        " before.position.side is long, action.price is 45180.00000002,"
        " before.position.liquidation_price is 45180"
    )


def test_a_liquidation_price_is_known_only_to_the_profiles_quantum(
    new: SimpleNamespace, judged: Judged
) -> None:
    slip = {"instrument": "BTC-USD", "price": "45180.05"}
    case = new.scenario(("trade", OPEN), ("set_mark_price", slip, LIQUIDATED))
    before = new.step(new.state("1900", new.position(), wallet="2000"))
    after = new.step(new.state("1900", wallet="1900"), GONE)
    tick = {"liquidation_price": {"quantum": "tick", "mode": "down"}}
    assert judged(case, before, after).status == "failed"
    verdict = judged(case, before, after, parameters={"rounding": tick})
    assert verdict.status == "passed"


def test_a_liquidation_that_does_not_come_fails(
    new: SimpleNamespace, judged: Judged
) -> None:
    case = new.scenario(("trade", OPEN), ("set_mark_price", FALL))
    still = new.step(new.state("1900", new.position(), wallet="2000"))
    verdict = judged(case, still, still)
    assert verdict.kind == "law"
    assert held(verdict, "liquidation.happens_when_the_trigger_is_met") == [False]


def test_a_rejected_action_that_changed_something_fails(
    new: SimpleNamespace, judged: Judged
) -> None:
    refusal = {"outcome": "rejected", "reason": "INSUFFICIENT_BALANCE"}
    case = new.scenario(
        ("add_margin", {"instrument": "BTC-USD", "amount": "9"}, refusal)
    )
    refused = new.step(new.state("1991", wallet="1991"), reason="INSUFFICIENT_BALANCE")
    verdict = judged(case, refused)
    assert verdict.kind == "law"
    assert looked_at(verdict, "rejection.changes_nothing") == [
        LawFinding(
            "rejection.changes_nothing",
            0,
            False,  # noqa: FBT003 - whether it was kept
            {
                "before.USD.free_balance": "2000",
                "after.USD.free_balance": "1991",
                "before.USD.wallet_balance": "2000",
                "after.USD.wallet_balance": "1991",
            },
        )
    ]
    calm = new.step(new.state("2000.0", wallet="2000"), reason="INSUFFICIENT_BALANCE")
    assert judged(case, calm).status == "passed"


def test_an_account_that_does_not_add_up_fails_in_its_own_asset(
    new: SimpleNamespace, judged: Judged
) -> None:
    eur = {
        "symbol": "BTC-EUR",
        "contract": "linear",
        "contract_size": "1",
        "settle": "EUR",
    }
    btc = {**eur, "symbol": "BTC-USD", "settle": "USD"}
    balances = {"USD": "2000", "EUR": "500"}
    case = new.scenario(("trade", OPEN), instruments=[btc, eur], balances=balances)
    shown = {
        "balances": {
            "USD": {"wallet_balance": "2000", "free_balance": "1900"},
            "EUR": {"wallet_balance": "500", "free_balance": "499"},
        },
        "positions": [new.position()],
    }
    verdict = judged(case, new.step(shown))
    assert held(verdict, "account.balances_add_up") == [True, False]
    assert verdict.detail == (
        "step 1 trade breaks account.balances_add_up:"
        " after.wallet_balance is 500, after.free_balance is 499"
    )


def test_a_law_whose_figures_are_not_observed_is_neither_kept_nor_executed(
    new: SimpleNamespace, judged: Judged
) -> None:
    case = new.scenario(("trade", OPEN), ("set_mark_price", FALL, LIQUIDATED))
    before = new.position()
    del before["isolated_margin"]
    steps = (
        new.step(new.state("1900", before, wallet="2000")),
        new.step(new.state("1400", wallet="1400"), GONE),
    )
    rule = "liquidation.loses_only_isolated_margin"
    verdict = judged(case, *steps)
    assert looked_at(verdict, rule) == [
        LawFinding(
            rule,
            1,
            None,
            {
                "before.wallet_balance": "2000",
                "after.wallet_balance": "1400",
                "before.position.isolated_margin": "not observed",
            },
        )
    ]
    assert rule not in verdict.rules


def test_a_fee_beyond_the_rate_fails(new: SimpleNamespace, judged: Judged) -> None:
    case = new.scenario(("trade", OPEN))
    verdict = judged(case, new.step(new.state("1899", new.position(), wallet="1999")))
    assert held(verdict, "fee.independent_of_margin_mode") == [False]
    inverse = {
        "symbol": "BTC-USD",
        "contract": "inverse",
        "contract_size": "100",
        "settle": "BTC",
        "fees": {"taker": "0.0005"},
    }
    trade = {"instrument": "BTC-USD", "side": "buy", "quantity": "1", "price": "30000"}
    case = new.scenario(("trade", trade), instruments=[inverse], balances={"BTC": "1"})
    # 100 / 30000 × 0.0005 is 0.0000016…; kept to 18 decimals it is still that.
    paid = new.state("0.9", new.position(), wallet="0.999998333333333333", asset="BTC")
    verdict = judged(case, new.step(paid))
    assert held(verdict, "fee.independent_of_margin_mode") == [True]
