"""Scenarios: what the case expects of each step beside what the subject did.

A step is accepted unless the case says otherwise. Of its events the decisive ones
(`machine.events`) must be exactly those expected, in order, and the others that
are expected must be among those reported, in order. A step of which the case says
nothing about events may report no decisive event that the case expects nowhere. Where
a case states details of a step's events, see `isomargin.judge.events`.

`position` is the position in the step's instrument, in hedge mode on the step's
`position_side`; `positions` names each by instrument and side, and an empty list
says that none is open; `account` is the account in the step's asset.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from isomargin.drive.outcomes import Step
from isomargin.errors import RulebookError
from isomargin.judge.compare import Compared, nearest
from isomargin.judge.events import Telling, compare_events
from isomargin.judge.grade import Owner, Precision, grade
from isomargin.judge.observed import ABSENT, NotObserved, Observed
from isomargin.judge.verdict import Finding
from isomargin.rulebook.events import has_details, names_of
from isomargin.rulebook.model import Case

__all__ = ["compare_trace"]

Expected = Mapping[str, Any]


def compare_trace(
    case: Case,
    steps: Sequence[Step],
    precision: Precision,
    decisive: Mapping[str, bool],
) -> Compared:
    """Return what came of comparing a scenario.

    Args:
        case: the case.
        steps: what the subject did, a step for each of the case's.
        precision: what may lie between an expected and an observed figure.
        decisive: event to whether it is decisive.

    Raises:
        RulebookError: the case expects something of a position or account that
            its step does not name.
    """
    scenario = _Scenario(case, steps, precision, decisive)
    compared = []
    hedge = False
    for index, step in enumerate(steps):
        compared.append(_StepComparison(scenario, index, step, hedge).compared())
        hedge = hedge_after(case.core["steps"][index], step, hedge=hedge)
    return Compared(
        tuple(finding for each in compared for finding in each.findings),
        tuple(rule for each in compared for rule in each.rules),
    )


def hedge_after(asked: Expected, step: Step, *, hedge: bool) -> bool:
    """Say whether the account is in hedge mode after a step."""
    if asked["do"] != "set_position_mode" or step.outcome != "accepted":
        return hedge
    return bool(asked["with"]["position_mode"] == "hedge")


@dataclass(frozen=True)
class _Scenario:
    """What all steps of a scenario share."""

    case: Case
    steps: Sequence[Step]
    precision: Precision
    decisive: Mapping[str, bool]

    @cached_property
    def telling(self) -> Telling:
        """Return what is known of the subject's events in all steps."""
        ever = {name for step in self.steps for name in names_of(step.events)}
        return Telling(self.precision, self.decisive, ever)

    @cached_property
    def settles(self) -> dict[str, str]:
        """Return the settle asset of each instrument."""
        instruments = self.case.core["given"]["instruments"]
        return {item["symbol"]: item["settle"] for item in instruments}

    @cached_property
    def expected_events(self) -> frozenset[str]:
        """Return every event the case expects anywhere."""
        return frozenset(
            name
            for step in self.case.core["steps"]
            for part in _parts(step.get("expect", {}))
            for name in names_of(part.get("events", ()))
        )


def _parts(expect: Expected) -> list[Expected]:
    """Return what a step expects, and each alternative of it."""
    return [expect, *expect.get("any_of", ())]


