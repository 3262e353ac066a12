"""Which faults a question reaches: those that would change what answering it calls.

The question is answered as the reference engine answers it. At every call of a place
that a fault changes, what stands there instead is called as well; until one of these
comes to something else, the fault answers as the reference engine does, so that a
question of which none does need not be asked. This engine answers every question with
a skip whose reason names the faults that the question reaches.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from isomargin_adapter import Quote, Rejected, Run, Skipped
from isomargin_faulty import wire
from isomargin_faulty.bench import Change, apply

__all__ = ["answer", "engine", "same", "watch"]

_Instead = Callable[..., Any]


class _Reached:
    """What is noted of the question under way.

    Attributes:
        names: the faults that it reaches.
        trying: the fault that is being tried, None while the question is answered.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.trying: str | None = None


_reached = _Reached()


def watch(faults: Mapping[str, tuple[Change, ...]]) -> None:
    """Watch every place that a fault changes, in this process and for good."""
    places: dict[tuple[str, bool], dict[str, _Instead]] = {}
    for name, changes in faults.items():
        for change in changes:
            place = places.setdefault((change.place, change.only_here), {})
            place[name] = change.instead
    # What one module alone calls is watched last, over what every module calls: the
    # other way round, what stands in that module is no longer known by what it was.
    everywhere_first = sorted(places.items(), key=lambda item: item[0][1])
    apply(
        Change("", place, _watching(insteads), only_here=only_here)
        for (place, only_here), insteads in everywhere_first
    )


def _watching(insteads: Mapping[str, _Instead]) -> _Instead:
    """Return what stands at a place where each of these faults has something else."""

    def watching(real: Any, *given: Any, **named: Any) -> Any:
        if _reached.trying is not None:
            # A fault is tried as a whole: what it changes calls what it changes.
            instead = insteads.get(_reached.trying)
            return instead(real, *given, **named) if instead else real(*given, **named)
        came, raised = _come_of(real, *given, **named)
        for name in insteads.keys() - _reached.names:
            if not same((came, raised), _tried(name, insteads, real, *given, **named)):
                _reached.names.add(name)
        if raised is not None:
            raise raised
        return came

    return watching


def _tried(
    name: str, insteads: Mapping[str, _Instead], real: Any, *given: Any, **named: Any
) -> tuple[Any, Exception | None]:
    _reached.trying = name
    try:
        return _come_of(insteads[name], real, *given, **named)
    finally:
        _reached.trying = None


def _come_of(call: Any, *given: Any, **named: Any) -> tuple[Any, Exception | None]:
    """Return what a call returns, or what it raises."""
    try:
        return call(*given, **named), None
    except Exception as error:  # noqa: BLE001 - a fault may break down in any way
        return None, error


def same(one: Any, other: Any) -> bool:
    """Say whether two results cannot be told apart, by type, value and order."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, Exception):
        return same(one.args, other.args)
    if isinstance(one, Mapping):
        return same(tuple(one.items()), tuple(other.items()))
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def answer(question: Quote) -> dict[str, Decimal | None]:
    """Answer a quote, and say what was reached.

    Raises:
        Skipped: always; the reason is what was reached.
    """
    _reached.names.clear()
    wire.answer(question)
    _tell()


def engine(run: Run) -> Any:
    """Carry a scenario out, and say what was reached.

    Raises:
        Skipped: always; the reason is what was reached.
    """
    _reached.names.clear()
    account = wire.Account(run)
    for step in run.steps:
        try:
            getattr(account, step["do"])(**step["with"])
        except Rejected:
            account.events.clear()
        account.state()
    _tell()


def _tell() -> NoReturn:
    raise Skipped(" ".join(sorted(_reached.names)))
