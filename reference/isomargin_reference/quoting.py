"""A quote: one position in, quantities out."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from isomargin_reference.errors import InvalidInput
from isomargin_reference.inputs import number, optional_number, required
from isomargin_reference.instrument import Instrument, instrument_from
from isomargin_reference.margin import initial_margin
from isomargin_reference.numbers import ZERO, exactly
from isomargin_reference.position import Position, Shared, position_from
from isomargin_reference.profile import Profile, profile_from
from isomargin_reference.quantities import Standing, values_of

__all__ = ["quote"]


def quote(
    profile: Mapping[str, Any],
    instrument: Mapping[str, Any],
    position: Mapping[str, Any],
    want: Iterable[str],
    *,
    wallet_balance: str | None = None,
    cross_positions: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Decimal | None]:
    """Return quantities of one position.

    Args:
        profile: the profile's parameters; absent ones are the textbook's.
        instrument: symbol, contract, contract_size, settle, tick_size, fees, tiers.
        position: side, quantity, entry_price, leverage, margin_mode, mark_price,
            settlement_price and isolated_margin or added_margin, all numbers as
            decimal strings.
        want: names of `QUANTITIES`.
        wallet_balance: the shared balance of a cross position.
        cross_positions: the other cross positions, each with `position` and, where it
            differs from the quoted one, `instrument`.

    Returns:
        The quantities wanted; None for one that does not exist.

    Raises:
        InvalidInput: naming the field that is missing or malformed.
    """
    with exactly():
        choices = profile_from(profile)
        traded = instrument_from(instrument, choices)
        quoted = _quoted(choices, position, traded)
        shared = Shared()
        if not quoted.is_isolated:
            others = _others(choices, cross_positions, traded)
            shared = Shared(_shared_balance(wallet_balance), others)
        return values_of(Standing(choices, quoted, shared), want)


def _quoted(
    profile: Profile, source: Mapping[str, Any], instrument: Instrument
) -> Position:
    """Return the position with its allocation, given whole or as added margin."""
    position = position_from(source, instrument, profile, "position")
    if not position.is_isolated:
        return position
    allocation = optional_number(source, "isolated_margin", "position")
    if allocation is None:
        added = optional_number(source, "added_margin", "position") or ZERO
        allocation = initial_margin(profile, position) + added
    return position._replace(isolated_margin=allocation)


def _shared_balance(wallet_balance: str | None) -> Decimal:
    if wallet_balance is None:
        raise InvalidInput(
            "wallet_balance is missing; a cross position is quoted with the balance "
            "it shares"
        )
    return number({"wallet_balance": wallet_balance}, "wallet_balance", "quote")


def _others(
    profile: Profile, sources: Sequence[Mapping[str, Any]], quoted: Instrument
) -> tuple[Position, ...]:
    """Return the other cross positions of the quoted one's settle asset."""
    others = [
        _other(profile, source, quoted, f"cross_positions[{index}]")
        for index, source in enumerate(sources)
    ]
    return tuple(each for each in others if each.instrument.settle == quoted.settle)


def _other(
    profile: Profile, source: Mapping[str, Any], quoted: Instrument, where: str
) -> Position:
    instrument = source.get("instrument")
    traded = quoted if instrument is None else instrument_from(instrument, profile)
    described = required(source, "position", where)
    other = position_from(described, traded, profile, f"{where}.position")
    return other._replace(margin_mode="cross")
