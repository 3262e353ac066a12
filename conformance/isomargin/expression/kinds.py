"""Kinds: what may be added to, multiplied by and compared with what.

A rate is not a ratio and a price is not an amount, though all four are numbers;
an expression that mixes them up fails here, before anything is worked out.
`number` is a plain number, such as a share of a quantity; `zero` is the literal 0,
which is of every kind.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from isomargin.errors import RulebookError
from isomargin.expression.parse import AGGREGATES, Expression, dotted

__all__ = ["KINDS", "KindError", "KindScope", "assignable", "kind_of", "with_article"]

KINDS = frozenset(
    {"price", "amount", "quantity", "rate", "ratio", "leverage", "count", "side"}
    | {"flag", "word"}
)

_PRODUCTS = {
    ("quantity", "price"): "amount",
    ("quantity", "count"): "quantity",
    ("amount", "rate"): "amount",
    ("amount", "leverage"): "amount",
    ("price", "rate"): "price",
    ("quantity", "rate"): "quantity",
    ("rate", "rate"): "rate",
    ("rate", "leverage"): "number",
    ("side", "amount"): "amount",
    ("side", "price"): "price",
    ("side", "quantity"): "quantity",
    ("side", "rate"): "rate",
    ("side", "side"): "number",
    # What an inverse contract's value is worth at a price.
    ("amount", "price"): "quantity",
}
_QUOTIENTS = {
    ("amount", "leverage"): "amount",
    ("amount", "quantity"): "price",
    ("amount", "price"): "quantity",
    ("amount", "rate"): "amount",
    ("quantity", "price"): "amount",
    ("quantity", "amount"): "price",
    ("quantity", "count"): "quantity",
    ("quantity", "rate"): "quantity",
    ("price", "leverage"): "price",
    ("price", "rate"): "price",
    ("rate", "leverage"): "rate",
    ("number", "leverage"): "rate",
    ("number", "rate"): "leverage",
    ("side", "leverage"): "rate",
}
_LIKE_NUMBER = frozenset({"rate", "ratio", "leverage", "count"})


class KindError(RulebookError):
    """An expression mixes kinds that do not go together."""


@dataclass(frozen=True)
class KindScope:
    """The kinds that an expression's names have.

    Attributes:
        names: a dotted name's kind.
        functions: a rulebook function's parameter kinds and result kind.
        items: the names each item of an iterable has: `tiers`, `positions`, `others`.
    """

    names: Mapping[str, str]
    functions: Mapping[str, tuple[tuple[str, ...], str]]
    items: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def kind_of(expression: Expression, scope: KindScope) -> str:
    """Return the kind an expression's value has.

    Raises:
        KindError: it mixes kinds, or names what is not in the vocabulary.
    """
    return _Checker(expression, scope).kind(expression.tree)


def assignable(kind: str, to: str) -> bool:
    """Say whether a value of one kind may stand for a quantity of another."""
    return (
        kind == to
        or kind in {"zero", "null"}
        or (kind == "number" and to in _LIKE_NUMBER)
    )


class _Checker:
    """Finds the kind of each node from the kinds of its parts."""

    def __init__(self, expression: Expression, scope: KindScope) -> None:
        self.expression = expression
        self.scope = scope
        self.bound: dict[str, Mapping[str, str]] = {}

    def refuse(self, what: str, remedy: str | None = None) -> KindError:
        what = f"{what}, in: {self.expression.source}"
        return KindError(what, self.expression.where, remedy)

    def kind(self, node: ast.expr) -> str:
        method = getattr(self, f"_{type(node).__name__.lower()}")
        result: str = method(node)
        return result

    def _constant(self, node: ast.Constant) -> str:
        if node.value is None:
            return "null"
        if isinstance(node.value, bool):
            return "flag"
        if isinstance(node.value, str):
            return "word"
        return "zero" if node.value == 0 else "number"

    def _name(self, node: ast.Name) -> str:
        return self.named(node.id)

    def _attribute(self, node: ast.Attribute) -> str:
        return self.named(dotted(node) or "")

    def named(self, name: str) -> str:
        head, _, rest = name.partition(".")
        if head in self.bound:
            kind = self.bound[head].get(rest)
        else:
            kind = self.scope.names.get(name)
        if kind is None:
            raise self.refuse(f"unknown quantity {name!r}", self.near(name))
        return kind

    def near(self, name: str) -> str | None:
        # Imported here: it is needed for a message only.
        from difflib import get_close_matches  # noqa: PLC0415

        close = get_close_matches(name, [*self.scope.names, *self.scope.functions], 1)
        return f"did you mean {close[0]!r}?" if close else None

    def _boolop(self, node: ast.BoolOp) -> str:
        for part in node.values:
            self.expect(part, "flag")
        return "flag"

    def expect(self, node: ast.expr, kind: str) -> None:
        found = self.kind(node)
        if not assignable(found, kind):
            kinds = f"{with_article(found)}, not {with_article(kind)}"
            raise self.refuse(f"{ast.unparse(node)} is {kinds}")

    def _unaryop(self, node: ast.UnaryOp) -> str:
        if isinstance(node.op, ast.Not):
            self.expect(node.operand, "flag")
            return "flag"
        return self.kind(node.operand)

    def _binop(self, node: ast.BinOp) -> str:
        left, right = self.kind(node.left), self.kind(node.right)
        if isinstance(node.op, (ast.Add, ast.Sub)):
            return self.unified(left, right, node, "added to")
        if isinstance(node.op, ast.Mult):
            kind = _product(left, right)
            verb = "multiplied by"
        else:
            kind = _quotient(left, right)
            verb = "divided by"
        if kind is None:
            raise self.mixed(left, right, node, verb)
        return kind

    def mixed(self, left: str, right: str, node: ast.expr, verb: str) -> KindError:
        what = f"{with_article(left)} cannot be {verb} {with_article(right)}"
        return self.refuse(f"{what} ({ast.unparse(node)})")

    def unified(self, left: str, right: str, node: ast.expr, verb: str) -> str:
        if assignable(left, right):
            return right
        if assignable(right, left):
            return left
        raise self.mixed(left, right, node, verb)

    def _compare(self, node: ast.Compare) -> str:
        parts = [node.left, *node.comparators]
        for test, left, right in zip(node.ops, parts, parts[1:], strict=False):
            first, second = self.kind(left), self.kind(right)
            if isinstance(test, (ast.Is, ast.IsNot)):
                if second != "null":
                    raise self.refuse("`is` compares with None only")
            else:
                self.unified(first, second, node, "compared with")
        return "flag"

    def _ifexp(self, node: ast.IfExp) -> str:
        self.expect(node.test, "flag")
        return self.unified(
            self.kind(node.body), self.kind(node.orelse), node, "an alternative to"
        )

    def _call(self, node: ast.Call) -> str:
        name = node.func.id  # type: ignore[attr-defined]
        if name in AGGREGATES and isinstance(node.args[0], ast.GeneratorExp):
            return self.aggregate(name, node.args[0])
        if name in {"min", "max", "abs"}:
            kind = self.kind(node.args[0])
            for part in node.args[1:]:
                kind = self.unified(kind, self.kind(part), node, "compared with")
            return kind
        return self.function(name, node)

    def function(self, name: str, node: ast.Call) -> str:
        if name not in self.scope.functions:
            raise self.refuse(f"unknown function {name!r}", self.near(name))
        parameters, result = self.scope.functions[name]
        if len(parameters) != len(node.args):
            raise self.refuse(f"{name}() takes {len(parameters)} values")
        for part, kind in zip(node.args, parameters, strict=True):
            self.expect(part, kind)
        return result

    def aggregate(self, name: str, node: ast.GeneratorExp) -> str:
        clause = node.generators[0]
        source = dotted(clause.iter) or ""
        if source not in self.scope.items:
            raise self.refuse(f"nothing to go through under {source!r}")
        variable = clause.target.id  # type: ignore[attr-defined]
        self.bound[variable] = self.scope.items[source]
        for test in clause.ifs:
            self.expect(test, "flag")
        kind = self.kind(node.elt)
        del self.bound[variable]
        return "flag" if name in {"all", "any"} else kind


def with_article(kind: str) -> str:
    """Return a kind's name as a sentence says it."""
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _product(left: str, right: str) -> str | None:
    if "zero" in (left, right):
        return "zero"
    for one, other in ((left, right), (right, left)):
        if one in {"number", "count"} and other not in {"flag", "word", "null"}:
            found = _PRODUCTS.get((one, other)) or _PRODUCTS.get((other, one))
            return found or other
        if (one, other) in _PRODUCTS:
            return _PRODUCTS[one, other]
    return None


def _quotient(left: str, right: str) -> str | None:
    if (left, right) in _QUOTIENTS:
        return _QUOTIENTS[left, right]
    if right in {"number", "count"} and left not in {"flag", "word", "null"}:
        return left
    if left == "zero" and right not in {"flag", "word", "null"}:
        return "zero"
    return "number" if left == right and left not in {"flag", "word"} else None
