"""What a run came to: its verdict and its exit code, known failures taken into account.

The first of these that applies is the verdict:

- `unusable`, 3: the subject was given up before the end.
- `nonconformant`, 1: a case failed or errored that is no known failure, or is answered
  differently when asked again and is not known to be flaky; or the subject broke down,
  other than by taking too long, and nobody can tell which case did it.
- `stale expectations`, 5: a known failure passed, matches nothing or has expired.
- `known failures`, 0: what failed is known.
- `conformant`, 0: nothing failed. A case that the subject does not support takes
  nothing from its conformance.
- `nothing passed`, 7: nothing failed and nothing was seen to pass.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from isomargin.expectations import FAILING
from isomargin.plan import Plan

__all__ = ["conclusion", "known_failure"]


def conclusion(
    counts: Mapping[str, int],
    *,
    unusable: bool,
    known: int = 0,
    unstable: Sequence[str] = (),
    breakdowns: Sequence[Mapping[str, str]] = (),
    stale: Sequence[str] = (),
) -> tuple[str, int]:
    """Return the verdict of a run and its exit code.

    Args:
        counts: status to number of cases.
        unusable: the subject was given up before the end.
        known: how many of what failed or errored are known failures.
        unstable: cases that are answered differently when asked again.
        breakdowns: kind and detail of those that did not happen again when every case
            in question was asked alone. A busy machine makes a subject late, so that a
            time that ran out once is told and not counted.
        stale: expectations that no longer hold.
    """
    failing = sum(counts.get(status, 0) for status in FAILING)
    broke = any(one["kind"] != "timeout" for one in breakdowns)
    verdicts = {
        ("unusable", 3): unusable,
        ("nonconformant", 1): failing > known or unstable or broke,
        ("stale expectations", 5): stale,
        ("known failures", 0): known,
        ("conformant", 0): counts.get("passed"),
    }
    held = (verdict for verdict, holds in verdicts.items() if holds)
    return next(held, ("nothing passed", 7))


def known_failure(
    plan: Plan, case: str, profile: str, status: str
) -> dict[str, Any] | None:
    """Return what a log keeps of the expectation that a failed case meets, or None."""
    known = plan.expectations.known(case, profile) if status in FAILING else None
    if known is None:
        return None
    return {
        "status": known.status,
        "reason": known.reason,
        "issue": known.issue,
        "until": known.until.isoformat(),
        "where": known.where,
    }
