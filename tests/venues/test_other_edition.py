"""A recorded position judged by an edition that was not in force."""

from dataclasses import replace

import pytest

from isomargin.drive.outcomes import Quantities
from isomargin.drive.protocol import Introduction
from isomargin.formulas.world import Rules
from isomargin.judge import judge
from isomargin.other_edition import edition_sentence, other_edition
from isomargin.rulebook.model import Rulebook
from isomargin.text import Catalogue

OLD = {
    "venues.bybit.recorded_2025_short": "liquidation_price.linear.maintenance_at_entry",
    "venues.kucoin.recorded_sol_short_2024": (
        "liquidation_price.linear.maintenance_at_entry"
    ),
    "venues.htx.documented_theta": "maintenance_rate.share_of_initial_margin",
    "venues.hyperliquid.recorded_2023_short": (
        "liquidation_price.maintenance_held.linear"
    ),
}


@pytest.mark.parametrize("name", OLD)
def test_a_position_under_the_wrong_edition_names_the_rule_that_moved(
    name: str, rulebook: Rulebook, rules: Rules
) -> None:
    case = rulebook.cases[name]
    today = replace(case, profile=case.profile.partition("@")[0])
    found = other_edition(today, rules)
    assert found is not None
    assert found.profile.id == case.profile
    assert OLD[name] in found.moved


def test_a_position_under_its_own_edition_names_none(
    rulebook: Rulebook, rules: Rules
) -> None:
    assert other_edition(rulebook.cases["venues.okx.recorded_eth_short"], rules) is None


def test_a_position_that_fits_no_edition_names_none(
    rulebook: Rulebook, rules: Rules
) -> None:
    case = rulebook.cases["venues.bybit.bankruptcy_price"]
    quote = {**case.core["quote"], "expect": {"bankruptcy_price": "1"}}
    wrong = replace(case, core={**case.core, "quote": quote})
    assert other_edition(wrong, rules) is None


def test_what_moved_is_told_in_a_sentence(
    rulebook: Rulebook, rules: Rules, english: Catalogue
) -> None:
    case = rulebook.cases["venues.bybit.recorded_2025_short"]
    found = other_edition(replace(case, profile="bybit/linear"), rules)
    assert found is not None
    assert edition_sentence(found, english) == (
        "These are the figures of bybit/linear@2024-03-14, in force from 2024-03-14."
        " What moved since: Collateral for liquidation (collateral.for_liquidation);"
        " Liquidation price of a linear contract, maintenance at the entry price"
        " (liquidation_price.linear.maintenance_at_entry)."
    )


def test_an_engine_that_keeps_an_old_rule_fails_by_todays(
    rulebook: Rulebook, rules: Rules
) -> None:
    case = rulebook.cases["venues.bybit.recorded_2025_short"]
    answer = dict(case.core["quote"]["expect"])
    case = replace(case, profile="bybit/linear")
    quote = {**case.core["quote"], "expect": {"liquidation_price": "0.017384"}}
    case = replace(case, core={**case.core, "quote": quote})
    introduction = Introduction(
        name="old",
        version="1",
        language="python",
        operations=("quote",),
        profiles="any",
        contracts=("linear",),
        actions=(),
        quantities=("liquidation_price",),
        arithmetic="decimal",
        window=1,
    )
    parameters = rulebook.profiles["bybit/linear"].parameters
    verdict = judge(case, Quantities(answer), introduction, rules, parameters)
    assert (verdict.status, verdict.kind) == ("failed", "value")
