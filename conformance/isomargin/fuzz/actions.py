"""Drawing the next action from the account as it stands."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from isomargin.fuzz.emphasis import Emphasis
from isomargin.fuzz.figures import Sight
from isomargin.fuzz.plots import PLOTS

__all__ = ["Step", "next_steps", "preparation"]

Step = dict[str, Any]
_Given = dict[str, Any]

_OF_POSITION = frozenset(
    {
        "trade",
        "add_margin",
        "remove_margin",
        "set_stop_loss",
        "set_take_profit",
        "set_auto_add_margin",
    }
)
_PLOTTED = 0.15
_LEVERAGES = ("1", "2", "3", "5", "10", "10", "20", "50")
_ENABLED = (True, True, True, False)
_WEIGHTS = {
    "trade": 10,
    "set_mark_price": 9,
    "add_margin": 3,
    "remove_margin": 3,
    "set_leverage": 3,
    "apply_funding": 3,
    "set_margin_mode": 2,
    "set_stop_loss": 2,
    "set_take_profit": 2,
    "set_auto_add_margin": 2,
    "deposit": 1,
    "withdraw": 2,
    "set_position_mode": 1,
}


def preparation(
    sight: Sight, actions: frozenset[str], emphasis: Emphasis
) -> Iterator[Step]:
    """Yield what most sequences begin with: modes and leverages."""
    if "set_position_mode" in actions and sight.chance(emphasis.hedge):
        yield _step("set_position_mode", position_mode="hedge")
    for symbol in sight.world.instruments:
        if "set_margin_mode" in actions and sight.chance(emphasis.isolated):
            yield _step("set_margin_mode", instrument=symbol, margin_mode="isolated")
        if "set_leverage" in actions and sight.chance(0.9):
            leverage = sight.random.choice(_LEVERAGES[1:])
            yield _step("set_leverage", instrument=symbol, leverage=leverage)


def next_steps(
    sight: Sight, actions: frozenset[str], emphasis: Emphasis
) -> Iterator[Step]:
    """Yield the next action, or a few that belong together."""
    plots = [plot for needed, plot in PLOTS if needed <= actions]
    if plots and sight.state.positions:
        if sight.chance(_PLOTTED):
            key = sight.random.choice(list(sight.state.positions))
            yield from sight.random.choice(plots)(sight, key)
            return
    elif "trade" in actions and sight.chance(0.7):
        yield _drawn(sight, "trade")
        return
    names = [name for name in _WEIGHTS if name in actions]
    weights = [_WEIGHTS[name] * emphasis.weights.get(name, 1) for name in names]
    yield _drawn(sight, sight.random.choices(names, weights)[0])


def _drawn(sight: Sight, name: str) -> Step:
    symbol = sight.random.choice(list(sight.world.instruments))
    given: _Given = {"instrument": symbol}
    hedge = sight.state.position_mode == "hedge"
    if name in _OF_POSITION and hedge != sight.chance(0.02):
        given["position_side"] = sight.random.choice(("long", "short"))
    drawn = _step(name, **_ARGUMENTS[name](sight, given))
    if "instrument" in drawn["with"] and sight.chance(0.005):
        drawn["with"]["instrument"] = "C"
    return drawn


def _step(name: str, **given: Any) -> Step:
    return {"do": name, "with": given}


def _trade(sight: Sight, given: _Given) -> _Given:
    symbol = given["instrument"]
    choose, chance = sight.random.choice, sight.chance
    trade = {
        **given,
        "side": choose(("buy", "sell")),
        "quantity": "0" if chance(0.01) else sight.quantity(symbol),
        "price": "0" if chance(0.01) else sight.price(symbol),
    }
    if chance(0.15):
        trade["reduce_only"] = True
    if chance(0.25):
        trade["liquidity"] = choose(("maker", "taker"))
    if chance(0.12):
        trade["isolated_margin"] = sight.amount(symbol, ("available_balance",))
    return trade


def _mark(sight: Sight, given: _Given) -> _Given:
    symbol = given["instrument"]
    moved = {**given, "price": sight.mark_price(symbol)}
    for other in ("index_price", "last_price"):
        if sight.chance(0.2):
            moved[other] = sight.mark_price(symbol)
    return moved


def _amount(*edges: str) -> Callable[[Sight, _Given], _Given]:
    def drawn(sight: Sight, given: _Given) -> _Given:
        return {**given, "amount": sight.amount(given["instrument"], edges)}

    return drawn


def _cash(*edges: str) -> Callable[[Sight, _Given], _Given]:
    def drawn(sight: Sight, given: _Given) -> _Given:
        symbol = given["instrument"]
        asset = sight.world.instruments[symbol].values["settle"]
        return {"asset": asset, "amount": sight.amount(symbol, edges)}

    return drawn


def _one_of(name: str, *values: Any) -> Callable[[Sight, _Given], _Given]:
    return lambda sight, given: {**given, name: sight.random.choice(values)}


def _position_mode(sight: Sight, _given: _Given) -> _Given:
    return {"position_mode": sight.random.choice(("hedge", "one_way"))}


def _order(sight: Sight, given: _Given) -> _Given:
    symbol = given["instrument"]
    prices = (sight.mark_price(symbol), sight.mark_price(symbol), None, "0")
    weights = (6, 6, 1, 1)
    return {**given, "price": sight.random.choices(prices, weights)[0]}


_ARGUMENTS: Mapping[str, Callable[[Sight, _Given], _Given]] = {
    "trade": _trade,
    "set_mark_price": _mark,
    "add_margin": _amount("available_balance"),
    "remove_margin": _amount("removable_margin", "added_margin", "isolated_margin"),
    "deposit": _cash(),
    "withdraw": _cash("available_balance", "free_balance"),
    "set_leverage": _one_of("leverage", *_LEVERAGES, "25", "0.5", "200"),
    "apply_funding": _one_of(
        "funding_rate", "0.0001", "-0.0001", "0.01", "-0.01", "0.05", "-0.3"
    ),
    "set_margin_mode": _one_of("margin_mode", "isolated", "cross"),
    "set_stop_loss": _order,
    "set_take_profit": _order,
    "set_auto_add_margin": _one_of("enabled", *_ENABLED),
    "set_position_mode": _position_mode,
}
