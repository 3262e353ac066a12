"""Laws that hold whatever is done, and whatever the profile chooses."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from isomargin_reference import CHOICES, State, after, opening_state, quote, report
from isomargin_reference.numbers import exactly

D = Decimal
Quoted = Callable[..., Any]
HAIR = D("1e-9")
# An inverse short on all but 1e-18 of its value fails beyond any price that figures of
# 18 decimals can tell apart.
FARTHEST = D("1e9")

TIERS = [
    {"notional_floor": "0", "maintenance_margin_rate": "0.004", "max_leverage": "100"},
    {
        "notional_floor": "600",
        "maintenance_margin_rate": "0.02",
        "maintenance_amount": "9.6",
        "max_leverage": "50",
    },
    {
        "notional_floor": "2000",
        "maintenance_margin_rate": "0.05",
        "maintenance_amount": "69.6",
        "max_leverage": "20",
    },
]
FEES = {"maker": "0.0002", "taker": "0.0005", "liquidation": "0.005"}


def _instrument(symbol: str, contract: str) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "contract": contract,
        "contract_size": "1",
        "settle": "USDT",
        "tick_size": "0.1",
        "fees": FEES,
        "tiers": TIERS,
    }


INSTRUMENTS = [
    _instrument("A", "linear"),
    _instrument("B", "inverse"),
    _instrument("C", "quanto"),
]


def _figures(low: str, high: str, places: int = 3) -> st.SearchStrategy[str]:
    return st.decimals(low, high, places=places).map(lambda each: format(each, "f"))


QUANTITIES = {"linear": ("0.01", "0.5"), "inverse": ("100000", "9000000")}
PRICES = _figures("50", "150", 2)
SIDES = st.sampled_from(["long", "short"])
ANY_PROFILE = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in CHOICES.items()}
)
MAYBE_SIDE = st.sampled_from([None, None, "long", "short"])
SYMBOLS = st.sampled_from(["A", "A", "B", "C"])


def _step(action: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    given_or_absent = st.fixed_dictionaries({"instrument": SYMBOLS, **arguments}).map(
        lambda each: {name: value for name, value in each.items() if value is not None}
    )
    return st.tuples(st.just(action), given_or_absent)


AMOUNTS = _figures("-1", "300", 1)
STEPS = st.one_of(
    _step("set_mark_price", price=PRICES, index_price=PRICES),
    _step("set_mark_price", price=PRICES),
    _step(
        "trade",
        side=st.sampled_from(["buy", "sell"]),
        quantity=_figures("0.1", "30", 1),
        price=PRICES,
        liquidity=st.sampled_from(["maker", "taker"]),
        reduce_only=st.sampled_from([None, None, None, True]),
        position_side=MAYBE_SIDE,
        isolated_margin=st.none() | AMOUNTS,
    ),
    _step("set_margin_mode", margin_mode=st.sampled_from(["isolated", "cross"])),
    _step("set_leverage", leverage=_figures("0.5", "60", 1)),
    _step("add_margin", amount=AMOUNTS, position_side=MAYBE_SIDE),
    _step("remove_margin", amount=AMOUNTS, position_side=MAYBE_SIDE),
    _step("set_auto_add_margin", enabled=st.booleans(), position_side=MAYBE_SIDE),
    _step("set_stop_loss", price=PRICES, position_side=MAYBE_SIDE),
    _step("set_take_profit", price=PRICES, position_side=MAYBE_SIDE),
    _step("apply_funding", funding_rate=_figures("-0.2", "0.2")),
    _step("set_position_mode", position_mode=st.sampled_from(["one_way", "hedge"])),
    _step("deposit", asset=st.just("USDT"), amount=AMOUNTS),
    _step("withdraw", asset=st.just("USDT"), amount=AMOUNTS),
)


def _beginning(profile: dict[str, str]) -> State:
    state = opening_state(profile, INSTRUMENTS, {"USDT": "1000"})
    for symbol in "ABC":
        arguments = {"instrument": symbol, "margin_mode": "isolated"}
        state = after(state, "set_margin_mode", arguments).state
        arguments = {"instrument": symbol, "leverage": "10"}
        state = after(state, "set_leverage", arguments).state
    return state


@settings(max_examples=150)
@given(ANY_PROFILE, st.lists(STEPS, max_size=25))
def test_the_books_balance_and_a_refusal_changes_nothing(
    profile: dict[str, str], steps: list[tuple[str, dict[str, Any]]]
) -> None:
    state = _beginning(profile)
    for action, arguments in steps:
        step = after(state, action, arguments)
        totals = step.state.ledger.totals
        with exactly():
            assert sum(totals.values()) == 0
            if step.outcome == "rejected":
                assert step.state is state
                assert not step.events
            moved = dict(state.ledger.totals)
            for source, target, amount in step.postings:
                moved[source] = moved.get(source, D(0)) - amount
                moved[target] = moved.get(target, D(0)) + amount
        assert moved == totals
        state = step.state
    assert report(state)["positions"] is not None


@settings(max_examples=100)
@given(
    ANY_PROFILE,
    st.lists(STEPS, min_size=3, max_size=15),
    st.sampled_from(["A", "B", "C"]),
    PRICES,
)
def test_a_fall_of_one_mark_price_costs_isolated_positions_their_allocation_at_most(
    profile: dict[str, str],
    steps: list[tuple[str, dict[str, Any]]],
    symbol: str,
    price: str,
) -> None:
    alone = {"auto_add_margin": "none", "isolation": "position"}
    state = _beginning({**profile, **alone})
    for action, arguments in steps:
        if action != "set_margin_mode":
            state = after(state, action, arguments).state
    before = report(state)
    allocated = {each["instrument"]: D(0) for each in before["positions"]}
    with exactly():
        for each in before["positions"]:
            allocated[each["instrument"]] += max(D(0), each["isolated_margin"])
        changed = after(
            state, "set_mark_price", {"instrument": symbol, "price": price}
        ).state
        lost = (
            before["balances"]["USDT"]["wallet_balance"]
            - report(changed)["balances"]["USDT"]["wallet_balance"]
        )
        assert lost <= allocated.get(symbol, D(0))
        for each in report(changed)["positions"]:
            if each["instrument"] != symbol:
                assert each in before["positions"]


@given(_figures("0.01", "50", 2), PRICES, PRICES)
def test_a_linear_short_gains_what_the_long_loses(
    quantity: str, entry_price: str, mark_price: str
) -> None:
    position = {
        "quantity": quantity,
        "entry_price": entry_price,
        "mark_price": mark_price,
        "leverage": "5",
    }
    long, short = (
        quote({}, INSTRUMENTS[0], {**position, "side": side}, ["unrealised_pnl"])[
            "unrealised_pnl"
        ]
        for side in ("long", "short")
    )
    assert long is not None
    assert short is not None
    assert long == -short


@st.composite
def _questions(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, str]]:
    contract = draw(st.sampled_from(["linear", "inverse", "quanto"]))
    quantity = draw(
        _figures("5000", "300000", 0)
        if contract == "inverse"
        else _figures("0.01", "50", 2)
    )
    position = {
        "side": draw(SIDES),
        "quantity": quantity,
        "entry_price": draw(PRICES),
        "leverage": draw(_figures("1", "20", 1)),
        "added_margin": draw(_figures("0", "20", 1)),
    }
    return _instrument("A", contract), position


QUESTIONS = _questions()
FORMULA_CHOICES = ("maintenance_fee", "maintenance_margin_price", "tier_boundary")
SOME_PROFILE = st.fixed_dictionaries(
    {name: st.sampled_from(CHOICES[name]) for name in FORMULA_CHOICES}
)


@settings(max_examples=300)
@given(SOME_PROFILE, QUESTIONS, _figures("0.1", "30", 1))
def test_adding_margin_moves_the_liquidation_price_away(
    profile: dict[str, str],
    question: tuple[dict[str, Any], dict[str, str]],
    more: str,
) -> None:
    instrument, position = question
    with exactly():
        added = format(D(position["added_margin"]) + D(more), "f")
    want = ["liquidation_price"]
    before = quote(profile, instrument, position, want)["liquidation_price"]
    richer = {**position, "added_margin": added}
    now = quote(profile, instrument, richer, want)["liquidation_price"]
    if before is None:
        assert now is None
    elif now is not None:
        # At an edge where the requirement leaps the price may stay where it is.
        assert now <= before if position["side"] == "long" else now >= before


def _is_liquidatable(
    profile: dict[str, str],
    instrument: dict[str, Any],
    position: dict[str, str],
    price: Decimal,
) -> bool:
    want = ["position_equity", "maintenance_margin", "maintenance_fee"]
    marked = {**position, "mark_price": format(price, "f")}
    values = quote(profile, instrument, marked, want)
    equity, margin, fee = (values[name] for name in want)
    assert equity is not None
    assert margin is not None
    assert fee is not None
    with exactly():
        return equity <= margin + fee


@settings(max_examples=300)
@given(SOME_PROFILE, QUESTIONS)
def test_the_liquidation_price_is_where_the_trigger_flips(
    profile: dict[str, str], question: tuple[dict[str, Any], dict[str, str]]
) -> None:
    instrument, position = question
    # A requirement fixed at entry jumps at the edges of tiers, so that one that was
    # met may be unmet further on; the flip is then not the only one.
    want = ["liquidation_price"]
    price = quote(profile, instrument, position, want)["liquidation_price"]
    if price is None or price > FARTHEST:
        return
    away = 1 if position["side"] == "long" else -1
    with exactly():
        hair = max(HAIR, price * HAIR)
        beyond, before = price - away * hair, price + away * hair
    assert not _is_liquidatable(profile, instrument, position, before)
    if profile["maintenance_margin_price"] == "mark":
        assert _is_liquidatable(profile, instrument, position, beyond)


@settings(max_examples=100)
@given(QUESTIONS)
def test_a_position_fails_before_it_is_bankrupt(
    question: tuple[dict[str, Any], dict[str, str]],
) -> None:
    instrument, position = question
    values = quote({}, instrument, position, ["liquidation_price", "bankruptcy_price"])
    liquidation, bankruptcy = values.values()
    if liquidation is None or bankruptcy is None:
        return
    assert (
        bankruptcy <= liquidation
        if position["side"] == "long"
        else bankruptcy >= liquidation
    )
