"""The claims: each says of a position, on symbols, what must hold.

A claim is made from the rulebook's own definitions, worked out on symbols. What it
takes for granted beyond the domain it says itself: that the prices it speaks of exist,
and that the position's tier is the one its value lies in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import z3

from isomargin.expression import Expression
from isomargin.expression.parse import parse
from isomargin.prove.algebra import Maybe, orders
from isomargin.prove.position import Family, of_one_tier, of_two_tiers
from isomargin.prove.symbolic import Symbolic, Undecidable

__all__ = ["CLAIMS", "Claim", "Exemption", "Posed"]

_ZERO = Fraction(0)
_MARGIN = "maintenance_margin_at(price) + maintenance_fee_at(price)"
_MET = f"position_equity_at(price) <= {_MARGIN}"
_KEPT = f"position_equity_at(price) > {_MARGIN}"
_LACKING = f"position_equity_at(price) < {_MARGIN}"


@dataclass(frozen=True)
class Posed:
    """A claim about one family of positions.

    Attributes:
        given: what it takes for granted.
        holds: what it says.
        position: what it was worked out on; it knows which choices mattered.
    """

    given: list[Any]
    holds: Any
    position: Symbolic


@dataclass(frozen=True)
class Exemption:
    """Choices under which a claim is known not to hold.

    Attributes:
        choices: the parameters and their values.
        reason: why it does not.
    """

    choices: Mapping[str, str]
    reason: str


@dataclass(frozen=True)
class Claim:
    """A claim to prove.

    Attributes:
        name: its name.
        says: the claim, in words.
        pose: puts it for a family of positions.
        exempt: where it is known not to hold.
    """

    name: str
    says: str
    pose: Callable[[Family], Posed]
    exempt: tuple[Exemption, ...] = ()


def _worked(position: Symbolic, source: str, **given: Any) -> Any:
    return position.worked(_parsed(source), given)


def _parsed(source: str) -> Expression:
    return parse(source, "isomargin.prove")


def _solution(position: Symbolic) -> Maybe:
    """Return the liquidation price in the one tier there is."""
    source = (
        "liquidation_solution(rate_in_force(maintenance_margin_rate_at(0)),"
        " maintenance_amount_at(0))"
    )
    return _as_maybe(_worked(position, source))


def _as_maybe(value: Any) -> Maybe:
    found = value if isinstance(value, Maybe) else Maybe(value is not None, value)
    there = z3.BoolVal(found.exists) if isinstance(found.exists, bool) else found.exists
    return Maybe(there, orders.lifted(found.value))


def _claimed(value: Any) -> Any:
    return z3.BoolVal(value) if isinstance(value, bool) else value


def _exists(price: Maybe) -> list[Any]:
    return [price.exists, price.value > 0]


def _not_beyond(family: Family, first: Any, second: Any) -> Any:
    """Return the claim that a first price is not beyond a second one.

    Beyond is where the position loses: below for a long, above for a short.
    """
    return first >= second if family.side > 0 else first <= second


def _required(position: Symbolic, price: Any) -> list[Any]:
    """Return that a maintenance margin is asked, at no lower a rate than the fee."""
    asked = _worked(position, "maintenance_margin_at(price) >= 0", price=price)
    rate = _as_maybe(_worked(position, "rate_in_force(maintenance_margin_rate_at(0))"))
    return [_claimed(asked), rate.value >= orders.symbol("taker_fee_rate")]


# Claims about one tier


def _solves(family: Family, rule: str) -> Posed:
    """Put the equation that a rule says its formula solves."""
    position = of_one_tier(family, orders)
    definition = family.rules.rulebook.rules[rule]
    if definition.when is not None and position.worked(definition.when, {}) is not True:  # type: ignore[attr-defined]
        raise Undecidable("does not apply")
    rate = _worked(position, "rate_in_force(maintenance_margin_rate_at(0))")
    own = {
        "rate": rate,
        "amount": orders.symbol("amount"),
        "margin": orders.symbol("isolated_margin"),
    }
    price = _as_maybe(position.worked(definition.formula, own))  # type: ignore[attr-defined]
    equation = _parsed(definition.solves or "")  # type: ignore[attr-defined]
    holds = position.worked(equation, {"price": price.value})
    return Posed(_exists(price), _claimed(holds), position)


def _liquidation_solves(family: Family) -> Posed:
    where = "inverse" if family.contract == "inverse" else "linear"
    at = family.parameters["maintenance_margin_price"]
    posed = _solves(family, f"liquidation_price.{where}.maintenance_at_{at}")
    posed.position.used["maintenance_margin_price"] = at
    return posed


def _bankruptcy_solves(family: Family) -> Posed:
    where = "inverse" if family.contract == "inverse" else "linear"
    return _solves(family, f"bankruptcy_price.{where}")


def _is_the_trigger(family: Family) -> Posed:
    position = of_one_tier(family, orders)
    price, at = _solution(position), orders.symbol("price")
    source = _MET
    met = _claimed(_worked(position, source, price=at))
    beyond = at <= price.value if family.side > 0 else at >= price.value
    return Posed([*_exists(price), at > 0], beyond == met, position)


def _bankruptcy_beyond(family: Family) -> Posed:
    position = of_one_tier(family, orders)
    liquidation = _solution(position)
    bankruptcy = _as_maybe(
        _worked(position, "bankruptcy_price_solution(isolated_margin)")
    )
    given = [*_exists(liquidation), *_exists(bankruptcy)]
    given += _required(position, liquidation.value)
    holds = _not_beyond(family, liquidation.value, bankruptcy.value)
    return Posed(given, holds, position)


def _adding_margin(family: Family) -> Posed:
    added, margin = orders.symbol("added"), orders.symbol("isolated_margin")
    before = of_one_tier(family, orders)
    after = of_one_tier(family, orders, isolated_margin=margin + added)
    after.used = before.used
    first, second = _solution(before), _solution(after)
    moved = (
        first.value > second.value if family.side > 0 else first.value < second.value
    )
    return Posed([*_exists(first), *_exists(second), added > 0], moved, before)


def _isolated_first(family: Family) -> Posed:
    isolated = of_one_tier(family, orders)
    cross = of_one_tier(family, orders, mode="cross")
    cross.used = isolated.used
    first, second = _solution(isolated), _solution(cross)
    enough = orders.symbol("free_balance") >= orders.symbol("isolated_margin")
    given = [*_exists(first), *_exists(second), enough]
    return Posed(given, _not_beyond(family, first.value, second.value), isolated)


def _existence(family: Family) -> Posed:
    """Put that a price exists where the position can lose so much, and only there."""
    position = of_one_tier(family, orders)
    price = _solution(position)
    # The last price a loss can lead to: nothing for a long of a linear contract, no
    # bound for a short of an inverse one; the value of either is nothing.
    losing_to_nothing = (family.contract == "inverse") == (family.side < 0)
    if not losing_to_nothing:
        at = orders.symbol("price")
        survives = _worked(
            position,
            _KEPT,
            price=at,
        )
        return Posed([at > 0, _claimed(survives)], z3.And(*_exists(price)), position)
    end: Any = _ZERO
    if family.contract == "inverse":
        end = _NO_BOUND
        position.functions = {**position.functions, "value": _value_of(position)}
    source = _LACKING
    lost = _claimed(_worked(position, source, price=end))
    return Posed([], z3.And(*_exists(price)) == lost, position)


_NO_BOUND = "a price beyond all bounds"


def _value_of(position: Symbolic) -> Callable[[Any, Any], Any]:
    """Return the value of a size at a price: nothing at one beyond all bounds."""
    formula = position.rule_for("value").formula

    def value(size: Any, price: Any) -> Any:
        if price is _NO_BOUND:
            return _ZERO
        return position.worked(formula, {"size": size, "price": price})

    return value


# Claims about tiers


def _continuity(family: Family) -> Posed:
    """Put that the requirement has no jump at the edge of joined tiers.

    Where the tier is that of the value at entry, the edge is at a value, at no price.
    """
    position = of_two_tiers(family, orders, joined=True)
    floor = orders.symbol("floor")
    position.used["tier_price"] = family.parameters["tier_price"]
    if family.parameters["tier_price"] == "entry":
        at_edge = _claimed(_worked(position, "entry_value == floor", floor=floor))
        return _no_jump(family, position, orders.symbol("entry_price"), [at_edge])
    # The value of an inverse position falls as the price rises.
    end = "lowest" if family.contract == "inverse" else "highest"
    price = _as_maybe(_worked(position, f"{end}_tier_price(0, floor)", floor=floor))
    return _no_jump(family, position, price.value, _exists(price))


def _no_jump(family: Family, position: Symbolic, price: Any, given: list[Any]) -> Posed:
    below, above = (_margin_in(family, price, tier) for tier in position.names["tiers"])
    position.used |= below[1]
    return Posed(given, below[0] == above[0], position)


def _margin_in(
    family: Family, price: Any, tier: Mapping[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """Return the maintenance margin at a price by the rates of one tier."""
    position = of_one_tier(family, orders)
    position.functions = {
        "maintenance_margin_rate_at": lambda _: tier["maintenance_margin_rate"],
        "maintenance_amount_at": lambda _: tier["maintenance_amount"],
    }
    margin = _worked(position, "maintenance_margin_at(price)", price=price)
    return _as_maybe(margin).value, position.used


def _over_tiers(family: Family) -> Posed:
    """Put that nothing is liquidated on the near side of the price over two tiers."""
    position = of_two_tiers(family, orders, joined=True)
    price, at = _as_maybe(position.value("liquidation_price")), orders.symbol("price")
    source = _LACKING
    met = _claimed(_worked(position, source, price=at))
    near = at > price.value if family.side > 0 else at < price.value
    safe = z3.Implies(z3.Or(z3.Not(price.exists), near), z3.Not(met))
    return Posed([at > 0], safe, position)


# Claims about a liquidation


def _loss(family: Family) -> Posed:
    """Put that a liquidation takes no more than the allocation, and empties it."""
    position = of_one_tier(family, orders)
    free, margin = _after_liquidation(family, position)
    return Posed([], z3.And(free >= 0, margin == 0), position)


def _after_liquidation(family: Family, position: Symbolic) -> tuple[Any, Any]:
    """Return what the free balance gains and what is left of the allocation."""
    gained = {
        "free_balance": orders.number(_ZERO),
        "isolated_margin": orders.symbol("isolated_margin"),
    }
    for rule in family.rules.of_trigger["liquidation"]:
        if rule.when is not None and position.worked(rule.when, {}) is not True:
            continue
        for move in rule.moves:
            amount = _as_maybe(position.worked(move.amount, {})).value
            for bucket, change in ((move.source, -amount), (move.target, amount)):
                if bucket in gained:
                    gained[bucket] = gained[bucket] + change
    return gained["free_balance"], gained["isolated_margin"]


_SCALED = Exemption(
    {"added_margin_fee_scaling": "yes"},
    "the price shown counts added margin with the fee on it, the trigger does not",
)
_HELD = Exemption(
    {"liquidation_price_form": "maintenance_held"},
    "the price shown takes the requirement of the moment for granted",
)
_RESERVED = Exemption(
    {"initial_margin_closing_fee": "entry_and_margin", "maintenance_fee": "reserved"},
    "the fee on added margin is set aside in an isolated position alone",
)
_SETTLED = Exemption(
    {"maintenance_margin_price": "entry", "unrealised_pnl_price": "settlement"},
    "what was settled may leave less than is asked at entry at every price there is",
)
_TWO_FEES = Exemption(
    {"maintenance_fee": "reserved", "bankruptcy_fee": "taker"},
    "the fee reserved and the fee asked are worked out at two prices",
)
_SHARE = Exemption(
    {"maintenance_rate_form": "share_of_initial_margin"},
    "amounts join rates of the value, not those rates divided by the leverage",
)

CLAIMS = (
    Claim(
        "liquidation_price.solves",
        "the liquidation price solves its trigger equation",
        _liquidation_solves,
        (_SCALED,),
    ),
    Claim(
        "bankruptcy_price.solves",
        "the bankruptcy price solves its equation",
        _bankruptcy_solves,
    ),
    Claim(
        "liquidation_price.is_the_trigger",
        "the trigger is met at the liquidation price and beyond it, and nowhere else",
        _is_the_trigger,
        (_SCALED,),
    ),
    Claim(
        "liquidation_price.exists",
        "a liquidation price exists where a loss can meet the requirement, and only"
        " there",
        _existence,
        (_SCALED,),
    ),
    Claim(
        "bankruptcy_price.beyond_liquidation",
        "where the maintenance rate is no less than the taker fee, the bankruptcy price"
        " lies at the liquidation price or beyond it",
        _bankruptcy_beyond,
        (_TWO_FEES,),
    ),
    Claim(
        "add_margin.moves_liquidation_price_away",
        "added margin moves the liquidation price away",
        _adding_margin,
    ),
    Claim(
        "liquidation_price.isolated_no_later_than_cross",
        "with no less in the account than in the allocation, isolated is liquidated no"
        " later than cross",
        _isolated_first,
        (_SCALED, _RESERVED),
    ),
    Claim(
        "maintenance_margin.continuous",
        "the maintenance margin has no jump at the edge of joined tiers",
        _continuity,
        (_SHARE,),
    ),
    Claim(
        "liquidation_price.first_over_tiers",
        "over two joined tiers nothing is liquidated before the liquidation price",
        _over_tiers,
        (_SCALED, _HELD, _SETTLED),
    ),
    Claim(
        "liquidation.loses_only_isolated_margin",
        "a liquidation takes the allocation and no more",
        _loss,
    ),
)
"""Every claim, in the order they are tried."""
