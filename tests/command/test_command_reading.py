"""`list`, `show`, `explain`, `calculate`: what a reader of the rulebook sees."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from isomargin.command.description import DESCRIBED
from isomargin.command.entries import KINDS, entries_of, named
from isomargin.command.options import Desk
from isomargin.explain import explanation, worked
from isomargin.formulas.world import Rules
from isomargin.report.explanation import explanation_lines
from isomargin.report.screen import Screen

Said = Any
Call = Callable[..., Said]
Golden = Callable[[str, str], None]

# A formula over positions or tiers has names that are never broken.
WIDEST = 120
POSITION = ("--side", "long", "--quantity", "0.1", "--entry", "10000")
LEVERAGED = (*POSITION, "--leverage", "10", "--maintenance-rate", "0.004")
QUESTION = {
    "profile": "textbook/linear",
    "instrument": {
        "symbol": "BTC-USD",
        "contract": "linear",
        "settle": "USD",
        "tiers": [{"notional_floor": "0", "maintenance_margin_rate": "0.004"}],
    },
    "position": {
        "side": "long",
        "quantity": "0.1",
        "entry_price": "10000",
        "leverage": "10",
    },
    "want": ["initial_margin", "liquidation_price"],
}
VALUES = {"initial_margin": "100", "liquidation_price": "9036.144578313253012048"}


@pytest.fixture(scope="session")
def desks() -> dict[str, Desk]:
    """Give what every verb works with, by language."""
    return {
        language: Desk(spec=None, language=language, format="json")
        for language in ("en", "nb")
    }


@pytest.mark.parametrize("kind", ["cases", "rules", "profiles", "quantities", "claims"])
def test_what_is_listed_can_be_shown(call: Call, kind: str) -> None:
    [first, *_] = (entry["id"] for entry in call("list", kind).data)
    assert call("show", first).data["id"] == first
    said = call("show", first, "--lang", "nb", "--format", "terminal")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(first)


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_everything_listed_can_be_described(
    desks: dict[str, Desk], kind: str, language: str
) -> None:
    desk = desks[language]
    for entry in entries_of(kind, desk.rulebook, desk.catalogue):
        found = dict(named(entry["id"], desk.rulebook))
        told = DESCRIBED[kind](found[kind], desk.rulebook, desk.catalogue)
        assert told.data["id"] == entry["id"]
        assert told.heading.startswith(entry["id"])


def test_a_list_fits_the_terminal(call: Call) -> None:
    said = call("list", "claims", "--format", "terminal")
    lines = said.out.splitlines()
    assert lines[0] == "ID   STATEMENT"
    assert max(map(len, lines)) <= 80


def test_a_list_can_be_narrowed(call: Call) -> None:
    ids = [entry["id"] for entry in call("list", "rules", "-k", "value.*").data]
    assert ids[:2] == ["value.linear", "value.inverse"]
    assert all(identity.startswith("value.") for identity in ids)
    profile = call("list", "--profile", "textbook/linear", "-k", "glossary.*").data
    assert {entry["profile"] for entry in profile} == {"textbook/linear"}


def test_a_rule_is_shown_with_its_text_its_core_and_its_sources(
    call: Call, golden: Golden
) -> None:
    said = call("show", "maintenance_margin.at_mark", "--format", "terminal")
    told = said.out.split("\ncase ")[0] + "\n"
    golden("show_rule.txt", told.rstrip("\n") + "\n")


@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_case_is_told_and_worked_out_in_a_language(
    call: Call, golden: Golden, language: str
) -> None:
    said = call("explain", "glossary.alice", "--lang", language, "--format", "terminal")
    assert (said.code, said.err) == (0, "")
    golden(f"explain_alice.{language}.txt", said.out)


# What a case works out is the same in every language; its words are held elsewhere.
@pytest.mark.parametrize(("language", "every"), [("en", 1), ("nb", 10)])
def test_every_case_can_be_explained(
    desks: dict[str, Desk], language: str, every: int
) -> None:
    desk = desks[language]
    for case in list(desk.rulebook.cases.values())[::every]:
        told = explanation(worked(case, Rules(desk.rulebook)), desk.catalogue)
        lines = list(explanation_lines(told, Screen()))
        assert lines[0] == told.title
        assert max(map(len, lines)) <= WIDEST, case.id


def test_an_explanation_ends_in_the_values_the_case_expects(
    desks: dict[str, Desk],
) -> None:
    desk = desks["en"]
    quotes = [case for case in desk.rulebook.cases.values() if case.is_quote]
    assert quotes
    for case in quotes:
        [stage] = explanation(worked(case, Rules(desk.rulebook)), desk.catalogue).stages
        told = {one.quantity: one.value for one in stage.workings}
        assert told == case.core["quote"]["expect"], case.id


def test_explaining_a_scenario_tells_the_cash_that_moved(call: Call) -> None:
    stages = call("explain", "glossary.alice").data["stages"]
    moved = {posting["bucket"]: posting["amount"] for posting in stages[3]["postings"]}
    assert moved == {
        "counterparty": "400",
        "insurance_fund": "-300",
        "isolated_margin": "-100",
    }
    assert stages[3]["rules"][1][0] == "liquidation.takes_the_whole_isolated_margin"


def test_quantities_are_calculated_from_options(call: Call, golden: Golden) -> None:
    said = call("calculate", *LEVERAGED, "--format", "terminal")
    assert (said.code, said.err) == (0, "")
    golden("calculate.txt", said.out)
    assert call("calculate", *LEVERAGED).data["values"]["liquidation_price"] == (
        "9036.144578313253012048"
    )


def test_a_language_writes_calculated_numbers_its_own_way(call: Call) -> None:
    said = call(
        "calculate", *LEVERAGED, "--lang", "nb", "--format", "terminal",
        "--want", "liquidation_price",
    )  # fmt: skip
    assert said.out.splitlines()[1].startswith("likvidasjonspris")
    assert "9\u00a0036,144578313253012048" in said.out


def test_added_margin_moves_the_calculated_liquidation_price(call: Call) -> None:
    words = ("calculate", *LEVERAGED, "--want", "liquidation_price")
    data = call(*words, "--added-margin", "50").data
    assert data == {
        "profile": "textbook/linear",
        "values": {"liquidation_price": "8534.136546184738955823"},
        "rules": {"liquidation_price": "liquidation_price.exists"},
    }


def test_a_price_that_does_not_exist_is_null_and_a_dash(call: Call) -> None:
    words = ("calculate", *LEVERAGED, "--isolated-margin", "2000")
    assert call(*words).data["values"]["liquidation_price"] is None
    lines = call(*words, "--format", "terminal").out.splitlines()
    [price] = [line for line in lines if line.startswith("liquidation price")]
    assert price.split() == ["liquidation", "price", "–", "liquidation_price.exists"]


def test_an_engine_calculates_the_same_as_the_formulas(call: Call) -> None:
    ours = call("calculate", *LEVERAGED).data["values"]
    theirs = call("calculate", *LEVERAGED, "--subject", "reference").data["values"]
    assert theirs == ours


@pytest.mark.parametrize("subject", [(), ("--subject", "reference")])
def test_lines_are_answered_in_order_and_a_bad_one_alone_is_refused(
    start: Call, subject: tuple[str, ...]
) -> None:
    lines = [json.dumps(QUESTION), "{", json.dumps({**QUESTION, "want": []})]
    said = start("calculate", *subject, given="\n".join(lines) + "\n")
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert answers == [
        {"values": VALUES},
        {"error": "it is not JSON; write one object a line"},
        {"values": {}},
    ]
    assert (said.code, said.err) == (2, "")


def changed(**parts: Any) -> str:
    return json.dumps({**QUESTION, **parts})


BAD_LINES = {
    "[1]": "it is no object; see: isomargin calculate --help",
    "{}": "profile is missing; give it",
    changed(want="all"): "want is not a list; mend it",
    changed(want=["luck"]): (
        "want: unknown quantity 'luck'; see: isomargin list quantities"
    ),
    changed(extra=1): (
        "unknown key 'extra'; use cross_positions, instrument, position, profile,"
        " wallet_balance, want"
    ),
    changed(position={"side": "long", "quantity": "1e3", "entry_price": "1"}): (
        "position.quantity: '1e3' is not a decimal number such as 12.5;"
        " see: isomargin schema protocol"
    ),
    changed(position={"side": "up", "quantity": "1", "entry_price": "1"}): (
        "position.side: 'up' is not one of ['long', 'short'];"
        " see: isomargin schema protocol"
    ),
    changed(instrument={"symbol": "X", "fees": [1]}): (
        "instrument.fees: [1] is not of type 'object'; see: isomargin schema protocol"
    ),
    changed(profile={"id": "textbook/linear", "parameters": {"luck": "yes"}}): (
        "profile: unknown parameter 'luck'"
    ),
    changed(position={"side": "long", "quantity": "1"}): (
        "position.entry_price is missing; give it"
    ),
}


@pytest.mark.parametrize(("line", "error"), BAD_LINES.items())
def test_a_line_that_is_no_question_is_told_why(
    start: Call, line: str, error: str
) -> None:
    said = start("calculate", given=line + "\n")
    assert json.loads(said.out) == {"error": error}
    assert said.code == 2


def test_parameters_of_a_question_go_before_the_profiles(start: Call) -> None:
    changed_profile = {
        "id": "textbook/linear",
        "parameters": {"maintenance_margin_price": "entry"},
    }
    said = start("calculate", given=changed(profile=changed_profile) + "\n")
    assert json.loads(said.out)["values"]["liquidation_price"] == "9040"


def test_an_engine_that_lacks_a_quote_says_which_feature(
    start: Call, engine: Any
) -> None:
    said = start(
        "calculate", "--subject", engine("nothing"), given=json.dumps(QUESTION) + "\n"
    )
    assert json.loads(said.out) == {"unsupported": "quotes of any kind"}
    assert said.code == 0
