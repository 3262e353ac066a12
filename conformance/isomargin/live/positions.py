"""A position as an exchange tells of it, and the same once it is judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from isomargin.formulas.world import Rules
from isomargin.judge import Edition
from isomargin.judge.grade import PASSING, number_of
from isomargin.live.figures import LiveFigure, figures
from isomargin.live.sources import Sources
from isomargin.rulebook.model import Profile

__all__ = ["CROSS", "MOVED", "Held", "JudgedPosition", "Judging"]

MOVED = "moved"
CROSS = "cross"
_LASTING = ("quantity", "entry_price", "leverage", "isolated_margin")


@dataclass(frozen=True)
class Held:
    """An open position, as the bridge tells of it.

    Attributes:
        told: the bridge's object.
    """

    told: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """The instrument and the side."""
        return self.told["instrument"], self.told["side"]

    @property
    def given(self) -> Mapping[str, str]:
        """What the position is worked out from."""
        given: Mapping[str, str] = self.told["given"]
        return given

    @property
    def is_isolated(self) -> bool:
        """Whether it has a margin of its own."""
        return bool(self.told["margin_mode"] == "isolated")

    def is_as(self, other: "Held | None") -> bool:
        """Say whether another reading shows the same, the market's moves apart."""
        if other is None or other.told["margin_mode"] != self.told["margin_mode"]:
            return False
        return all(
            number_of(self.given.get(name)) == number_of(other.given.get(name))
            for name in _LASTING
        )


@dataclass(frozen=True, kw_only=True)
class JudgedPosition:
    """A position and what the profile says of each of its figures.

    Attributes:
        held: the position.
        figures: every figure reported, judged or not.
        unjudged: `cross` or `moved`, where the position is not judged at all.
        edition: another edition of the profile that gives every figure.
        choice: a choice and a value of it with which every figure agrees.
        profile: the profile it was judged by; empty where it was not.
    """

    held: Held
    figures: tuple[LiveFigure, ...] = ()
    unjudged: str = ""
    edition: Edition | None = None
    choice: tuple[str, str] | None = None
    profile: str = ""

    @property
    def status(self) -> str:
        """Passed, failed, unsupported (nothing to judge) or skipped (it moved)."""
        if self.unjudged:
            return "skipped" if self.unjudged == MOVED else "unsupported"
        grades = {one.grade for one in self.figures if one.grade}
        if not grades:
            return "unsupported"
        return "passed" if grades <= PASSING else "failed"


@dataclass(frozen=True, kw_only=True)
class Judging:
    """What positions are judged by.

    Attributes:
        profile: the venue's choices.
        rules: the rulebook's formulas.
        instruments: the instruments, by symbol.
        none_added: whether a position whose margin is not told has had none added.
    """

    profile: Profile
    rules: Rules
    instruments: Mapping[str, Mapping[str, Any]]
    none_added: bool = False

    def judged(self, readings: Sequence[Held]) -> tuple[LiveFigure, ...]:
        """Return a position's figures, each judged in the reading that suits it best.

        A figure that an exchange works out later than the price beside it is wrong in
        one reading and right in the next; what is wrong in all of them is wrong.

        Args:
            readings: the position as it was read, once or more.
        """
        *earlier, last = readings
        found = self._figures(last)
        if not earlier or all(one.grade != "off" for one in found):
            return found
        right = {
            (one.quantity, one.field): one
            for one in self.judged(earlier)
            if one.grade in PASSING
        }
        return tuple(right.get((one.quantity, one.field), one) for one in found)

    def by(self, profile: Profile) -> "Judging":
        """Return the same by another profile."""
        return replace(self, profile=profile)

    def _figures(self, held: Held) -> tuple[LiveFigure, ...]:
        instrument = self.instruments[held.key[0]]
        sources = Sources(instrument, held.told, none_added=self.none_added)
        return figures(sources, self.profile, self.rules)
