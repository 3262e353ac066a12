"""A position on symbols, and what its figures may be."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from isomargin.formulas.world import Rules
from isomargin.prove.algebra import Algebra
from isomargin.prove.symbolic import Symbolic

__all__ = ["Family", "domain", "of_one_tier", "of_two_tiers"]

_SYMBOLS = (
    "quantity",
    "contract_size",
    "entry_price",
    "mark_price",
    "leverage",
    "isolated_margin",
    "free_balance",
    "taker_fee_rate",
    "maker_fee_rate",
    "liquidation_fee_rate",
    "settlement_price",
    "predicted_funding_rate",
)


@dataclass(frozen=True)
class Family:
    """What is known of a position: everything that is no figure.

    Attributes:
        rules: the rulebook's formulas.
        parameters: the profile's.
        contract: linear, inverse or quanto.
        side: +1 long, -1 short.
    """

    rules: Rules
    parameters: Mapping[str, Any]
    contract: str
    side: int

    @property
    def known(self) -> dict[str, Any]:
        """Return the names that are no figures."""
        return {
            "contract": self.contract,
            "side": Fraction(self.side),
            "settle": "settle",
            "others": [],
            "index_price": None,
            "last_price": None,
            "tick_size": None,
            "quantity_step": None,
        }


def of_one_tier(
    family: Family, algebra: Algebra, *, mode: str = "isolated", **given: Any
) -> Symbolic:
    """Return a position whose prices all lie in one tier.

    Args:
        family: what is known of it.
        algebra: what its figures are symbols of.
        mode: its margin mode.
        **given: figures that are no symbols of their own.
    """
    rate, amount = algebra.symbol("rate"), algebra.symbol("amount")
    functions: dict[str, Callable[..., Any]] = {
        "maintenance_margin_rate_at": lambda _: rate,
        "maintenance_amount_at": lambda _: amount,
    }
    names = {**_figures(family, algebra), "margin_mode": mode, **given}
    return _symbolic(family, algebra, names, functions)


def of_two_tiers(family: Family, algebra: Algebra, *, joined: bool) -> Symbolic:
    """Return an isolated position in a market of two tiers.

    Args:
        family: what is known of it.
        algebra: what its figures are symbols of.
        joined: whether the second tier's amount leaves the margin without a jump.
    """
    floor, low, high = map(algebra.symbol, ("floor", "low_rate", "high_rate"))
    nothing = Fraction(0)
    amount = floor * (high - low) if joined else nothing
    tiers = [
        {
            "notional_floor": nothing,
            "notional_ceiling": floor,
            "maintenance_margin_rate": low,
            "maintenance_amount": nothing,
        },
        {
            "notional_floor": floor,
            "notional_ceiling": None,
            "maintenance_margin_rate": high,
            "maintenance_amount": amount,
        },
    ]
    names = {**_figures(family, algebra), "margin_mode": "isolated", "tiers": tiers}
    return _symbolic(family, algebra, names, {})


def _symbolic(
    family: Family,
    algebra: Algebra,
    names: dict[str, Any],
    functions: Mapping[str, Callable[..., Any]],
) -> Symbolic:
    position = Symbolic(family.rules, family.parameters, algebra, names, functions)
    names["positions"] = [position]
    return position


def _figures(family: Family, algebra: Algebra) -> dict[str, Any]:
    return {**{name: algebra.symbol(name) for name in _SYMBOLS}, **family.known}


def domain(algebra: Algebra) -> Iterator[Any]:
    """Yield what holds of figures: what is traded exists, rates are small shares.

    A maintenance rate is below a half, a fee and a predicted funding rate below a
    tenth; funding that is received leaves a maintenance rate at no less than zero.
    """
    zero, one, half, tenth = (
        algebra.number(Fraction(*parts)) for parts in ((0,), (1,), (1, 2), (1, 10))
    )
    for name in _ABOVE_ZERO:
        yield algebra.less(zero, algebra.symbol(name))
    yield algebra.contrary(algebra.less(algebra.symbol("leverage"), one))
    funding = algebra.symbol("predicted_funding_rate")
    yield algebra.less(funding, tenth)
    for name, most in (
        *((name, half) for name in _RATES),
        *((name, tenth) for name in _FEES),
    ):
        rate = algebra.symbol(name)
        yield algebra.contrary(algebra.less(rate, zero))
        yield algebra.less(rate, most)
    for name in _RATES:
        required = algebra.symbol(name) + funding
        yield algebra.contrary(algebra.less(required, zero))
    yield algebra.contrary(algebra.less(algebra.symbol("amount"), zero))
    yield algebra.less(algebra.symbol("low_rate"), algebra.symbol("high_rate"))


_ABOVE_ZERO = (
    "quantity",
    "contract_size",
    "entry_price",
    "mark_price",
    "settlement_price",
    "isolated_margin",
    "free_balance",
    "floor",
)
_RATES = ("rate", "low_rate", "high_rate")
_FEES = ("taker_fee_rate", "liquidation_fee_rate")
