"""Drawing one position to ask quantities of."""

from collections.abc import Collection, Mapping
from random import Random
from typing import Any

from isomargin.formulas import exact
from isomargin.fuzz.figures import plain
from isomargin.fuzz.market import Market

__all__ = ["draw_quote"]

_ENTRIES = ("10000", "10000", "9999.9", "7333")
_MARKS = ("0.9", "0.95", "1", "1", "1.04", "1.25", "0.6")
_QUANTITIES = {
    "BTC": ("10", "1000", "7", "30", "5000", "50000"),
    "USD": ("0.1", "0.2", "0.3", "0.5", "1", "3", "7"),
}
_MARGINS = {"BTC": ("0.02", "0.5", "0.003"), "USD": ("50", "333.3", "2000", "1000")}
_WALLETS = {"BTC": ("0.05", "3"), "USD": ("300", "3000")}
_PREDICTED = 0.2
_ASIDE = ("0.97", "1.02")
_LEVERAGES = ("1", "2", "3", "7", "10", "10", "50")


def draw_quote(
    random: Random, market: Market, lacking: Collection[str]
) -> dict[str, Any]:
    """Return instrument, position and what else the quantities of one depend on."""
    instrument, *others = market.instruments
    if "cross_positions" in lacking:
        others = []
    mode = random.choice(("isolated", "isolated", "isolated", "cross"))
    if "cross" in lacking:
        mode = "isolated"
    position = _position(random, instrument, mode)
    if "leverage" in lacking and mode == "isolated":
        # What is not worked out by a leverage has to be said.
        del position["leverage"]
        position["isolated_margin"] = random.choice(_MARGINS[instrument["settle"]])
    asked: dict[str, Any] = {"instrument": instrument, "position": position}
    if mode == "cross":
        asked["wallet_balance"] = random.choice(_WALLETS[instrument["settle"]])
        asked["cross_positions"] = [
            {"instrument": each, "position": _position(random, each, mode)}
            for each in others
        ]
    return asked


def _position(
    random: Random, instrument: Mapping[str, Any], mode: str
) -> dict[str, Any]:
    entry, settle = random.choice(_ENTRIES), instrument["settle"]
    mark = exact(entry) * exact(random.choice(_MARKS))
    position = {
        "side": random.choice(("long", "short")),
        "quantity": random.choice(_QUANTITIES[settle]),
        "entry_price": entry,
        "leverage": random.choice(_LEVERAGES),
        "margin_mode": mode,
        "mark_price": plain(mark, decimals=1),
    }
    if mode == "isolated":
        key = random.choice(("isolated_margin", "added_margin", "added_margin", ""))
        if key:
            position[key] = random.choice(_MARGINS[settle])
    for key, share in (("index_price", 0.2), ("settlement_price", 0.3)):
        if random.random() < share:
            position[key] = plain(mark * exact(random.choice(_ASIDE)), decimals=1)
    if random.random() < _PREDICTED:
        position["predicted_funding_rate"] = random.choice(("0.001", "-0.002"))
    return position
