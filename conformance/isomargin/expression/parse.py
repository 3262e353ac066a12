"""Parsing: from text to a tree that holds nothing but what the language allows."""

import ast
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from isomargin.errors import RulebookError

__all__ = ["AGGREGATES", "Expression", "dotted", "number", "parse"]

AGGREGATES = frozenset({"all", "any", "sum", "min", "max", "first", "last"})
"""Functions that take one comprehension, over positions or tiers."""

_LIMIT_CHARACTERS = 2_000
_LIMIT_NODES = 400
_LIMIT_DEPTH = 40
_NUMBER = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?")
_ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.USub, ast.Not,
    ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Compare, ast.Eq, ast.NotEq,
    ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.IfExp, ast.Call,
    ast.Name, ast.Load, ast.Store, ast.Attribute, ast.Constant, ast.GeneratorExp,
    ast.comprehension,
)  # fmt: skip


@dataclass(frozen=True)
class Expression:
    """A parsed expression.

    Attributes:
        source: the text it was written as.
        where: the file and line it stands on.
        given: a tree that stands for that of the text, where it was rewritten.
    """

    source: str
    where: str
    given: ast.expr | None = None

    @cached_property
    def tree(self) -> ast.expr:
        """Its syntax tree, of allowed nodes only.

        Raises:
            RulebookError: the source is no expression of the language.
        """
        return self.given or _parsed(self.source, self.where)

    def __getstate__(self) -> dict[str, Any]:
        """Return what is kept of it; its tree is made anew when it is asked for."""
        return {"source": self.source, "where": self.where, "given": self.given}

    def names(self) -> frozenset[str]:
        """Return every dotted name and every function the expression mentions."""
        found: set[str] = set()
        _collect(self.tree, found, frozenset())
        return frozenset(found)


def parse(source: str, where: str) -> Expression:
    """Parse an expression.

    Args:
        source: the text.
        where: the file and line, for messages.

    Raises:
        RulebookError: the text is no expression of the language.
    """
    if len(source) > _LIMIT_CHARACTERS:
        what = f"an expression longer than {_LIMIT_CHARACTERS} characters"
        raise RulebookError(what, where, "split it into named definitions")
    expression = Expression(" ".join(source.split()), where)
    # Whoever writes one is told at once what is wrong with it.
    _ = expression.tree
    return expression


def _parsed(source: str, where: str) -> ast.expr:
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or "too complex"
        raise RulebookError(f"not an expression ({reason}): {source}", where) from error
    _bound(tree, where)
    for node in ast.walk(tree):
        _admit(node, source, where)
    return tree


def dotted(node: ast.expr) -> str | None:
    """Return `a.b.c` for a chain of attributes on a name, None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join((node.id, *reversed(parts)))


def number(node: ast.Constant, source: str) -> Fraction:
    """Return the exact value of a number as it is written in the source."""
    return Fraction(source[node.col_offset : node.end_col_offset])


def _bound(tree: ast.expr, where: str) -> None:
    level: list[ast.AST] = [tree]
    nodes = depth = 0
    while level:
        nodes, depth = nodes + len(level), depth + 1
        if nodes > _LIMIT_NODES or depth > _LIMIT_DEPTH:
            what = "an expression that is too complex"
            raise RulebookError(what, where, "split it into named definitions")
        level = [child for node in level for child in ast.iter_child_nodes(node)]


def _admit(node: ast.AST, source: str, where: str) -> None:
    fault = _fault(node, source)
    if fault:
        raise RulebookError(f"{fault} in an expression: {source}", where)


def _fault(node: ast.AST, source: str) -> str | None:
    if not isinstance(node, _ALLOWED):
        return f"{type(node).__name__} is not allowed"
    if isinstance(node, (ast.Attribute, ast.Name)):
        return _name_fault(node)
    if isinstance(node, ast.Constant):
        return _constant_fault(node, source)
    if isinstance(node, ast.Call):
        return _call_fault(node)
    return _comprehension_fault(node) if isinstance(node, ast.GeneratorExp) else None


def _name_fault(node: ast.Attribute | ast.Name) -> str | None:
    name = dotted(node)
    if name is None:
        return "an attribute of something that is no name is not allowed"
    hidden = any(part.startswith("_") for part in name.split("."))
    return f"the name {name!r} is not allowed" if hidden else None


def _constant_fault(node: ast.Constant, source: str) -> str | None:
    if node.value is None or isinstance(node.value, (bool, str)):
        return None
    text = source[node.col_offset : node.end_col_offset]
    return None if _NUMBER.fullmatch(text) else f"the number {text} is not allowed"


def _call_fault(node: ast.Call) -> str | None:
    if not isinstance(node.func, ast.Name) or node.keywords:
        return "a call other than name(value, …) is not allowed"
    over_comprehension = any(isinstance(part, ast.GeneratorExp) for part in node.args)
    if over_comprehension and (len(node.args) != 1 or node.func.id not in AGGREGATES):
        return f"a comprehension in {node.func.id}() is not allowed"
    return None


def _comprehension_fault(node: ast.GeneratorExp) -> str | None:
    if len(node.generators) != 1:
        return "a comprehension over more than one thing is not allowed"
    clause = node.generators[0]
    if clause.is_async or not isinstance(clause.target, ast.Name):
        return "a comprehension without one plain variable is not allowed"
    return (
        None if dotted(clause.iter) else "a comprehension over no name is not allowed"
    )


def _collect(node: ast.AST, found: set[str], bound: frozenset[str]) -> None:
    if isinstance(node, ast.GeneratorExp):
        clause = node.generators[0]
        _collect(clause.iter, found, bound)
        bound |= {getattr(clause.target, "id", "")}
        for part in (node.elt, *clause.ifs):
            _collect(part, found, bound)
        return
    name = dotted(node) if isinstance(node, (ast.Name, ast.Attribute)) else None
    if name is not None:
        if name.split(".")[0] not in bound:
            found.add(name)
        return
    for child in ast.iter_child_nodes(node):
        _collect(child, found, bound)
