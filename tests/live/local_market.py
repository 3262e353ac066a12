"""An exchange's account and engine, behind whatever shape a venue gives them.

The reference engine keeps the books, so that a figure that is reported and the figure
that isomargin derives come from two programs that do not know each other.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Any

from isomargin_reference import after, opening_state, report

KEY = "kQ7vWq2LmN8xT4yB"
SECRET = "s3Cr+t/Zq9=Vw&Lp0oXe"  # noqa: S105 - of an exchange that lives on loopback
PASSPHRASE = "pQ4-hX9_nW2"  # noqa: S105 - as above
EIGHT = Decimal("0.00000001")

TIERS = [
    ("0", "0.004", "0", "125"),
    ("50000", "0.005", "50", "100"),
    ("600000", "0.01", "3050", "50"),
]
INSTRUMENT: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "contract": "linear",
    "contract_size": "1",
    "settle": "USDT",
    "tick_size": "0.1",
    "quantity_step": "0.001",
    "fees": {"maker": "0.0002", "taker": "0.0005"},
    "tiers": [
        {
            "notional_floor": floor,
            "maintenance_margin_rate": rate,
            "maintenance_amount": amount,
            "max_leverage": leverage,
        }
        for floor, rate, amount, leverage in TIERS
    ],
}
# One contract is a dollar, and margin and profit are bitcoin; tiers are bounded by it.
INVERSE: dict[str, Any] = {
    **INSTRUMENT,
    "symbol": "BTCUSD",
    "contract": "inverse",
    "settle": "BTC",
    "tick_size": "0.1",
    "quantity_step": "1",
    "tiers": [
        {**tier, "notional_floor": floor, "maintenance_amount": amount}
        for tier, floor, amount in zip(
            INSTRUMENT["tiers"],
            ("0", "150", "300"),
            ("0", "0.15", "1.65"),
            strict=True,
        )
    ],
}


# A contract is a hundred dollars here.
COIN_MARGINED: dict[str, Any] = {
    **INVERSE,
    "symbol": "BTCUSD_PERP",
    "contract_size": "100",
}


@dataclass
class Trouble:
    """What goes wrong at the exchange.

    Attributes:
        maintenance: it answers nothing else.
        open_orders: how many orders of somebody's are open.
        too_many: how many private requests it still refuses for their number.
        clock_ahead: how many milliseconds its clock is ahead of this machine's.
        echoes: it repeats key and request in the text of an error.
        hangs_up_on: an end of a path whose requests get no answer.
        filled: the share of an order that is filled.
        misreported: the figure to what is reported in its place.
        after_orders: what happens when an order was filled.
        between_reads: what happens after the first answer about positions.
        hidden: figures that are left empty.
        mode_change_is_accepted: it lets the margin mode of an open position change.
        margin_is_lost: margin that is added does not reach the position.
    """

    maintenance: bool = False
    open_orders: int = 0
    too_many: int = 0
    clock_ahead: int = 0
    echoes: bool = False
    hangs_up_on: str = "?"
    filled: Decimal = Decimal(1)
    misreported: dict[str, Callable[[Decimal], Decimal]] = field(default_factory=dict)
    after_orders: Callable[["LocalMarket"], None] | None = None
    between_reads: Callable[["LocalMarket"], None] | None = None
    hidden: frozenset[str] = frozenset()
    mode_change_is_accepted: bool = False
    margin_is_lost: bool = False


class Refusal(Exception):
    """The engine refused; `reason` is the rulebook's."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LocalMarket:
    """One account at one exchange, and every request that reached it."""

    def __init__(
        self,
        parameters: Mapping[str, Any],
        *,
        price: str,
        balance: str = "10000",
        instrument: Mapping[str, Any] = INSTRUMENT,
    ) -> None:
        self.instrument = instrument
        self.symbol: str = instrument["symbol"]
        settle = {instrument["settle"]: balance}
        self.trouble = Trouble()
        self.lock = threading.RLock()
        self.requests: list[str] = []
        self.reads = 0
        self._shown_mode = ""
        self._state = opening_state(parameters, [instrument], settle)
        self.move(price)

    def move(self, price: str) -> None:
        """Let the market move."""
        self.act("set_mark_price", price=price)

    def hold(
        self, side: str, quantity: str, *, leverage: str, price: str, **more: str
    ) -> None:
        """Open an isolated position before anything else happens."""
        if not self.positions:
            self.act("set_margin_mode", margin_mode="isolated")
            self.act("set_leverage", leverage=leverage)
        self.act("trade", side=side, quantity=quantity, price=price, **more)

    def act(self, action: str, **given: Any) -> None:
        """Do something with the account."""
        of_account = action in {"set_position_mode", "deposit", "withdraw"}
        named = {} if of_account else {"instrument": self.symbol}
        step = after(self._state, action, {**named, **given})
        if step.reason is not None:
            raise Refusal(step.reason.value)
        self._state = step.state

    def order(
        self, side: str, quantity: str, *, reduce_only: bool = False, **aim: str
    ) -> Decimal:
        """Fill a market order at the mark price, as far as it is filled."""
        step = Decimal(self.instrument["quantity_step"])
        wanted = Decimal(quantity) * self.trouble.filled
        filled = max(wanted.quantize(step, rounding=ROUND_DOWN), step)
        price = format(self.mark_price, "f")
        given = {"side": side, "quantity": format(filled, "f"), "price": price}
        reduces = {"reduce_only": True} if reduce_only else {}
        self.act("trade", **given, **reduces, **aim)
        happens, self.trouble.after_orders = self.trouble.after_orders, None
        if happens:
            happens(self)
        return filled

    def set_margin_mode(self, mode: str) -> bool:
        """Change the margin mode; say whether anything changed."""
        changed = mode != self.margin_mode
        if self.position and self.trouble.mode_change_is_accepted:
            self._shown_mode = mode
        elif changed:
            self.act("set_margin_mode", margin_mode=mode)
        return changed

    def add_margin(self, amount: str, **aim: str) -> None:
        """Add margin to a position, or lose it on the way."""
        if self.trouble.margin_is_lost:
            self.act("withdraw", asset=self.instrument["settle"], amount=amount)
        else:
            self.act("add_margin", amount=amount, **aim)

    def set_position_mode(self, mode: str) -> bool:
        """Change the position mode; say whether anything changed."""
        changed = mode != self._state.position_mode
        if changed:
            self.act("set_position_mode", position_mode=mode)
        return changed

    @property
    def is_hedged(self) -> bool:
        """Whether an instrument may have two positions."""
        return bool(self._state.position_mode == "hedge")

    @property
    def margin_mode(self) -> str:
        """The margin mode in force."""
        return self._shown_mode or self._state.setting(self.symbol).margin_mode

    @property
    def leverage(self) -> str:
        """The leverage set."""
        return format(self._state.setting(self.symbol).leverage, "f")

    @property
    def mark_price(self) -> Decimal:
        """The mark price."""
        mark = self._state.published(self.symbol).mark
        assert mark is not None
        return mark

    @property
    def position(self) -> Mapping[str, Any] | None:
        """The open position with every figure of it; None where there is none."""
        return next(iter(self.positions), None)

    @property
    def positions(self) -> Sequence[Mapping[str, Any]]:
        """Every open position, two of an instrument in hedge mode."""
        positions: Sequence[Mapping[str, Any]] = report(self._state)["positions"]
        return positions

    @property
    def balance(self) -> Mapping[str, Decimal]:
        """The account's balances."""
        figures: Mapping[str, Decimal] = report(self._state)["balances"][
            self.instrument["settle"]
        ]
        return figures

    def told(self, name: str, value: Decimal | None, *, digits: Decimal = EIGHT) -> str:
        """Return a figure as the exchange prints it."""
        if value is None or name in self.trouble.hidden:
            return ""
        shown = self.trouble.misreported.get(name, lambda one: one)(value)
        return format(shown.quantize(digits, rounding=ROUND_DOWN), "f")

    def positions_were_read(self) -> None:
        """Let happen what happens between two reads."""
        self.reads += 1
        if self.reads == 1 and self.trouble.between_reads:
            self.trouble.between_reads(self)
