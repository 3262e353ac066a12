"""Figures: the values of an example's core, as its texts may show them.

A placeholder's path leads into the example's own data. The kind of what it finds
there decides in which views it may be shown, so that a text chooses neither the
rounding nor the unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isomargin.errors import RulebookError
from isomargin.text.placeholders import Placeholder

__all__ = ["VIEWS_OF_KIND", "Figure", "figure_at", "view_of"]

# The first view of a kind is the one that a placeholder without a view means.
VIEWS_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "price": ("plain",),
    "amount": ("with_asset", "plain"),
    "quantity": ("plain",),
    "rate": ("percent", "plain"),
    "ratio": ("percent", "plain"),
    "leverage": ("times", "plain"),
    "count": ("plain",),
    "side": ("label",),
    "word": ("label",),
    "name": ("plain",),
}
# Fields of an example that the vocabulary does not have, and its words that are
# names: they are the same in every language.
_KINDS_OF_FIELDS: Mapping[str, str] = {
    "maker": "rate",
    "taker": "rate",
    "liquidation": "rate",
    "outcome": "word",
    "reason": "word",
    "do": "word",
    "instrument": "name",
    "symbol": "name",
    "settle": "name",
    "asset": "name",
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A value of the core.

    Attributes:
        kind: what sort of value it is.
        value: the decimal string, word or name, as the core has it.
        field: the name of the field it stands in.
        asset: what an amount is in.
    """

    kind: str
    value: str
    field: str
    asset: str = ""


def figure_at(
    core: Mapping[str, Any], path: Sequence[str], kinds: Mapping[str, str]
) -> Figure:
    """Return the figure at a path of an example's core.

    Args:
        core: the example's data.
        path: keys and indexes.
        kinds: the kind of each quantity of the vocabulary.

    Raises:
        RulebookError: nothing that can be shown stands at the path.
    """
    trail = _trail(core, path)
    value = trail[-1]
    if not isinstance(value, str):
        raise _not_shown(path, "is no single value of the example")
    assets = _assets(core)
    if path[-1] in assets:
        return Figure(kind="amount", value=value, field="amount", asset=path[-1])
    kind = _KINDS_OF_FIELDS.get(path[-1]) or kinds.get(path[-1], "")
    if kind not in VIEWS_OF_KIND:
        raise _not_shown(path, "has no kind that a text can show")
    asset = _asset_of(core, trail, path, assets) if kind == "amount" else ""
    return Figure(kind=kind, value=value, field=path[-1], asset=asset)


def view_of(figure: Figure, placeholder: Placeholder) -> str:
    """Return the view a placeholder shows a figure in.

    Raises:
        RulebookError: the figure's kind has no such view.
    """
    views = VIEWS_OF_KIND[figure.kind]
    view = placeholder.view or views[0]
    if view not in views:
        raise RulebookError(
            f"{placeholder} shows the {figure.kind} as {view}",
            None,
            f"write one of: {', '.join(views)}",
        )
    return view


def _trail(core: Mapping[str, Any], path: Sequence[str]) -> list[Any]:
    """Return what stands at each step of a path, from the core itself."""
    trail: list[Any] = [core]
    for key in path:
        here = trail[-1]
        if isinstance(here, list) and key.isdecimal() and int(key) < len(here):
            trail.append(here[int(key)])
        elif isinstance(here, dict) and key in here:
            trail.append(here[key])
        else:
            raise _not_shown(path, f"leads nowhere in the example (at {key!r})")
    return trail


def _not_shown(path: Sequence[str], why: str) -> RulebookError:
    return RulebookError(f"the path {'.'.join(path)} {why}", None, "name a value of it")


def _assets(core: Mapping[str, Any]) -> tuple[str, ...]:
    given: Mapping[str, Any] = core.get("given", {})
    instruments = _instruments(core).values()
    return (*given.get("balances", {}), *(x["settle"] for x in instruments))


def _instruments(core: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    given: Mapping[str, Any] = core.get("given", {})
    quote: Mapping[str, Any] = core.get("quote", {})
    quoted = [quote, *quote.get("cross_positions", [])]
    found = [*given.get("instruments", []), *(x.get("instrument") for x in quoted)]
    return {x["symbol"]: x for x in found if isinstance(x, dict)}


def _asset_of(
    core: Mapping[str, Any],
    trail: Sequence[Any],
    path: Sequence[str],
    assets: Sequence[str],
) -> str:
    """Return the asset an amount is in: the nearest one named around it."""
    settles = {name: str(x["settle"]) for name, x in _instruments(core).items()}
    for key, here in reversed([*zip(path, trail, strict=False)]):
        named = key if key in assets else _named_asset(here, settles)
        if named:
            return named
    if len(set(assets)) == 1:
        return assets[0]
    raise _not_shown(path, "is an amount of an asset that the example does not name")


def _named_asset(here: Any, settles: Mapping[str, str]) -> str | None:
    """Return the asset that a part of an example names, itself or by instrument."""
    if not isinstance(here, dict):
        return None
    around = {**here.get("with", {}), **here}
    instrument = around.get("instrument", here)
    if "asset" in around:
        return str(around["asset"])
    if isinstance(instrument, dict):
        instrument = instrument.get("symbol")
    return settles.get(instrument or "")
