"""What the suite's own cases find in the engines, each finding by its case.

An engine's page names a case for each finding, and the case is held to fail. What is
told of an engine here is held to the word.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from isomargin import drive
from isomargin.environments import READY, state
from isomargin.findings import failure_sentence
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
    ("freqtrade", "maintenance.edges.long_floor_above_zero_0_5", "liquidation_price is null, expected 9090.909090909090909091 (off: it exists)"),
    ("freqtrade", "venues.okx.recorded_ada_short", "liquidation_price is 0.9745117510758029, expected 0.9744117511 (off)"),
    ("freqtrade", "venues.gate.recorded_apt_short_2023", "liquidation_price is 12.650719047038754, expected 12.65 (off: within 0.01, but the profile's rounding is half_up)"),
    ("freqtrade", "venues.bitget.recorded_short_75x_2022", "liquidation_price is 16577.875107837284, expected 16577.87 (off: within 0.01, but the profile's rounding is down)"),
    ("freqtrade", "venues.kucoin.leverage_10", "liquidation_price is 58770.343580470166, expected 58760 (off)"),
    ("freqtrade", "venues.htx.recorded_swap_2021", "liquidation_price is 22569.25730417091, expected 22353.229148614609571788 (off)"),
    ("freqtrade", "contracts.inverse.long_10", "liquidation_price is 9036.144578313253, expected 9127.272727272727272727 (off)"),
    ("freqtrade", "engines.allocated_quotes.long_150_entry", "liquidation_price is 9040, expected 8540 (off)"),
    ("octobot", "engines.entry_maintenance.long_added", "step 4 add_margin: position.quantity is 0.15, expected 0.1 (off)"),
    ("octobot", "engines.entry_maintenance.short_maintenance", "step 4 set_mark_price: position.maintenance_margin is -4, expected 4 (off)"),
    ("octobot", "engines.entry_maintenance.long_mode_change", "step 4 set_margin_mode: outcome is accepted, expected rejected (off)"),
    ("octobot", "engines.entry_maintenance.long_funding", "step 4 apply_funding: position.isolated_margin is 100, expected 99 (off)"),
    ("octobot", "engines.entry_maintenance_inverse.short_opened", "step 3 trade: position.maintenance_margin is -0.0004, expected 0.0004 (off)"),
    ("octobot", "contracts.inverse_scenarios.short_close", "step 4 trade: account.free_balance is 0.98, expected 0.99 (off)"),
    ("drift", "engines.six_decimals.long_beyond", "liquidation_price is 5000, expected 9036.144579 (off)"),
    ("jesse", "engines.entry_maintenance.long_gap_with_fee", f"step 4 set_mark_price: {TAKEN} 899.05, expected 899.5 (off)"),
    ("jesse", "engines.entry_maintenance.short_gap_with_fee", f"step 4 set_mark_price: {TAKEN} 898.95, expected 899.5 (off)"),
    ("jesse", "engines.entry_maintenance.pnl_stays_apart", "step 4 set_mark_price: account.available_balance is 850, expected 900 (off)"),
    ("orderly", "margin.initial.long_3", "initial_margin is 333.333334, expected 333.333333333333333333 (off)"),
    ("orderly:signed", "engines.allocated_quotes.short_removable_150", "removable_margin is 250, expected 50 (off)"),
    ("fractal", "transfer.remove.long_to_maintenance", "step 4 remove_margin: outcome is accepted, expected rejected (off)"),
    ("nautilus_engine", "engines.whole_balance.long_gap_with_fee", f"step 4 set_mark_price: {TAKEN} -400.25, expected 0 (off)"),
    ("nautilus_engine", "engines.whole_balance.long_at_liquidation_price", "step 4 set_mark_price: events is [], expected [liquidation] (off)"),
    ("nautilus", "engines.maintenance_quotes.long_10", "maintenance_margin is 0.4, expected 4 (off)"),
    ("gmsol", "engines.entry_allocation.long_removed_below_initial", "step 4 remove_margin: outcome is accepted, expected rejected (off)"),
    ("gmsol", "engines.entry_allocation.long_reduced_at_profit", "step 4 trade: position.isolated_margin is 100, expected 150 (off)"),
    ("bot_engine", "liquidation.leftover.long_to_trader_without_leftover", f"step 4 set_mark_price: {TAKEN} 1890, expected 1900 (off)"),
    ("bot_engine", "trade.close.long_beyond_bankruptcy", "step 4 trade: account.free_balance is 1800, expected 1900 (off)"),
    ("bot_engine", "trade.flip.long_unaffordable", "step 4 trade: outcome is accepted, expected rejected (off)"),
    ("bot_engine", "trade.reduce_only.long_without_position", "step 3 trade: outcome is accepted, expected rejected (off)"),
    ("bot_engine", "liquidation_price.plain.long_1", "liquidation_price is 0, expected null (off: it does not exist)"),
    ("bot_engine", "leverage.refusals.below_one", "step 1 set_leverage: outcome is accepted, expected rejected (off)"),
    ("bot_engine", "trade.refusals.quantity_negative", "step 3 trade: outcome is accepted, expected rejected (off)"),
    ("lfest", "engines.entry_leverage.long_opened", "step 3 trade: position.liquidation_price is 9960, expected 9040 (off)"),
    ("lfest", "engines.entry_leverage.long_small_loss", "step 4 set_mark_price: events is [liquidation], expected [] (off)"),
    ("lfest", "engines.entry_leverage.long_gap", "step 4 set_mark_price: account.free_balance is 500, expected 900 (off)"),
]  # fmt: skip
HELD = [
    ("octobot", "engines.entry_maintenance.long_gap"),
    ("octobot", "engines.entry_maintenance.short_gap"),
    ("octobot", "engines.entry_maintenance_inverse.long_opened"),
    ("octobot", "engines.entry_maintenance_inverse.short_increased"),
    ("octobot", "engines.entry_maintenance_inverse.short_halved_at_profit"),
    ("octobot", "engines.entry_maintenance_inverse.long_gap"),
    ("d8x", "engines.allocated_quotes.long_150_mark"),
    ("gmx", "engines.allocated_quotes.long_150_entry"),
    ("gmx", "engines.allocated_quotes.long_more_than_its_value_entry"),
    ("freqtrade", "engines.allocated_quotes.short_150_mark"),
    ("freqtrade", "venues.tiers.binance_btc_edge_1_on_at_liquidation_long"),
    ("freqtrade", "venues.bybit.entry_basis_short_5x"),
    ("freqtrade", "venues.tiers.hyperliquid_btc_edge_1_on_at_liquidation_long"),
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
    ("lfest", "engines.entry_leverage.short_reduced"),
    ("lfest", "engines.entry_leverage.long_flipped"),
    ("bot_engine", "liquidation_price.plain.short_25"),
    ("bot_engine", "liquidation.leftover.short_to_trader_with_leftover"),
    ("bot_engine", "trade.increase.long_thirds"),
    ("bot_engine", "account.cash.isolated_pnl_is_not_available"),
]
# A loss beyond the isolated margin, as the table of findings tells it.
LOSSES = [
    ("freqtrade", "engines.entry_maintenance.long_gap_with_fee", "500.75 on an isolated margin of 100"),
    ("jesse", "engines.entry_maintenance.long_gap_with_fee", "100.45 on an isolated margin of 100"),
    ("nautilus_engine", "engines.whole_balance.long_gap_with_fee", "500.25 on an isolated margin of 100"),
    ("overfitting", "engines.entry_maintenance.long_gap_with_fee", "104.452 on an isolated margin of 104"),
]  # fmt: skip
# Some engines import for ten seconds, and longer where the machine is busy.
PATIENT = drive.Limits(hello=120.0, quote=60.0, run=60.0)
ADAPTERS = Path(__file__).parents[2] / "adapters"
PAGES = sorted(
    page
    for page in ADAPTERS.glob("*/README.md")
    if "## Findings" in page.read_text("utf-8")
)
ENGINES = [page.parent.name for page in PAGES]
CASE = re.compile(r"`([a-z_]+(?:\.[a-z0-9_]+)+)`")
SUBJECT = re.compile(r"`--subject ([a-z_:]+)`")


def told(engine: str) -> set[tuple[str, str]]:
    """Return the cases that an engine's page names, each with its subject."""
    page = (ADAPTERS / engine / "README.md").read_text("utf-8")
    findings = re.split(
        r"^\d+\. ", page.partition("## Findings")[2], flags=re.MULTILINE
    )
    return {
        (named[1] if (named := SUBJECT.search(finding)) else engine, case)
        for finding in findings[1:]
        for case in CASE.findall(finding)
        if not case.endswith((".py", ".mjs"))
    }


