"""Faults of value and gain: the kinds of contract, and what a position is worth."""

from decimal import Decimal
from typing import Any

from isomargin_faulty.bench import Change
from isomargin_faulty.turns import altered, contract_with, cut
from isomargin_reference.instrument import Instrument
from isomargin_reference.margin import unrealised_pnl
from isomargin_reference.numbers import ONE, Ratio
from isomargin_reference.position import Position

__all__ = ["CHANGES"]

_MADE = "instrument:instrument_from"
_INVERSE = ("inverse",)


def _uncounted(real: Any, source: Any, *rest: Any) -> Instrument:
    instrument: Instrument = real(source, *rest)
    return altered(instrument, contract_size=ONE)


def _uncounted_quanto(real: Any, source: Any, *rest: Any) -> Instrument:
    if source["contract"] == "quanto":
        return _uncounted(real, source, *rest)
    instrument: Instrument = real(source, *rest)
    return instrument


def _in_quote(
    real: Any, s: Decimal, size: Decimal, entry: Decimal, price: Decimal
) -> Ratio:
    gain = real(s, size, entry, price)
    return Ratio(gain.numerator * price, gain.denominator)


def _truncated(real: Any, position: Position, price: Decimal) -> Decimal:
    gain: Decimal = real(position, price)
    return cut(gain) if gain < 0 else gain


CHANGES = (
    Change(
        "inverse-valued-as-linear",
        _MADE,
        contract_with(_INVERSE, value=lambda real, size, price: Ratio(size * price)),
    ),
    Change(
        "inverse-gain-as-linear",
        _MADE,
        contract_with(
            _INVERSE,
            gain=lambda real, s, size, entry, price: Ratio(s * size * (price - entry)),
        ),
    ),
    Change(
        "inverse-gain-in-quote-asset", _MADE, contract_with(_INVERSE, gain=_in_quote)
    ),
    Change(
        "inverse-gain-over-entry-price",
        _MADE,
        contract_with(
            _INVERSE,
            gain=lambda real, s, size, entry, price: Ratio(
                s * size * (price - entry), entry * entry
            ),
        ),
    ),
    Change(
        "inverse-entry-averaged-arithmetically",
        _MADE,
        contract_with(
            _INVERSE,
            mean_price=lambda real, size, entry, added, price: Ratio(
                size * entry + added * price, size + added
            ),
        ),
    ),
    Change("quanto-multiplier-ignored", _MADE, _uncounted_quanto),
    Change("contract-size-ignored", _MADE, _uncounted),
    Change(
        "contract-size-missing-in-liquidation-price",
        "position:Position.size",
        lambda real, position: position.quantity,
    ),
    Change(
        "short-gains-like-a-long",
        "margin:unrealised_pnl",
        lambda real, position, price: real(position, price) * position.sign,
    ),
    Change("losses-rounded-down-to-cents", "margin:unrealised_pnl", _truncated),
    Change(
        "gain-from-mark-not-price",
        "margin:unrealised_pnl",
        lambda real, position, price: real(position, position.mark_price),
    ),
    Change(
        "notional-at-entry",
        "margin:notional_value",
        lambda real, position: position.notional(position.entry_price),
    ),
    Change(
        "gain-measured-at-last-price",
        "quantities:QUANTITIES[unrealised_pnl]",
        lambda real, standing: unrealised_pnl(
            standing.position,
            standing.position.last_price or standing.position.mark_price,
        ),
    ),
    Change(
        "return-not-leveraged",
        "gauges:_RETURN_BASIS[entry_initial_margin]",
        lambda real, position: position.value(position.entry_price),
    ),
    Change(
        "return-on-mark-instead-of-entry",
        "gauges:_RETURN_BASIS[entry_initial_margin]",
        lambda real, position: real(altered(position, entry_price=position.mark_price)),
    ),
    Change(
        "return-on-entry-instead-of-mark",
        "gauges:_RETURN_BASIS[mark_initial_margin]",
        lambda real, position: real(altered(position, mark_price=position.entry_price)),
    ),
    Change(
        "return-on-initial-instead-of-isolated",
        "gauges:_RETURN_BASIS[isolated_margin]",
        lambda real, position: Ratio(
            position.value(position.entry_price).numerator,
            position.value(position.entry_price).denominator * position.leverage,
        ),
    ),
)
