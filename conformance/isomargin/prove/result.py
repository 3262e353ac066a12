"""What came of trying to prove a claim."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Proof", "ProofReport", "Status"]

Status = Literal["proved", "refuted", "undecided"]


@dataclass(frozen=True)
class Proof:
    """What came of one claim.

    Attributes:
        claim: the claim's name.
        says: the claim, in words.
        contract: linear, inverse or quanto.
        side: long or short.
        choices: the parameters it depends on.
        profiles: the profiles that make these choices.
        status: proved for all figures of the domain, refuted, or undecided.
        counterexample: figures for which it does not hold, where it is refuted.
        reason: why it is undecided; where it is refuted, why it is known not to hold;
            otherwise an empty text.
    """

    claim: str
    says: str
    contract: str
    side: str
    choices: Mapping[str, Any]
    profiles: tuple[str, ...]
    status: Status
    counterexample: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class ProofReport:
    """What came of every claim.

    Attributes:
        proofs: one for each claim, contract kind, side and distinct set of choices.
        seconds: how long it took.
    """

    proofs: tuple[Proof, ...]
    seconds: str

    @property
    def unexplained(self) -> tuple[Proof, ...]:
        """Return what is refuted and not known to be."""
        return tuple(
            each for each in self.proofs if each.status == "refuted" and not each.reason
        )

    def counts(self) -> dict[str, int]:
        """Return how many were proved, refuted and left undecided."""
        statuses = ("proved", "refuted", "undecided")
        return {
            status: sum(each.status == status for each in self.proofs)
            for status in statuses
        }
