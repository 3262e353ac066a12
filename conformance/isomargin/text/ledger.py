"""The ledger: what became of every sentence of every source.

    spec/sources/<source>.yaml       each sentence: its claims, or why it has none
    spec/sources/claims.yaml         each claim: where it is stated, what it became
    spec/sources/discrepancies.yaml  where sources disagree, or can be read two ways

A sentence is cited as `source/n`, counted as `isomargin.text.sentences` counts.
The documents themselves are not in the repository; `unlike` compares a source
with its document, for whoever has it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from isomargin.errors import RulebookError
from isomargin.rulebook.strict_yaml import Document
from isomargin.text.files import checked_document
from isomargin.text.sentences import opening_of, sentence_digest, sentences

__all__ = ["Ledger", "load_ledger", "problems", "unlike"]

_BESIDE_SOURCES = ("claims", "discrepancies")


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The ledger's files.

    Attributes:
        sources: the file of each source, by its id.
        claims: the file of the claims.
        discrepancies: the file of the discrepancies.
    """

    sources: Mapping[str, Document]
    claims: Document
    discrepancies: Document


def load_ledger(spec: Path) -> Ledger:
    """Return the ledger of a rulebook's folder.

    Raises:
        RulebookError: a file is wrong.
    """
    documents = {
        path.stem: checked_document(
            path,
            spec=spec,
            schema="source",
            sort=path.stem if path.stem in _BESIDE_SOURCES else "source",
        )
        for path in sorted((spec / "sources").glob("*.yaml"))
    }
    for name in _BESIDE_SOURCES:
        if name not in documents:
            raise RulebookError(f"there is no {name}.yaml", str(spec / "sources"))
    claims, discrepancies = (documents.pop(name) for name in _BESIDE_SOURCES)
    return Ledger(sources=documents, claims=claims, discrepancies=discrepancies)


def problems(
    ledger: Ledger, targets: Mapping[str, frozenset[str]]
) -> list[RulebookError]:
    """Return every problem of the ledger.

    Args:
        ledger: the ledger.
        targets: what a claim may have become: the ids there are of each sort
            (`rule`, `example`, `term`, `parameter`); discrepancies are its own.
    """
    known = {**targets, "discrepancy": _ids(ledger.discrepancies, "discrepancies")}
    found = [error for x in ledger.sources.values() for error in _of_source(x)]
    found += _of_claims(ledger, known)
    found += _of_citations(ledger)
    found += _of_discrepancies(ledger, known)
    return found


def unlike(source: Document, document: bytes) -> list[RulebookError]:
    """Return where a source's ledger differs from the document it is of.

    Args:
        source: the source's file.
        document: the archived document, as it was read.
    """
    entries = source.data["sentences"]
    if sha256(document).hexdigest() != source.data["sha256"]:
        return [_error(source, "this is not the document", ("sha256",))]
    found = sentences(document.decode())
    if len(found) != len(entries):
        what = f"{len(entries)} sentences, and the document has {len(found)}"
        return [_error(source, what, ("sentences",))]
    return [
        _error(source, f"sentence {entry['n']} is not so", ("sentences", index))
        for index, (entry, sentence) in enumerate(zip(entries, found, strict=True))
        if (entry["opens"], entry["sha256"])
        != (opening_of(sentence), sentence_digest(sentence))
    ]


def _of_source(source: Document) -> Iterator[RulebookError]:
    for index, entry in enumerate(source.data["sentences"]):
        path = ("sentences", index)
        if entry["n"] != str(index + 1):
            what = f"sentence {index + 1} is numbered {entry['n']}"
            yield _error(source, what, path, "number them in order, from 1")
        if bool(entry.get("claims")) == ("no_claim" in entry):
            what = f"sentence {entry['n']} needs claims, or no_claim with a reason"
            yield _error(source, what, path, "write one of the two")


def _of_claims(
    ledger: Ledger, known: Mapping[str, frozenset[str]]
) -> Iterator[RulebookError]:
    claims = ledger.claims
    for index, claim in enumerate(claims.data["claims"]):
        at = ("claims", index)
        if claim["id"] != f"C{index + 1:02}":
            what = f"claim {claim['id']} stands where C{index + 1:02} belongs"
            yield _error(claims, what, (*at, "id"), "number them in order, from C01")
        if not claim["becomes"]:
            what = f"claim {claim['id']} became nothing"
            yield _error(claims, what, (*at, "becomes"), "name what it became")
        for place, target in enumerate(claim["becomes"]):
            path = (*at, "becomes", place)
            yield from _of_target(claims, target, path, known)


def _of_target(
    document: Document,
    target: Mapping[str, str],
    path: Sequence[str | int],
    known: Mapping[str, frozenset[str]],
) -> Iterator[RulebookError]:
    for sort, name in target.items():
        if name not in known.get(sort, frozenset()):
            yield _error(
                document,
                f"there is no {sort} {name!r}",
                path,
                "correct it, or write it",
            )


def _of_citations(ledger: Ledger) -> Iterator[RulebookError]:
    """Compare what the sentences say of the claims with what the claims say."""
    stated = {claim["id"]: claim["stated_in"] for claim in ledger.claims.data["claims"]}
    for name, source in ledger.sources.items():
        for index, entry in enumerate(source.data["sentences"]):
            for claim in entry.get("claims", []):
                if f"{name}/{entry['n']}" not in stated.get(claim, []):
                    what = f"claim {claim} does not say it is stated here"
                    remedy = f"add {name}/{entry['n']} to its stated_in"
                    yield _error(source, what, ("sentences", index), remedy)
    claimed = _claimed(ledger)
    for index, claim in enumerate(ledger.claims.data["claims"]):
        for place, citation in enumerate(claim["stated_in"]):
            if claim["id"] not in claimed.get(citation, []):
                what = f"{citation} does not make claim {claim['id']}"
                remedy = "take it out, or cite the claim at that sentence"
                yield _error(
                    ledger.claims,
                    what,
                    ("claims", index, "stated_in", place),
                    remedy,
                )


def _of_discrepancies(
    ledger: Ledger, known: Mapping[str, frozenset[str]]
) -> Iterator[RulebookError]:
    document, claimed = ledger.discrepancies, _claimed(ledger)
    for index, discrepancy in enumerate(document.data["discrepancies"]):
        readings = discrepancy["readings"]
        if discrepancy["follows"] not in readings:
            what = (
                f"it follows {discrepancy['follows']!r}, which is none of its readings"
            )
            yield _error(
                document, what, ("discrepancies", index, "follows"), "name a reading"
            )
        for name, reading in readings.items():
            path = ("discrepancies", index, "readings", name)
            for target in reading.get("becomes", []):
                yield from _of_target(document, target, path, known)
            for citation in reading.get("stated_in", []):
                if citation not in claimed:
                    yield _error(
                        document,
                        f"{citation} claims nothing",
                        path,
                        "name one that makes a claim",
                    )


def _claimed(ledger: Ledger) -> dict[str, list[str]]:
    return {
        f"{name}/{entry['n']}": entry.get("claims", [])
        for name, source in ledger.sources.items()
        for entry in source.data["sentences"]
        if entry.get("claims")
    }


def _ids(document: Document, name: str) -> frozenset[str]:
    return frozenset(entry["id"] for entry in document.data[name])


def _error(
    document: Document,
    what: str,
    path: Sequence[str | int],
    remedy: str | None = None,
) -> RulebookError:
    return RulebookError(what, document.where(*path), remedy)
