"""Making a sequence small while it keeps one symptom.

What of a sequence could be left out, and how its figures could be rounder, are drawn by
Hypothesis, which then makes its draws as simple as they get: a part that goes is
simpler than one that stays, a round figure simpler than a long one. Nothing is left to
chance: the same sequence shrinks to the same one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any

from isomargin.errors import RulebookError
from isomargin.fuzz.symptom import Symptom
from isomargin.rulebook.model import Case

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["Shrinking", "shrunk"]

Path = tuple[Any, ...]

_ROUND = ("0", "1", "10", "100", "1000", "10000", "0.1", "0.01")
_FIXED = frozenset({"symbol", "contract", "settle", "instrument", "asset", "tick_size"})
# One draw in so many is a simpler one, so that what is drawn first often still has the
# symptom.
_RARELY = 4
# A sequence that stays long is begun again, so many times in all.
_STARTS = 8
_FEW_STEPS = 4
_AMPLE = "1000000"


@dataclass
class Shrinking:
    """How sequences are tried.

    Attributes:
        tried: returns a sequence with what is expected of it, and what is wrong with
            the answer to it.
        budget: how many more may be tried.
    """

    tried: Callable[[Case], tuple[Case, Sequence[Symptom]]]
    budget: int = 600
    _known: dict[str, tuple[Case, Symptom] | None] = field(
        default_factory=dict, init=False
    )

    def keeps(self, case: Case, symptom: Symptom) -> tuple[Case, Symptom] | None:
        """Return a sequence ready, with the same symptom found in it again."""
        name = repr((case.core, case.overrides))
        if name not in self._known:
            self._known[name] = self._looked_at(case, symptom)
        return self._known[name]

    def _looked_at(self, case: Case, symptom: Symptom) -> tuple[Case, Symptom] | None:
        if self.budget <= 0:
            return None
        self.budget -= 1
        try:
            ready, found = self.tried(case)
        except RulebookError:
            # What the formulas cannot work out is no sequence anybody could ask.
            return None
        return next(((ready, one) for one in found if one.key == symptom.key), None)


def shrunk(case: Case, symptom: Symptom, shrinking: Shrinking) -> tuple[Case, Symptom]:
    """Return the smallest sequence found that has a symptom, and the symptom in it."""
    first = shrinking.keeps(_cut(case, symptom), symptom) or (case, symptom)
    best, before = first, None
    for seed in range(_STARTS):
        # What no single step can leave is not always the shortest there is.
        other = _simplest(first, _with_fewer_steps, shrinking, seed)
        best = min(best, other, key=_steps)
        if _steps(best) <= _FEW_STEPS:
            break
    for rewritten in _otherwise(best[0]) if _steps(best) > _FEW_STEPS else ():
        if found := shrinking.keeps(rewritten, symptom):
            fewer = _simplest(found, _with_fewer_steps, shrinking)
            best = min(best, fewer, key=_steps)
    while before is not best:
        before = best
        for simpler in (_with_less, _with_rounder_figures, _with_fewer_steps):
            best = _simplest(best, simpler, shrinking)
    return best


def _steps(found: tuple[Case, Symptom]) -> int:
    return len(found[0].core.get("steps", ()))


def _simplest(
    best: tuple[Case, Symptom],
    simpler: Callable[[Case], "SearchStrategy[Case]"],
    shrinking: Shrinking,
    seed: int = 0,
) -> tuple[Case, Symptom]:
    """Return the simplest sequence that Hypothesis finds among simpler ones."""
    # Imported here: it is slow to import, and most searches find nothing.
    from hypothesis import HealthCheck, Phase, Verbosity, find, settings  # noqa: PLC0415
    from hypothesis.errors import NoSuchExample  # noqa: PLC0415

    case, symptom = best
    chosen = settings(
        max_examples=200,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )

    def has_it(candidate: Case) -> bool:
        return shrinking.keeps(candidate, symptom) is not None

    try:
        small = find(simpler(case), has_it, settings=chosen, random=Random(seed))  # noqa: S311 - chance, not a secret
    except NoSuchExample:
        return best
    found = shrinking.keeps(small, symptom)
    if found is None or (small.core, small.overrides) == (case.core, case.overrides):
        return best
    return _cut(*found), found[1]


def _cut(case: Case, symptom: Symptom) -> Case:
    """Return a sequence without the steps after a symptom."""
    if case.is_quote or symptom.step is None:
        return case
    steps = case.core["steps"][: symptom.step + 1]
    return replace(case, core={**case.core, "steps": steps})


# What could be otherwise, so that fewer steps do


def _otherwise(case: Case) -> Iterator[Case]:
    """Yield a scenario in one-way mode, with cash for everything, and with both."""
    if case.is_quote:
        return
    one_way, ample = _in_one_way_mode(case.core), _with_ample_cash(case.core)
    for core in (one_way, ample, _with_ample_cash(one_way)):
        yield replace(case, core=core)


def _in_one_way_mode(core: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario whose actions name no side and change no mode."""
    steps = [
        {**step, "with": _without(step["with"], ("position_side",))}
        for step in core["steps"]
        if step["do"] != "set_position_mode"
    ]
    return {**core, "steps": steps}


