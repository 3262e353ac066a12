"""The same trade on every profile: what each asks for, and which choice makes it so.

Why a figure differs is found out by trying: a choice is put back to what it is
compared with, and counts where a figure moves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from isomargin.formulas import decimal_text, quote_scope
from isomargin.formulas.numbers import exact
from isomargin.formulas.observe import text
from isomargin.formulas.quote import reported
from isomargin.formulas.world import Rules
from isomargin.rulebook.model import Profile, Rulebook
from isomargin.unknowns import resting

__all__ = [
    "FIGURES",
    "Compared",
    "Difference",
    "NotKnown",
    "Trade",
    "compared",
    "difference",
    "figures",
]

FIGURES = ("initial_margin", "liquidation_price", "bankruptcy_price", "maximum_loss")
"""The quantities that are compared."""

_TEXTBOOK = "textbook/linear"

Figures = Mapping[str, str | None]
NotKnown = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Trade:
    """A trade as a person thinks of it: in the base asset, at a price in quote.

    Attributes:
        side: long or short.
        quantity: of the base asset.
        entry_price: quote per base.
        leverage: times.
        added_margin: beyond the initial margin, in quote.
        maintenance_margin_rate: of the one tier.
        taker_fee: share of the value.
        liquidation_fee: share of the value.
        tick_size: quote per base.
    """

    side: str
    quantity: str
    entry_price: str
    leverage: str
    added_margin: str = "0"
    maintenance_margin_rate: str = "0.005"
    taker_fee: str = "0.0005"
    liquidation_fee: str = "0.005"
    tick_size: str = "0.1"

    def question(self, contract: str) -> dict[str, Any]:
        """Return the instrument and the position, of the same value in any contract."""
        inverse = contract == "inverse"
        price = exact(self.entry_price)
        quantity, added = exact(self.quantity), exact(self.added_margin)
        position = {
            "side": self.side,
            "quantity": decimal_text(quantity * price if inverse else quantity),
            "entry_price": self.entry_price,
            "leverage": self.leverage,
            "added_margin": decimal_text(added / price if inverse else added),
        }
        return {"instrument": self._instrument(contract), "position": position}

    def _instrument(self, contract: str) -> dict[str, Any]:
        rate = self.maintenance_margin_rate
        return {
            "symbol": "TRADE",
            "contract": contract,
            "settle": "base" if contract == "inverse" else "quote",
            "tick_size": self.tick_size,
            "fees": {"taker": self.taker_fee, "liquidation": self.liquidation_fee},
            "tiers": [{"notional_floor": "0", "maintenance_margin_rate": rate}],
        }


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A trade on one profile.

    Attributes:
        profile: the profile.
        figures: quantity to its value; None where it does not exist, and absent
            where it is not known.
        because: the choices, other than the textbook's, that move a figure.
        not_known: quantity to the choices it rests on, of which nothing was seen.
    """

    profile: Profile
    figures: Figures
    because: tuple[str, ...] = ()
    not_known: NotKnown = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What changed between two editions.

    Attributes:
        before: the one.
        after: the other.
        choices: every parameter that the two choose differently.
        moved: quantity to the values before and after, where they differ.
        because: quantity to the choices that move it.
        not_known: of each profile, quantity to the choices it rests on, of which
            nothing was seen; such a quantity is not said to move.
    """

    before: Profile
    after: Profile
    choices: tuple[str, ...]
    moved: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    because: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_known: Mapping[str, NotKnown] = field(default_factory=dict)


def figures(
    trade: Trade, contract: str, parameters: Mapping[str, Any], rules: Rules
) -> dict[str, str | None]:
    """Return the figures of a trade under parameters."""
    return _worked_out(trade, contract, parameters, rules)[0]


def _worked_out(
    trade: Trade, contract: str, parameters: Mapping[str, Any], rules: Rules
) -> tuple[dict[str, str | None], set[str]]:
    """Return the figures and the parameters that were looked at for them."""
    scope = quote_scope(rules, trade.question(contract), parameters)
    found = {name: text(reported(scope, name)) for name in FIGURES}
    return found, scope.world.choices_used


def _not_known(trade: Trade, profile: Profile, rules: Rules) -> NotKnown:
    """Return the figures that rest on choices of which nothing was seen."""

    def work(changes: Mapping[str, Any]) -> tuple[Figures, set[str]]:
        parameters = {**profile.parameters, **changes}
        return _worked_out(trade, profile.contract, parameters, rules)

    return resting(work, profile.unknown, rules.rulebook.parameters)


def compared(trade: Trade, rulebook: Rulebook) -> list[Compared]:
    """Return a trade on every profile that has an isolated mode.

    The one whose liquidation price lies furthest from the entry price comes first,
    one without a liquidation price before it; then the one that asks for less. Those
    of which it is not known come last.

    Args:
        trade: the trade.
        rulebook: the rulebook.
    """
    rules = Rules(rulebook)
    rows = [
        _compared(trade, profile, rules)
        for profile in rulebook.profiles.values()
        if profile.choices["isolation"].value != "none"
    ]
    return sorted(rows, key=lambda row: _order(row, exact(trade.entry_price)))


def difference(
    trade: Trade, before: Profile, after: Profile, rulebook: Rulebook
) -> Difference:
    """Return which choices two profiles make differently, and what these move.

    Args:
        trade: shows what moves.
        before: the one profile.
        after: the other.
        rulebook: the rulebook.
    """
    rules = Rules(rulebook)
    one, other = before.parameters, after.parameters
    choices = tuple(name for name in other if _told(before, name) != _told(after, name))
    first = figures(trade, before.contract, one, rules)
    second = figures(trade, after.contract, other, rules)
    not_known = {
        profile.id: _not_known(trade, profile, rules) for profile in (before, after)
    }
    unknown = {name for of in not_known.values() for name in of}
    moved = {
        name: (first[name], second[name])
        for name in FIGURES
        if first[name] != second[name] and name not in unknown
    }
    movers = _movers(trade, after, one, choices, rules)
    blamed = {name: tuple(movers[name]) for name in moved}
    return Difference(
        before=before,
        after=after,
        choices=choices,
        moved=moved,
        because=blamed,
        not_known=not_known,
    )


def _told(profile: Profile, name: str) -> tuple[Any, bool]:
    """Return what a profile says of a choice: a value, or that nothing is known."""
    choice = profile.choices[name]
    return (None, True) if choice.unknown else (choice.value, False)


def _compared(trade: Trade, profile: Profile, rules: Rules) -> Compared:
    found, used = _worked_out(trade, profile.contract, profile.parameters, rules)
    usual = rules.rulebook.profiles[_TEXTBOOK].parameters
    others = [
        name
        for name, value in profile.parameters.items()
        if name in used and value != usual[name]
    ]
    not_known = _not_known(trade, profile, rules)
    known = found.keys() - not_known.keys()
    because = [
        name
        for name in others
        if _moves(_with(trade, profile, {name: usual[name]}, rules), found, known)
    ]
    return Compared(
        profile=profile,
        figures={name: found[name] for name in found if name in known},
        because=tuple(because),
        not_known=not_known,
    )


def _moves(one: Figures, other: Figures, names: Iterable[str]) -> bool:
    return any(one[name] != other[name] for name in names)


def _with(
    trade: Trade, profile: Profile, changes: Mapping[str, Any], rules: Rules
) -> Figures:
    parameters = {**profile.parameters, **changes}
    return figures(trade, profile.contract, parameters, rules)


def _movers(
    trade: Trade,
    after: Profile,
    before: Mapping[str, Any],
    choices: Iterable[str],
    rules: Rules,
) -> dict[str, list[str]]:
    """Return, by figure, the choices without which it would not be what it is."""
    now = _with(trade, after, {}, rules)
    movers: dict[str, list[str]] = {name: [] for name in FIGURES}
    for choice in choices:
        without = _with(trade, after, {choice: before[choice]}, rules)
        for name in FIGURES:
            if without[name] != now[name]:
                movers[name].append(choice)
    return movers


def _order(row: Compared, entry: Fraction) -> tuple[bool, Fraction, Fraction, str]:
    price, margin = map(row.figures.get, ("liquidation_price", "initial_margin"))
    away = entry if price is None else min(abs(exact(price) - entry), entry)
    asked = exact(margin or "0")
    in_quote = asked * entry if row.profile.contract == "inverse" else asked
    unknown = "liquidation_price" in row.not_known
    return unknown, -away, in_quote, row.profile.id
