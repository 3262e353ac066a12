"""What a subject has not got, learned by asking, so that no sequence is wasted on it.

An engine that was made for something else answers most of what can be drawn as
unsupported: it has one tier, no contract size, no cross positions, and has made the
choices that a profile leaves open. A search asks a few sequences first, and draws
without what was named until nothing new is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from isomargin.drive import Fault, Unsupported
from isomargin.fuzz.asker import Asker
from isomargin.fuzz.scope import Scope
from isomargin.fuzz.sequence import Sequences
from isomargin.judge import Gap

__all__ = ["learned"]

_ROUNDS = 24
_DRAWN = 24
# The action that is of no use without a feature.
_ACTION_OF = {
    "hedge": "set_position_mode",
    "leverage": "set_leverage",
    "position_mode": "set_position_mode",
}


def learned(asker: Asker, drawing: Sequences, seed: int) -> Sequences:
    """Return what to draw by, without what a subject answers as unsupported.

    Args:
        asker: who is asked, and by which rules.
        drawing: what to draw by while nothing is known.
        seed: what the sequences asked are drawn from.
    """
    for _ in range(_ROUNDS):
        features = _named(asker, drawing, seed)
        scope = _retreated(drawing.scope, features, asker)
        if scope == drawing.scope:
            return drawing
        drawing = replace(drawing, scope=scope)
    return drawing


def _named(asker: Asker, drawing: Sequences, seed: int) -> dict[str, None]:
    """Return the features that were named as missing, in the order they were."""
    features: dict[str, None] = {}
    for family in range(_DRAWN):
        case = drawing.first(seed, family)
        gap = asker.gap(case)
        outcome = gap or asker.answer(case)
        if isinstance(outcome, Fault):
            # What breaks the subject down is for the search itself to find.
            return {}
        if isinstance(outcome, (Gap, Unsupported)):
            features[outcome.feature] = None
    return features


def _retreated(scope: Scope, features: Iterable[str], asker: Asker) -> Scope:
    """Return a scope without some features."""
    for feature in features:
        kind, _, name = feature.partition(" ")
        retreat = _RETREATS.get(kind)
        if retreat and name:
            scope = retreat(scope, name, asker)
        else:
            scope = _without_feature(scope, feature)
    return scope


def _without_feature(scope: Scope, feature: str) -> Scope:
    """Return a scope that knows of a feature that is missing, an action or another."""
    without = scope.actions - {feature, _ACTION_OF.get(feature)}
    lacking = scope.lacking | {feature}
    return replace(scope, actions=without or scope.actions, lacking=lacking)


def _without_action(scope: Scope, name: str, _: Asker) -> Scope:
    return _without_feature(scope, name)


def _without_contract(scope: Scope, name: str, _: Asker) -> Scope:
    left = [contract for contract in scope.contracts if contract != name]
    return replace(scope, contracts=left or scope.contracts)


def _with_another_choice(scope: Scope, name: str, asker: Asker) -> Scope:
    """Return a scope with a parameter held: the profile's choice, then each other."""
    if not scope.reads_parameters or name not in scope.choices:
        return scope
    own = asker.rules.rulebook.profiles[scope.profile].parameters[name]
    values = [own, *(value for value in scope.choices[name] if value != own)]
    place = values.index(scope.held[name]) + 1 if name in scope.held else 0
    if place == len(values):
        return scope
    return replace(scope, held={**scope.held, name: values[place]})


_RETREATS: Mapping[str, Callable[[Scope, str, Asker], Scope]] = {
    "action": _without_action,
    "contract": _without_contract,
    "parameter": _with_another_choice,
}
