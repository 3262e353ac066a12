"""The expression language of the rulebook: small, exact, checked by kinds.

It is a whitelisted part of Python's expression syntax. Nothing is ever executed
as Python: an expression is parsed, its kinds are checked against the vocabulary,
and it is worked out with rationals.
"""

from isomargin.expression.evaluate import Scope, Value, evaluator
from isomargin.expression.kinds import KindError, KindScope, kind_of
from isomargin.expression.parse import Expression, parse
from isomargin.expression.rewrite import rewritten
from isomargin.expression.write import written

__all__ = [
    "Expression",
    "KindError",
    "KindScope",
    "Scope",
    "Value",
    "evaluator",
    "kind_of",
    "parse",
    "rewritten",
    "written",
]
