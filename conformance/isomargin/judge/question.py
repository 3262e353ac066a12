"""What is sent to a subject for a case, or why nothing is.

A message carries what the subject needs to answer and nothing that gives the
answer away: no expected values, no id, title, rule or claim.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isomargin.drive.outcomes import Question
from isomargin.drive.protocol import Introduction
from isomargin.drive.writing import (
    written,
    written_instruments,
    written_profile,
    written_words,
)
from isomargin.rulebook.model import Case

__all__ = ["Gap", "question"]


@dataclass(frozen=True)
class Gap:
    """What a case needs and a subject does not declare, such as `action trade`."""

    feature: str


def question(
    case: Case, introduction: Introduction, profile_parameters: Mapping[str, Any]
) -> Question | Gap:
    """Return the message of protocol 1 for a case, without its `seq`, or the gap.

    Args:
        case: the case.
        introduction: what the subject declares.
        profile_parameters: the parameters of the case's profile.

    Returns:
        A `quote` that wants the declared ones of the quantities the case expects,
        or a `run`; a `Gap` naming the first thing needed that is not declared.
    """
    gap = _gap(case, introduction, profile_parameters)
    if gap is not None:
        return Gap(gap)
    own = case.overrides
    parameters = {**profile_parameters, **own} if own else profile_parameters
    profile = written_profile(case.profile, parameters)
    if not case.is_quote:
        given = written_instruments(case.core["given"]["instruments"])
        text = f'{case.asked},"profile":{profile},"instruments":{given}'
        return Question(case.id, "run", text, len(case.core["steps"]))
    want, exposed = case.wanted, introduction.exposes
    if not exposed.issuperset(want):
        want = tuple(name for name in want if name in exposed)
    if not want:
        return Gap(f"quantity {case.wanted[0]}")
    listed = written_words(want)
    given = written(case.core["quote"]["instrument"])
    text = f'{case.asked},"want":{listed},"profile":{profile},"instrument":{given}'
    return Question(case.id, "quote", text)


def _gap(
    case: Case, introduction: Introduction, profile_parameters: Mapping[str, Any]
) -> str | None:
    """Return the first thing needed that is not declared."""
    # Nearly every case of nearly every run has none.
    if introduction.profiles == "any" and introduction.offers.issuperset(case.needs):
        return None
    return next(_gaps(case, introduction, profile_parameters), None)


def _gaps(
    case: Case, introduction: Introduction, profile_parameters: Mapping[str, Any]
) -> Iterator[str]:
    operation, *others = case.needs
    if operation not in introduction.offers:
        yield operation
    if introduction.profiles != "any":
        yield from _profile_gaps(case, introduction.profiles, profile_parameters)
    yield from (need for need in others if need not in introduction.offers)


def _profile_gaps(
    case: Case, profiles: tuple[str, ...] | str, parameters: Mapping[str, Any]
) -> Iterator[str]:
    if case.profile not in profiles:
        yield f"profile {case.profile}"
    # Only a subject that reads parameters itself can follow a case that sets some.
    for name, value in case.overrides.items():
        if parameters.get(name) != value:
            yield f"parameter {name}"
