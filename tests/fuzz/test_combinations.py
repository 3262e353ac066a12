"""Cases in which circumstances meet that meet in no other."""

from random import Random

import pytest

from isomargin import drive
from isomargin.formulas.world import Rules
from isomargin.fuzz.asker import Asker
from isomargin.fuzz.circumstances import circumstances
from isomargin.fuzz.combinations import Meetings, Size, chosen, combined, usual
from isomargin.fuzz.scope import scope_of
from isomargin.fuzz.sequence import Sequences, case_of
from isomargin.rulebook.model import Case, Rulebook
from isomargin.rulebook.places import places

SAID = "Something is done otherwise where these meet: "
INSTRUMENT = {
    "symbol": "A",
    "contract": "inverse",
    "contract_size": "1",
    "settle": "BTC",
    "tiers": [{"notional_floor": "0", "maintenance_margin_rate": "0.01"}],
}


@pytest.fixture(scope="module")
def rules(rulebook: Rulebook) -> Rules:
    return Rules(rulebook)


def scenario(*steps: tuple[str, dict[str, object]]) -> Case:
    asked = [{"do": do, "with": {"instrument": "A", **given}} for do, given in steps]
    given = {"balances": {"BTC": "10"}, "instruments": [INSTRUMENT]}
    core = {"given": given, "steps": asked}
    return case_of("life", "textbook/linear", {}, core)


def test_circumstances_tell_what_holds_in_a_step(rules: Rules) -> None:
    life = scenario(
        ("set_margin_mode", {"margin_mode": "isolated"}),
        ("trade", {"side": "sell", "quantity": "1000", "price": "10000"}),
        ("trade", {"side": "buy", "quantity": "500", "price": "10000"}),
        ("set_mark_price", {"price": "9000"}),
        ("remove_margin", {"amount": "9"}),
    )
    steps = list(circumstances(life, rules))
    assert {"trade", "event margin_allocated"} <= steps[1]
    assert {"trade", "short", "isolated", "inverse contract"} <= steps[2]
    assert {"set_mark_price", "after reduction"} <= steps[3]
    assert {"in profit", "refused for MARGIN_NOT_REMOVABLE"} <= steps[4]
    assert "hedge mode" not in set().union(*steps)


def test_a_position_opened_again_has_forgotten_all_but_that(rules: Rules) -> None:
    opened = ("trade", {"side": "buy", "quantity": "1000", "price": "10000"})
    closed = ("trade", {"side": "sell", "quantity": "1000", "price": "10000"})
    margin = ("apply_funding", {"funding_rate": "0.001"})
    life = scenario(opened, margin, closed, opened, margin)
    last = list(circumstances(life, rules))[-1]
    assert "after closing" in last
    assert "after apply_funding" not in last


@pytest.mark.parametrize("seed", range(20))
def test_each_chosen_adds_the_most_that_could_be_added(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a choice anyone can repeat
    new = [set(random.sample(range(60), random.randint(0, 12))) for _ in range(30)]
    met = set(range(5))
    seen, places_chosen = set(met), []
    for place, added in chosen(new, met, 8):
        assert added == new[place] - seen
        assert len(added) == max(len(each - seen) for each in new)
        seen |= added
        places_chosen.append(place)
    assert met == seen
    assert len(set(places_chosen)) == len(places_chosen) <= 8


def test_nothing_is_chosen_that_adds_nothing() -> None:
    assert list(chosen([{1}, set(), {1, 2}], {1, 2}, 3)) == []


def test_combined_cases_bring_together_what_has_not_met(rules: Rules) -> None:
    where = places()
    others = [one for one in rules.rulebook.cases.values() if not one.is_quote][:40]
    meetings = Meetings(rules, usual(others, rules))
    before = set().union(*(meetings.of(case) for case in others))
    met = set(before)
    command = drive.resolve("reference", adapters=[where.adapters])
    with drive.Subject.open(command, suite_version="test") as subject:
        drawing = Sequences(rules, scope_of(rules.rulebook, subject.ready, None))
        cases = list(combined(meetings, met, drawing, Size(60, 5)))
        asker = Asker(subject, rules)
        told = [asker.symptoms(case, outcome) for case, outcome in asker.answers(cases)]
    assert told == [[]] * 5
    for case in cases:
        assert meetings.of(case) - before
        assert is_true(case, rules)
        before |= meetings.of(case)
    assert met == before


def is_true(case: Case, rules: Rules) -> bool:
    """Say whether what a case is for does meet in one of its steps."""
    words = set(case.why.removeprefix(SAID).removesuffix(".").split(", "))
    return any(words <= step for step in circumstances(case, rules))


def test_every_combination_says_truly_what_meets_in_it(rules: Rules) -> None:
    kept = [
        case
        for case in rules.rulebook.cases.values()
        if case.id.startswith("combinations.")
    ]
    assert len(kept) > 100
    wrong = [case.id for case in kept if not is_true(case, rules)]
    assert wrong == []
