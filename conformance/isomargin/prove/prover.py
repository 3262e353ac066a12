"""Trying to prove every claim for every family of positions the profiles make."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import z3
from z3.z3util import get_vars

from isomargin.formulas.world import Rules
from isomargin.prove.algebra import orders
from isomargin.prove.claims import CLAIMS, Claim, Posed
from isomargin.prove.position import Family, domain
from isomargin.prove.result import Proof, ProofReport
from isomargin.prove.symbolic import Undecidable
from isomargin.rulebook.model import Profile, Rulebook

__all__ = ["prove"]

_PATIENCE = 4_000
_SIDES = {1: "long", -1: "short"}


def prove(rulebook: Rulebook, *, patience: int = _PATIENCE) -> ProofReport:
    """Try to prove every claim for every profile.

    Two profiles whose choices a claim does not tell apart are one proof. Numbers are
    real: the rounding of each named quantity to 18 decimals is left out.

    Args:
        rulebook: the rulebook.
        patience: milliseconds for one claim before it is left undecided.

    Returns:
        What came of each claim: proved for all figures of the domain, refuted with
        figures, or undecided with a reason.
    """
    began = time.monotonic()
    prover = _Prover(Rules(rulebook), patience)
    for profile in rulebook.profiles.values():
        prover.add(profile)
    return ProofReport(tuple(prover.proofs), f"{time.monotonic() - began:.1f}")


@dataclass
class _Prover:
    """The proofs so far."""

    rules: Rules
    patience: int
    proofs: list[Proof] = field(default_factory=list)

    def add(self, profile: Profile) -> None:
        """Try every claim for a profile."""
        for side, name in _SIDES.items():
            family = Family(self.rules, profile.parameters, profile.contract, side)
            for claim in CLAIMS:
                self.try_claim(claim, family, profile, name)

    def try_claim(
        self, claim: Claim, family: Family, profile: Profile, side: str
    ) -> None:
        index = self.known(claim, family, side)
        if index is not None:
            old = self.proofs[index]
            self.proofs[index] = replace(old, profiles=(*old.profiles, profile.id))
            return
        proof = self.proof(claim, family, side)
        self.proofs.append(replace(proof, profiles=(profile.id,)))

    def known(self, claim: Claim, family: Family, side: str) -> int | None:
        """Return the proof that answers for a family as well, if there is one."""
        for index, proof in enumerate(self.proofs):
            same = (proof.claim, proof.contract, proof.side)
            if same == (claim.name, family.contract, side) and all(
                family.parameters.get(name) == value
                for name, value in proof.choices.items()
            ):
                return index
        return None

    def proof(self, claim: Claim, family: Family, side: str) -> Proof:
        """Return what comes of one claim."""
        blank = Proof(
            claim.name, claim.says, family.contract, side, {}, (), "undecided"
        )
        try:
            posed = claim.pose(family)
        except Undecidable as reason:
            return replace(blank, choices=dict(family.parameters), reason=str(reason))
        answered = replace(blank, choices=dict(posed.position.used))
        return _excused(_decided(answered, posed, self.patience), claim)


def _excused(proof: Proof, claim: Claim) -> Proof:
    """Return a refuted proof with the reason, where it is known not to hold."""
    if proof.status != "refuted":
        return proof
    for exempt in claim.exempt:
        if exempt.choices.items() <= proof.choices.items():
            return replace(proof, reason=exempt.reason)
    return proof


def _decided(proof: Proof, posed: Posed, patience: int) -> Proof:
    solver = z3.Solver()
    solver.set("timeout", patience)
    solver.add(*domain(orders), *posed.given, z3.Not(posed.holds))
    answer = solver.check()
    if answer == z3.unsat:
        return replace(proof, status="proved")
    if answer == z3.sat:
        spoken_of = {str(one) for one in get_vars(z3.And(*posed.given, posed.holds))}
        figures = {
            name: figure
            for name, figure in sorted(_figures(solver.model()))
            if name in spoken_of
        }
        return replace(proof, status="refuted", counterexample=figures)
    return replace(proof, reason=f"no answer within {patience} ms")


def _figures(model: Any) -> Iterator[tuple[str, str]]:
    for symbol in model.decls():
        if symbol.arity() == 0:
            yield symbol.name(), _written(model[symbol])


def _written(value: Any) -> str:
    """Return a figure as a fraction, or about what an irrational one is."""
    if z3.is_rational_value(value):
        number = Fraction(value.numerator_as_long(), value.denominator_as_long())
        return str(number)
    return str(value.as_decimal(12))
