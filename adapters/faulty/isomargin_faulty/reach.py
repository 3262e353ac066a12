"""Which faults a question reaches: the places they change that answering it calls.

A fault answers as the reference engine does where the place it changes is not called,
so that it need not be asked. This engine answers every question with a skip whose
reason names the faults that the question reaches.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from isomargin_adapter import Quote, Rejected, Run, Skipped
from isomargin_faulty import wire
from isomargin_faulty.bench import Change, apply

__all__ = ["answer", "engine", "watch"]

_reached: set[str] = set()


def watch(faults: Mapping[str, tuple[Change, ...]]) -> None:
    """Watch every place that a fault changes, in this process and for good."""
    places: dict[tuple[str, bool], set[str]] = {}
    for name, changes in faults.items():
        for change in changes:
            places.setdefault((change.place, change.only_here), set()).add(name)
    apply(
        Change("", place, _noting(frozenset(names)), only_here=only_here)
        for (place, only_here), names in places.items()
    )


def _noting(names: frozenset[str]) -> Any:
    def noting(real: Any, *given: Any, **named: Any) -> Any:
        _reached.update(names)
        return real(*given, **named)

    return noting


def answer(question: Quote) -> dict[str, Decimal | None]:
    """Answer a quote, and say what was reached.

    Raises:
        Skipped: always; the reason is what was reached.
    """
    _reached.clear()
    wire.answer(question)
    _tell()


def engine(run: Run) -> Any:
    """Carry a scenario out, and say what was reached.

    Raises:
        Skipped: always; the reason is what was reached.
    """
    _reached.clear()
    account = wire.Account(run)
    for step in run.steps:
        try:
            getattr(account, step["do"])(**step["with"])
        except Rejected:
            account.events.clear()
        account.state()
    _tell()


def _tell() -> NoReturn:
    raise Skipped(" ".join(sorted(_reached)))
