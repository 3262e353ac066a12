"""Known failures: which cases may fail for now, why, and until when.

    # isomargin.toml
    [[known]]
    cases = "liquidation_price.tier.*"      # a glob over the ids of cases
    status = "fail"                         # fail, or flaky: it may do either
    reason = "tiers are looked up by collateral"
    issue = "https://example.org/issues/7"  # optional
    until = 2027-01-31                      # the last day it counts
    profile = "textbook/linear"             # optional: only under this profile

A known failure takes nothing from the gate, and the gate holds it to what it says:
it must match a case, every case of it that is judged must fail, and it ends. What no
longer holds is stale, and a stale expectation fails the gate by itself.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from isomargin.bounded import content_within
from isomargin.errors import UsageError

__all__ = [
    "DEFAULT_FILE",
    "FAILING",
    "Expectations",
    "Known",
    "headings",
    "no_expectations",
    "read_expectations",
    "stale",
]

DEFAULT_FILE = "isomargin.toml"
FAILING = frozenset({"failed", "errored"})

_JUDGED = FAILING | {"passed"}
_STATUSES = ("fail", "flaky")
_REQUIRED = ("cases", "status", "reason", "until")
_OPTIONAL = ("issue", "profile")
_LIMIT_BYTES = 1024 * 1024
_SHOWN = 3
_HEADING = re.compile(r"\s*\[\[\s*known\s*\]\]")


@dataclass(frozen=True, kw_only=True)
class Known:
    """One entry of the file.

    Attributes:
        cases: a glob over the ids of cases.
        status: `fail`, every case must fail; `flaky`, each may do either.
        reason: why.
        issue: where it is tracked, or None.
        until: the last day it counts.
        profile: the only profile it counts under; None for all.
        where: file and line.
    """

    cases: str
    status: str
    reason: str
    issue: str | None
    until: date
    profile: str | None
    where: str

    def names(self, case: str, profile: str) -> bool:
        """Say whether a case, judged by a profile, is one of these."""
        return self.profile in {None, profile} and fnmatchcase(case, self.cases)


@dataclass(frozen=True)
class Expectations:
    """What a file of expectations says.

    Attributes:
        entries: its entries, in order.
        digest: of the file; None where there is none.
    """

    entries: tuple[Known, ...]
    digest: str | None

    def known(self, case: str, profile: str) -> Known | None:
        """Return the first entry that names a case, or None."""
        named = (entry for entry in self.entries if entry.names(case, profile))
        return next(named, None)

    def is_flaky(self, case: str, profile: str) -> bool:
        """Say whether a case may answer differently each time."""
        return any(
            entry.status == "flaky" and entry.names(case, profile)
            for entry in self.entries
        )


no_expectations = Expectations((), None)


def read_expectations(path: Path) -> Expectations:
    """Return what a file of expectations says.

    Raises:
        UsageError: it cannot be read, or an entry is not what it should be.
    """
    import tomllib  # noqa: PLC0415 - most runs have no such file

    content = _content(path)
    try:
        text = content.decode()
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise UsageError("the file is not UTF-8", str(path), "save it so") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        what = f"not TOML: {error}"
        raise UsageError(what, str(path), "see toml.io for its grammar") from error
    lines = headings(text)
    entries = tuple(
        _known(entry, f"{path}:{line}")
        for entry, line in zip(_entries(data, lines, path), lines, strict=True)
    )
    return Expectations(entries, f"sha256:{hashlib.sha256(content).hexdigest()}")


def headings(text: str) -> list[int]:
    """Return the number of each line that begins an entry."""
    lines = enumerate(text.splitlines(), start=1)
    return [number for number, line in lines if _HEADING.match(line)]


def stale(
    entries: Sequence[Known],
    *,
    lines: Iterable[Mapping[str, Any]],
    cases: Iterable[tuple[str, str]],
    today: date,
) -> list[str]:
    """Return what no longer holds, each as a line that says what to do.

    Args:
        entries: the expectations.
        lines: the log's lines of cases, of which id, profile and status are used.
        cases: id and profile of every case that could have been selected.
        today: the day.
    """
    if not entries:
        return []
    held, there = list(lines), list(cases)
    return [
        f"{entry.where}: {what}"
        for entry in entries
        for what in _faults(entry, held, there, today)
    ]


def _faults(
    entry: Known,
    lines: Sequence[Mapping[str, Any]],
    cases: Iterable[tuple[str, str]],
    today: date,
) -> Iterator[str]:
    if entry.until < today:
        yield f"expired on {entry.until}; look again, then renew it or remove it"
    if not any(entry.names(*case) for case in cases):
        of = f" of {entry.profile}" if entry.profile else ""
        yield f"no case{of} matches {entry.cases!r}; correct it or remove it"
        return
    named = [line for line in lines if entry.names(line["id"], line["profile"])]
    if entry.status == "fail":
        yield from _unfailing(named)


def _unfailing(named: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with an entry whose cases should all fail."""
    passing = [line["id"] for line in named if line["status"] == "passed"]
    if passing:
        more = len(passing) - _SHOWN
        shown = ", ".join(passing[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        yield f"{shown} should fail and passed; take it out of the expectations"
    elif named and not any(line["status"] in _JUDGED for line in named):
        yield f"{named[0]['id']} should fail and was {named[0]['status']}; remove it"


# Reading


def _content(path: Path) -> bytes:
    try:
        content = content_within(path, _LIMIT_BYTES)
    except OSError as error:
        what = error.strerror or str(error)
        raise UsageError(what, str(path), "name another file") from error
    if content is None:
        what = f"the file is larger than {_LIMIT_BYTES} bytes"
        raise UsageError(what, str(path), "keep fewer expectations")
    return content


def _entries(data: Mapping[str, Any], lines: Sequence[int], path: Path) -> list[Any]:
    unknown = sorted(data.keys() - {"known"})
    if unknown:
        raise UsageError(f"unknown table {unknown[0]!r}", str(path), "use [[known]]")
    entries = data.get("known", [])
    tables = isinstance(entries, list) and all(isinstance(one, dict) for one in entries)
    if not tables or len(entries) != len(lines):
        what = "known is no list of tables"
        raise UsageError(what, str(path), "begin each on a line of its own: [[known]]")
    return list(entries)


def _known(entry: Mapping[str, Any], where: str) -> Known:
    fields = (*_REQUIRED, *_OPTIONAL)
    for name in entry:
        if name not in fields:
            remedy = f"use one of {', '.join(fields)}"
            raise UsageError(f"unknown field {name!r}", where, remedy)
    for name in _REQUIRED:
        if name not in entry:
            raise UsageError(f"the field {name} is missing", where, "add it")
    for name in fields:
        if name != "until" and name in entry:
            _check_text(name, entry[name], where)
    _check_values(entry, where)
    return Known(**{**dict.fromkeys(_OPTIONAL), **entry}, where=where)


def _check_text(name: str, text: object, where: str) -> None:
    if not isinstance(text, str) or not text.strip():
        raise UsageError(f"{name} is no text", where, 'write it like "…"')


def _check_values(entry: Mapping[str, Any], where: str) -> None:
    if entry["status"] not in _STATUSES:
        what = f"the status is {entry['status']!r}"
        raise UsageError(what, where, f"use one of {', '.join(_STATUSES)}")
    until = entry["until"]
    if not isinstance(until, date) or isinstance(until, datetime):
        raise UsageError("until is no date", where, "write it like 2027-01-31")
