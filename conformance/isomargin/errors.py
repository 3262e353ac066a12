"""What can go wrong, whose fault it is, and the exit code that says so.

    IsomarginError
    ├── UsageError          2  the person: an option, a name that does not exist
    ├── SubjectUnusable     3  the subject: it cannot be started or spoken to
    ├── RulebookError       4  the rulebook or the cases: a file is wrong
    ├── StaleExpectations   5  the expectations: they no longer hold
    ├── LogUnverifiable     6  a run log: cut short, edited, of another rulebook
    └── NothingSelected     7  the selection: no case is left

An error is one line: where, what, and what to do.
"""

from dataclasses import dataclass

__all__ = [
    "IsomarginError",
    "LogUnverifiable",
    "NothingSelected",
    "RulebookError",
    "StaleExpectations",
    "SubjectUnusable",
    "UsageError",
]


@dataclass(eq=False)
class IsomarginError(Exception):
    """The root of every expected error.

    Attributes:
        what: the fault, as a clause without a full stop.
        where: the file and line, the option or the subject it lies in.
        remedy: what to do about it, as a clause without a full stop.
    """

    what: str
    where: str | None = None
    remedy: str | None = None
    exit_code = 1

    def __str__(self) -> str:
        """Return the error as its one line."""
        line = f"{self.where}: {self.what}" if self.where else self.what
        return f"{line}; {self.remedy}" if self.remedy else line


class UsageError(IsomarginError):
    """The command was called in a way that cannot be carried out."""

    exit_code = 2


class SubjectUnusable(IsomarginError):
    """The engine under test cannot be started, or does not speak the protocol."""

    exit_code = 3


class RulebookError(IsomarginError):
    """A file of the rulebook or of the cases is wrong."""

    exit_code = 4


class StaleExpectations(IsomarginError):
    """A known failure passes now, matches nothing, or has expired."""

    exit_code = 5


class LogUnverifiable(IsomarginError):
    """A run log is cut short, was edited, or belongs to another rulebook."""

    exit_code = 6


class NothingSelected(IsomarginError):
    """No case is left after the selection."""

    exit_code = 7
