"""One position in, quantities out."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from isomargin.formulas.numbers import exact, rounded
from isomargin.formulas.scope import Derived, PositionScope
from isomargin.formulas.state import Key, State
from isomargin.formulas.world import Rules, World

__all__ = ["quote", "quote_scope", "reported"]

_SIDES = {"long": 1, "short": -1}
_PRICES = ("mark_price", "index_price", "last_price")
_GIVEN = ("settlement_price", "predicted_funding_rate")


def quote(
    rules: Rules, question: Mapping[str, Any], parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the quantities a question wants.

    Args:
        rules: the rulebook's formulas.
        question: instrument, position, want and, for a cross position, wallet_balance
            and cross_positions, as on the wire.
        parameters: the profile's parameters.
    """
    scope = quote_scope(rules, question, parameters)
    return {name: reported(scope, name) for name in question["want"]}


def quote_scope(
    rules: Rules,
    question: Mapping[str, Any],
    parameters: Mapping[str, Any],
    trail: list[Derived] | None = None,
) -> PositionScope:
    """Return the scope of the position that a question is about."""
    instruments = [question["instrument"]]
    entries = [(question["instrument"], question["position"])]
    for other in question.get("cross_positions", ()):
        instrument = other.get("instrument", question["instrument"])
        instruments.append(instrument)
        entries.append((instrument, {"margin_mode": "cross", **other["position"]}))
    world = World(rules, parameters, _distinct(instruments))
    state = State()
    keys = [_enter(state, *entry, index) for index, entry in enumerate(entries)]
    for index, key in enumerate(keys[1:], 1):
        world.instruments[key[0]] = world.instruments[entries[index][0]["symbol"]]
    asset = question["instrument"].get("settle", "")
    balance = question.get("wallet_balance", question["position"].get("wallet_balance"))
    if balance is not None:
        state.move(asset, "external", "free_balance", exact(balance), ("", 0))
    return _allocated(world, state, keys[0], question["position"], trail)


def _distinct(instruments: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return list({item["symbol"]: item for item in instruments}.values())


def _enter(
    state: State, instrument: Mapping[str, Any], position: Mapping[str, Any], index: int
) -> Key:
    # Each further position has a name of its own: two may share an instrument.
    symbol = instrument["symbol"] if index == 0 else f"{instrument['symbol']} #{index}"
    key = (symbol, _SIDES[position["side"]])
    entry = exact(position["entry_price"])
    quantity = exact(position["quantity"])
    given = {name: exact(position[name]) for name in _GIVEN if name in position}
    state.change_position(key, {"quantity": quantity, "entry_price": entry, **given})
    prices = {
        name: exact(position[name])
        for name in _PRICES
        if position.get(name) is not None
    }
    mode = position.get("margin_mode", "isolated")
    leverage = exact(position.get("leverage", "1"))
    settings: dict[str, Any] = {"leverage": leverage, "margin_mode": mode}
    state.change_settings(symbol, {**settings, "mark_price": entry, **prices})
    return key


def _allocated(
    world: World,
    state: State,
    key: Key,
    position: Mapping[str, Any],
    trail: list[Derived] | None,
) -> PositionScope:
    """Return the scope once the position has the margin it is quoted with."""
    if position.get("margin_mode", "isolated") == "isolated":
        margin = position.get("isolated_margin")
        if margin is None:
            added = exact(position.get("added_margin", "0"))
            opening = PositionScope(
                world, state, key, {"added_margin": added}, trail=trail
            )
            allocation = opening.value("quoted_isolated_margin")
        else:
            allocation = exact(margin)
        state.change_position(key, {"isolated_margin": allocation})
    return PositionScope(world, state, key, trail=trail)


def reported(scope: PositionScope, name: str) -> Any:
    """Return a quantity as it is reported: by the profile's rounding of it.

    Where the rounding has a highest value, that is shown for what lies above it, and
    for what does not exist.
    Where it is to a tick and the instrument has none, the quantity is as it is.
    """
    value = scope.value(name)
    rule = (scope.world.choice("rounding") or {}).get(name)
    if rule is None or not (value is None or isinstance(value, Fraction)):
        return value
    side = "long" if scope.value("side") > 0 else "short"
    rule = {**rule, **rule.get(side, {})}
    shown = _rounded(scope, value, rule)
    highest = exact(rule["highest"]) if "highest" in rule else None
    if highest is None:
        return shown
    return highest if shown is None or shown > highest else shown


def _rounded(
    scope: PositionScope, value: Fraction | None, rule: Mapping[str, Any]
) -> Fraction | None:
    if value is None or rule["mode"] == "any":
        return value
    tick = rule["quantum"] == "tick"
    quantum = scope.value("tick_size") if tick else exact(rule["quantum"])
    return value if quantum is None else rounded(value, quantum, rule["mode"])