TOLD = sorted(set().union(*map(told, ENGINES)))
NAMED = [*TOLD, *(row[:2] for row in (*FINDINGS, *HELD, *LOSSES))]


@pytest.fixture(scope="module")
def found() -> Found:
    """Give the verdict of a case on an engine, from one run of all that are named."""

    @cache
    def of_engine(engine: str) -> Mapping[str, Mapping[str, Any]]:
        folder = engine.partition(":")[0]
        if (standing := state(ADAPTERS / folder)) != READY:
            pytest.skip(f"{engine} is {standing}: run isomargin adapter setup {folder}")
        rulebook = load(places())
        named = sorted({case for one, case in NAMED if one == engine})
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


@pytest.mark.parametrize(("engine", "case"), TOLD)
def test_a_finding_told_in_an_engines_page_fails(
    found: Found, engine: str, case: str
) -> None:
    assert found(engine, case)["status"] == "failed"


@pytest.mark.parametrize(("engine", "case", "loss"), LOSSES)
def test_a_loss_beyond_the_margin_is_told_with_its_figures(
    found: Found, engine: str, case: str, loss: str
) -> None:
    said = failure_sentence(found(engine, case))
    assert said == f"a liquidation loses {loss}"


@pytest.mark.parametrize("engine", ENGINES)
def test_every_finding_is_told_in_the_engines_page(engine: str) -> None:
    named = {(one, case) for one, case, _ in FINDINGS if one.startswith(engine + ":")}
    named |= {(one, case) for one, case, _ in FINDINGS if one == engine}
    assert named - told(engine) == set()


def test_every_engine_has_a_page_that_tells_its_findings() -> None:
    ours = {"ccxt", "faulty", "reference"}  # the bridge, and engines of the project
    engines = {path.parent.name for path in ADAPTERS.glob("*/adapter.yaml")}
    assert set(ENGINES) == engines - ours
