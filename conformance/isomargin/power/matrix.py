"""The matrix: what each case saw of each fault."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from isomargin.judge import Verdict

__all__ = ["BROKEN", "Catch", "Matrix", "Row", "catch_of", "sign"]

_NOT_WRONG = frozenset({"exact", "rounded", "float", "not judged"})
_SIGN_DIGITS = 10

BROKEN = "broken"
"""What is seen of a law that does not hold."""


@dataclass(frozen=True)
class Catch:
    """What a case saw of a fault.

    Attributes:
        status: failed, or errored where the engine broke down.
        laws: ids of the laws that were broken.
        signs: the symptoms, each a short digest of a figure and its wrong value, so
            that an engine with the same wrong values is known again.
    """

    status: str
    laws: tuple[str, ...]
    signs: frozenset[str]


Row = Mapping[str, Catch]
"""Case id to what it saw, for each case that saw anything."""


@dataclass(frozen=True)
class Matrix:
    """What came of asking every faulty engine every case.

    Attributes:
        cases: ids of the cases asked.
        rows: fault to its row.
        control: the row of the engine that has no fault.
    """

    cases: tuple[str, ...]
    rows: Mapping[str, Row]
    control: Row

    def data(self) -> dict[str, Any]:
        """Return the matrix as JSON data."""
        return {
            "cases": list(self.cases),
            "rows": {name: _row_data(row) for name, row in self.rows.items()},
            "control": _row_data(self.control),
        }

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the matrix that JSON data says."""
        return cls(
            tuple(data["cases"]),
            {name: _row_of(row) for name, row in data["rows"].items()},
            _row_of(data["control"]),
        )


def catch_of(verdict: Verdict) -> Catch | None:
    """Return what a verdict says of a fault; None where the case saw nothing."""
    if verdict.status == "passed":
        return None
    laws = [law for law in verdict.laws if law.held is False]
    wrong = [each for each in verdict.findings if each.grade not in _NOT_WRONG]
    signs = [sign(each.step, each.path, each.actual) for each in wrong]
    return Catch(
        verdict.status,
        tuple(dict.fromkeys(law.rule for law in laws)),
        frozenset([*signs, *(sign(law.step, law.rule, BROKEN) for law in laws)]),
    )


def sign(step: int | None, path: str, actual: object) -> str:
    """Return a short digest of what was seen where."""
    seen = f"{step}\0{path}\0{actual}".encode()
    return hashlib.sha256(seen).hexdigest()[:_SIGN_DIGITS]


def _row_data(row: Row) -> dict[str, list[Any]]:
    return {
        case: [catch.status, list(catch.laws), sorted(catch.signs)]
        for case, catch in row.items()
    }


def _row_of(data: Mapping[str, Iterable[Any]]) -> Row:
    return {
        case: Catch(status, tuple(laws), frozenset(signs))
        for case, (status, laws, signs) in data.items()
    }
