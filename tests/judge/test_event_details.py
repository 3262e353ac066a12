"""Details of events: what is graded, what is a gap, what is missed."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from isomargin.judge import Verdict

Judged = Callable[..., Verdict]

OPEN = {"instrument": "BTC-USD", "side": "buy", "quantity": "0.02", "price": "50000"}
FEE = {
    "event": "fee",
    "instrument": "BTC-USD",
    "side": "long",
    "asset": "USD",
    "amount": "0.5",
}
PAID = {**FEE, "amount": "0.25"}
ALLOCATED = {**FEE, "event": "margin_allocated", "amount": "100"}
LIQUIDATION = {"event": "liquidation", "price": "49000", "quantity": "0.02"}


@pytest.fixture
def judged_events(new: SimpleNamespace, judged: Judged) -> Callable[..., Verdict]:
    """Judge what two trades tell by what is expected of the second one alone."""

    def made(
        expected: Any, *told: Any, first: tuple[Any, ...] = (), **declared: Any
    ) -> Verdict:
        case = new.scenario(("trade", OPEN), ("trade", OPEN, {"events": expected}))
        steps = new.step({}, *first), new.step({}, *told)
        return judged(case, *steps, by=new.ruled(), **declared)

    return made


def graded(verdict: Verdict) -> dict[str, str]:
    return {
        each.path: each.grade
        for each in verdict.findings
        if each.path.startswith("events")
    }


def test_each_detail_stated_is_a_finding_of_its_own(judged_events: Judged) -> None:
    verdict = judged_events(
        [ALLOCATED, {"event": "fee", "amount": "0.5"}], ALLOCATED, FEE
    )
    assert verdict.status == "passed"
    assert graded(verdict) == {
        "events": "exact",
        "events[0].instrument": "exact",
        "events[0].side": "exact",
        "events[0].asset": "exact",
        "events[0].amount": "exact",
        "events[1].amount": "exact",
    }
    assert verdict.rules == ("liquidation_price.isolated",)


@pytest.mark.parametrize(
    ("detail", "wrong", "said"),
    [
        ("amount", "-0.5", "events[0].amount is -0.5, expected 0.5 (off)"),
        ("amount", None, "events[0].amount is null, expected 0.5 (off: it exists)"),
        ("amount", True, "events[0].amount is true, expected 0.5 (off)"),
        ("amount", ["0.5"], "events[0].amount is [0.5], expected 0.5 (off)"),
        ("amount", {"is": "0.5"}, "events[0].amount is {is 0.5}, expected 0.5 (off)"),
        ("asset", "BTC", "events[0].asset is BTC, expected USD (off)"),
        ("side", "short", "events[0].side is short, expected long (off)"),
        (
            "instrument",
            "ETH-USD",
            "events[0].instrument is ETH-USD, expected BTC-USD (off)",
        ),
        (
            "instrument",
            None,
            "events[0].instrument is null, expected BTC-USD (off: it exists)",
        ),
    ],
)
def test_a_wrong_detail_fails_and_is_named_by_its_place(
    judged_events: Judged, detail: str, wrong: object, said: str
) -> None:
    verdict = judged_events([FEE], {**FEE, detail: wrong})
    assert (verdict.status, verdict.kind) == ("failed", "event")
    assert verdict.detail == f"step 2 trade: {said}"


@pytest.mark.parametrize(
    ("amount", "arithmetic", "grade"),
    [
        ("0.333333333333333333", "decimal", "exact"),
        ("0.3333333333333333333", "decimal", "exact"),
        ("0.33333333", "decimal", "rounded"),
        ("0.33333334", "decimal", "rounded"),
        ("0.3333333", "decimal", "off"),
        ("0.33333333333333303", "decimal", "off"),
        ("0.33333333333333303", "binary", "float"),
    ],
)
def test_an_amount_is_graded_like_any_figure(
    judged_events: Judged, amount: str, arithmetic: str, grade: str
) -> None:
    expected = [{"event": "fee", "amount": "0.333333333333333333"}]
    verdict = judged_events(expected, {**FEE, "amount": amount}, arithmetic=arithmetic)
    assert graded(verdict)["events[0].amount"] == grade


def test_a_detail_told_in_no_event_is_a_gap(judged_events: Judged) -> None:
    verdict = judged_events([FEE], {"event": "fee"}, first=({"event": "fee"},))
    assert (verdict.status, verdict.detail) == (
        "unsupported",
        "quantity event.instrument",
    )
    assert verdict.rules == ()


def test_a_detail_told_in_another_event_is_missed(judged_events: Judged) -> None:
    expected = [{"event": "fee", "amount": "0.5"}]
    verdict = judged_events(expected, {"event": "fee"}, first=(ALLOCATED,))
    assert (verdict.status, verdict.kind, verdict.detail) == (
        "failed",
        "event",
        "step 2 trade: events[0].amount was not observed, expected 0.5",
    )


def test_a_detail_that_is_declared_is_missed(judged_events: Judged) -> None:
    expected = [{"event": "fee", "amount": "0.5"}]
    verdict = judged_events(expected, {"event": "fee"}, quantities=("event.amount",))
    assert verdict.status == "failed"


def test_a_wrong_detail_is_told_beside_a_gap(judged_events: Judged) -> None:
    verdict = judged_events([FEE], {"event": "fee", "side": "short"})
    assert (verdict.status, verdict.detail) == (
        "failed",
        "step 2 trade: events[0].side is short, expected long (off)",
    )


def test_an_event_that_is_never_told_is_a_gap_and_hides_nothing(
    judged_events: Judged,
) -> None:
    expected = [{**LIQUIDATION, "price": "48000"}, FEE]
    right = judged_events([LIQUIDATION, FEE], LIQUIDATION)
    wrong = judged_events(expected, LIQUIDATION)
    assert (right.status, right.detail) == ("unsupported", "quantity event.fee")
    assert graded(right)["events[1]"] == "not observed"
    assert (wrong.status, wrong.detail) == (
        "failed",
        "step 2 trade: events[0].price is 49000, expected 48000 (off)",
    )


@pytest.mark.parametrize(
    ("first", "declared"),
    [((FEE,), {}), ((), {"quantities": ("event.fee",)})],
    ids=["told in another step", "declared"],
)
def test_an_event_that_the_subject_does_tell_is_missed(
    judged_events: Judged, first: Any, declared: Any
) -> None:
    verdict = judged_events([FEE], first=first, **declared)
    assert (verdict.status, verdict.kind) == ("failed", "event")


def test_a_decisive_event_is_never_a_gap(judged_events: Judged) -> None:
    verdict = judged_events([LIQUIDATION])
    assert verdict.detail == (
        "step 2 trade: events is [], expected [liquidation] (off)"
    )


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ((PAID, PAID), "[fee, fee]"),
        ((FEE, {**FEE, "event": "realised_pnl", "amount": "0"}), "[fee, realised_pnl]"),
        ((), "[]"),
    ],
    ids=["twice with half the amount", "for an amount of zero", "not at all"],
)
def test_where_a_detail_is_stated_all_events_are(
    judged_events: Judged, told: Any, names: str
) -> None:
    verdict = judged_events([FEE], *told, first=(FEE,))
    assert verdict.detail == f"step 2 trade: events is {names}, expected [fee] (off)"


def test_events_in_another_order_fail_though_none_is_decisive(
    judged_events: Judged,
) -> None:
    verdict = judged_events([ALLOCATED, "fee"], FEE, ALLOCATED)
    assert verdict.detail == (
        "step 2 trade: events is [fee, margin_allocated],"
        " expected [margin_allocated, fee] (off)"
    )


def test_an_event_of_another_name_than_the_machines_does_not_count(
    judged_events: Judged,
) -> None:
    rain = {"event": "rain", "amount": "9"}
    assert judged_events([FEE], rain, FEE, rain).status == "passed"


def test_details_of_a_list_of_names_are_not_looked_at(judged_events: Judged) -> None:
    verdict = judged_events(["fee"], {**FEE, "amount": "7"}, ALLOCATED)
    assert verdict.status == "passed"
    assert graded(verdict) == {"events": "exact"}
