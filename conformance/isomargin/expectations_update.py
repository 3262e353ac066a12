"""Writing the file of expectations after a run.

What holds stays as it was written, comments included. What is stale goes: an entry
that matches nothing, and of an entry some of whose cases passed only those remain
that failed. Every failure that nothing names is added. A date is never moved: an
entry that expired stays, and somebody has to look at it.
"""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from isomargin.errors import UsageError
from isomargin.expectations import FAILING, Known, headings, read_expectations, stale

__all__ = ["update_expectations"]

_DAYS = 90


def update_expectations(
    path: Path,
    *,
    lines: Iterable[Mapping[str, Any]],
    cases: Iterable[tuple[str, str]],
    today: date,
) -> tuple[int, int]:
    """Write what a run showed into a file of expectations.

    Args:
        path: the file; it is made where it is not there.
        lines: the log's lines of cases.
        cases: id and profile of every case that could have been selected.
        today: the day; what is added counts for 90 days from it.

    Returns:
        How many entries were added, and how many were taken out or narrowed.

    Raises:
        UsageError: the file cannot be read or written.
    """
    held, there = list(lines), list(cases)
    old = read_expectations(path).entries if path.exists() else ()
    head, *blocks = _blocks(path.read_text("utf-8") if old else "")
    kept = [list(_remaining(entry, held, there)) for entry in old]
    texts = [
        block if remaining == [entry] else "".join(map(_block, remaining))
        for entry, block, remaining in zip(old, blocks, kept, strict=True)
    ]
    named = [entry for remaining in kept for entry in remaining]
    added = [_new(line, path, today) for line in held if _is_new(line, named)]
    before = "".join([head, *texts]).rstrip("\n")
    after = "".join(map(_block, added)).rstrip("\n")
    _write(path, "\n\n".join(filter(None, [before, after])) + "\n")
    changed = sum(rest != [entry] for entry, rest in zip(old, kept, strict=True))
    return len(added), changed


def _blocks(text: str) -> list[str]:
    """Return what stands before the first entry, and each entry as it is written."""
    lines = text.splitlines(keepends=True)
    starts = [0, *(number - 1 for number in headings(text)), len(lines)]
    return ["".join(lines[start:end]) for start, end in pairwise(starts)]


def _remaining(
    entry: Known,
    lines: Sequence[Mapping[str, Any]],
    cases: Iterable[tuple[str, str]],
) -> Iterator[Known]:
    """Yield what remains of an entry: itself, those of its cases that fail, nothing."""
    if not stale([entry], lines=lines, cases=cases, today=entry.until):
        yield entry
        return
    for line in lines:
        failed = line["status"] in FAILING
        if failed and entry.names(line["id"], line["profile"]):
            yield replace(entry, cases=_literal(line["id"]))


def _is_new(line: Mapping[str, Any], named: Iterable[Known]) -> bool:
    case, profile = line["id"], line["profile"]
    return line["status"] in FAILING and not any(
        entry.names(case, profile) for entry in named
    )


def _new(line: Mapping[str, Any], path: Path, today: date) -> Known:
    return Known(
        cases=_literal(line["id"]),
        status="fail",
        reason=line["detail"] or line["kind"],
        issue=None,
        until=today + timedelta(days=_DAYS),
        profile=None,
        where=str(path),
    )


def _literal(case: str) -> str:
    """Return the glob that matches one id and no other."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in case)


def _block(entry: Known) -> str:
    fields = {
        "cases": _text(entry.cases),
        "status": _text(entry.status),
        "reason": _text(entry.reason),
        "issue": _text(entry.issue) if entry.issue else None,
        "until": entry.until.isoformat(),
        "profile": _text(entry.profile) if entry.profile else None,
    }
    written = [f"{name} = {value}\n" for name, value in fields.items() if value]
    return "".join(["[[known]]\n", *written, "\n"])


def _text(text: str) -> str:
    # A string of JSON, but for U+007F, is a string of TOML.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write(path: Path, text: str) -> None:
    """Write the file so that a reader finds the old one or the new one."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=path.name, encoding="utf-8", delete=False
        ) as file:
            file.write(text)
            os.fchmod(file.fileno(), 0o644)
        Path(file.name).replace(path)
    except OSError as error:
        what = error.strerror or str(error)
        raise UsageError(what, str(path), "name a file that can be written") from error
