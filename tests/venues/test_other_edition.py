"""A recorded position judged by an edition that was not in force."""

from dataclasses import replace
from typing import Any

import pytest

from isomargin.asking import Judging
from isomargin.derive import derive
from isomargin.drive import Outcome
from isomargin.drive.outcomes import Quantities, Step, Trace
from isomargin.drive.protocol import Introduction
from isomargin.formulas.world import Rules
from isomargin.other_edition import edition_sentence, edition_words, other_edition
from isomargin.rulebook.model import Case, Rulebook
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
    assert (found.profile, found.of) == (case.profile, "case")
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
        "What the case expects is as of bybit/linear@2024-03-14, in force from"
        " 2024-03-14. What moved since: Collateral for liquidation"
        " (collateral.for_liquidation); Liquidation price of a linear contract,"
        " maintenance at the entry price"
        " (liquidation_price.linear.maintenance_at_entry); Liquidation price with a"
        " fixed tier (liquidation_price.fixed_tier)."
    )
    assert edition_words(found) == (
        "what the case expects is as of bybit/linear@2024-03-14, in force from"
        " 2024-03-14; moved since: collateral.for_liquidation,"
        " liquidation_price.linear.maintenance_at_entry,"
        " liquidation_price.fixed_tier"
    )


ACTIONS = ("set_margin_mode", "set_leverage", "trade", "set_mark_price")


def subject(**declared: Any) -> Introduction:
    usual: dict[str, Any] = {
        "name": "old",
        "version": "1",
        "language": "python",
        "operations": ("quote", "run"),
        "profiles": "any",
        "contracts": ("linear", "inverse"),
        "actions": (),
        "quantities": ("liquidation_price", "bankruptcy_price"),
        "arithmetic": "decimal",
        "window": 1,
    }
    return Introduction(**(usual | declared))


def as_of(profile: str, case: Case, rules: Rules) -> Outcome:
    """Return what the formulas of a profile say of a case, as if an engine had."""
    answer = derive(replace(case, profile=profile), rules).answer
    if case.is_quote:
        return Quantities(answer)
    steps = ({**step, "events": tuple(step["events"])} for step in answer)
    return Trace(tuple(Step(**step) for step in steps))


@pytest.mark.parametrize(
    ("name", "older", "moved"),
    [
        (
            "venues.bybit.long_with_added_margin",
            "bybit/linear@2024-03-14",
            "liquidation_price.linear.maintenance_at_entry",
        ),
        (
            "venues.lifecycle.kucoin_linear_turned",
            "kucoin/linear@2019-05-22",
            "liquidation_price.linear.maintenance_at_entry",
        ),
        (
            "venues.lifecycle.kucoin_linear_liquidation_leftover",
            "kucoin/linear@2019-05-22",
            "reserved_closing_fee.at_entry_and_margin",
        ),
    ],
)
def test_an_engine_that_keeps_an_old_rule_fails_by_todays_and_the_rule_is_named(
    name: str, older: str, moved: str, rulebook: Rulebook, rules: Rules
) -> None:
    case = rulebook.cases[name]
    judging = Judging(rulebook, subject())
    right = judging.verdict(case, as_of(case.profile, case, rules))
    assert (right.status, right.edition) == ("passed", None)
    verdict = judging.verdict(case, as_of(older, case, rules))
    assert (verdict.status, verdict.kind) == ("failed", "value")
    assert verdict.edition is not None
    assert (verdict.edition.profile, verdict.edition.of) == (older, "answer")
    assert moved in verdict.edition.moved
    assert f"the answer is as of {older}, in force from" in verdict.detail
    assert moved in verdict.detail


def test_where_no_rule_moved_the_choice_is_named(
    rulebook: Rulebook, rules: Rules, english: Catalogue
) -> None:
    case = rulebook.cases["venues.lifecycle.bitget_usdtm_initial_margin_price"]
    old = as_of("bitget/usdtm@2023-08-07", case, rules)
    found = other_edition(case, rules, old, subject(actions=ACTIONS))
    assert found is not None
    assert (found.moved, found.choices) == ((), ("initial_margin_price",))
    assert edition_words(found).endswith("; moved since: initial_margin_price")
    told = edition_sentence(found, english)
    assert told.endswith("What moved since: price of the initial margin.")


def test_an_answer_of_no_edition_is_not_ascribed_to_one(
    rulebook: Rulebook,
) -> None:
    case = rulebook.cases["venues.bybit.long_with_added_margin"]
    answer = Quantities(dict.fromkeys(case.core["quote"]["expect"], "7"))
    verdict = Judging(rulebook, subject()).verdict(case, answer)
    assert (verdict.status, verdict.edition) == ("failed", None)
