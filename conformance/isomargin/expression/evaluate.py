"""Working an expression out, exactly.

Numbers are rationals. What does not exist is None, and makes everything worked
out from it not exist; dividing by zero gives what does not exist.
"""

import ast
import operator
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, Protocol

from isomargin.errors import RulebookError
from isomargin.expression.parse import AGGREGATES, Expression, dotted, number

__all__ = ["Scope", "Value", "evaluator"]

Value = Fraction | str | bool | None


class Scope(Protocol):
    """What an expression's names stand for."""

    def value(self, name: str) -> Any:
        """Return the value of a dotted name."""

    def call(self, name: str, arguments: tuple[Value, ...]) -> Value:
        """Return the value of a rulebook function."""

    def bound(self, name: str, item: Any) -> "Scope":
        """Return this scope with a comprehension's variable bound to an item."""


Work = Callable[[Any], Any]

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda left, right: left / right if right else None,
}
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_IDENTITY: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


def _existing(items: list[Any], gather: Callable[[], Any]) -> Any:
    """Return what numbers come to; None where one of them does not exist."""
    return None if any(item is None for item in items) else gather()


_AGGREGATE: dict[str, Callable[[list[Any]], Any]] = {
    "all": all,
    "any": any,
    "sum": lambda items: _existing(items, lambda: sum(items, Fraction(0))),
    "min": lambda items: _existing(items, lambda: min(items, default=None)),
    "max": lambda items: _existing(items, lambda: max(items, default=None)),
    "first": lambda items: items[0] if items else None,
    "last": lambda items: items[-1] if items else None,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {"min": min, "max": max, "abs": abs}


def evaluator(expression: Expression) -> Callable[[Scope], Any]:
    """Return a function that works the expression out in a scope.

    Raises (when called):
        RulebookError: an order is asked of something that does not exist.
    """
    return _Compiler(expression).work(expression.tree)


class _Compiler:
    """Turns a tree of allowed nodes into nested functions, once."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def work(self, node: ast.expr) -> Work:
        method: Callable[[Any], Work] = getattr(self, f"_{type(node).__name__.lower()}")
        return method(node)

    def _constant(self, node: ast.Constant) -> Work:
        value = node.value
        if value is not None and not isinstance(value, (bool, str)):
            value = number(node, self.expression.source)  # type: ignore[assignment]
        return lambda _: value

    def _name(self, node: ast.Name) -> Work:
        name = node.id
        return lambda scope: scope.value(name)

    def _attribute(self, node: ast.Attribute) -> Work:
        name = dotted(node)
        return lambda scope: scope.value(name)

    def _boolop(self, node: ast.BoolOp) -> Work:
        parts = [self.work(part) for part in node.values]
        judge = all if isinstance(node.op, ast.And) else any
        return lambda scope: judge(part(scope) for part in parts)

    def _unaryop(self, node: ast.UnaryOp) -> Work:
        part = self.work(node.operand)
        if isinstance(node.op, ast.Not):
            return lambda scope: not part(scope)

        def negative(scope: Scope) -> Any:
            value = part(scope)
            return None if value is None else -value

        return negative

    def _binop(self, node: ast.BinOp) -> Work:
        left, right = self.work(node.left), self.work(node.right)
        operate = _ARITHMETIC[type(node.op)]

        def result(scope: Scope) -> Any:
            first, second = left(scope), right(scope)
            return None if first is None or second is None else operate(first, second)

        return result

    def _compare(self, node: ast.Compare) -> Work:
        parts = [self.work(part) for part in (node.left, *node.comparators)]
        tests = [self._test(type(test)) for test in node.ops]

        def result(scope: Scope) -> bool:
            left = parts[0](scope)
            for test, part in zip(tests, parts[1:], strict=True):
                right = part(scope)
                if not test(left, right):
                    return False
                left = right
            return True

        return result

    def _test(self, kind: type[ast.cmpop]) -> Callable[[Any, Any], bool]:
        if kind in _IDENTITY:
            return _IDENTITY[kind]
        order = _ORDER[kind]

        def ordered(left: Any, right: Any) -> bool:
            if left is None or right is None:
                what = f"compares what does not exist: {self.expression.source}"
                raise RulebookError(what, self.expression.where, "ask `is None` first")
            return order(left, right)

        return ordered

    def _ifexp(self, node: ast.IfExp) -> Work:
        test, then, otherwise = map(self.work, (node.test, node.body, node.orelse))
        return lambda scope: then(scope) if test(scope) else otherwise(scope)

    def _call(self, node: ast.Call) -> Work:
        name = node.func.id  # type: ignore[attr-defined]
        if name in AGGREGATES and isinstance(node.args[0], ast.GeneratorExp):
            return self._aggregate(name, node.args[0])
        parts = [self.work(part) for part in node.args]
        function = _FUNCTIONS.get(name)
        if function is None:
            return lambda scope: scope.call(name, tuple(part(scope) for part in parts))

        def result(scope: Scope) -> Any:
            values = [part(scope) for part in parts]
            return None if None in values else function(*values)

        return result

    def _aggregate(self, name: str, node: ast.GeneratorExp) -> Work:
        clause = node.generators[0]
        source, element = dotted(clause.iter), self.work(node.elt)
        tests = [self.work(test) for test in clause.ifs]
        variable = clause.target.id  # type: ignore[attr-defined]
        gather = _AGGREGATE[name]

        def chosen(scope: Scope) -> Iterable[Any]:
            for item in scope.value(source):  # type: ignore[arg-type]
                inner = scope.bound(variable, item)
                if all(test(inner) for test in tests):
                    yield element(inner)

        return lambda scope: gather(list(chosen(scope)))
