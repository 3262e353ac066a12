"""The project's own texts and ledger."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from isomargin.rulebook.load import load
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import places
from isomargin.text.catalogue import Catalogue, load_catalogues
from isomargin.text.ledger import load_ledger
from isomargin.text.subjects import kinds_of, text_problems

SPEC = Path(__file__).parents[2] / "spec"
LANGUAGES = ("en", "nb")


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load(places())


@pytest.fixture(scope="module")
def catalogues(rulebook: Rulebook) -> dict[str, Catalogue]:
    return load_catalogues(SPEC, kinds_of(rulebook))


def test_texts_and_ledger_have_no_problem(rulebook: Rulebook) -> None:
    assert [str(problem) for problem in text_problems(SPEC, rulebook)] == []


def test_every_claim_of_the_sources_became_something() -> None:
    claims = load_ledger(SPEC).claims.data["claims"]
    assert [claim["id"] for claim in claims] == [f"C{n:02}" for n in range(1, 38)]
    assert all(claim["becomes"] and claim["stated_in"] for claim in claims)


def test_no_source_is_quoted_beyond_a_locator() -> None:
    for source in load_ledger(SPEC).sources.values():
        for entry in source.data["sentences"]:
            assert len(entry["opens"].split()) <= 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_and_example_reads_as_sentences(
    language: str, rulebook: Rulebook, catalogues: dict[str, Catalogue]
) -> None:
    catalogue = catalogues[language]
    for rule in rulebook.rules:
        text = catalogue.rule(rule)
        assert not text.title.endswith("."), rule
        assert text.statement.endswith("."), rule
        assert text.rationale.endswith("."), rule
    for case in rulebook.cases.values():
        if case.is_example:
            told = catalogue.example(case.id, case.core)
            assert re.fullmatch(r"[^{}]+\.", told.story), case.id


def test_the_two_languages_show_the_same_figures(
    rulebook: Rulebook, catalogues: dict[str, Catalogue]
) -> None:
    for case in rulebook.cases.values():
        if case.is_example:
            stories = [catalogues[x].example(case.id, case.core) for x in LANGUAGES]
            one, other = (sorted(re.findall(r"\d", story.story)) for story in stories)
            assert one == other, case.id


@pytest.mark.parametrize("name", ["source", "text", "number_forms"])
def test_the_schemas_are_schemas(name: str) -> None:
    schema = json.loads((SPEC / "schema" / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)
