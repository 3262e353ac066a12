"""What a case asks, in the words of the wire, and nothing of what it expects."""

from collections.abc import Mapping
from typing import Any

__all__ = ["asked"]


def asked(core: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a case asks, without its profile and its instruments.

    Args:
        core: the core of the case.

    Returns:
        The position of a quote and what stands beside it, or the balances and steps of
        a scenario. A position has its leverage, margin mode and mark price also where
        the case leaves them to be 1, isolated and the entry price.
    """
    if "quote" in core:
        return _quote(core["quote"])
    steps = [{"do": step["do"], "with": step["with"]} for step in core["steps"]]
    return {"balances": core["given"]["balances"], "steps": steps}


def _quote(quote: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"position": _position(quote["position"], "isolated")}
    if "wallet_balance" in quote:
        found["wallet_balance"] = quote["wallet_balance"]
    if "cross_positions" in quote:
        found["cross_positions"] = [
            {**other, "position": _position(other["position"], "cross")}
            for other in quote["cross_positions"]
        ]
    return found


def _position(position: Mapping[str, Any], margin_mode: str) -> dict[str, Any]:
    usual = {"leverage": "1", "margin_mode": margin_mode}
    return {**usual, "mark_price": position["entry_price"], **position}