def _with_ample_cash(core: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario that needs no leverage to afford what it opens."""
    balances = dict.fromkeys(core["given"]["balances"], _AMPLE)
    return {**core, "given": {**core["given"], "balances": balances}}


# What could be left out


def _with_fewer_steps(case: Case) -> "SearchStrategy[Case]":
    """Return a strategy of the sequences in which some steps are left out."""
    steps = case.core.get("steps", ())
    several = range(len(steps)) if len(steps) > 1 else ()
    return _without_some(case, [("core", "steps", index) for index in several])


def _with_less(case: Case) -> "SearchStrategy[Case]":
    """Return a strategy of the sequences in which some other parts are left out."""
    whole = {"core": case.core, "overrides": case.overrides}
    return _without_some(case, list(_parts(whole, ())))


def _without_some(case: Case, parts: Sequence[Path]) -> "SearchStrategy[Case]":
    from hypothesis.strategies import sampled_from, tuples  # noqa: PLC0415 - as above

    # The last first, so that the place of none changes before its turn.
    turns = sorted(parts, reverse=True)
    stays = sampled_from((False, *[True] * (_RARELY - 1)))

    def left(kept: tuple[bool, ...]) -> Case:
        tree: Any = {"core": case.core, "overrides": case.overrides}
        for path, stay in zip(turns, kept, strict=True):
            tree = tree if stay else _without(tree, path)
        return replace(case, core=tree["core"], overrides=tree["overrides"])

    return tuples(*[stays] * len(turns)).map(left)


_MAY_BE_ABSENT = frozenset(
    {
        "fees",
        "maker",
        "taker",
        "liquidation",
        "quantity_step",
        "max_leverage",
        "maintenance_amount",
        "index_price",
        "last_price",
        "settlement_price",
        "predicted_funding_rate",
        "isolated_margin",
        "added_margin",
        "liquidity",
        "reduce_only",
    }
)
_WHOSE_MEMBERS_MAY_BE = frozenset(
    {"overrides", "instruments", "balances", "cross_positions"}
)


def _parts(node: Any, path: Path) -> Iterator[Path]:
    """Yield the path of everything that may be left out; never the last of a list."""
    several = len(node) > 1 if isinstance(node, (list, tuple)) else True
    within = path[-1] if path else None
    for key, part in _children(node):
        if key == "expect":
            continue
        if key in _MAY_BE_ABSENT or (
            several
            and (within in _WHOSE_MEMBERS_MAY_BE or (within == "tiers" and key != 0))
        ):
            yield (*path, key)
        yield from _parts(part, (*path, key))


# How figures could be rounder


def _with_rounder_figures(case: Case) -> "SearchStrategy[Case]":
    """Return a strategy of the sequences in which some figures are rounder."""
    from hypothesis.strategies import sampled_from, tuples  # noqa: PLC0415 - as above

    figures = [(path, text, _simpler(text)) for path, text in _figures(case.core, ())]
    written = [
        sampled_from((*simpler, *[text] * (_RARELY * len(simpler))))
        for _, text, simpler in figures
        if simpler
    ]
    places = [path for path, _, simpler in figures if simpler]

    def with_these(texts: tuple[str, ...]) -> Case:
        core: Any = case.core
        for path, text in zip(places, texts, strict=True):
            core = _with(core, path, text)
        return replace(case, core=core)

    return tuples(*written).map(with_these)


def _figures(node: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the path and text of every figure that a sequence gives."""
    for key, part in _children(node):
        if key == "expect" or key in _FIXED:
            continue
        if isinstance(part, str) and part[-1:].isdigit():
            yield (*path, key), part
        else:
            yield from _figures(part, (*path, key))


def _simpler(text: str) -> tuple[str, ...]:
    """Return shorter ways to say nearly the same number, the shortest first.

    Nothing is none of them: nothing of something is another matter.
    """
    return tuple(each for each in _rounder(text) if any("1" <= c <= "9" for c in each))


def _rounder(text: str) -> Iterator[str]:
    if text in _ROUND:
        return
    whole, _, decimals = text.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    for count in range(1, len(digits.rstrip("0"))):
        yield sign + digits[:count] + "0" * (len(digits) - count)
    for count in range(min(len(decimals), 6)):
        yield f"{whole}.{decimals[:count]}" if count else whole


def _children(node: Any) -> list[tuple[Any, Any]]:
    if isinstance(node, Mapping):
        return list(node.items())
    return list(enumerate(node)) if isinstance(node, (list, tuple)) else []


def _with(node: Any, path: Path, value: Any) -> Any:
    """Return a copy of a tree with one leaf replaced."""
    if not path:
        return value
    head, *rest = path
    changed = _with(node[head], tuple(rest), value)
    if isinstance(node, Mapping):
        return {**node, head: changed}
    return [*node[:head], changed, *node[head + 1 :]]


def _without(node: Any, path: Path) -> Any:
    """Return a copy of a tree with one leaf left out."""
    head, *rest = path
    if rest:
        return _with(node, (head,), _without(node[head], tuple(rest)))
    if isinstance(node, Mapping):
        return {key: part for key, part in node.items() if key != head}
    return [part for index, part in enumerate(node) if index != head]
