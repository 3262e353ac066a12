"""Proving claims about the rulebook's formulas for all figures of their domain."""

from isomargin.prove.prover import prove
from isomargin.prove.result import Proof, ProofReport

__all__ = ["Proof", "ProofReport", "prove"]
