"""The rulebook's expressions worked out on symbols.

The same trees that give the expected figures are walked here; no formula is written a
second time. Numbers are those of the reals: nothing is rounded to 18 decimals. What
decides between rules must be known; where it is not, the claim stays undecided.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from isomargin.expression import Expression
from isomargin.expression.parse import AGGREGATES, dotted, number
from isomargin.formulas.world import Rules
from isomargin.prove.algebra import Algebra, Maybe
from isomargin.rulebook.model import Definition

__all__ = ["Symbolic", "Undecidable"]

_SIDES = {"long": Fraction(1), "short": Fraction(-1)}
_KEPT = frozenset({"kept", "kept_price"})
_ROUNDING = frozenset({"round_floor", "round_half_up", "round_up", "is_whole"})


class Undecidable(Exception):
    """What a claim says cannot be put in symbols; the text says why."""


@dataclass
class Symbolic:
    """One position on symbols.

    Attributes:
        rules: the rulebook's formulas.
        parameters: the profile's.
        algebra: what symbols are of.
        names: what names stand for, given before any rule.
        functions: functions given before any rule.
        used: the parameters that made a difference so far, by name.
    """

    rules: Rules
    parameters: Mapping[str, Any]
    algebra: Algebra
    names: Mapping[str, Any]
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    used: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """Return what a dotted name stands for."""
        head, _, rest = name.partition(".")
        if head == "profile":
            self.used[rest] = self.parameters.get(rest)
            return self.used[rest]
        if name in _SIDES:
            return _SIDES[name]
        if name in self.names:
            return self.names[name]
        rule = self.rule_for(name)
        return self.worked(rule.formula, {})

    def call(self, name: str, arguments: Sequence[Any]) -> Any:
        """Return the value of a function of the rulebook."""
        if name in self.functions:
            return self.functions[name](*arguments)
        if name in _KEPT:
            return arguments[0]
        if name in _ROUNDING:
            raise Undecidable("a figure is rounded on the way")
        rule = self.rule_for(name)
        given = dict(zip(rule.parameters or (), arguments, strict=True))
        return self.worked(rule.formula, given)

    def rule_for(self, name: str) -> Definition:
        """Return the definition of a name that applies."""
        for rule in self.rules.defining.get(name, ()):
            if rule.when is None or self._known(rule.when):
                return rule
        raise Undecidable(f"no rule defines {name} here")

    def _known(self, condition: Expression) -> bool:
        held = self.worked(condition, {})
        if not isinstance(held, bool):
            raise Undecidable(
                f"which rule applies depends on figures: {condition.source}"
            )
        return held

    def worked(self, expression: Expression, given: Mapping[str, Any]) -> Any:
        """Return the value of an expression, some of whose names are given."""
        return _Walk(self, expression, given).of(expression.tree)


@dataclass
class _Walk:
    """One expression and what its own names stand for."""

    symbolic: Symbolic
    expression: Expression
    given: Mapping[str, Any]

    @property
    def algebra(self) -> Algebra:
        return self.symbolic.algebra

    def of(self, node: ast.expr) -> Any:
        method: Callable[[Any], Any] = getattr(self, f"_{type(node).__name__.lower()}")
        return method(node)

    def _constant(self, node: ast.Constant) -> Any:
        if node.value is None or isinstance(node.value, (bool, str)):
            return node.value
        return number(node, self.expression.source)

    def _name(self, node: ast.Name) -> Any:
        return self._named(node.id)

    def _attribute(self, node: ast.Attribute) -> Any:
        return self._named(dotted(node) or "")

    def _named(self, name: str) -> Any:
        head, _, rest = name.partition(".")
        if head not in self.given:
            return self.symbolic.value(name)
        item = self.given[head]
        if not rest:
            return item
        return item[rest] if isinstance(item, Mapping) else item.value(rest)

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        part = self.of(node.operand)
        if isinstance(node.op, ast.USub):
            return _lifted(self.algebra, lambda value: -value, part)
        return not part if isinstance(part, bool) else self.algebra.contrary(part)

    def _binop(self, node: ast.BinOp) -> Any:
        left, right = self.of(node.left), self.of(node.right)
        if not isinstance(node.op, ast.Div):
            return _lifted(self.algebra, _ARITHMETIC[type(node.op)], left, right)
        return self._quotient(left, right)

    def _quotient(self, left: Any, right: Any) -> Any:
        divided = _lifted(self.algebra, lambda one, other: one / other, left, right)
        if isinstance(right, Fraction) or divided is None:
            return divided
        divisor = right.value if isinstance(right, Maybe) else right
        there = self._not_zero(divisor)
        if not isinstance(divided, Maybe):
            return Maybe(there, divided)
        return Maybe(self._all([divided.exists, there]), divided.value)

    def _not_zero(self, divisor: Any) -> Any:
        zero = self.algebra.number(Fraction(0))
        return self.algebra.contrary(self.algebra.equal(divisor, zero))

    def _boolop(self, node: ast.BoolOp) -> Any:
        ends = isinstance(node.op, ast.Or)
        open_parts: list[Any] = []
        for each in node.values:
            part = self.of(each)
            if part is ends:
                # What follows is not looked at, and need not make sense.
                return (
                    self._joined(open_parts, ends=ends)
                    if open_parts and not ends
                    else ends
                )
            if not isinstance(part, bool):
                open_parts.append(part)
        return self._joined(open_parts, ends=ends)

    def _joined(self, parts: Sequence[Any], *, ends: bool) -> Any:
        if not parts:
            return not ends
        return (self.algebra.either if ends else self.algebra.both)(parts)

    def _all(self, parts: Sequence[Any]) -> Any:
        if any(part is False for part in parts):
            return False
        return self._joined([part for part in parts if part is not True], ends=False)

    def _compare(self, node: ast.Compare) -> Any:
        left, right = self.of(node.left), self.of(node.comparators[0])
        return self.compared(type(node.ops[0]), left, right)

    def compared(self, test: type[ast.cmpop], left: Any, right: Any) -> Any:
        """Return the claim, decided where both sides are known."""
        if test in _NEGATED:
            held = self.compared(_NEGATED[test], left, right)
            return not held if isinstance(held, bool) else self.algebra.contrary(held)
        if left is None or right is None:
            return _existence(self.algebra, left, right)
        if isinstance(left, _PLAIN) and isinstance(right, _PLAIN):
            return bool(_DECIDED[test](left, right))
        first, second = (self.algebra.lifted(_bare(each)) for each in (left, right))
        if test is ast.Gt:
            return self.algebra.less(second, first)
        claim = self.algebra.less if test is ast.Lt else self.algebra.equal
        return claim(first, second)

    def _ifexp(self, node: ast.IfExp) -> Any:
        test = self.of(node.test)
        if isinstance(test, bool):
            return self.of(node.body if test else node.orelse)
        return self._either(test, self.of(node.body), self.of(node.orelse))

    def _either(self, test: Any, then: Any, otherwise: Any) -> Any:
        first, second = _maybe(then), _maybe(otherwise)
        value = self._chosen(test, first.value, second.value)
        if first.exists is True and second.exists is True:
            return value
        there = self._chosen(test, first.exists, second.exists)
        return Maybe(there, value)

    def _chosen(self, test: Any, then: Any, otherwise: Any) -> Any:
        lift = self.algebra.lifted
        if then is None or otherwise is None:
            return lift(otherwise if then is None else then)
        return self.algebra.choice(test, lift(then), lift(otherwise))

    def _call(self, node: ast.Call) -> Any:
        name = node.func.id  # type: ignore[attr-defined]
        if name in AGGREGATES and isinstance(node.args[0], ast.GeneratorExp):
            return self._aggregate(name, node.args[0])
        arguments = [self.of(part) for part in node.args]
        if name in {"min", "max"}:
            return self._extreme(name, arguments)
        if name == "abs":
            raise Undecidable("an absolute value")
        return self.symbolic.call(name, arguments)

    def _extreme(self, name: str, arguments: Sequence[Any]) -> Any:
        best, *others = arguments
        for other in others:
            test = ast.Gt if name == "max" else ast.Lt
            better = self.compared(test, other, best)
            if isinstance(better, bool):
                best = other if better else best
            else:
                best = self._either(better, other, best)
        return best

    def _aggregate(self, name: str, node: ast.GeneratorExp) -> Any:
        items = self.symbolic.value(dotted(node.generators[0].iter) or "")
        return _GATHER[name](self, [self._item(node, item) for item in items])

    def _item(self, node: ast.GeneratorExp, item: Any) -> tuple[Any, Any]:
        """Return whether an item counts, and what it counts as."""
        clause = node.generators[0]
        variable = clause.target.id  # type: ignore[attr-defined]
        inner = _Walk(self.symbolic, self.expression, {**self.given, variable: item})
        counts = self._all([inner.of(test) for test in clause.ifs])
        return counts, inner.of(node.elt) if counts is not False else None

    def summed(self, items: Sequence[tuple[Any, Any]]) -> Any:
        """Return the sum of the items that count."""
        total: Any = Fraction(0)
        for counts, value in items:
            if counts is not True and counts is not False:
                raise Undecidable("a sum over what is not known to count")
            if counts:
                total = _lifted(self.algebra, _ARITHMETIC[ast.Add], total, value)
        return total

    def best(
        self, test: type[ast.cmpop] | None, items: Sequence[tuple[Any, Any]]
    ) -> Any:
        """Return the item that counts and is best by a test; the last without one."""
        best = Maybe(False, None)  # noqa: FBT003 - nothing is there yet
        for counts, value in items:
            if counts is False:
                continue
            found = _maybe(value)
            there = self._all([counts, found.exists])
            best = self._better(best, Maybe(there, found.value), test)
        return best.value if best.exists is True else best

    def _better(self, best: Maybe, found: Maybe, test: type[ast.cmpop] | None) -> Maybe:
        if best.exists is False:
            return found
        wins = found.exists
        if test is not None:
            ahead = self.compared(test, found.value, best.value)
            first = best.exists is not True and self.algebra.contrary(best.exists)
            wins = self._all([found.exists, self._any([first, ahead])])
        there = self._any([best.exists, found.exists])
        if isinstance(wins, bool):
            return Maybe(there, found.value if wins else best.value)
        return Maybe(there, self._chosen(wins, found.value, best.value))

    def _any(self, parts: Sequence[Any]) -> Any:
        if any(part is True for part in parts):
            return True
        return self._joined([part for part in parts if part is not False], ends=True)


_PLAIN = (Fraction, str, bool)
_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
}
_NEGATED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.NotEq: ast.Eq,
    ast.IsNot: ast.Is,
    ast.GtE: ast.Lt,
    ast.LtE: ast.Gt,
}
_DECIDED: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: lambda left, right: left == right,
    ast.Is: lambda left, right: left is right,
    ast.Lt: lambda left, right: left < right,
    ast.Gt: lambda left, right: left > right,
}
_GATHER: Mapping[str, Callable[[_Walk, Sequence[tuple[Any, Any]]], Any]] = {
    "sum": _Walk.summed,
    "max": lambda walk, items: walk.best(ast.Gt, items),
    "min": lambda walk, items: walk.best(ast.Lt, items),
    "last": lambda walk, items: walk.best(None, items),
}


def _maybe(value: Any) -> Maybe:
    if isinstance(value, Maybe):
        return value
    return Maybe(value is not None, value)


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, Maybe) else value


def _existence(algebra: Algebra, left: Any, right: Any) -> Any:
    """Return the claim that something does not exist."""
    other = _maybe(right if left is None else left)
    if isinstance(other.exists, bool):
        return not other.exists
    return algebra.contrary(other.exists)


def _lifted(algebra: Algebra, operate: Callable[..., Any], *operands: Any) -> Any:
    """Return a result that exists where all operands do."""
    if any(operand is None for operand in operands):
        return None
    found = [_maybe(operand) for operand in operands]
    values = [each.value for each in found]
    if not all(isinstance(value, Fraction) for value in values):
        values = [algebra.lifted(value) for value in values]
    there = [each.exists for each in found if each.exists is not True]
    result = operate(*values)
    return Maybe(algebra.both(there), result) if there else result
