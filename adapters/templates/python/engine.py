"""A toy engine: isolated positions in linear contracts of one margin tier.

It stands where your engine will stand and knows nothing of isomargin. Delete this
file when the adapter calls your own engine.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

__all__ = ["Account", "Contract", "Position", "Refused"]

ZERO = Fraction(0)


class Refused(Exception):
    """The engine will not do it; the account is as it was."""


def kept(value: Fraction) -> Fraction:
    """Return a figure as the engine keeps it: to 18 decimals, half to even."""
    return round(value, 18)


@dataclass(frozen=True)
class Contract:
    """What is traded; rates are shares of the notional value."""

    symbol: str
    settle: str
    size: Fraction
    quantity_step: Fraction | None
    maintenance_margin_rate: Fraction
    max_leverage: Fraction | None
    fee_rates: dict[str, Fraction]

    def fee(self, quantity: Fraction, price: Fraction, liquidity: str) -> Fraction:
        """Return value x the rate of a maker or a taker."""
        return kept(self.size * quantity * price * self.fee_rates[liquidity])


@dataclass(frozen=True)
class Position:
    """An open position; `sign` is +1 for a long and -1 for a short."""

    contract: Contract
    sign: int
    quantity: Fraction
    entry_price: Fraction
    leverage: Fraction
    isolated_margin: Fraction = ZERO

    @property
    def signed_size(self) -> Fraction:
        """Return the size in the base asset, negative for a short."""
        return self.sign * self.contract.size * self.quantity

    @property
    def initial_margin(self) -> Fraction:
        """Return value at the entry price / leverage."""
        return kept(abs(self.signed_size) * self.entry_price / self.leverage)

    @property
    def maximum_loss(self) -> Fraction:
        """Return the isolated margin: no more can be lost."""
        return self.isolated_margin

    def unrealised_pnl(self, mark_price: Fraction) -> Fraction:
        """Return signed size times (mark price - entry price)."""
        return kept(self.signed_size * (mark_price - self.entry_price))

    def equity(self, mark_price: Fraction) -> Fraction:
        """Return the isolated margin with the unrealised profit or loss."""
        return self.isolated_margin + self.unrealised_pnl(mark_price)

    def maintenance_margin(self, mark_price: Fraction) -> Fraction:
        """Return value at the mark price x maintenance margin rate."""
        rate = self.contract.maintenance_margin_rate
        return kept(abs(self.signed_size) * mark_price * rate)

    def is_liquidatable(self, mark_price: Fraction) -> bool:
        """Return whether the equity is down to the maintenance margin."""
        return self.equity(mark_price) <= self.maintenance_margin(mark_price)

    def liquidation_price(self) -> Fraction | None:
        """Return the price at which equity and maintenance margin meet."""
        return self._price_of_equity(self.contract.maintenance_margin_rate)

    def bankruptcy_price(self) -> Fraction | None:
        """Return the price at which the equity is gone."""
        return self._price_of_equity(ZERO)

    def _price_of_equity(self, rate: Fraction) -> Fraction | None:
        """Return the price at which equity is `rate` of the value, if there is one."""
        owed = self.isolated_margin - self.signed_size * self.entry_price
        slope = abs(self.signed_size) * rate - self.signed_size
        price = kept(owed / slope)
        return price if price > 0 else None


class Account:
    """Balances and isolated positions, one a contract."""

    def __init__(
        self, contracts: dict[str, Contract], balances: dict[str, Fraction]
    ) -> None:
        """Open an account with free balances by asset."""
        self.contracts = contracts
        self.free = balances
        self.leverages = dict.fromkeys(contracts, Fraction(1))
        self.marks: dict[str, Fraction] = {}
        self.positions: dict[str, Position] = {}

    def set_leverage(self, symbol: str, leverage: Fraction) -> None:
        """Choose the leverage of the next position."""
        limit = self.contracts[symbol].max_leverage
        if leverage < 1:
            raise Refused("INVALID_LEVERAGE")
        if limit is not None and leverage > limit:
            raise Refused("LEVERAGE_TOO_HIGH")
        self.leverages[symbol] = leverage

    def open(
        self,
        symbol: str,
        sign: int,
        quantity: Fraction,
        price: Fraction,
        liquidity: str,
    ) -> None:
        """Open a position or add to it; the margin and the fee leave the balance."""
        contract = self.contracts[symbol]
        opened = Position(contract, sign, quantity, price, self.leverages[symbol])
        margin = opened.initial_margin
        opened = replace(opened, isolated_margin=margin)
        position = _together(self.positions.get(symbol), opened)
        mark_price = self.marks.get(symbol, price)
        cost = margin + contract.fee(quantity, price, liquidity)
        if cost > self.free_balance(symbol):
            raise Refused("INSUFFICIENT_BALANCE")
        if position.is_liquidatable(mark_price):
            raise Refused("WOULD_LIQUIDATE")
        self.positions[symbol] = position
        self.marks[symbol] = mark_price
        self._pay(contract, -cost)

    def close(
        self, symbol: str, quantity: Fraction, price: Fraction, liquidity: str
    ) -> None:
        """Close a position or part of it; its share of the margin comes back.

        A loss beyond the share is taken from the margin that remains, and beyond
        that it is not the trader's.
        """
        position = self.positions[symbol]
        fee = position.contract.fee(quantity, price, liquidity)
        share = kept(position.isolated_margin * quantity / position.quantity)
        closed = replace(position, quantity=quantity, isolated_margin=share)
        proceeds = closed.equity(price) - fee
        remaining = position.isolated_margin - share + min(proceeds, ZERO)
        self._keep(
            replace(
                position,
                quantity=position.quantity - quantity,
                isolated_margin=max(remaining, ZERO),
            )
        )
        self._pay(position.contract, max(proceeds, ZERO))

    def add_margin(self, symbol: str, amount: Fraction) -> None:
        """Move an amount from the free balance to a position."""
        if symbol not in self.positions:
            raise Refused("POSITION_NOT_FOUND")
        if amount <= 0:
            raise Refused("INVALID_AMOUNT")
        if amount > self.free_balance(symbol):
            raise Refused("INSUFFICIENT_BALANCE")
        position = self.positions[symbol]
        margin = position.isolated_margin + amount
        self.positions[symbol] = replace(position, isolated_margin=margin)
        self._pay(position.contract, -amount)

    def set_mark_price(self, symbol: str, price: Fraction) -> None:
        """Let the market move."""
        self.marks[symbol] = price

    def liquidate(self) -> list[Position]:
        """Close what the mark prices have brought down, and return it.

        The whole isolated margin is gone, and nothing else is touched.
        """
        fallen = [
            position
            for symbol, position in self.positions.items()
            if position.is_liquidatable(self.marks[symbol])
        ]
        for position in fallen:
            del self.positions[position.contract.symbol]
        return fallen

    def free_balance(self, symbol: str) -> Fraction:
        """Return what a contract's settlement asset has free."""
        return self.free.get(self.contracts[symbol].settle, ZERO)

    def wallet_balance(self, asset: str) -> Fraction:
        """Return the free balance and all isolated margin of an asset."""
        held = (p for p in self.positions.values() if p.contract.settle == asset)
        return self.free[asset] + sum((p.isolated_margin for p in held), ZERO)

    def _keep(self, position: Position) -> None:
        symbol = position.contract.symbol
        if position.quantity:
            self.positions[symbol] = position
        else:
            del self.positions[symbol]

    def _pay(self, contract: Contract, amount: Fraction) -> None:
        asset = contract.settle
        self.free[asset] = self.free.get(asset, ZERO) + amount


def _together(held: Position | None, opened: Position) -> Position:
    """Return one position of two on the same side; the entry price is their mean."""
    if held is None:
        return opened
    quantity = held.quantity + opened.quantity
    cost = held.entry_price * held.quantity + opened.entry_price * opened.quantity
    return replace(
        held,
        quantity=quantity,
        entry_price=kept(cost / quantity),
        isolated_margin=held.isolated_margin + opened.isolated_margin,
    )
