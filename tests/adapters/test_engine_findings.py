"""What the suite's own cases find in the engines, each finding by its case."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from isomargin import drive
from isomargin.environments import READY, state
from isomargin.plan import ALL_PROFILES, Plan
from isomargin.rulebook.load import load
from isomargin.rulebook.places import places
from isomargin.run import carried_out

Found = Callable[[str, str], Mapping[str, Any]]

TAKEN = "account.wallet_balance is"
FINDINGS = [
    # engine, case, what the verdict says
    ("overfitting", "trade.open.long", "step 3 trade: position.isolated_margin is 104, expected 100 (off)"),
    ("overfitting", "engines.entry_maintenance.long_gap", f"step 4 set_mark_price: {TAKEN} 896, expected 900 (off)"),
    ("overfitting", "engines.entry_maintenance.long_gap_with_fee", f"step 4 set_mark_price: {TAKEN} 895.048, expected 899.5 (off)"),
    ("overfitting", "engines.entry_maintenance.long_refused_leverage", "step 5 set_leverage: position.leverage is 50, expected 10 (off)"),
    ("overfitting", "leverage.refusals.below_one", "step 1 set_leverage: outcome is accepted, expected rejected (off)"),
    ("d8x", "engines.allocated_quotes.long_more_than_its_value_mark", "liquidation_price is -10040.160642570281, expected null (off: it does not exist)"),
    ("d8x", "liquidation_price.plain.long_1", "liquidation_price is 0, expected null (off: it does not exist)"),
    ("freqtrade", "liquidation.gap.long_5000", f"step 4 set_mark_price: {TAKEN} 1500, expected 1900 (off)"),
    ("freqtrade", "liquidation_price.tiers.long_jump_10", "liquidation_price is 9090.90909090909, expected 9574.468085106382978723 (off)"),
    ("freqtrade", "contracts.inverse.long_10", "liquidation_price is 9036.144578313253, expected 9127.272727272727272727 (off)"),
    ("freqtrade", "engines.allocated_quotes.long_150_entry", "liquidation_price is 9040, expected 8540 (off)"),
    ("octobot", "engines.entry_maintenance.long_added", "step 4 add_margin: position.quantity is 0.15, expected 0.1 (off)"),
    ("octobot", "engines.entry_maintenance.short_maintenance", "step 4 set_mark_price: position.maintenance_margin is -4, expected 4 (off)"),
    ("octobot", "engines.entry_maintenance.long_mode_change", "step 4 set_margin_mode: outcome is accepted, expected rejected (off)"),
    ("octobot", "engines.entry_maintenance.long_funding", "step 4 apply_funding: position.isolated_margin is 100, expected 99 (off)"),
    ("drift", "engines.six_decimals.long_beyond", "liquidation_price is 5000, expected 9036.144579 (off)"),
    ("jesse", "engines.entry_maintenance.long_gap_with_fee", f"step 4 set_mark_price: {TAKEN} 899.05, expected 899.5 (off)"),
    ("jesse", "engines.entry_maintenance.short_gap_with_fee", f"step 4 set_mark_price: {TAKEN} 898.95, expected 899.5 (off)"),
    ("jesse", "engines.entry_maintenance.pnl_stays_apart", "step 4 set_mark_price: account.available_balance is 850, expected 900 (off)"),
    ("nautilus", "engines.maintenance_quotes.long_10", "maintenance_margin is 0.4, expected 4 (off)"),
    ("gmsol", "engines.entry_allocation.long_removed_below_initial", "step 4 remove_margin: outcome is accepted, expected rejected (off)"),
    ("gmsol", "engines.entry_allocation.long_reduced_at_profit", "step 4 trade: position.isolated_margin is 100, expected 150 (off)"),
]  # fmt: skip
HELD = [
    ("octobot", "engines.entry_maintenance.long_gap"),
    ("octobot", "engines.entry_maintenance.short_gap"),
    ("d8x", "engines.allocated_quotes.long_150_mark"),
    ("gmx", "engines.allocated_quotes.long_150_entry"),
    ("gmx", "engines.allocated_quotes.long_more_than_its_value_entry"),
    ("freqtrade", "engines.allocated_quotes.short_150_mark"),
    ("drift", "engines.six_decimals.long_100"),
    ("drift", "engines.six_decimals.short_150"),
    ("drift", "engines.six_decimals.long_more_than_its_value"),
    ("jesse", "engines.entry_maintenance.long_gap"),
    ("jesse", "engines.entry_maintenance.short_gap"),
    ("nautilus", "engines.maintenance_quotes.long_1"),
    ("gmsol", "engines.allocated_quotes.short_333p3_entry"),
    ("gmsol", "engines.allocated_quotes.long_more_than_its_value_entry"),
    ("gmsol", "engines.entry_allocation.long_at_liquidation_price"),
    ("gmsol", "engines.entry_allocation.short_past_liquidation_price"),
    ("gmsol", "engines.entry_allocation.long_gap"),
    ("gmsol", "engines.entry_allocation.short_leverage"),
]
ENGINES = sorted({engine for engine, *_ in (*FINDINGS, *HELD)})
# Some engines import for ten seconds, and longer where the machine is busy.
PATIENT = drive.Limits(hello=120.0, quote=60.0, run=60.0)
ADAPTERS = Path(__file__).parents[2] / "adapters"


@pytest.fixture(scope="module")
def found() -> Found:
    """Give the verdict of a case on an engine, from one run of all that are named."""

    @cache
    def of_engine(engine: str) -> Mapping[str, Mapping[str, Any]]:
        if (standing := state(ADAPTERS / engine)) != READY:
            pytest.skip(f"{engine} is {standing}: run isomargin adapter setup {engine}")
        rulebook = load(places())
        named = [case for one, case, *_ in (*FINDINGS, *HELD) if one == engine]
        plan = Plan(
            rulebook=rulebook,
            cases=[rulebook.cases[name] for name in named],
            command=drive.resolve(engine, adapters=[ADAPTERS]),
            profiles=(ALL_PROFILES,),
            limits=PATIENT,
        )
        return {line["id"]: line for line in carried_out(plan).cases}

    return lambda engine, case: of_engine(engine)[case]


@pytest.mark.parametrize(("engine", "case", "detail"), FINDINGS)
def test_a_case_of_the_suite_finds_it(
    found: Found, engine: str, case: str, detail: str
) -> None:
    line = found(engine, case)
    assert (line["status"], line["detail"]) == ("failed", detail)


@pytest.mark.parametrize(("engine", "case"), HELD)
def test_what_an_engine_does_as_the_rules_say_passes(
    found: Found, engine: str, case: str
) -> None:
    line = found(engine, case)
    assert (line["status"], line["detail"]) == ("passed", "")


def test_a_gap_costs_freqtrade_more_than_the_margin(found: Found) -> None:
    broken = [
        law["rule"] for law in found("freqtrade", "liquidation.gap.long_5000")["broken"]
    ]
    assert "liquidation.loses_only_isolated_margin" in broken


def test_a_refusal_of_overfittings_broker_has_changed_the_position(
    found: Found,
) -> None:
    line = found("overfitting", "engines.entry_maintenance.long_refused_leverage")
    assert [law["rule"] for law in line["broken"]] == ["rejection.changes_nothing"]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_finding_is_told_in_the_engines_page(engine: str) -> None:
    page = (ADAPTERS / engine / "README.md").read_text("utf-8")
    named = [case for one, case, _ in FINDINGS if one == engine]
    assert [case for case in named if f"`{case}`" not in page] == []
