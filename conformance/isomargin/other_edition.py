"""Whether another edition of a profile explains what is wrong by this one.

Either the case is at fault, as a position recorded under an older edition would be:
what it expects is what that edition gives. Or the engine is, which answers as an older
edition would have it.
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from isomargin.derive import (
    MISSING,
    Derivation,
    Expectation,
    derive,
    expectations,
    found,
)
from isomargin.drive import Outcome
from isomargin.drive.protocol import Introduction
from isomargin.editions import editions_of, product_of
from isomargin.formulas.numbers import NotCanonical, exact
from isomargin.formulas.world import Rules
from isomargin.judge import Edition, judge
from isomargin.rulebook.events import has_details
from isomargin.rulebook.model import Case, Profile

if TYPE_CHECKING:
    from isomargin.text import Catalogue

__all__ = [
    "edition_sentence",
    "edition_words",
    "edition_would_be",
    "other_edition",
    "other_figures",
    "rests_on_a_choice",
]


def other_edition(
    case: Case,
    rules: Rules,
    outcome: Outcome | None = None,
    introduction: Introduction | None = None,
) -> Edition | None:
    """Return the newest other edition that explains why a case fails by its own.

    Args:
        case: the case, such as a recorded position.
        rules: the rulebook's formulas.
        outcome: what came of asking a subject; without one only the case is looked at.
        introduction: what the subject declares.

    Returns:
        The edition that gives what the case expects, where its own does not; otherwise
        the one that gives what the subject answered. None where no edition does.

    Raises:
        RulebookError: the case cannot be worked out.
    """
    here = derive(case, rules)
    agrees = _gives(case, here, rules)
    if agrees and (outcome is None or introduction is None):
        return None
    for profile in reversed(editions_of(product_of(case.profile), rules.rulebook)):
        if profile.id == case.profile:
            continue
        of_edition = replace(case, profile=profile.id)
        there = derive(of_edition, rules)
        if not agrees:
            if _gives(case, there, rules):
                return _edition(
                    case, profile, "case", here=here, there=there, rules=rules
                )
        elif outcome is not None and introduction is not None:
            told = _restated(of_edition, there, rules)
            parameters = profile.parameters
            verdict = judge(told, outcome, introduction, rules, parameters)
            if verdict.status == "passed":
                return _edition(
                    case, profile, "answer", here=here, there=there, rules=rules
                )
    return None


def edition_words(edition: Edition) -> str:
    """Return what to add to why a case fails: the edition, and which rules moved."""
    whose = _WHOSE[edition.of]
    moved = ", ".join(edition.moved or edition.choices)
    what = f"{whose} as of {edition.profile}, in force from {edition.since}"
    return f"{what}; moved since: {moved}"


_WHOSE = {"case": "what the case expects is", "answer": "the answer is"}


def edition_sentence(edition: Edition, catalogue: "Catalogue") -> str:
    """Return in a language which edition the figures are of, and which rules moved."""
    return catalogue.message(
        f"edition.fits_{edition.of}",
        profile=edition.profile,
        date=edition.since,
        rules=_told(edition, catalogue),
    )


def edition_would_be(edition: Edition, figures: str, catalogue: "Catalogue") -> str:
    """Return in a language what an edition would come to, and which rules moved."""
    return catalogue.message(
        "edition.would_be",
        profile=edition.profile,
        date=edition.since,
        figures=figures,
        rules=_told(edition, catalogue),
    )


def other_figures(
    case: Case, rules: Rules
) -> Iterator[tuple[Edition, dict[str, str | None]]]:
    """Yield every other edition that comes to other figures, with these.

    Where a scenario expects a quantity of several steps, the last that differs counts.
    """
    here = derive(case, rules)
    for profile in editions_of(product_of(case.profile), rules.rulebook):
        there = derive(replace(case, profile=profile.id), rules)
        figures = {
            one.name: found(one, there.answer)
            for one in expectations(case)
            if one.name and found(one, there.answer) not in {MISSING, one.expected}
        }
        if figures:
            edition = _edition(
                case, profile, "case", here=here, there=there, rules=rules
            )
            yield edition, figures


def _told(edition: Edition, catalogue: "Catalogue") -> str:
    """Return the rules that moved, or the choices where none did."""
    titles = [f"{catalogue.rule(rule).title} ({rule})" for rule in edition.moved]
    choices = [catalogue.label("parameter", name) for name in edition.choices]
    return "; ".join(titles or choices)


def _edition(
    case: Case,
    profile: Profile,
    of: str,
    *,
    here: Derivation,
    there: Derivation,
    rules: Rules,
) -> Edition:
    moved = _moved(here, there, rules)
    own = rules.rulebook.profiles[case.profile].parameters
    choices = tuple(
        name
        for name, value in profile.parameters.items()
        if name in there.choices and value != own[name]
    )
    return Edition(profile.id, profile.effective_from, moved, choices, of)


def _moved(here: Derivation, there: Derivation, rules: Rules) -> tuple[str, ...]:
    """Return the rules that a choice of the one edition brings in."""
    new = (rule for rule in there.rules if rule not in here.rules)
    return tuple(rule for rule in new if rests_on_a_choice(rule, rules))


def rests_on_a_choice(rule_id: str, rules: Rules) -> bool:
    """Say whether a rule applies by a choice of the profile."""
    when = getattr(rules.rulebook.rules[rule_id], "when", None)
    return when is not None and "profile." in when.source


def _gives(case: Case, derivation: Derivation, rules: Rules) -> bool:
    """Say whether a derivation comes to everything that a case expects."""
    decisive = rules.rulebook.machine.events

    def told(one: Expectation, value: Any) -> Any:
        decides = one.place == "events"
        return [name for name in value if decisive[name]] if decides else value

    return all(
        _same(told(one, one.expected), told(one, found(one, derivation.answer)))
        for one in expectations(case)
    )


def _same(expected: Any, value: Any) -> bool:
    if not isinstance(expected, str) or not isinstance(value, str):
        return bool(expected == value)
    try:
        return exact(expected) == exact(value)
    except NotCanonical:
        return expected == value


# The case as another edition would expect it


def _restated(case: Case, derivation: Derivation, rules: Rules) -> Case:
    """Return a case that expects, in the same places, what a derivation comes to."""
    if case.is_quote:
        quote = {**case.core["quote"], "expect": derivation.answer}
        quote.pop("any_of", None)
        return replace(case, core={**case.core, "quote": quote})
    listed = list(expectations(case))
    steps = [
        {**step, "expect": _of_step(index, step, listed, derivation.answer, rules)}
        for index, step in enumerate(case.core["steps"])
    ]
    return replace(case, core={**case.core, "steps": steps})


def _of_step(
    index: int,
    asked: Mapping[str, Any],
    listed: Iterable[Expectation],
    answer: Any,
    rules: Rules,
) -> dict[str, Any]:
    step, decisive = answer[index], rules.rulebook.machine.events
    events = [one["event"] for one in step["events"] if decisive[one["event"]]]
    expect = deepcopy(dict(asked.get("expect", {})))
    if has_details(expect.get("events", ())):
        events = step["events"]
    for name in ("any_of", "reason"):
        expect.pop(name, None)
    expect |= {"outcome": step["outcome"], "events": events}
    if step["reason"] is not None:
        expect["reason"] = step["reason"]
    for one in listed:
        if one.step == index and one.place in {"position", "account"}:
            _restate(expect, one, found(one, answer))
    return expect


def _restate(expect: dict[str, Any], one: Expectation, value: Any) -> None:
    """Write what a derivation comes to where a step expects something."""
    *way, last = one.path[3:]
    holder: Any = expect
    for part in way:
        holder = holder[part]
    if not one.name:
        # None was to be open; of the one that is, nothing more was asked.
        holder[last] = None if value is None else {}
    elif value is MISSING:
        expect["position"] = None
    elif holder is not None:
        holder[last] = value
