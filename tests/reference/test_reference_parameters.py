"""Each value of each parameter does what it says."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from isomargin_reference import CHOICES
from isomargin_reference.profile import profile_from

D = Decimal
Quoted = Callable[..., Any]
Make = Callable[..., Any]

FEES = {"fees": {"maker": "0.0002", "taker": "0.0005", "liquidation": "0.01"}}
INVERSE = {**FEES, "contract": "inverse", "settle": "BTC"}
# Without amounts the requirement leaps from 0.4 % to 2 % at a value of 1000.
LEAPING = [
    {"notional_floor": "0", "maintenance_margin_rate": "0.004"},
    {"notional_floor": "1000", "maintenance_margin_rate": "0.02"},
]


def test_a_profile_without_parameters_is_the_textbook() -> None:
    textbook = profile_from({})
    assert {name: getattr(textbook, name) for name in CHOICES} == {
        "initial_margin_price": "entry",
        "initial_margin_closing_fee": "none",
        "maintenance_margin_price": "mark",
        "maintenance_fee": "none",
        "maintenance_rate_form": "rate",
        "maintenance_funding": "none",
        "bankruptcy_fee": "none",
        "added_margin_fee_scaling": "no",
        "tier_price": "liquidation",
        "tier_boundary": "upper_inclusive",
        "trigger_price": "mark",
        "trigger_comparison": "at_or_below",
        "margin_ratio_form": "maintenance_over_equity",
        "funding_source": "isolated_margin",
        "leverage_decrease_with_position": "pulls_margin",
        "leverage_increase_with_position": "releases_margin",
        "margin_mode_change_with_position": "rejected",
        "margin_mode_change_with_orders": "rejected",
        "removable_margin": "above_initial",
        "auto_add_margin": "none",
        "reduce_release": "proportional",
        "liquidation_process": "full",
        "liquidation_leftover": "insurance_fund",
        "negative_balance": "absorbed",
        "return_basis": "entry_initial_margin",
        "liquidation_price_form": "solved",
        "liquidation_price_shift": "none",
        "unrealised_pnl_price": "entry",
        "contract_value_rounding": "none",
        "funding_price": "mark",
        "isolation": "position",
    }
    assert textbook.contract_value_quantum is None
    assert textbook.removable_margin_floor == D("0.1")
    assert textbook.rounding == {}


@pytest.mark.parametrize(
    ("parameter", "choice", "want", "expected"),
    [
        ("initial_margin_price", "entry", "initial_margin", "100"),
        ("initial_margin_price", "mark", "initial_margin", "95"),
        ("initial_margin_closing_fee", "none", "initial_margin", "100"),
        ("initial_margin_closing_fee", "entry", "initial_margin", "100.5"),
        ("initial_margin_closing_fee", "bankruptcy", "initial_margin", "100.45"),
        ("initial_margin_closing_fee", "bankruptcy", "reserved_closing_fee", "0.45"),
        ("maintenance_margin_price", "mark", "maintenance_margin", "3.8"),
        ("maintenance_margin_price", "entry", "maintenance_margin", "4"),
        ("maintenance_fee", "none", "maintenance_fee", "0"),
        ("maintenance_fee", "additive_taker", "maintenance_fee", "0.475"),
        ("maintenance_fee", "multiplicative_taker", "maintenance_fee", "0.4769"),
        ("maintenance_fee", "liquidation_fee", "maintenance_fee", "9.5"),
        (
            "margin_ratio_form",
            "maintenance_over_equity",
            "margin_ratio",
            "0.047500000000000000",
        ),
        (
            "margin_ratio_form",
            "equity_over_maintenance",
            "margin_ratio",
            "21.052631578947368421",
        ),
        (
            "margin_ratio_form",
            "equity_over_notional",
            "margin_ratio",
            "0.084210526315789474",
        ),
        ("return_basis", "entry_initial_margin", "return_on_margin", "-0.5"),
        (
            "return_basis",
            "mark_initial_margin",
            "return_on_margin",
            "-0.526315789473684211",
        ),
        (
            "return_basis",
            "isolated_margin",
            "return_on_margin",
            "-0.384615384615384615",
        ),
    ],
)
def test_a_choice_gives_the_figure_worked_out_by_hand(
    quoted: Quoted, parameter: str, choice: str, want: str, expected: str
) -> None:
    # Entry at 10000, mark at 9500, 130 allocated: gain −50, equity 80.
    figure = quoted(
        want,
        parameters={parameter: choice},
        instrument=FEES,
        position={"mark_price": "9500", "isolated_margin": "130"},
    )
    assert figure == D(expected)


def test_a_short_reserves_the_fee_at_the_price_above_entry(quoted: Quoted) -> None:
    fee = quoted(
        "reserved_closing_fee",
        parameters={"initial_margin_closing_fee": "bankruptcy"},
        instrument=FEES,
        position={"side": "short"},
    )
    assert fee == D("0.55")


@pytest.mark.parametrize(
    ("side", "expected"), [("long", "0.000055"), ("short", "0.000045")]
)
def test_an_inverse_contract_reserves_the_fee_on_its_value_in_coin(
    quoted: Quoted, side: str, expected: str
) -> None:
    fee = quoted(
        "reserved_closing_fee",
        parameters={"initial_margin_closing_fee": "bankruptcy"},
        instrument=INVERSE,
        position={"side": side, "quantity": "1000"},
    )
    assert fee == D(expected)


@pytest.mark.parametrize(
    ("instrument", "position", "choice", "expected"),
    [
        # The 50 added to the long count as 50 over 0.9995, the short's over 1.0005.
        (FEES, {}, "no", "8534.136546184738955823"),
        (FEES, {}, "yes", "8533.885416603884271453"),
        (FEES, {"side": "short"}, "no", "11454.183266932270916335"),
        (FEES, {"side": "short"}, "yes", "11453.934387387979317114"),
    ],
)
def test_scaling_counts_added_margin_net_of_the_fee(
    quoted: Quoted,
    instrument: dict[str, Any],
    position: dict[str, str],
    choice: str,
    expected: str,
) -> None:
    price = quoted(
        "liquidation_price",
        parameters={"added_margin_fee_scaling": choice},
        instrument=instrument,
        position={**position, "added_margin": "50"},
    )
    assert price == D(expected)


def test_scaling_of_an_inverse_long_divides_by_one_plus_the_fee(
    quoted: Quoted,
) -> None:
    # The added 0.005 count as 0.005 over 1.0005, beside 0.1 and 0.01.
    price = quoted(
        "liquidation_price",
        parameters={"added_margin_fee_scaling": "yes"},
        instrument=INVERSE,
        position={"quantity": "1000", "added_margin": "0.005"},
    )
    assert price == D("8730.624483942462300639")


@pytest.mark.parametrize(
    ("choice", "mark_price", "expected"),
    [
        # The long's own price lies in the lower tier, whatever the mark.
        ("liquidation", "12000", "9036.144578313253012048"),
        # 1000 at entry is on the edge: the lower tier.
        ("entry", "12000", "9036.144578313253012048"),
        # 1200 at the mark lies in the upper.
        ("mark", "12000", "9183.673469387755102041"),
        ("mark", "10000", "9036.144578313253012048"),
    ],
)
def test_the_tier_is_looked_up_at_the_price_the_profile_names(
    quoted: Quoted, choice: str, mark_price: str, expected: str
) -> None:
    price = quoted(
        "liquidation_price",
        parameters={"tier_price": choice},
        instrument={"tiers": LEAPING},
        position={"mark_price": mark_price},
    )
    assert price == D(expected)


@pytest.mark.parametrize(
    ("choice", "rate"), [("upper_inclusive", "0.004"), ("upper_exclusive", "0.02")]
)
@pytest.mark.parametrize("instrument", [{}, INVERSE])
def test_a_value_on_the_edge_lies_in_the_tier_the_profile_says(
    quoted: Quoted, instrument: dict[str, Any], choice: str, rate: str
) -> None:
    quantity = "10000000" if instrument else "0.1"
    figure = quoted(
        "maintenance_margin_rate",
        parameters={"tier_boundary": choice},
        instrument={**instrument, "tiers": LEAPING},
        position={"quantity": quantity},
    )
    assert figure == D(rate)


@pytest.mark.parametrize(
    ("instrument", "position", "parameters", "expected"),
    [
        # A short whose requirement leaps past its equity where the tier begins.
        (
            {},
            {"side": "short", "entry_price": "9990", "isolated_margin": "12"},
            {},
            "10000",
        ),
        # An inverse long likewise: 1000 contracts are worth 1000 coins at 1.
        (
            {"contract": "inverse"},
            {
                "quantity": "1000",
                "entry_price": "1.01",
                "isolated_margin": "20",
            },
            {},
            "1",
        ),
        # A long that fails nowhere in the upper tier but does in the lower.
        (
            {},
            {"entry_price": "20000", "isolated_margin": "1025"},
            {},
            "9789.156626506024096386",
        ),
        # A long that fails throughout the lower tier, and in part of the upper.
        (
            {},
            {"entry_price": "20000", "isolated_margin": "500"},
            {},
            "15306.122448979591836735",
        ),
        # A short that fails throughout the upper tier, and in part of the lower.
        (
            {},
            {"side": "short", "entry_price": "8000", "isolated_margin": "100"},
            {},
            "8964.143426294820717131",
        ),
        # An inverse short: the higher tier lies at the lower prices.
        (
            {"contract": "inverse"},
            {
                "side": "short",
                "quantity": "1000",
                "entry_price": "0.5",
                "isolated_margin": "990",
            },
            {},
            "0.970297029702970297",
        ),
    ],
)
def test_the_liquidation_price_is_the_first_met_of_all_tiers(
    quoted: Quoted,
    instrument: dict[str, Any],
    position: dict[str, str],
    parameters: dict[str, str],
    expected: str,
) -> None:
    price = quoted(
        "liquidation_price",
        parameters=parameters,
        instrument={**instrument, "tiers": LEAPING},
        position=position,
    )
    assert price == D(expected)


@pytest.mark.parametrize(
    ("side", "isolated_margin", "choice", "expected"),
    [
        # At 10000, the edge, 20 are left: enough in the lower tier only.
        ("long", "1020", "upper_inclusive", "9839.357429718875502008"),
        ("long", "1020", "upper_exclusive", "10000"),
        # The ladder turned over: at 10000 20 are left, enough in the upper tier only.
        ("short", "120", "upper_inclusive", "10000"),
        ("short", "120", "upper_exclusive", "10159.362549800796812749"),
    ],
)
def test_a_price_on_an_edge_counts_in_the_tier_it_belongs_to(
    quoted: Quoted, side: str, isolated_margin: str, choice: str, expected: str
) -> None:
    rates = [tier["maintenance_margin_rate"] for tier in LEAPING]
    if side == "short":
        rates.reverse()
    tiers = [
        {**tier, "maintenance_margin_rate": rate}
        for tier, rate in zip(LEAPING, rates, strict=True)
    ]
    price = quoted(
        "liquidation_price",
        parameters={"tier_boundary": choice},
        instrument={"tiers": tiers},
        position={
            "side": side,
            "entry_price": "20000" if side == "long" else "9000",
            "isolated_margin": isolated_margin,
        },
    )
    assert price == D(expected)


@pytest.mark.parametrize(
    ("choice", "margins", "expected"),
    [
        ("above_initial", ("130", "9500"), "0"),
        ("above_initial", ("130", "10500"), "80"),
        ("above_initial", ("20", "12000"), "20"),
        ("added_only", ("130", "10500"), "30"),
        ("added_only", ("130", "9800"), "10"),
        ("added_only", ("90", "10500"), "0"),
        ("above_initial_and_floor", ("130", "10500"), "75"),
        ("above_initial_and_floor", ("130", "9800"), "10"),
        ("none", ("500", "10000"), "0"),
    ],
)
def test_removable_margin_is_what_the_profile_lets_go(
    quoted: Quoted, choice: str, margins: tuple[str, str], expected: str
) -> None:
    isolated_margin, mark_price = margins
    figure = quoted(
        "removable_margin",
        parameters={"removable_margin": choice},
        position={"isolated_margin": isolated_margin, "mark_price": mark_price},
    )
    assert figure == D(expected)


def test_the_floor_of_removable_margin_is_a_parameter(quoted: Quoted) -> None:
    figure = quoted(
        "removable_margin",
        parameters={
            "removable_margin": "above_initial_and_floor",
            "removable_margin_floor": "0.12",
        },
        position={"isolated_margin": "130"},
    )
    assert figure == 10


@pytest.mark.parametrize(
    ("form", "position"),
    [
        ("maintenance_over_equity", {"isolated_margin": "50", "mark_price": "9500"}),
        ("maintenance_over_equity", {"isolated_margin": "10", "mark_price": "9500"}),
    ],
)
def test_a_ratio_to_equity_does_not_exist_without_equity(
    quoted: Quoted, form: str, position: dict[str, str]
) -> None:
    ratio = quoted(
        "margin_ratio", parameters={"margin_ratio_form": form}, position=position
    )
    assert ratio is None


def test_a_ratio_to_a_requirement_of_nothing_does_not_exist(quoted: Quoted) -> None:
    parameters = {"margin_ratio_form": "equity_over_maintenance"}
    ratio = quoted("margin_ratio", parameters=parameters, instrument={"tiers": []})
    assert ratio is None


def test_a_return_on_no_margin_does_not_exist(quoted: Quoted) -> None:
    parameters = {"return_basis": "isolated_margin"}
    position = {"isolated_margin": "0"}
    assert quoted("return_on_margin", parameters=parameters, position=position) is None


@pytest.mark.parametrize(
    ("rounding", "side", "expected"),
    [
        ({"quantum": "tick", "mode": "half_up"}, "long", "9036.1"),
        ({"quantum": "0.01", "mode": "half_even"}, "long", "9036.14"),
        ({"quantum": "0.5", "mode": "up"}, "long", "9036.5"),
        ({"quantum": "1", "mode": "ceiling"}, "long", "9037"),
        ({"quantum": "1", "mode": "floor"}, "long", "9036"),
        ({"quantum": "1", "mode": "down"}, "long", "9036"),
        ({"quantum": "tick", "mode": "any"}, "long", "9036.144578313253012048"),
        (
            {"quantum": "1", "mode": "up", "short": {"mode": "down"}},
            "short",
            "10956",
        ),
        ({"quantum": "1", "mode": "up", "short": {"mode": "down"}}, "long", "9037"),
        (
            {"quantum": "1", "mode": "up", "long": {"quantum": "100"}},
            "long",
            "9100",
        ),
    ],
)
def test_a_reported_quantity_is_rounded_as_the_profile_says(
    quoted: Quoted, rounding: dict[str, Any], side: str, expected: str
) -> None:
    price = quoted(
        "liquidation_price",
        parameters={"rounding": {"liquidation_price": rounding}},
        position={"side": side},
    )
    assert price == D(expected)


def test_without_a_tick_there_is_nothing_to_round_to(quoted: Quoted) -> None:
    rounding = {"liquidation_price": {"quantum": "tick", "mode": "half_up"}}
    price = quoted(
        "liquidation_price",
        parameters={"rounding": rounding},
        instrument={"tick_size": None},
    )
    assert price == D("9036.144578313253012048")


def test_a_quantity_that_does_not_exist_is_not_rounded(quoted: Quoted) -> None:
    rounding = {"liquidation_price": {"quantum": "tick", "mode": "half_up"}}
    price = quoted(
        "liquidation_price",
        parameters={"rounding": rounding},
        position={"isolated_margin": "5000"},
    )
    assert price is None


@pytest.mark.parametrize(
    ("choice", "prices", "liquidations"),
    [
        ("mark", ("9000", "10000", "10000"), 1),
        ("mark", ("10000", "9000", "9000"), 0),
        ("index", ("10000", "9000", "10000"), 1),
        ("index", ("9000", "10000", "9000"), 0),
        ("last", ("10000", "10000", "9000"), 1),
        ("last", ("9000", "9000", "10000"), 0),
        ("index", ("8000", None, None), 1),
        ("last", ("8000", None, None), 1),
    ],
)
def test_the_trigger_looks_at_the_price_the_profile_names(
    opened: Make, choice: str, prices: tuple[str | None, ...], liquidations: int
) -> None:
    holder = opened(parameters={"trigger_price": choice})
    mark, index, last = prices
    happened = holder.done(
        "set_mark_price", price=mark, index_price=index, last_price=last
    )
    assert happened.count("liquidation") == liquidations


def test_a_published_index_price_stays_until_another_is_published(
    opened: Make,
) -> None:
    holder = opened(parameters={"trigger_price": "index"})
    holder.done("set_mark_price", price="10000", index_price="9900")
    assert holder.done("set_mark_price", price="8000") == []


@pytest.mark.parametrize(("choice", "liquidations"), [("at_or_below", 1), ("below", 0)])
def test_equity_that_equals_the_requirement_fails_as_the_comparison_says(
    opened: Make, choice: str, liquidations: int
) -> None:
    # 0.1 at 9040 against an entry requirement of 4: equity 100 − 96.
    holder = opened(
        parameters={"trigger_comparison": choice, "maintenance_margin_price": "entry"}
    )
    happened = holder.done("set_mark_price", price="9040")
    assert happened.count("liquidation") == liquidations
