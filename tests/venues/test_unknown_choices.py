"""What rests on a choice of which a profile says nothing is not judged."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from isomargin.check import rulebook_problems
from isomargin.drive.outcomes import Outcome, Quantities, Step, Trace
from isomargin.drive.protocol import Introduction
from isomargin.errors import RulebookError
from isomargin.fill import fill
from isomargin.formulas.world import Rules
from isomargin.judge import Verdict, judge
from isomargin.rulebook.load import load_cases
from isomargin.rulebook.model import Case, Choice, Rulebook
from isomargin.rulebook.places import places
from isomargin.unknowns import resting, resting_of_case

SUBJECT = Introduction(
    name="acme",
    version="1",
    language="python",
    operations=("quote", "run"),
    profiles="any",
    contracts=("linear",),
    actions=("set_margin_mode", "trade", "set_mark_price"),
    quantities=("margin_ratio", "initial_margin", "quantity", "free_balance"),
    arithmetic="decimal",
    window=1,
)
OPENED = """\
cases:
  - id: mine.opened
    profile: {profile}
    rules: [open.allocates_margin]
    why: A choice of which nothing was seen.
    origin: derived
    given:
      balances: {{USDT: "2000"}}
      instruments:
        - {{symbol: BTC-USDT, contract: linear, contract_size: "1", settle: USDT, tiers: [{{notional_floor: "0", maintenance_margin_rate: "0.005"}}]}}
    steps:
      - {{do: set_margin_mode, with: {{instrument: BTC-USDT, margin_mode: isolated}}}}
      - {{do: set_leverage, with: {{instrument: BTC-USDT, leverage: "10"}}}}
      - {{do: trade, with: {{instrument: BTC-USDT, side: buy, quantity: "1", price: "10000"}}}}
      - do: {action}
        with: {{instrument: BTC-USDT, {given}}}
        expect: {{{expect}}}
