"""Below, on and above each edge of real brackets: at entry, mark and liquidation."""

from decimal import Decimal
from typing import Any

import pytest

from isomargin.rulebook.model import Case, Rulebook

QUANTUM = Decimal("0.01")
SIDES_OF_AN_EDGE = {
    "below": -QUANTUM,
    "on": Decimal(0),
    "above": QUANTUM,
}
BRACKETS = {"binance_btc": "binance/usdm", "hyperliquid_btc": "hyperliquid/perpetual"}


def floors(rulebook: Rulebook, bracket: str) -> list[str]:
    case = rulebook.cases[f"venues.tiers.{bracket}_edge_1_on_long"]
    tiers = case.core["quote"]["instrument"]["tiers"]
    return [tier["notional_floor"] for tier in tiers[1:]]


def quoted(case: Case) -> dict[str, Any]:
    quote: dict[str, Any] = case.core["quote"]
    position = quote["position"]
    assert (position["quantity"], quote["instrument"]["contract_size"]) == ("1", "1")
    return quote


@pytest.mark.parametrize("bracket", BRACKETS)
@pytest.mark.parametrize("word", SIDES_OF_AN_EDGE)
def test_the_value_lies_there_at_each_edge(
    word: str, bracket: str, rulebook: Rulebook
) -> None:
    for number, floor in enumerate(floors(rulebook, bracket), 1):
        there = Decimal(floor) + SIDES_OF_AN_EDGE[word]
        name = f"venues.tiers.{bracket}_edge_{number}_{word}"
        entry, mark, liquidated = (
            rulebook.cases[f"{name}_{end}"]
            for end in ("long", "at_mark", "at_liquidation_long")
        )
        assert {entry.profile, mark.profile, liquidated.profile} == {BRACKETS[bracket]}
        assert Decimal(quoted(entry)["position"]["entry_price"]) == there
        at_mark = quoted(mark)["position"]
        assert (
            Decimal(at_mark["mark_price"]) == there != Decimal(at_mark["entry_price"])
        )
        assert Decimal(quoted(liquidated)["expect"]["liquidation_price"]) == there


@pytest.mark.parametrize("bracket", BRACKETS)
def test_every_edge_there_is_has_its_cases(bracket: str, rulebook: Rulebook) -> None:
    edges = {
        name.removeprefix(f"venues.tiers.{bracket}_edge_").partition("_")[0]
        for name in rulebook.cases
        if name.startswith(f"venues.tiers.{bracket}_edge_")
    }
    assert len(edges) == len(floors(rulebook, bracket))


def test_no_other_real_brackets_are_in_use(rulebook: Rulebook) -> None:
    """A published table of tiers that is added needs its edges, too."""
    tables = {
        str(case.core["quote"]["instrument"]["tiers"])
        for case in rulebook.cases.values()
        if case.family == "venues"
        and case.is_quote
        and len(case.core["quote"]["instrument"]["tiers"]) > 4
    }
    assert len(tables) == 1
