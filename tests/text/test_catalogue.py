from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from isomargin.errors import RulebookError
from isomargin.text.catalogue import Catalogue, RuleText, load_catalogue
from isomargin.text.figures import Figure

LaidOut = Callable[..., Path]
NBSP = "\u00a0"


@pytest.fixture
def english(laid_out: LaidOut, kinds: Mapping[str, str]) -> Catalogue:
    return load_catalogue(laid_out(), "en", kinds)


@pytest.fixture
def norwegian(laid_out: LaidOut, kinds: Mapping[str, str]) -> Catalogue:
    return load_catalogue(laid_out(), "nb", kinds)


def test_a_rule_is_told_in_its_language(norwegian: Catalogue) -> None:
    assert norwegian.rule("margin.lost") == RuleText(
        "Hva som tapes", "Ikke mer enn marginen tapes.", "Det er alt som finnes."
    )


def test_an_example_has_the_figures_of_its_core(
    english: Catalogue, core: Mapping[str, Any]
) -> None:
    told = english.example("tiny.trade", core)
    assert told.title == "A trade with a leverage of 10x"
    assert told.story == "With 2,000 USD there is a buy at 50,000 in BTC-USD."


def test_an_example_has_the_marks_and_words_of_its_language(
    norwegian: Catalogue, core: Mapping[str, Any]
) -> None:
    story = norwegian.example("tiny.trade", core).story
    assert story == (
        f"Med 2{NBSP}000{NBSP}USD gjøres et kjøp til 50{NBSP}000 i BTC-USD."
    )


def test_labels_definitions_and_claims_are_found_by_name(english: Catalogue) -> None:
    assert english.label("quantity", "leverage") == "leverage"
    assert english.definition("leverage") == (
        "How many times its margin a position is worth."
    )
    assert english.claim("C01") == "Margin can be lost."


def test_a_message_takes_figures_and_strings(norwegian: Catalogue) -> None:
    value = Figure(kind="amount", value="-1234.50", field="amount", asset="USD")
    assert norwegian.message("value", quantity="Saldo", value=value) == (
        f"Saldo er −1{NBSP}234,50{NBSP}USD."
    )


def test_a_message_without_its_figure_is_refused(english: Catalogue) -> None:
    with pytest.raises(RulebookError) as error:
        english.message("value", quantity="balance")
    assert str(error.value) == "no figure was given for {value}"


def test_a_figure_is_shown_in_the_view_asked_for(english: Catalogue) -> None:
    rate = Figure(kind="rate", value="0.004", field="rate")
    assert english.shown(rate) == "0.4%"
    assert english.shown(rate, "plain") == "0.004"


@pytest.mark.parametrize(("field", "section"), [("do", "action"), ("side", "side")])
def test_a_word_is_looked_up_in_the_section_of_its_field(
    field: str, section: str, english: Catalogue
) -> None:
    with pytest.raises(RulebookError) as error:
        english.shown(Figure(kind="word", value="dance", field=field))
    assert str(error.value) == (
        f"no label of labels/{section}/dance in en; "
        "write it in spec/text/en/labels.yaml"
    )


def test_no_other_language_stands_in_for_a_missing_text(norwegian: Catalogue) -> None:
    with pytest.raises(RulebookError) as error:
        norwegian.rule("margin.kept")
    assert str(error.value) == (
        "no title of rules/margin.kept in nb; write it in spec/text/nb/rules.yaml"
    )


def test_a_language_that_is_not_there_is_refused(
    laid_out: LaidOut, kinds: Mapping[str, str]
) -> None:
    spec = laid_out()
    with pytest.raises(RulebookError) as error:
        load_catalogue(spec, "fr", kinds)
    assert str(error.value) == f"{spec / 'text'}: no texts in the language 'fr'"


def test_a_digest_moves_with_any_word_of_a_unit(
    laid_out: LaidOut, kinds: Mapping[str, str]
) -> None:
    spec = laid_out()
    before = load_catalogue(spec, "en", kinds).units["rules/margin.lost"].digest
    path = spec / "text" / "en" / "rules.yaml"
    path.write_text(path.read_text().replace("all there is", "all there was"))
    after = load_catalogue(spec, "en", kinds).units["rules/margin.lost"].digest
    assert (len(before), before == after) == (12, False)