"""
QUOTED = """\
cases:
  - id: mine.quoted
    profile: bybit/linear
    rules: [initial_margin.of_position]
    why: A choice of which nothing was seen.
    origin: derived
    quote:
      instrument: {{symbol: BTC-USDT, contract: linear, contract_size: "1", settle: USDT, tiers: [{{notional_floor: "0", maintenance_margin_rate: "0.005"}}]}}
      position: {{side: long, quantity: "1", entry_price: "10000", leverage: "10", mark_price: "9900"}}
      expect: {{{expect}}}
{more}
"""
RATIO = "bybit/linear says nothing of margin_ratio_form"
MODE = "bybit/linear says nothing of margin_mode_change_with_position"
LOCKED = "outcome: rejected, reason: MARGIN_MODE_LOCKED"


def written(path: Path, text: str) -> Case:
    file = path / "mine.yaml"
    file.write_text(text, "utf-8")
    (case,) = load_cases(places(), [file])
    return case


def quoted(path: Path, expect: str, more: str = "") -> Case:
    return written(path, QUOTED.format(expect=expect, more=more))


def opened(
    path: Path, action: str, given: str, expect: str, profile: str = "bybit/linear"
) -> Case:
    told = {"action": action, "given": given, "expect": expect, "profile": profile}
    return written(path, OPENED.format(**told))


def judged(case: Case, outcome: Outcome, rules: Rules) -> Verdict:
    parameters = rules.rulebook.profiles[case.profile].parameters
    rests = resting_of_case(case, rules)
    return judge(case, outcome, SUBJECT, rules, parameters, resting=rests)


def traced(last: Step) -> Trace:
    position = {
        "instrument": "BTC-USDT",
        "side": "long",
        "margin_mode": "isolated",
        "quantity": "1",
        "isolated_margin": "1000",
    }
    balances = {"USDT": {"free_balance": "1000"}}
    state = {"balances": balances, "positions": [position]}
    done = Step("accepted", None, (), state)
    return Trace((done, done, done, last))


def answered(outcome: str, reason: str | None, **state: Any) -> Trace:
    return traced(Step(outcome, reason, (), state))


def test_a_figure_that_rests_on_an_unknown_choice_is_neither_right_nor_wrong(
    tmp_path: Path, rules: Rules
) -> None:
    case = quoted(tmp_path, 'margin_ratio: "1"')
    for value in ("1", "99", None):
        verdict = judged(case, Quantities({"margin_ratio": value}), rules)
        assert (verdict.status, verdict.kind, verdict.detail) == ("unjudged", "", RATIO)
        (finding,) = verdict.findings
        assert (finding.grade, finding.note) == ("not judged", RATIO)
        assert verdict.rules == ()


def test_what_was_not_observed_is_not_judged_either(
    tmp_path: Path, rules: Rules
) -> None:
    case = quoted(tmp_path, 'margin_ratio: "1"')
    assert judged(case, Quantities({}), rules).status == "unjudged"


def test_what_can_be_judged_beside_it_is(tmp_path: Path, rules: Rules) -> None:
    case = quoted(tmp_path, 'initial_margin: "1000", margin_ratio: "1"')
    wrong = judged(
        case, Quantities({"initial_margin": "7", "margin_ratio": "1"}), rules
    )
    assert wrong.status == "failed"
    assert wrong.detail == "initial_margin is 7, expected 1000 (off)"
    right = {"initial_margin": "1000", "margin_ratio": "5"}
    assert judged(case, Quantities(right), rules).status == "unjudged"


def test_a_permitted_alternative_that_rests_on_it_is_not_judged(
    tmp_path: Path, rules: Rules
) -> None:
    other = 'any_of: [{rule: margin_ratio.equity_over_notional, margin_ratio: "1"}]'
    case = quoted(tmp_path, 'initial_margin: "1000"', f"      {other}")
    answer = {"initial_margin": "1000", "margin_ratio": "5"}
    assert judged(case, Quantities(answer), rules).detail == RATIO


def test_a_choice_that_a_case_makes_itself_is_known(
    tmp_path: Path, rules: Rules
) -> None:
    case = quoted(tmp_path, 'margin_ratio: "1"')
    own = replace(case, overrides={"margin_ratio_form": "equity_over_notional"})
    assert judged(own, Quantities({"margin_ratio": "5"}), rules).status == "failed"


@pytest.mark.parametrize(
    ("outcome", "reason"), [("accepted", None), ("rejected", "MARGIN_MODE_LOCKED")]
)
def test_an_outcome_that_rests_on_an_unknown_choice_is_not_judged(
    outcome: str, reason: str | None, tmp_path: Path, rules: Rules
) -> None:
    case = opened(tmp_path, "set_margin_mode", "margin_mode: cross", LOCKED)
    verdict = judged(case, answered(outcome, reason), rules)
    assert (verdict.status, verdict.detail) == ("unjudged", MODE)


def test_a_step_of_which_nothing_is_said_is_not_taken_to_be_accepted(
    tmp_path: Path, rules: Rules
) -> None:
    case = opened(tmp_path, "set_margin_mode", "margin_mode: cross", "")
    verdict = judged(case, answered("accepted", None), rules)
    assert (verdict.status, verdict.detail) == ("unjudged", MODE)


def test_what_is_the_same_however_the_choice_falls_is_judged(
    tmp_path: Path, rules: Rules
) -> None:
    """HTX says nothing of the trigger price; there is but one price here."""
    case = opened(
        tmp_path, "set_mark_price", 'price: "9900"', "events: []", "htx/linear"
    )
    assert "trigger_price" in rules.rulebook.profiles["htx/linear"].unknown
    assert resting_of_case(case, rules) == {}


def test_where_the_prices_differ_the_trigger_price_matters(
    tmp_path: Path, rules: Rules
) -> None:
    case = opened(
        tmp_path,
        "set_mark_price",
        'price: "9900", index_price: "5000"',
        "events: []",
        "htx/linear",
    )
    assert resting_of_case(case, rules) == {
        (3, "events"): ("trigger_price",),
        (3, "positions"): ("trigger_price",),
    }


def test_a_law_that_asks_for_an_unknown_choice_is_not_judged(
    tmp_path: Path, rules: Rules
) -> None:
    case = opened(tmp_path, "set_margin_mode", "margin_mode: cross", LOCKED)
    name = "margin_mode.unchanged_while_open"
    moved = answered("accepted", None, positions=[])
    found = {law.rule: law.held for law in judged(case, moved, rules).laws}
    assert found[name] is None
    choices = {"margin_mode_change_with_position": Choice("rejected", assumed=True)}
    known = with_choices(rules.rulebook, "bybit/linear", choices)
    found = {law.rule: law.held for law in judged(case, moved, Rules(known)).laws}
    assert found[name] is False


def with_choices(
    rulebook: Rulebook, name: str, choices: Mapping[str, Choice]
) -> Rulebook:
    profile = rulebook.profiles[name]
    changed = replace(profile, choices={**profile.choices, **choices})
    return replace(rulebook, profiles={**rulebook.profiles, name: changed})


@pytest.mark.parametrize(
    "answer",
    [
        Trace(()),
        Quantities({"margin_ratio": "1"}),
        traced(
            Step(
                "accepted",
                None,
                (),
                {"positions": [{"instrument": "X", "side": "long"}]},
            )
        ),
        traced(Step("odd", "ODD", ({"event": "odd"},), {})),
    ],
)
def test_no_answer_brings_the_judge_down(
    answer: Outcome, tmp_path: Path, rules: Rules
) -> None:
    case = opened(tmp_path, "set_margin_mode", "margin_mode: cross", LOCKED)
    assert judged(case, answer, rules).status in {"errored", "unjudged", "failed"}


def test_a_choice_that_another_brings_into_view_is_tried_there() -> None:
    def work(changes: Mapping[str, Any]) -> tuple[dict[str, str], set[str]]:
        if changes.get("process", "full") == "full":
            return {"margin": "0", "price": "1"}, {"process"}
        fee = changes.get("fee", "none")
        return {"margin": "0", "price": fee}, {"process", "fee"}

    unknown = {"process": "full", "fee": "none"}
    allowed = {"process": ["full", "steps"], "fee": ["none", "taker"]}
    assert resting(work, unknown, allowed) == {"price": ("process", "fee")}


def test_the_check_refuses_a_value_that_rests_on_an_unknown_choice(
    tmp_path: Path, rulebook: Rulebook
) -> None:
    case = quoted(tmp_path, 'margin_ratio: "0.5"')
    case = replace(case, core={**case.core, "citations": ()})
    found = rulebook_problems(replace(rulebook, cases={case.id: case}))
    told = [f"{problem.what}; {problem.remedy}" for problem in found]
    assert told[0] == (
        f"mine.quoted: margin_ratio cannot be expected: {RATIO};"
        " leave it out, or set the choice"
    )


def test_no_value_is_filled_in_that_rests_on_an_unknown_choice(tmp_path: Path) -> None:
    quoted(tmp_path, 'initial_margin: "?", margin_ratio: "?"')
    with pytest.raises(RulebookError) as fault:
        list(fill([tmp_path / "mine.yaml"], places()))
    assert str(fault.value).endswith(
        f": mine.quoted: margin_ratio cannot be derived: {RATIO};"
        " leave it out, or set the choice"
    )
    assert '"?"' in (tmp_path / "mine.yaml").read_text("utf-8")
