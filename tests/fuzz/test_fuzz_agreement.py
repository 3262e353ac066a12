"""Two answers are alike when nothing shown tells them apart."""

from typing import Any

import pytest

from isomargin.drive import Outcome, Quantities, Trace, Unsupported
from isomargin.drive.outcomes import Step
from isomargin.fuzz.agreement import alike

DECISIVE = {"liquidation": True, "fee": False, "realised_pnl": False}
POSITION = {"instrument": "A", "side": "long", "quantity": "0.1", "entry_price": "100"}
OTHER = {"instrument": "B", "side": "short", "quantity": "2", "entry_price": "7"}
STATE = {
    "balances": {
        "USD": {"wallet_balance": "10", "free_balance": "0.333333333333333333"}
    },
    "positions": [POSITION, OTHER],
}


def trace(
    *, events: tuple[str, ...] = ("fee",), reason: Any = None, **state: Any
) -> Trace:
    outcome: Any = "rejected" if reason else "accepted"
    told = tuple({"event": name} for name in events)
    return Trace((Step(outcome, reason, told, {**STATE, **state}),))


def test_the_same_is_alike() -> None:
    assert alike(trace(), trace(), DECISIVE)
    assert alike(Quantities({"margin": "1"}), Quantities({"margin": "1.0"}), DECISIVE)


def test_last_digits_and_the_order_of_positions_and_undecisive_events_tell_nothing() -> (
    None
):
    own = trace(
        events=(),
        balances={"USD": {"wallet_balance": "10.0", "free_balance": "0.3333333333"}},
        positions=[OTHER, POSITION],
    )
    assert alike(own, trace(), DECISIVE)


def test_what_the_subject_leaves_out_is_not_asked_for() -> None:
    step = Step("accepted", None, (), {"balances": {"USD": {"wallet_balance": "10"}}})
    assert alike(Trace((step,)), trace(), DECISIVE)


@pytest.mark.parametrize(
    "other",
    [
        trace(events=("liquidation",)),
        trace(reason="INVALID_PRICE"),
        trace(positions=[POSITION]),
        trace(positions=[{**POSITION, "entry_price": None}, OTHER]),
        trace(positions=[{**POSITION, "quantity": "0.2"}, OTHER]),
        trace(positions=[{**POSITION, "side": "short"}, OTHER]),
        trace(balances={"USD": {"wallet_balance": "10", "free_balance": "0.34"}}),
        trace(balances={"USD": {"wallet_balance": "10"}}),
        Trace(()),
        Quantities({}),
        Unsupported("trade"),
    ],
)
def test_anything_else_tells_them_apart(other: Outcome) -> None:
    assert not alike(trace(), other, DECISIVE)


def test_two_gaps_are_no_agreement() -> None:
    assert not alike(Unsupported("trade"), Unsupported("trade"), DECISIVE)


def told(*events: dict[str, str]) -> Trace:
    return Trace((Step("accepted", None, events, STATE),))


FEE = {"event": "fee", "asset": "USD", "amount": "0.333333333333333333"}


def test_details_that_both_tell_are_compared_and_last_digits_are_none() -> None:
    assert alike(told({"event": "fee", "amount": "0.3333333333"}), told(FEE), DECISIVE)
    assert alike(told({**FEE, "price": "9"}), told(FEE), DECISIVE)
    assert not alike(told({**FEE, "amount": "0.34"}), told(FEE), DECISIVE)
    assert not alike(told({**FEE, "asset": "BTC"}), told(FEE), DECISIVE)


def test_events_that_the_subject_tells_are_compared_in_order() -> None:
    gain = {"event": "realised_pnl", "amount": "1"}
    assert not alike(told(FEE, gain), told(gain, FEE), DECISIVE)
    assert not alike(told(FEE, FEE), told(FEE), DECISIVE)
    assert alike(told(FEE), told(FEE, gain), DECISIVE)
