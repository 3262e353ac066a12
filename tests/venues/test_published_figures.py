"""Figures that venues print, and positions that were recorded."""

from dataclasses import replace
from decimal import Decimal

import pytest

from isomargin.derive import derive, expectations, found
from isomargin.formulas.world import Rules
from isomargin.rulebook.model import Case, Rulebook

RECORDED = {
    "binance": {"recorded_coinm_long", "recorded_usdm_short"},
    "bitget": {"recorded_long"},
    "bybit": {
        "recorded_2022_long",
        "recorded_2025_short",
        "recorded_inverse_after_deposit",
    },
    "coinex": {"recorded_ltc"},
    "delta": {"recorded_2023", "recorded_2026"},
    "gate": {"recorded_eth", "recorded_ltc"},
    "htx": {"documented_theta"},
    "hyperliquid": {
        "recorded_2023_short",
        "recorded_crcl",
        "recorded_eth",
        "recorded_hype",
    },
    "kucoin": {
        "recorded_btc_2024",
        "recorded_btc_after_deposit",
        "recorded_eth",
        "recorded_sol_short_2024",
    },
    "mexc": {"documented_eth"},
    "okx": {
        "documented_eth_inverse_long",
        "recorded_ada_short",
        "recorded_btc_futures_long",
        "recorded_btc_inverse_long",
        "recorded_eth_long_2025",
        "recorded_eth_short",
        "recorded_swap_long",
    },
}


def published(rulebook: Rulebook) -> list[Case]:
    every = rulebook.cases.values()
    return [
        case
        for case in every
        if case.id.startswith("venues.") and case.origin == "published"
    ]


def values(case: Case, rules: Rules) -> list[object]:
    answer = derive(case, rules).answer
    return [found(one, answer) for one in expectations(case)]


def test_every_published_figure_names_its_page(rulebook: Rulebook) -> None:
    assert len(published(rulebook)) > 95
    assert all(case.core["citations"] for case in published(rulebook))


@pytest.mark.parametrize("venue", RECORDED)
def test_the_liquidation_price_of_recorded_positions_is_given(
    venue: str, rulebook: Rulebook
) -> None:
    for name in RECORDED[venue]:
        case = rulebook.cases[f"venues.{venue}.{name}"]
        assert case.core["quote"]["expect"]["liquidation_price"] is not None


def test_a_figure_that_does_not_discriminate_says_so(
    rulebook: Rulebook, rules: Rules
) -> None:
    marked = [case for case in published(rulebook) if "alike" in case.core]
    assert len(marked) > 20
    for case in marked:
        other = replace(case, overrides={**case.overrides, **case.core["alike"]})
        chosen = {
            **rulebook.profiles[case.profile].parameters,
            **case.overrides,
        }
        assert all(chosen[name] != x for name, x in case.core["alike"].items()), case.id
        assert values(other, rules) == values(case, rules), case.id


def test_what_a_source_prints_wrongly_stands_beside_the_right_figure(
    rulebook: Rulebook,
) -> None:
    wrong = {case.id: case for case in published(rulebook) if "printed" in case.core}
    assert wrong.keys() == {
        "venues.binance.frozen_maintenance",
        "venues.bitmex.quanto_guide",
        "venues.hyperliquid.documented_eth",
    }
    for case in wrong.values():
        expected = case.core["quote"]["expect"]
        assert all(expected[name] != x for name, x in case.core["printed"].items())


def test_maintenance_held_at_entry_would_give_the_figures_printed_wrongly(
    rulebook: Rulebook, rules: Rules
) -> None:
    case = rulebook.cases["venues.binance.frozen_maintenance"]
    frozen = replace(
        case, overrides={**case.overrides, "maintenance_margin_price": "entry"}
    )
    assert values(frozen, rules) == list(case.core["printed"].values())


def test_real_brackets_continue_the_maintenance_amount(rulebook: Rulebook) -> None:
    law = rulebook.rules["tier.maintenance_margin_is_continuous"]
    assert law.level == "should"
    below, on = (
        rulebook.cases[f"venues.tiers.binance_btc_edge_1_{word}_long"].core["quote"]
        for word in ("below", "on")
    )
    assert below["expect"]["maintenance_margin"] == "199.99996"
    assert on["expect"]["maintenance_margin"] == "200"


LINEAR = [
    (side, leverage, added)
    for side in ("long", "short")
    for leverage in ("2", "10", "90")
    for added in ("0", "3000", "200000")
]


@pytest.mark.parametrize(("side", "leverage", "added"), LINEAR)
def test_no_venue_liquidates_a_position_after_it_is_bankrupt(
    rulebook: Rulebook, rules: Rules, side: str, leverage: str, added: str
) -> None:
    case = rulebook.cases["venues.entry_tiers.bybit_linear_short"]
    quote = case.core["quote"]
    position = {
        "side": side,
        "quantity": "1",
        "entry_price": "40000",
        "leverage": leverage,
        "added_margin": added,
    }
    core = {**case.core, "quote": {**quote, "position": position}}
    for profile in rulebook.profiles.values():
        if profile.contract != "linear" or profile.parameters["isolation"] == "none":
            continue
        if profile.parameters["maintenance_rate_form"] != "rate":
            continue
        asked = replace(case, profile=profile.id, core=core, overrides={"rounding": {}})
        answer = derive(asked, rules).answer
        liquidated, bankrupt = answer["liquidation_price"], answer["bankruptcy_price"]
        if liquidated is None or bankrupt is None:
            continue
        gap = Decimal(str(liquidated)) - Decimal(str(bankrupt))
        assert (gap if side == "long" else -gap) >= 0, profile.id
