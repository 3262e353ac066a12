from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from isomargin.drive import Failure, Fault, Quantities, Skip, Trace, Unsupported
from isomargin.judge import Gap, Verdict

Judged = Callable[..., Verdict]


OUTCOMES = [
    (
        Fault("crash", "it died", "exit code 1"),
        ("errored", "crash", "it died (exit code 1)"),
    ),
    (Fault("timeout", "it was silent"), ("errored", "timeout", "it was silent")),
    (Failure("KeyError: 'price'"), ("errored", "error", "KeyError: 'price'")),
    (Unsupported("tiers"), ("unsupported", "", "tiers")),
    (Gap("contract inverse"), ("unsupported", "", "contract inverse")),
    (Skip("too slow"), ("skipped", "", "too slow")),
]


@pytest.mark.parametrize(("outcome", "told"), OUTCOMES)
def test_an_answer_that_says_nothing_of_the_rules_has_this_verdict(
    new: SimpleNamespace, judged: Judged, outcome: Any, told: tuple[str, str, str]
) -> None:
    case = new.quoted({"initial_margin": "1"})
    assert judged(case, outcome) == Verdict("family.case", *told)


def test_a_skip_keeps_its_issue(new: SimpleNamespace, judged: Judged) -> None:
    outcome = Skip("wrong sign", "https://example.org/1")
    verdict = judged(new.quoted({"initial_margin": "1"}), outcome)
    assert verdict.issue == "https://example.org/1"


def test_an_answer_to_another_question_is_a_fault_of_the_protocol(
    new: SimpleNamespace, judged: Judged
) -> None:
    run = new.scenario(("deposit", {"asset": "USD", "amount": "1"}))
    quote = new.quoted({"initial_margin": "1"})
    for case, outcome, detail in (
        (run, Quantities({}), "answered a run as if a quote"),
        (quote, Trace((new.step({}),)), "answered a quote as if a run"),
        (run, Trace(()), "gave 0 steps for a scenario of 1"),
        (run, Trace((new.step({}), new.step({}))), "gave 2 steps for a scenario of 1"),
    ):
        expected = Verdict("family.case", "errored", "protocol", detail)
        assert judged(case, outcome) == expected
