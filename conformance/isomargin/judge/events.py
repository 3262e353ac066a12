"""The events of a step of which a case states details.

Those listed are then all there are: what the subject tells under the machine's names is
exactly these, in order. An event that is not decisive and that the subject tells in no
step may be left out (`spec/machine.yaml`), and so is not observed. Of events that are
the same, each detail stated is compared like any figure; `events[0].amount` is the
amount of the first that the case lists.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from isomargin.judge.grade import Precision, grade
from isomargin.judge.observed import ABSENT
from isomargin.judge.verdict import Finding
from isomargin.rulebook.events import Listed, details_of, names_of

__all__ = ["Telling", "compare_events", "quantities_told", "quantity_of"]

Event = Mapping[str, Any]


class Telling(NamedTuple):
    """What is known of a subject's events beside those of the step.

    Attributes:
        precision: what may lie between an expected and an observed figure.
        decisive: event to whether it is decisive.
        ever: the names of the events that it tells in any step.
    """

    precision: Precision
    decisive: Mapping[str, bool]
    ever: Collection[str]

    def may_lack(self, name: str) -> bool:
        """Say whether an event is one that the subject leaves out throughout."""
        return name not in self.ever and not self.decisive.get(name)


def compare_events(
    index: int, expected: Sequence[Listed], told: Sequence[Event], telling: Telling
) -> Iterator[Finding]:
    """Yield what came of comparing the events of a step with all that are listed.

    Args:
        index: the step's index.
        expected: the events the case lists, with details.
        told: the events the subject tells in the step.
        telling: what else is known of its events.
    """
    known = [event for event in told if event["event"] in telling.decisive]
    listed = []
    for place, name, event in zip(
        range(len(expected)), names_of(expected), expected, strict=True
    ):
        path = f"events[{place}]"
        if telling.may_lack(name):
            yield Finding(index, path, name, None, "not observed")
        else:
            listed.append((path, name, details_of(event)))
    wanted, names = [name for _, name, _ in listed], names_of(known)
    same = wanted == names
    yield Finding(index, "events", wanted, names, "exact" if same else "off")
    for (path, _, details), event in zip(listed, known if same else (), strict=same):
        yield from _details(index, path, details, event, telling.precision)


def _details(
    index: int, path: str, details: Event, event: Event, precision: Precision
) -> Iterator[Finding]:
    owner = event.get("instrument"), event.get("side")
    for name, expected in details.items():
        actual = event.get(name, ABSENT)
        near, note = grade(precision, name, expected, actual, owner)
        shown = None if actual is ABSENT else actual
        yield Finding(index, f"{path}.{name}", expected, shown, near, note)


def quantity_of(finding: Finding) -> str:
    """Return what a finding about an event is called among a subject's quantities.

    Such as `event.amount` for a detail, `event.fee` for an event that is left out.
    """
    return f"event.{finding.path.partition('].')[2] or finding.expected}"


def quantities_told(events: Sequence[Event]) -> Iterator[str]:
    """Yield what a subject exposes by telling events, as `quantity_of` calls it."""
    for event in events:
        yield f"event.{event['event']}"
        yield from (f"event.{name}" for name in event if name != "event")
