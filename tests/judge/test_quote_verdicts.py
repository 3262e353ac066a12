from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from isomargin.judge import Finding, Verdict

Judged = Callable[..., Verdict]

LIQUIDATION = "9036.144578313253012048"


def test_a_quote_that_gives_what_is_expected_passes(
    new: SimpleNamespace, judged: Judged
) -> None:
    case = new.quoted({"liquidation_price": LIQUIDATION, "initial_margin": "1000"})
    values = {"liquidation_price": "9036.14457831", "initial_margin": "1000"}
    assert judged(case, values) == Verdict(
        "family.case",
        "passed",
        "",
        "",
        (
            Finding(None, "liquidation_price", LIQUIDATION, "9036.14457831", "rounded"),
            Finding(None, "initial_margin", "1000", "1000", "exact"),
        ),
        rules=("liquidation_price.isolated",),
    )


@pytest.mark.parametrize(
    ("expected", "values", "detail"),
    [
        (
            LIQUIDATION,
            {"liquidation_price": "9036.1"},
            f"liquidation_price is 9036.1, expected {LIQUIDATION} (off)",
        ),
        (
            LIQUIDATION,
            {"liquidation_price": None},
            f"liquidation_price is null, expected {LIQUIDATION} (off: it exists)",
        ),
        (
            None,
            {"liquidation_price": "0"},
            "liquidation_price is 0, expected null (off: it does not exist)",
        ),
        (
            LIQUIDATION,
            {},
            f"liquidation_price was not observed, expected {LIQUIDATION}",
        ),
        (None, {}, "liquidation_price was not observed, expected null"),
    ],
)
def test_a_quantity_that_is_wrong_or_missing_fails_the_quote(
    new: SimpleNamespace,
    judged: Judged,
    expected: str | None,
    values: dict[str, Any],
    detail: str,
) -> None:
    verdict = judged(new.quoted({"liquidation_price": expected}), values)
    assert (verdict.status, verdict.kind) == ("failed", "value")
    assert verdict.detail == detail


def test_a_quantity_that_does_not_exist_and_is_said_not_to_passes(
    new: SimpleNamespace, judged: Judged
) -> None:
    case = new.quoted({"liquidation_price": None})
    assert judged(case, {"liquidation_price": None}).status == "passed"


def test_a_quantity_that_is_not_declared_is_a_gap_and_executes_no_rule(
    new: SimpleNamespace, judged: Judged
) -> None:
    case = new.quoted({"initial_margin": "1000", "margin_ratio": "0.01"})
    verdict = judged(case, {"initial_margin": "1000"})
    assert (verdict.status, verdict.kind) == ("unsupported", "")
    assert verdict.detail == "quantity margin_ratio"
    assert verdict.rules == ()


def test_a_gap_hides_no_failure(new: SimpleNamespace, judged: Judged) -> None:
    case = new.quoted({"margin_ratio": "0.01", "initial_margin": "1000"})
    verdict = judged(case, {"initial_margin": "999"})
    assert verdict.status == "failed"
    assert verdict.detail == "initial_margin is 999, expected 1000 (off)"


def test_an_undeclared_quantity_that_is_given_is_judged(
    new: SimpleNamespace, judged: Judged
) -> None:
    case = new.quoted({"margin_ratio": "0.01"})
    assert judged(case, {"margin_ratio": "0.01"}).status == "passed"
    assert judged(case, {"margin_ratio": "0.02"}).status == "failed"


def test_the_profile_and_the_case_decide_the_rounding(
    new: SimpleNamespace, judged: Judged
) -> None:
    tick = {"liquidation_price": {"quantum": "tick", "mode": "up"}}
    values = {"liquidation_price": "9036.2"}
    expected = {"liquidation_price": "9036.14"}
    case = new.quoted(expected)
    assert judged(case, values).status == "failed"
    assert judged(case, values, parameters={"rounding": tick}).status == "passed"
    overridden = new.quoted(expected, overrides={"rounding": tick})
    assert judged(overridden, values).status == "passed"


def test_binary_arithmetic_must_be_declared_to_be_excused(
    new: SimpleNamespace, judged: Judged
) -> None:
    case = new.quoted({"liquidation_price": LIQUIDATION})
    values = {"liquidation_price": "9036.144578313255"}
    assert judged(case, values).status == "failed"
    verdict = judged(case, values, arithmetic="binary")
    assert verdict.status == "passed"
    assert verdict.findings[0].grade == "float"


def test_any_permitted_alternative_passes_and_its_rule_is_executed(
    new: SimpleNamespace, judged: Judged
) -> None:
    alternatives = [
        {"rule": "first", "liquidation_price": "1"},
        {"rule": "second", "liquidation_price": "2"},
    ]
    case = new.quoted({"initial_margin": "1000"}, quote={"any_of": alternatives})
    verdict = judged(case, {"initial_margin": "1000", "liquidation_price": "2"})
    assert verdict.status == "passed"
    assert verdict.rules == ("liquidation_price.isolated", "second")
    assert [finding.path for finding in verdict.findings] == [
        "initial_margin",
        "liquidation_price",
    ]


def test_where_no_alternative_holds_the_nearest_one_is_shown(
    new: SimpleNamespace, judged: Judged
) -> None:
    alternatives = [
        {"rule": "first", "liquidation_price": "1", "isolated_margin": "4"},
        {"rule": "second", "liquidation_price": "2", "isolated_margin": "3"},
    ]
    case = new.quoted({"initial_margin": "1000"}, quote={"any_of": alternatives})
    values = {
        "initial_margin": "1000",
        "liquidation_price": None,
        "isolated_margin": "3",
    }
    verdict = judged(case, values)
    assert verdict.detail == (
        "liquidation_price is null, expected 2"
        " (off: it exists; no permitted alternative holds)"
    )
    assert verdict.rules == ("liquidation_price.isolated",)
    del values["liquidation_price"]
    assert judged(case, values).detail == (
        "liquidation_price was not observed, expected 2"
        " (no permitted alternative holds)"
    )
