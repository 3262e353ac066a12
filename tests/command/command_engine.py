"""A stand-in engine for the small cases, which behaves as its argument says."""

import sys
import time
from collections.abc import Callable, Iterator
from itertools import count

from isomargin_adapter import Quote, Ready, Skipped, Unsupported, serve

Values = dict[str, str]

_RIGHT = {"notional_value": "1200", "unrealised_pnl": "-200"}
_calls: Iterator[int] = count(1)


def right(quote: Quote) -> Values:
    return {name: _RIGHT[name] for name in quote.want}


def wrong(quote: Quote) -> Values:
    return {**right(quote), "notional_value": "1000"}


def gap(quote: Quote) -> Values:
    if "notional_value" in quote.want:
        raise Unsupported("mark price")
    return right(quote)


def nothing(_: Quote) -> Values:
    raise Unsupported("quotes of any kind")


def skipping(_: Quote) -> Values:
    raise Skipped("under repair", "https://example.org/7")


def rude(_: Quote) -> Values:
    raise Unsupported("tiers\x1b[31m\x07\nred")


def failing(_: Quote) -> Values:
    raise RuntimeError("no\x1b]0;title\x07 market data")


def dying(quote: Quote) -> Values:
    if "notional_value" in quote.want:
        sys.exit(9)
    return right(quote)


def silent(_: Quote) -> Values:
    time.sleep(600)
    return {}


def fickle(_: Quote) -> Values:
    # Right for as long as each case is asked once, and never the same after that.
    turn = next(_calls)
    return dict(_RIGHT) if turn <= 2 else {"notional_value": str(turn)}


_BEHAVIOURS: dict[str, Callable[[Quote], Values]] = {
    name: behaviour
    for name, behaviour in globals().items()
    if callable(behaviour) and name.islower() and name != "count"
}

if __name__ == "__main__":
    serve(
        Ready(
            name="stand-in",
            version="1",
            profiles=("textbook/linear",),
            quantities=tuple(_RIGHT),
            window=1,
        ),
        quote=_BEHAVIOURS[sys.argv[1]],
    )