class _StepComparison:
    """One step: what was asked and expected, and what was done."""

    def __init__(
        self,
        scenario: _Scenario,
        index: int,
        step: Step,
        hedge: bool,  # noqa: FBT001 - private
    ) -> None:
        self.scenario = scenario
        self.index = index
        self.step = step
        self.hedge = hedge
        self.asked = scenario.case.core["steps"][index]
        self.observed = Observed(step.state)

    def compared(self) -> Compared:
        expect, *alternatives = _parts(self.asked.get("expect", {}))
        if not alternatives:
            return Compared((*self.conduct(expect), *self.figures(expect)))
        return nearest(
            [
                Compared(
                    (
                        *self.conduct({**expect, **each}),
                        *self.figures(expect),
                        *self.figures(each),
                    ),
                    (each["rule"],),
                )
                for each in alternatives
            ]
        )

    # What was done

    def conduct(self, expect: Expected) -> Iterator[Finding]:
        usual = "rejected" if "reason" in expect else "accepted"
        outcome, reason = expect.get("outcome", usual), expect.get("reason")
        rejected = self.step.outcome == "rejected"
        surprise = rejected and outcome != "rejected"
        note = f"the reason given is {self.step.reason}" if surprise else ""
        yield self.plain("outcome", outcome, self.step.outcome, note)
        if reason is not None and rejected:
            yield self.plain("reason", reason, self.step.reason)
        listed = expect.get("events")
        if listed and has_details(listed):
            told, telling = self.step.events, self.scenario.telling
            yield from compare_events(self.index, listed, told, telling)
        else:
            yield from self.events(expect)

    def events(self, expect: Expected) -> Iterator[Finding]:
        reported = [event["event"] for event in self.step.events]
        decisive = [name for name in reported if self.scenario.decisive.get(name)]
        if "events" not in expect:
            known = self.scenario.expected_events
            stray = [name for name in decisive if name not in known]
            if stray:
                yield self.plain("events", [], stray)
            return
        expected = expect["events"]
        shown = [name for name in reported if name in decisive or name in expected]
        wanted = [name for name in expected if self.scenario.decisive.get(name)]
        held = wanted == decisive and _in_order(expected, shown)
        yield self.plain("events", expected, expected if held else shown)

    def plain(
        self, path: str, expected: object, actual: object, note: str = ""
    ) -> Finding:
        near = "exact" if expected == actual else "off"
        return Finding(self.index, path, expected, actual, near, note)

    # What the account came to

    def figures(self, expect: Expected) -> Iterator[Finding]:
        if "position" in expect:
            side = self.asked["with"].get("position_side") if self.hedge else None
            where = self.instrument(), side
            yield from self.position("position", expect["position"], where)
        if "positions" in expect:
            yield from self.positions(expect["positions"])
        if "account" in expect:
            yield from self.account("account", expect["account"], self.asset())
        for asset, figures in expect.get("accounts", {}).items():
            yield from self.account(f"accounts.{asset}", figures, asset)

    def position(
        self, path: str, expected: Expected | None, where: Owner
    ) -> Iterator[Finding]:
        try:
            found = _narrowed(self.observed.matching(*where), expected)
        except NotObserved:
            yield from self.unobserved(path, expected)
            return
        if len(found) > 1:
            note = f"{len(found)} positions are open in {where[0]}"
            shown = [_of_interest(each, expected) for each in found]
            yield Finding(self.index, path, expected, shown, "off", note)
        elif expected is None or not found:
            actual = found[0] if found else None
            note = "" if found or expected is None else f"none is open in {where[0]}"
            yield self.plain(path, expected, actual, note)
        else:
            owner = found[0]["instrument"], found[0]["side"]
            for name, value in expected.items():
                actual = found[0].get(name, ABSENT)
                yield self.figure(path, name, value, actual, owner)

    def unobserved(self, path: str, expected: Expected | None) -> Iterator[Finding]:
        if not expected:
            yield Finding(self.index, path, expected, None, "not observed")
            return
        for name, value in expected.items():
            yield self.figure(path, name, value, ABSENT, (None, None))

    def positions(self, expected: Sequence[Expected]) -> Iterator[Finding]:
        if not expected:
            yield self.no_position()
        for each in expected:
            where = each["instrument"], each.get("side")
            path = ".".join(filter(None, ("positions", *where)))
            named = {"instrument", "side"}
            figures = {name: each[name] for name in each if name not in named}
            yield from self.position(path, figures, where)

    def no_position(self) -> Finding:
        if self.observed.positions is None:
            return Finding(self.index, "positions", [], None, "not observed")
        return self.plain("positions", [], list(self.observed.positions))

    def account(self, path: str, expected: Expected, asset: str) -> Iterator[Finding]:
        for name, value in expected.items():
            actual = self.observed.account(asset, name)
            yield self.figure(path, name, value, actual, (None, None))

    def figure(
        self, path: str, name: str, expected: object, actual: object, owner: Owner
    ) -> Finding:
        near, note = grade(self.scenario.precision, name, expected, actual, owner)
        shown = None if actual is ABSENT else actual
        return Finding(self.index, f"{path}.{name}", expected, shown, near, note)

    # What the step is about

    def instrument(self) -> str:
        instrument: str | None = self.asked["with"].get("instrument")
        if instrument is None:
            raise self.unnamed("position", "instrument", "positions")
        return instrument

    def asset(self) -> str:
        given, settles = self.asked["with"], self.scenario.settles
        only = set(settles.values())
        asset = given.get("asset") or settles.get(given.get("instrument"))
        if asset is None and len(only) > 1:
            raise self.unnamed("account", "asset", "accounts")
        return asset or only.pop()

    def unnamed(self, key: str, missing: str, instead: str) -> RulebookError:
        case = self.scenario.case
        what = f"step {self.index + 1} of {case.id} expects something of the {key}"
        remedy = f"write it under `{instead}`"
        return RulebookError(f"{what} but names no {missing}", case.where, remedy)


def _narrowed(
    found: list[Mapping[str, Any]], expected: Expected | None
) -> list[Mapping[str, Any]]:
    """Return the positions found, those on the side expected where there are more."""
    if len(found) > 1 and expected and "side" in expected:
        return [position for position in found if position["side"] == expected["side"]]
    return found


def _of_interest(
    position: Mapping[str, Any], expected: Expected | None
) -> dict[str, Any]:
    """Return which position it is, and the figures that are expected of it."""
    names = {"instrument", "side", *(expected or ())}
    return {name: value for name, value in position.items() if name in names}


def _in_order(expected: Sequence[str], reported: Sequence[str]) -> bool:
    """Say whether the expected events are among the reported ones, in order."""
    rest = iter(reported)
    return all(event in rest for event in expected)
