"""The rulebook's formulas, carried out: what a quote or a scenario comes to."""

from isomargin.formulas.machine import Outcome, run
from isomargin.formulas.numbers import NotCanonical, decimal_text, exact, kept
from isomargin.formulas.quote import quote, quote_scope
from isomargin.formulas.scope import Derived, PositionScope
from isomargin.formulas.state import State
from isomargin.formulas.world import World

__all__ = [
    "Derived",
    "NotCanonical",
    "Outcome",
    "PositionScope",
    "State",
    "World",
    "decimal_text",
    "exact",
    "kept",
    "quote",
    "quote_scope",
    "run",
]
