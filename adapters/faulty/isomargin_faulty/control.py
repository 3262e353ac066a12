"""An engine without a fault that is written differently from the reference engine.

Its quotes are worked out with fractions by code of its own: the price at which a
position fails is found from two evaluations of its equity over its requirement, not
from a closed form. It prints twelve decimals, cut off, where others print eighteen.
Its scenarios are carried out by the reference engine; every figure it reports of a
position is worked out anew. A case that it fails demands what no rule does.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Any

from isomargin_adapter import Quote, Run
from isomargin_faulty import wire
from isomargin_reference import CHOICES
from isomargin_reference.account import cross_keys, position_at

__all__ = ["Account", "answer"]

_KEPT = 10**18
_PRINTED = 10**12
_ROUNDINGS: Mapping[str, Callable[[Fraction], int]] = {
    "floor": floor,
    "ceiling": ceil,
    "down": int,
    "up": lambda units: ceil(units) if units > 0 else floor(units),
    "half_even": round,
    "half_up": lambda units: (
        int(abs(units) + Fraction(1, 2)) * (1 if units > 0 else -1)
    ),
    # Anything within the quantum will do; this is not what the reference gives.
    "any": floor,
}


def _kept(figure: Fraction) -> Fraction:
    return Fraction(round(figure * _KEPT), _KEPT)


class _Position:
    """One position under one profile; every figure of it is a property."""

    def __init__(
        self,
        parameters: Mapping[str, Any],
        instrument: Mapping[str, Any],
        position: Mapping[str, Any],
        *,
        cash: Fraction = Fraction(0),
        others: "Sequence[_Position]" = (),
    ) -> None:
        """Take a position as a question puts it, with what a cross one shares."""
        self.choice: dict[str, Any] = {
            name: values[0] for name, values in CHOICES.items()
        }
        self.choice.update(parameters)
        self.instrument = instrument
        self.given = position
        self.cash = cash
        self.others = others

    def number(self, name: str, otherwise: object = None) -> Fraction:
        """Return a figure given with the position."""
        given = self.given.get(name)
        return Fraction(str(otherwise if given is None else given))

    @cached_property
    def s(self) -> int:
        return 1 if self.given["side"] == "long" else -1

    @cached_property
    def inverse(self) -> bool:
        return bool(self.instrument["contract"] == "inverse")

    @cached_property
    def isolated(self) -> bool:
        return bool(self.given.get("margin_mode", "isolated") == "isolated")

    @cached_property
    def each(self) -> Fraction:
        return Fraction(str(self.instrument.get("contract_size") or 1))

    @cached_property
    def entry(self) -> Fraction:
        return self.number("entry_price")

    @cached_property
    def mark(self) -> Fraction:
        return self.number("mark_price", self.given["entry_price"])

    @cached_property
    def leverage(self) -> Fraction:
        return self.number("leverage")

    @cached_property
    def start(self) -> Fraction:
        if self.choice["unrealised_pnl_price"] == "entry":
            return self.entry
        return self.number("settlement_price", self.given["entry_price"])

    def fee_rate(self, kind: str) -> Fraction:
        return Fraction(str((self.instrument.get("fees") or {}).get(kind) or 0))

    @cached_property
    def tiers(self) -> list[tuple[Fraction, Fraction, Fraction]]:
        """Return floor, rate on value and amount of each tier, lowest first."""
        listed = sorted(
            (
                Fraction(tier["notional_floor"]),
                Fraction(tier["maintenance_margin_rate"]),
                Fraction(tier.get("maintenance_amount") or 0),
            )
            for tier in self.instrument.get("tiers") or ()
        ) or [(Fraction(0), Fraction(0), Fraction(0))]
        share = self.choice["maintenance_rate_form"] == "share_of_initial_margin"
        more = Fraction(0)
        if self.choice["maintenance_funding"] == "predicted":
            more = self.number("predicted_funding_rate", 0)
        over = self.leverage if share else 1
        return [(start, rate / over + more, amount) for start, rate, amount in listed]

    # Value and gain

    def exact_value(self, price: Fraction) -> Fraction:
        quantity = self.number("quantity") * self.each
        return quantity / price if self.inverse else quantity * price

    def value(self, price: Fraction) -> Fraction:
        if self.choice["contract_value_rounding"] == "none":
            return self.exact_value(price)
        units = self.exact_value(price) / self.number("quantity") / self.value_step
        return int(units + Fraction(1, 2)) * self.value_step * self.number("quantity")

    @cached_property
    def value_step(self) -> Fraction:
        return Fraction(str(self.choice.get("contract_value_quantum", "0.00000001")))

    def gain(self, price: Fraction) -> Fraction:
        if self.inverse:
            return _kept(self.s * (self.value(self.start) - self.value(price)))
        exact = self.exact_value(price) - self.exact_value(self.start)
        return _kept(self.s * exact)

    @cached_property
    def notional_value(self) -> Fraction:
        return _kept(self.value(self.mark))

    @cached_property
    def unrealised_pnl(self) -> Fraction:
        return self.gain(self.mark)

    # Margin

    @cached_property
    def opening_reserve(self) -> Fraction:
        value, leverage = self.value(self.entry), self.leverage
        at_loss = self.entry * (1 - self.s / leverage)
        bases: Mapping[str, Callable[[], Fraction]] = {
            "none": lambda: Fraction(0),
            "entry": lambda: value,
            "entry_and_margin": lambda: value + value / leverage,
            "bankruptcy": lambda: (
                value + self.s * value / leverage
                if self.inverse
                else self.value(at_loss)
            ),
        }
        basis = bases[self.choice["initial_margin_closing_fee"]]()
        return _kept(basis * self.fee_rate("taker"))

    @cached_property
    def initial_margin(self) -> Fraction:
        chosen = self.choice["initial_margin_price"]
        at_mark = chosen == "mark" or (chosen == "mark_in_cross" and not self.isolated)
        value = self.value(self.mark if at_mark else self.entry)
        return _kept(value / self.leverage) + self.opening_reserve

    @cached_property
    def margin(self) -> Fraction:
        if self.given.get("isolated_margin") is not None:
            return self.number("isolated_margin")
        return self.initial_margin + self.number("added_margin", 0)

    @cached_property
    def isolated_margin(self) -> Fraction | None:
        return self.margin if self.isolated else None

    @cached_property
    def added_margin(self) -> Fraction | None:
        return self.margin - self.initial_margin if self.isolated else None

    @cached_property
    def reserved_closing_fee(self) -> Fraction:
        both = self.choice["initial_margin_closing_fee"] == "entry_and_margin"
        if not both or self.added_margin is None:
            return self.opening_reserve
        return self.opening_reserve + _kept(self.added_margin * self.fee_rate("taker"))

    @cached_property
    def collateral(self) -> Fraction:
        if self.isolated:
            return self.margin
        spare = (
            other.unrealised_pnl - other.maintenance_requirement
            for other in self.others
        )
        return self.cash + sum(spare, Fraction(0))

    @cached_property
    def position_equity(self) -> Fraction:
        if self.isolated:
            return self.margin + self.unrealised_pnl
        gains = sum((other.unrealised_pnl for other in self.others), Fraction(0))
        return self.cash + gains + self.unrealised_pnl

    @cached_property
    def maximum_loss(self) -> Fraction:
        return self.margin if self.isolated else self.cash

    # Maintenance

    def tier(self, price: Fraction) -> tuple[Fraction, Fraction, Fraction]:
        looked_up = {"entry": self.entry, "mark": self.mark}
        value = _kept(self.value(looked_up.get(self.choice["tier_price"], price)))
        from_floor = self.choice["tier_boundary"] == "upper_exclusive"
        reached = [
            tier
            for tier in self.tiers[1:]
            if value > tier[0] or (from_floor and value == tier[0])
        ]
        return reached[-1] if reached else self.tiers[0]

    def fee_demanded(self, rate: Fraction) -> Fraction:
        """Return the rate of the fee demanded in a tier of a rate."""
        taker = self.fee_rate("taker")
        rates = {
            "additive_taker": taker,
            "multiplicative_taker": taker + taker * rate,
            "liquidation_fee": self.fee_rate("liquidation"),
        }
        return rates.get(self.choice["maintenance_fee"], Fraction(0))

    def maintenance(self, tier: tuple[Fraction, ...], value: Fraction) -> Fraction:
        at_entry = self.choice["maintenance_margin_price"] == "entry"
        base = _kept(self.value(self.entry)) if at_entry else value
        return base * tier[1] - tier[2]

    @cached_property
    def maintenance_margin_rate(self) -> Fraction:
        return self.tier(self.mark)[1]

    @cached_property
    def maintenance_amount(self) -> Fraction:
        return self.tier(self.mark)[2]

    @cached_property
    def maintenance_margin(self) -> Fraction:
        return _kept(self.maintenance(self.tier(self.mark), self.value(self.mark)))

    @cached_property
    def maintenance_fee(self) -> Fraction:
        if self.choice["maintenance_fee"] == "reserved":
            return self.reserved_closing_fee
        rate = self.fee_demanded(self.tier(self.mark)[1])
        return _kept(self.value(self.mark) * rate)

    @cached_property
    def maintenance_requirement(self) -> Fraction:
        return self.maintenance_margin + self.maintenance_fee

    @cached_property
    def closing_fee(self) -> Fraction:
        return _kept(self.value(self.mark) * self.fee_rate("taker"))

    # Prices at which it fails

    def zero(self, spare: Callable[[Fraction], Fraction]) -> tuple[Fraction, Fraction]:
        """Return where a function of the value alone is zero, and which way it goes.

        Of a linear contract it is a line in the price; of an inverse one it is when
        multiplied by the price. Two evaluations tell a line.
        """
        near, far = Fraction(1), Fraction(3)
        low = spare(near) * (near if self.inverse else 1)
        high = spare(far) * (far if self.inverse else 1)
        slope = (high - low) / (far - near)
        return (near - low / slope if slope else Fraction(-1)), slope

    def standing(self, cushion: Fraction, price: Fraction) -> Fraction:
        """Return cushion + gain at a price, nothing rounded but the entry's value."""
        start = self.value(self.start) if self.inverse else self.exact_value(self.start)
        change = self.exact_value(price) - start
        return cushion + (-self.s if self.inverse else self.s) * change

    @cached_property
    def backing(self) -> Fraction:
        if self.choice["added_margin_fee_scaling"] == "no" or self.added_margin is None:
            return self.collateral
        turn = self.s if self.inverse else -self.s
        scaled = self.added_margin / (1 + turn * self.fee_rate("taker"))
        return self.initial_margin + scaled

    def failing_in(self, tier: tuple[Fraction, ...]) -> tuple[Fraction, Fraction]:
        reserved = self.choice["maintenance_fee"] == "reserved"
        cushion = self.backing - (self.reserved_closing_fee if reserved else 0)
        fee = self.fee_demanded(tier[1])

        def spare(price: Fraction) -> Fraction:
            value = self.exact_value(price)
            demanded = self.maintenance(tier, value) + value * fee
            return self.standing(cushion, price) - demanded

        return self.zero(spare)

    def reach(self, index: int) -> tuple[Fraction, Fraction | None]:
        """Return the lowest and the highest price of a tier."""
        size = self.number("quantity") * self.each
        floors = [tier[0] for tier in self.tiers]
        above = floors[index + 1] if index + 1 < len(floors) else None
        below = floors[index] if index else Fraction(0)
        if not self.inverse:
            return _kept(below / size), None if above is None else _kept(above / size)
        low = Fraction(0) if above is None else _kept(size / above)
        return low, _kept(size / below) if below else None

    def first_failing(self, index: int) -> Fraction | None:
        """Return the first price of a tier, on the way to a loss, that fails."""
        price, slope = self.failing_in(self.tiers[index])
        low, high = self.reach(index)
        if slope * self.s <= 0:
            return None
        # The edge that both tiers share lies in one of them alone.
        lower_is_in = (
            self.choice["tier_boundary"] == "upper_exclusive"
        ) != self.inverse
        if self.s > 0:
            beyond = price < low or (price == low and not lower_is_in)
            return None if beyond else price if high is None else min(price, high)
        beyond = high is not None and (price > high or (price == high and lower_is_in))
        return None if beyond else max(price, low)

    @cached_property
    def solved(self) -> Fraction | None:
        if self.choice["tier_price"] == "liquidation":
            each = [self.first_failing(index) for index in range(len(self.tiers))]
        else:
            price, slope = self.failing_in(self.tier(self.mark))
            each = [price if slope * self.s > 0 else None]
        found = [price for price in each if price is not None]
        return (max if self.s > 0 else min)(found, default=None)

    @cached_property
    def liquidation_price(self) -> Fraction | None:
        price = self.solved
        form = self.choice["liquidation_price_form"]
        held_here = form == "maintenance_held_in_cross" and not self.isolated
        if form == "maintenance_held" or held_here:
            cushion = self.backing - self.maintenance_requirement
            price, _ = self.zero(lambda price: self.standing(cushion, price))
        tick = self.instrument.get("tick_size")
        price = self.of_whole_value(price)
        if price is None or tick is None:
            return price
        shift = self.choice["liquidation_price_shift"]
        if shift == "none" or (
            shift == "one_tick_inward_in_isolated" and not self.isolated
        ):
            return price
        return price + self.s * Fraction(str(tick))

    @cached_property
    def bankruptcy_price(self) -> Fraction | None:
        fee = self.choice["bankruptcy_fee"]
        cushion = self.collateral
        if fee == "reserved":
            cushion -= self.reserved_closing_fee
        rate = self.fee_rate("taker") if fee == "taker" else Fraction(0)
        price, _ = self.zero(
            lambda price: self.standing(cushion, price) - rate * self.exact_value(price)
        )
        return self.of_whole_value(price)

    def of_whole_value(self, price: Fraction | None) -> Fraction | None:
        if price is None or _kept(price) <= 0:
            return None
        if self.choice["contract_value_rounding"] != "per_contract_and_price":
            return _kept(price)
        value = self.each / price if self.inverse else self.each * price
        lower = (self.s > 0) == self.inverse
        units = (
            floor(value / self.value_step) if lower else ceil(value / self.value_step)
        )
        if not units:
            return None
        whole = units * self.value_step
        return _kept(self.each / whole if self.inverse else whole / self.each)

    # Gauges

    @cached_property
    def margin_ratio(self) -> Fraction | None:
        equity, demanded = self.position_equity, self.maintenance_requirement
        if self.choice["margin_ratio_form"] == "maintenance_over_equity":
            return demanded / equity if equity > 0 else None
        if self.choice["margin_ratio_form"] == "equity_over_maintenance":
            return equity / demanded if demanded else None
        return equity / self.value(self.mark)

    @cached_property
    def return_on_margin(self) -> Fraction | None:
        bases = {
            "entry_initial_margin": self.value(self.entry) / self.leverage,
            "mark_initial_margin": self.value(self.mark) / self.leverage,
            "isolated_margin": self.margin if self.isolated else Fraction(0),
        }
        basis = bases[self.choice["return_basis"]]
        return self.unrealised_pnl / basis if basis else None

    @cached_property
    def removable_margin(self) -> Fraction:
        rule = self.choice["removable_margin"]
        if rule == "none" or not self.isolated:
            return Fraction(0)
        share = Fraction(str(self.choice.get("removable_margin_floor", "0.1")))
        floored = _kept(self.value(self.mark) * share)
        at_mark = self.value(self.mark) / self.leverage
        most, kept = {
            "above_initial": (self.margin, self.initial_margin),
            "added_only": (self.margin - self.initial_margin, self.initial_margin),
            "above_initial_and_floor": (
                self.margin,
                max(self.initial_margin, floored),
            ),
            "above_initial_at_mark": (self.margin - self.maintenance_margin, at_mark),
        }[rule]
        return max(Fraction(0), min(most, self.position_equity - kept))

    def reported(self, name: str) -> Decimal | None:
        """Return a figure as the profile rounds it, or cut off after 12 decimals."""
        figure: Fraction | None = getattr(self, name)
        rule = self.roundings.get(name, {"quantum": None})
        shown = None if figure is None else self.rounded(figure, rule)
        if "highest" not in rule:
            return shown
        highest = Decimal(rule["highest"])
        return highest if shown is None else min(shown, highest)

    def rounded(self, figure: Fraction, rule: Mapping[str, Any]) -> Decimal:
        """Return a figure as a rule of the profile rounds it."""
        quantum: Any = rule["quantum"]
        if quantum == "tick":
            quantum = self.instrument.get("tick_size")
        if quantum is None:
            return Decimal(int(figure * _PRINTED)).scaleb(-12)
        units = _ROUNDINGS[rule["mode"]](_kept(figure) / Fraction(quantum))
        return Decimal(units) * Decimal(quantum)

    @cached_property
    def roundings(self) -> Mapping[str, Mapping[str, Any]]:
        """Return how the profile rounds each figure of this side."""
        rules: Mapping[str, Any] = self.choice.get("rounding") or {}
        return {
            name: {**rule, **rule.get(self.given["side"], {})}
            for name, rule in rules.items()
        }


