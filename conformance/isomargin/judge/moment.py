"""A scenario as laws see it: one moment a step, with what was so before and after."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isomargin.drive.outcomes import Step
from isomargin.formulas.world import Instrument
from isomargin.judge.observed import Observed, opening

__all__ = ["Market", "Moment", "moments"]


@dataclass(frozen=True)
class Market:
    """What does not change while a scenario runs.

    Attributes:
        instruments: the instruments by symbol.
        assets: every asset there is cash in or an instrument settles in, in order.
    """

    instruments: Mapping[str, Instrument]
    assets: tuple[str, ...]

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Market":
        """Return the market of a scenario's balances and instruments."""
        listed = [Instrument.read(data) for data in given["instruments"]]
        settles = [instrument.values["settle"] for instrument in listed]
        return cls(
            {instrument.values["symbol"]: instrument for instrument in listed},
            tuple(dict.fromkeys([*given["balances"], *settles])),
        )

    def settle(self, symbol: str | None) -> str | None:
        """Return an instrument's settle asset; None for an unknown instrument."""
        instrument = self.instruments.get(symbol or "")
        return instrument.values["settle"] if instrument else None


@dataclass(frozen=True)
class Settings:
    """What the account holder has set, known from the actions that were accepted.

    Attributes:
        position_mode: one_way or hedge.
        auto_add_margin: the instruments for which it is on.
    """

    position_mode: str = "one_way"
    auto_add_margin: frozenset[str] = frozenset()

    def after(self, action: str, given: Mapping[str, Any]) -> "Settings":
        """Return the settings once an action was accepted."""
        if action == "set_position_mode":
            return Settings(given["position_mode"], self.auto_add_margin)
        if action != "set_auto_add_margin":
            return self
        one = frozenset({given["instrument"]})
        # Where one side of a hedge switches it off the other may still have it on.
        keeps = given["enabled"] or "position_side" in given
        kept = self.auto_add_margin | one if keeps else self.auto_add_margin - one
        return Settings(self.position_mode, kept)


@dataclass(frozen=True)
class Moment:
    """One step and the account on either side of it.

    Attributes:
        index: the step's index.
        action: the action's name.
        given: its arguments, as the case writes them.
        step: what the subject did.
        before: the account before: as observed after the step before, or the opening.
        after: the account as observed after the step.
        settings: what the account holder had set before the step.
    """

    index: int
    action: str
    given: Mapping[str, Any]
    step: Step
    before: Observed
    after: Observed
    settings: Settings

    @property
    def hedge(self) -> bool:
        """Say whether an instrument may have a long and a short position at once."""
        return self.settings.position_mode == "hedge"


def moments(core: Mapping[str, Any], steps: Sequence[Step]) -> Iterator[Moment]:
    """Yield the moments of a scenario, one a step."""
    before, settings = opening(core["given"]["balances"]), Settings()
    for index, (asked, step) in enumerate(zip(core["steps"], steps, strict=False)):
        action, given = asked["do"], asked["with"]
        after = Observed(step.state)
        yield Moment(index, action, given, step, before, after, settings)
        before = after
        if step.outcome == "accepted":
            settings = settings.after(action, given)
