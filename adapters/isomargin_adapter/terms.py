"""Parts of messages that most adapters read or write."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

__all__ = ["liquidation", "taker_fee", "told"]


def taker_fee(instrument: Mapping[str, Any]) -> str:
    """Return the rate of a taker's fee, "0" for an instrument that names none."""
    return str((instrument.get("fees") or {}).get("taker", "0"))


def liquidation(instrument: str, side: str) -> dict[str, str]:
    """Return the event of a position that an engine has liquidated."""
    return {"event": "liquidation", "instrument": instrument, "side": side}


def told(thing: object, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what an engine's object says, under the names of the wire.

    Args:
        thing: a position or an account of the engine's.
        names: name on the wire to the attribute; `contract.leverage` is the `leverage`
            of its `contract`.
    """
    return {name: attrgetter(path)(thing) for name, path in names.items()}
