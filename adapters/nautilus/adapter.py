"""nautilus_trader's margin account behind protocol 1.

A `MarginAccount` with its default margin model says what margin an instrument's
quantity asks for. This program makes the instrument and reads the account's answers;
it works out no figure of margin.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from importlib.metadata import version
from typing import Any

from nautilus_trader.accounting.accounts.margin import MarginAccount
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.enums import (
    AccountType,
    CurrencyType,
    LiquiditySide,
    PositionSide,
)
from nautilus_trader.model.events import AccountState
from nautilus_trader.model.identifiers import AccountId, InstrumentId, Symbol
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import (
    AccountBalance,
    Currency,
    Money,
    Price,
    Quantity,
)

from isomargin_adapter import Quote, Ready, gaps, serve

# The most decimals that its prices, quantities and currencies can have.
DECIMALS = 16
SMALLEST = f"0.{'1':0>{DECIMALS}}"
SIDES = {"long": PositionSide.LONG, "short": PositionSide.SHORT}
FIGURES: Mapping[str, Callable[..., Money]] = {
    "notional_value": lambda _, instrument, asked: instrument.notional_value(
        asked["quantity"], asked["mark"]
    ),
    "initial_margin": lambda account, instrument, asked: account.calculate_margin_init(
        instrument, asked["quantity"], asked["entry"]
    ),
    "maintenance_margin": lambda account, instrument, asked: (
        account.calculate_margin_maint(
            instrument, asked["side"], asked["quantity"], asked["maintenance"]
        )
    ),
    "closing_fee": lambda account, instrument, asked: account.calculate_commission(
        instrument, asked["quantity"], asked["mark"], LiquiditySide.TAKER
    ),
}


def currency(code: str) -> Currency:
    """Return a currency with all the decimals there can be."""
    return Currency(code, DECIMALS, 0, code, CurrencyType.CRYPTO)


def perpetual(instrument: Mapping[str, Any]) -> CryptoPerpetual:
    """Return an instrument whose whole value is asked for as margin, by leverage."""
    gaps.whole_contract(instrument)
    rate = gaps.single_tier(instrument)["maintenance_margin_rate"]
    inverse = instrument["contract"] == "inverse"
    settle, other = currency("SETTLE"), currency("OTHER")
    base, quoted = (settle, other) if inverse else (other, settle)
    return CryptoPerpetual(
        instrument_id=InstrumentId.from_str("INSTRUMENT.VENUE"),
        raw_symbol=Symbol("INSTRUMENT"),
        base_currency=base,
        quote_currency=quoted,
        settlement_currency=settle,
        is_inverse=inverse,
        price_precision=DECIMALS,
        size_precision=DECIMALS,
        price_increment=Price.from_str(SMALLEST),
        size_increment=Quantity.from_str(SMALLEST),
        margin_init=Decimal(1),
        margin_maint=Decimal(rate),
        maker_fee=Decimal(0),
        taker_fee=Decimal((instrument.get("fees") or {}).get("taker", "0")),
        ts_event=0,
        ts_init=0,
    )


def account_of(instrument: CryptoPerpetual, leverage: str) -> MarginAccount:
    """Return an empty account that trades the instrument with a leverage."""
    nothing = Money(0, instrument.settlement_currency)
    state = AccountState(
        account_id=AccountId("VENUE-1"),
        account_type=AccountType.MARGIN,
        base_currency=instrument.settlement_currency,
        reported=True,
        balances=[AccountBalance(nothing, nothing, nothing)],
        margins=[],
        info={},
        event_id=UUID4(),
        ts_event=0,
        ts_init=0,
    )
    account = MarginAccount(state)
    account.set_leverage(instrument.id, Decimal(leverage))
    return account


def quote(question: Quote) -> dict[str, Decimal]:
    """Ask the account for each figure."""
    choices, position = question.profile.parameters, question.position
    gaps.follows(question.profile, gaps.PLAIN)
    gaps.isolated(position)
    entry = Price.from_str(position["entry_price"])
    mark = Price.from_str(position.get("mark_price", position["entry_price"]))
    at_entry = choices.get("maintenance_margin_price") == "entry"
    asked = {
        "side": SIDES[position["side"]],
        "quantity": Quantity.from_str(position["quantity"]),
        "entry": entry,
        "mark": mark,
        "maintenance": entry if at_entry else mark,
    }
    instrument = perpetual(question.instrument)
    account = account_of(instrument, position["leverage"])
    return {
        name: FIGURES[name](account, instrument, asked).as_decimal()
        for name in question.want
        if name in FIGURES
    }


if __name__ == "__main__":
    ready = Ready(
        name="nautilus_trader",
        version=version("nautilus_trader"),
        contracts=("linear", "inverse"),
        quantities=tuple(FIGURES),
        arithmetic="binary",
    )
    serve(ready, quote=quote)
