import pytest

from isomargin.text.sentences import opening_of, sentence_digest, sentences


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("One. Two! Three? Four", ("One.", "Two!", "Three?", "Four")),
        ("one line\nanother line", ("one line", "another line")),
        ("  • Marked  with   marks ", ("Marked with marks",)),
        ("# Heading\n- item\n| cell | cell |", ("Heading", "item", "cell | cell")),
        ("---\n|---|---|\n  \n42", ()),
        ("Isolated vs. Cross", ("Isolated vs. Cross",)),
        ("1. Numbered heading", ("1. Numbered heading",)),
        ("E.g., this is one (e.g. so).", ("E.g., this is one (e.g. so).",)),
        ("Slutt. Å begynne. Økt.", ("Slutt.", "Å begynne.", "Økt.")),
        ("e\u0301", ("\u00e9",)),
    ],
)
def test_a_document_falls_into_sentences(
    document: str, expected: tuple[str, ...]
) -> None:
    assert sentences(document) == expected


def test_a_sentence_is_known_by_its_first_four_words_and_its_digest() -> None:
    assert opening_of("One two three four five") == "One two three four"
    assert sentence_digest("One.") == "70277bfc409b5021"


def test_spacing_does_not_change_a_digest() -> None:
    (spaced,), (plain,) = sentences("One  \t two"), sentences("One two")
    assert sentence_digest(spaced) == sentence_digest(plain)
