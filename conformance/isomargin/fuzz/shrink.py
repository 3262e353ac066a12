"""Making a sequence small while it keeps one symptom.

Steps are left out, then parameters, instruments and tiers, then figures are made
rounder, over and over until nothing more can go. Nothing is left to chance: the same
sequence shrinks to the same one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from isomargin.errors import RulebookError
from isomargin.fuzz.symptom import Symptom
from isomargin.rulebook.model import Case

__all__ = ["Shrinking", "shrunk"]

_ROUND = ("0", "1", "10", "100", "1000", "10000", "0.1", "0.01")
_DEFAULTS = {"contract_size": "1", "notional_floor": "0"}
_FIXED = frozenset({"symbol", "contract", "settle", "instrument", "asset", "tick_size"})


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

    def keeps(self, case: Case, symptom: Symptom) -> tuple[Case, Symptom] | None:
        """Return a sequence ready, with the same symptom found in it again."""
        if self.budget <= 0:
            return None
        self.budget -= 1
        try:
            ready, found = self.tried(case)
        except RulebookError:
            # What the formulas cannot work out is no sequence anybody could ask.
            return None
        for each in found:
            if each.key == symptom.key:
                return ready, each
        return None


def shrunk(case: Case, symptom: Symptom, shrinking: Shrinking) -> tuple[Case, Symptom]:
    """Return the smallest sequence found that has a symptom, and the symptom in it."""
    best = _cut(case, symptom), symptom
    found = shrinking.keeps(*best)
    best = found or (case, symptom)
    changed = True
    while changed:
        changed = False
        for reduce in _REDUCTIONS:
            smaller = _reduced(best, reduce, shrinking)
            changed = changed or smaller is not best
            best = smaller
    return best


def _reduced(
    best: tuple[Case, Symptom],
    reduce: Callable[[Case], Iterator[Case]],
    shrinking: Shrinking,
) -> tuple[Case, Symptom]:
    """Return the sequence after every reduction of one kind that it bears."""
    tried: set[str] = set()
    while True:
        for candidate in reduce(best[0]):
            name = repr((candidate.core, candidate.overrides))
            if name in tried:
                continue
            tried.add(name)
            found = shrinking.keeps(candidate, best[1])
            if found:
                best = _cut(*found), found[1]
                break
        else:
            return best


def _cut(case: Case, symptom: Symptom) -> Case:
    """Return a sequence without the steps after a symptom."""
    if case.is_quote or symptom.step is None:
        return case
    steps = case.core["steps"][: symptom.step + 1]
    return replace(case, core={**case.core, "steps": steps})


# Reductions: each yields smaller sequences, the smallest first


def _fewer_steps(case: Case) -> Iterator[Case]:
    steps = case.core.get("steps", [])
    size = len(steps) // 2
    while size:
        for start in range(0, len(steps) - size + 1, size):
            left = [*steps[:start], *steps[start + size :]]
            if left:
                yield replace(case, core={**case.core, "steps": left})
        size //= 2


def _fewer_parameters(case: Case) -> Iterator[Case]:
    if len(case.overrides) > 1:
        yield replace(case, overrides={})
    for name in case.overrides:
        left = {key: value for key, value in case.overrides.items() if key != name}
        yield replace(case, overrides=left)


def _fewer_instruments(case: Case) -> Iterator[Case]:
    if case.is_quote:
        quote = case.core["quote"]
        if quote.get("cross_positions"):
            yield _with_quote(case, {**quote, "cross_positions": []})
        return
    given = case.core["given"]
    used = {step["with"].get("instrument") for step in case.core["steps"]}
    kept = [one for one in given["instruments"] if one["symbol"] in used]
    if kept and len(kept) < len(given["instruments"]):
        yield _with_given(case, {**given, "instruments": kept})
    settles = {one["settle"] for one in given["instruments"]}
    balances = {k: v for k, v in given["balances"].items() if k in settles}
    if len(balances) < len(given["balances"]):
        yield _with_given(case, {**given, "balances": balances})


def _fewer_fields(case: Case) -> Iterator[Case]:
    """Yield sequences in which something that may be absent is."""
    for path, key in _optional(case.core):
        yield replace(case, core=_without(case.core, (*path, key)))


def _rounder_figures(case: Case) -> Iterator[Case]:
    for path, text in _figures(case.core, ()):
        for rounder in filter(_is_more_than_zero, _rounder(text)):
            yield replace(case, core=_with(case.core, path, rounder))


_REDUCTIONS = (
    _fewer_steps,
    _fewer_parameters,
    _fewer_instruments,
    _fewer_fields,
    _rounder_figures,
)


def _with_quote(case: Case, quote: Mapping[str, Any]) -> Case:
    return replace(case, core={"quote": quote})


def _with_given(case: Case, given: Mapping[str, Any]) -> Case:
    return replace(case, core={**case.core, "given": given})


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


def _optional(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Yield the path and key of everything that may be left out."""
    for key, part in _children(node):
        if key == "expect":
            continue
        is_last_tier = (
            isinstance(node, list) and path[-1:] == ("tiers",) and len(node) > 1
        )
        if key in _MAY_BE_ABSENT or is_last_tier:
            yield path, key
        yield from _optional(part, (*path, key))


def _figures(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, str]]:
    """Yield the path and text of every figure that a sequence gives."""
    for key, part in _children(node):
        if key == "expect" or key in _FIXED:
            continue
        if isinstance(part, str) and part[-1:].isdigit():
            yield (*path, key), part
        else:
            yield from _figures(part, (*path, key))


def _children(node: Any) -> list[tuple[Any, Any]]:
    if isinstance(node, Mapping):
        return list(node.items())
    return list(enumerate(node)) if isinstance(node, (list, tuple)) else []


def _is_more_than_zero(text: str) -> bool:
    """Say whether a figure is still one: nothing of nothing is another matter."""
    return any(digit in "123456789" for digit in text)


def _rounder(text: str) -> Iterator[str]:
    """Yield shorter ways to say nearly the same number, and round ones."""
    if text in _ROUND:
        return
    whole, _, decimals = text.partition(".")
    for count in range(min(len(decimals), 6)):
        yield f"{whole}.{decimals[:count]}" if count else whole
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    if not decimals and len(digits.rstrip("0")) > 1:
        for count in range(1, len(digits.rstrip("0"))):
            yield sign + digits[:count] + "0" * (len(digits) - count)


def _with(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of a tree with one leaf replaced."""
    if not path:
        return value
    head, *rest = path
    changed = _with(node[head], tuple(rest), value)
    if isinstance(node, Mapping):
        return {**node, head: changed}
    return [*node[:head], changed, *node[head + 1 :]]


def _without(node: Any, path: tuple[Any, ...]) -> Any:
    """Return a copy of a tree with one leaf left out."""
    head, *rest = path
    if rest:
        return _with(node, (head,), _without(node[head], tuple(rest)))
    if isinstance(node, Mapping):
        return {key: part for key, part in node.items() if key != head}
    return [part for index, part in enumerate(node) if index != head]