def answer(question: Quote) -> dict[str, Decimal | None]:
    """Return the quantities a quote asks for."""
    parameters = question.profile.parameters
    others = [
        _Position(
            parameters,
            other.get("instrument") or question.instrument,
            {**other["position"], "margin_mode": "cross"},
        )
        for other in question.message.get("cross_positions", ())
    ]
    position = _Position(
        parameters,
        question.instrument,
        question.position,
        cash=Fraction(question.message.get("wallet_balance", 0)),
        others=[
            each
            for each in others
            if each.instrument["settle"] == question.instrument["settle"]
        ],
    )
    return {name: position.reported(name) for name in question.want}


class Account(wire.Account):
    """The reference engine's account with the figures of this engine."""

    def __init__(self, run: Run) -> None:
        """Open the account that a scenario begins with."""
        super().__init__(run)
        self._parameters = run.profile.parameters
        self._instruments = {each["symbol"]: each for each in run.instruments}

    def state(self) -> dict[str, Any]:
        """Return the account after the latest action, without the insurance fund."""
        told = super().state()
        told.pop("insurance_fund")
        return {**told, "positions": [self._told(each) for each in told["positions"]]}

    def _told(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Return a position with every figure of it worked out here."""
        key = (shown["instrument"], shown["side"])
        asset = self._state.settle(key)
        others = [each for each in cross_keys(self._state, asset) if each != key]
        position = self._position(
            key,
            cash=Fraction(self._state.free_balance(asset)),
            others=[self._position(each) for each in others],
        )
        return {
            name: position.reported(name) if hasattr(_Position, name) else value
            for name, value in shown.items()
        }

    def _position(self, key: tuple[str, str], **shared: Any) -> _Position:
        """Return a position as it is held, before a profile rounds what is shown."""
        held = position_at(self._state, key)
        given = {
            "side": held.side,
            "quantity": held.quantity,
            "entry_price": held.entry_price,
            "leverage": held.leverage,
            "margin_mode": held.margin_mode,
            "mark_price": held.mark_price,
            "isolated_margin": held.isolated_margin if held.is_isolated else None,
        }
        instrument = self._instruments[key[0]]
        return _Position(self._parameters, instrument, given, **shared)
