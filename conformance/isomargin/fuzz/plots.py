"""Plots: actions that show a fault only one after the other.

What an order does shows when a price moves to it, and what becomes of it shows only
then, too; an allocation that funding has used up shows when something is taken from it.
Drawn one by one such actions seldom meet.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from isomargin.formulas.state import Key
from isomargin.fuzz.figures import Sight, plain

__all__ = ["PLOTS", "Plot"]

Step = dict[str, Any]
Plot = Callable[[Sight, Key], Iterator[Step]]

_ORDERS = {"set_stop_loss": -1, "set_take_profit": 1}
_TICK = Fraction(1, 10)
_USED_UP = ("0.9", "1", "1.05", "1.3", "2")


def _to_the_edge(sight: Sight, key: Key) -> Iterator[Step]:
    """Yield a deposit of margin and the move after which nothing is to spare."""
    found = sight.margin_to_edge(key)
    if found is not None:
        price, lacking = found
        yield _of(sight, key, "add_margin", amount=lacking)
        yield _moved(key, price)


def _an_order_outlived(sight: Sight, key: Key) -> Iterator[Step]:
    """Yield an order, something done to its position, and a move to the order."""
    name = sight.random.choice(tuple(_ORDERS))
    away = Fraction(sight.random.choice(("0.01", "0.03", "0.08")))
    toward = key[1] * _ORDERS[name]
    price = plain(sight.mark(key[0]) * (1 + toward * away), decimals=1)
    yield _of(sight, key, name, price=price)
    yield from sight.random.choice(_DONE)(sight, key)
    beyond = Fraction(price) + sight.random.choice((-1, 0, 1, 1)) * toward * _TICK
    yield _moved(key, plain(beyond, decimals=1))


def _turned(sight: Sight, key: Key) -> Iterator[Step]:
    yield _traded(sight, key, -key[1], Fraction(2))


def _begun_again(sight: Sight, key: Key) -> Iterator[Step]:
    yield _traded(sight, key, -key[1], Fraction(1))
    yield _traded(sight, key, key[1], Fraction(1))


def _reduced(sight: Sight, key: Key) -> Iterator[Step]:
    yield _traded(sight, key, -key[1], Fraction(1, 2))


def _increased(sight: Sight, key: Key) -> Iterator[Step]:
    yield _traded(sight, key, key[1], Fraction(1, 2))


def _cancelled(sight: Sight, key: Key) -> Iterator[Step]:
    name = sight.random.choice(tuple(_ORDERS))
    yield _of(sight, key, name, price=None)


def _liquidated(sight: Sight, key: Key) -> Iterator[Step]:
    """Yield the fall of a position, and another one in its place."""
    price = sight.mark(key[0])
    yield _moved(key, plain(price * (1 - key[1] * Fraction("0.7")), decimals=1))
    yield _moved(key, plain(price, decimals=1))
    yield _traded(sight, key, key[1], Fraction(1))


_DONE: tuple[Plot, ...] = (
    _turned,
    _turned,
    _begun_again,
    _begun_again,
    _reduced,
    _increased,
    _cancelled,
    _liquidated,
)


def _funding_beyond_the_margin(sight: Sight, key: Key) -> Iterator[Step]:
    """Yield a gain, a funding of about the whole margin, and what is then done."""
    mark = sight.mark(key[0])
    gained = mark * (1 + key[1] * Fraction(sight.random.choice(("0.3", "0.6"))))
    yield _moved(key, plain(gained, decimals=1))
    scope = sight.scope(key)
    margin, value = scope.value("isolated_margin"), scope.value("notional_value")
    if not value:
        return
    share = margin / value * Fraction(sight.random.choice(_USED_UP))
    rate = plain(key[1] * share, decimals=4)
    yield {
        "do": "apply_funding",
        "with": {"instrument": key[0], "funding_rate": rate},
    }
    yield from sight.random.choice(_AFTERWARDS)(sight, key)


def _more_leverage(sight: Sight, key: Key) -> Iterator[Step]:
    leverage = sight.random.choice(("10", "20", "50", "3"))
    given = {"instrument": key[0], "leverage": leverage}
    yield {"do": "set_leverage", "with": given}


def _margin_taken(sight: Sight, key: Key) -> Iterator[Step]:
    amount = sight.amount(key[0], ("removable_margin", "isolated_margin"))
    yield _of(sight, key, "remove_margin", amount=amount)


def _marked_back(sight: Sight, key: Key) -> Iterator[Step]:
    yield _moved(key, sight.mark_price(key[0]))


_AFTERWARDS: tuple[Plot, ...] = (
    _more_leverage,
    _more_leverage,
    _margin_taken,
    _reduced,
    _begun_again,
    _marked_back,
)
PLOTS: tuple[tuple[frozenset[str], Plot], ...] = (
    (frozenset({"add_margin", "set_mark_price"}), _to_the_edge),
    (frozenset({*_ORDERS, "trade", "set_mark_price"}), _an_order_outlived),
    (
        frozenset(
            {
                "set_mark_price",
                "apply_funding",
                "set_leverage",
                "remove_margin",
                "trade",
            }
        ),
        _funding_beyond_the_margin,
    ),
)
"""Each with the actions that it needs."""


# Steps


def _of(sight: Sight, key: Key, name: str, **given: Any) -> Step:
    """Return an action on a position, which in hedge mode is named."""
    if sight.state.position_mode == "hedge":
        given["position_side"] = "long" if key[1] > 0 else "short"
    return {"do": name, "with": {"instrument": key[0], **given}}


def _moved(key: Key, price: str) -> Step:
    return {"do": "set_mark_price", "with": {"instrument": key[0], "price": price}}


def _traded(sight: Sight, key: Key, direction: int, share: Fraction) -> Step:
    """Return a trade of a share of what is held, or was held at the beginning."""
    if key in sight.state.positions:
        quantity = plain(sight.state.position(key)["quantity"] * share)
    else:
        quantity = sight.quantity(key[0])
    price = plain(sight.mark(key[0]), decimals=1)
    side = "buy" if direction > 0 else "sell"
    return _of(sight, key, "trade", side=side, quantity=quantity, price=price)
