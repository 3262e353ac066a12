"""Every fault of the ledger, and the whole of what is said about it."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from isomargin.errors import RulebookError
from isomargin.rulebook.strict_yaml import Document
from isomargin.text.ledger import load_ledger, problems, unlike
from isomargin.text.sentences import opening_of, sentence_digest, sentences

LaidOut = Callable[..., Path]
BAD = Path(__file__).with_name("bad_ledger")
FAULTS = sorted(path.name for path in BAD.iterdir() if path.is_dir())
TARGETS = {"rule": frozenset({"margin.lost"}), "example": frozenset({"tiny.trade"})}
DOCUMENT = "# Margin\n\nMargin can be lost. Is it so?\n\n| --- |\n* Yes, 3 vs. 4.\n"


def test_a_sound_ledger_has_no_problems(laid_out: LaidOut) -> None:
    assert problems(load_ledger(laid_out()), TARGETS) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_full(fault: str, laid_out: LaidOut) -> None:
    ledger = load_ledger(laid_out(BAD / fault))
    told = "".join(f"{problem}\n" for problem in problems(ledger, TARGETS))
    assert told == (BAD / f"{fault}.txt").read_text(encoding="utf-8")


def test_another_reason_for_no_claim_is_refused(laid_out: LaidOut) -> None:
    spec = laid_out()
    path = spec / "sources" / "page.yaml"
    path.write_text(path.read_text().replace("heading", "boring"))
    with pytest.raises(RulebookError) as error:
        load_ledger(spec)
    assert str(error.value) == (
        "spec/sources/page.yaml:7: source.sentences.0.no_claim: 'boring' is none of "
        "advert, encouragement, heading, introduction, keyword, list_lead, menu, "
        "metadata, page_furniture, question, recommendation, sign_up"
    )


@pytest.mark.parametrize("name", ["claims", "discrepancies"])
def test_a_ledger_without_its_files_is_refused(name: str, laid_out: LaidOut) -> None:
    spec = laid_out()
    (spec / "sources" / f"{name}.yaml").unlink()
    with pytest.raises(RulebookError) as error:
        load_ledger(spec)
    assert str(error.value) == f"{spec / 'sources'}: there is no {name}.yaml"


def entered(document: str) -> Document:
    """Return a document's ledger as it should be."""
    entries = [
        {"n": str(n), "opens": opening_of(x), "sha256": sentence_digest(x)}
        for n, x in enumerate(sentences(document), 1)
    ]
    digest = sha256(document.encode()).hexdigest()
    return Document("page.yaml", {"sha256": digest, "sentences": entries}, {})


def test_a_complete_ledger_is_like_its_document() -> None:
    assert unlike(entered(DOCUMENT), DOCUMENT.encode()) == []


def test_another_document_is_told_from_the_one_entered() -> None:
    found = unlike(entered(DOCUMENT), DOCUMENT.encode() + b" ")
    assert [str(x) for x in found] == ["page.yaml:1: this is not the document"]


def test_a_sentence_left_out_is_found() -> None:
    ledger = entered(DOCUMENT)
    ledger.data["sentences"].pop()
    assert [str(x) for x in unlike(ledger, DOCUMENT.encode())] == [
        "page.yaml:1: 3 sentences, and the document has 4"
    ]


def test_a_sentence_entered_wrongly_is_found() -> None:
    ledger = entered(DOCUMENT)
    ledger.data["sentences"][1]["opens"] = "Margin can be kept."
    assert [str(x) for x in unlike(ledger, DOCUMENT.encode())] == [
        "page.yaml:1: sentence 2 is not so"
    ]
