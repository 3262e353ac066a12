"""What the claims about the reference engine share."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from isomargin_reference import Step, after, opening_state, quote, report

BTC: dict[str, Any] = {
    "symbol": "BTC-USDT",
    "contract": "linear",
    "contract_size": "1",
    "settle": "USDT",
    "tick_size": "0.1",
    "quantity_step": "0.001",
    "fees": {"maker": "0", "taker": "0", "liquidation": "0"},
    "tiers": [{"notional_floor": "0", "maintenance_margin_rate": "0.004"}],
}
ETH = {**BTC, "symbol": "ETH-USDT"}
LONG = {"side": "long", "quantity": "0.1", "entry_price": "10000", "leverage": "10"}


class Account:
    """An account that is acted upon step by step."""

    def __init__(
        self,
        parameters: Mapping[str, Any],
        instruments: list[dict[str, Any]],
        balances: Mapping[str, str],
    ) -> None:
        self.state = opening_state(parameters, instruments, balances)
        self.symbol = instruments[0]["symbol"]

    def do(self, action: str, **arguments: Any) -> Step:
        """Take an action on the first instrument, unless another is named."""
        step = after(self.state, action, {"instrument": self.symbol, **arguments})
        self.state = step.state
        return step

    def done(self, action: str, **arguments: Any) -> list[str]:
        """Take an action that must be accepted; return the names of its events."""
        step = self.do(action, **arguments)
        assert step.outcome == "accepted", step.reason
        return [event.event for event in step.events]

    def refusal(self, action: str, **arguments: Any) -> str | None:
        """Take an action; return the reason for which it is refused, None if not."""
        reason = self.do(action, **arguments).reason
        return None if reason is None else reason.value

    @property
    def positions(self) -> list[dict[str, Any]]:
        positions: list[dict[str, Any]] = report(self.state)["positions"]
        return positions

    @property
    def position(self) -> dict[str, Any]:
        (position,) = self.positions
        return position

    def balance(self, name: str = "free_balance", asset: str = "USDT") -> Decimal:
        figure: Decimal = report(self.state)["balances"][asset][name]
        return figure

    def fund(self, asset: str = "USDT") -> Decimal:
        figure: Decimal = report(self.state)["insurance_fund"][asset]
        return figure


def _account(
    *,
    parameters: Mapping[str, Any] | None = None,
    instruments: list[dict[str, Any]] | None = None,
    balances: Mapping[str, str] | None = None,
    margin_mode: str = "isolated",
    leverage: str = "10",
) -> Account:
    account = Account(
        parameters or {}, instruments or [BTC], balances or {"USDT": "1000"}
    )
    account.done("set_margin_mode", margin_mode=margin_mode)
    account.done("set_leverage", leverage=leverage)
    return account


def _opened(
    *, side: str = "buy", quantity: str = "0.1", price: str = "10000", **options: Any
) -> Account:
    account = _account(**options)
    account.done("trade", side=side, quantity=quantity, price=price)
    return account


def _quoted(
    *want: str,
    parameters: Mapping[str, Any] | None = None,
    instrument: Mapping[str, Any] | None = None,
    position: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any:
    values = quote(
        parameters or {},
        {**BTC, **(instrument or {})},
        {**LONG, **(position or {})},
        want,
        **options,
    )
    return values[want[0]] if len(want) == 1 else values


@pytest.fixture(scope="session")
def account() -> Callable[..., Account]:
    """An account of 1000 USDT, isolated at leverage 10, unless told otherwise."""
    return _account


@pytest.fixture(scope="session")
def opened() -> Callable[..., Account]:
    """The same, holding a long of 0.1 BTC at 10000, unless told otherwise."""
    return _opened


@pytest.fixture(scope="session")
def quoted() -> Callable[..., Any]:
    """Quantities of that long, quoted; one wanted quantity is given bare."""
    return _quoted


@pytest.fixture(scope="session")
def eth() -> dict[str, Any]:
    """A second instrument like the first."""
    return ETH


@pytest.fixture(scope="session")
def btc() -> dict[str, Any]:
    """The first instrument."""
    return BTC
