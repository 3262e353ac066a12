"""Laws: what must hold between the state before a step and the state after it.

A law is judged on what was observed, whatever the case expects. Where a figure it
needs was not observed it is neither kept nor broken (`held` is None). Numbers are
compared with the slack of the figures they come from; see `measured`.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from isomargin.drive.outcomes import Step
from isomargin.errors import RulebookError
from isomargin.formulas.world import Rules
from isomargin.judge.focus import Focus, foci
from isomargin.judge.moment import Moment, moments
from isomargin.judge.observed import NotObserved
from isomargin.judge.scope import LawScope, Sight
from isomargin.judge.verdict import LawFinding
from isomargin.rulebook.model import Case, Law

__all__ = ["judge_laws"]

_ALWAYS = ("each step", "each position")


def judge_laws(case: Case, steps: Sequence[Step], sight: Sight) -> Iterator[LawFinding]:
    """Yield what was found of every law that a scenario gives cause to look at.

    Args:
        case: the case.
        steps: what the subject did.
        sight: the rulebook, the market and the precision.
    """
    for moment in moments(case.core, steps):
        for law, focus in _looked_at(moment, sight):
            found = _judged(law, LawScope(sight, moment, focus))
            if found is not None:
                yield found


def _looked_at(moment: Moment, sight: Sight) -> Iterator[tuple[Law, Focus]]:
    """Yield each law that a step gives cause to look at, with its focus."""
    laws, decisive = _by_occasion(sight.rules), sight.rules.rulebook.machine.events
    events = dict.fromkeys(event["event"] for event in moment.step.events)
    for occasion in (*_ALWAYS, moment.action, *events):
        for law in laws.get(occasion, ()):
            for focus in foci(occasion, moment, sight.market, decisive):
                yield law, focus


@lru_cache(maxsize=8)
def _by_occasion(rules: Rules) -> Mapping[str, Sequence[Law]]:
    found: dict[str, list[Law]] = {}
    for law in rules.rulebook.laws:
        for occasion in law.after:
            found.setdefault(occasion, []).append(law)
    return found


def _judged(law: Law, scope: LawScope) -> LawFinding | None:
    """Return what was found of a law, None where it does not apply."""
    held: bool | None = None
    try:
        if scope.focus.fault:
            raise NotObserved(scope.focus.fault)  # noqa: TRY301 - found out like others
        rules = scope.sight.rules
        if not rules.work(law.when)(scope):
            return None
        scope.figures.clear()
        held = bool(rules.work(law.holds)(scope))
    except NotObserved as missing:
        scope.figures[missing.name] = "not observed"
    except RulebookError:
        # A law that asks for the order of what does not exist is wrong, unless it
        # is the subject that left out what must be there.
        if None not in scope.figures.values():
            raise
    return LawFinding(law.id, scope.moment.index, held, scope.figures)
