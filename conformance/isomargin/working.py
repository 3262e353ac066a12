"""Where a figure comes from: the rules applied, one after the other, with figures."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any, cast

from isomargin.expression import Expression, evaluator, rewritten, written
from isomargin.formulas import Derived, PositionScope, decimal_text
from isomargin.formulas.quote import reported
from isomargin.text import Catalogue, Figure

__all__ = ["Solution", "Working", "WorkingLine", "Workings", "Writer", "solved"]

_NOTHING = "–"
_FLAGS = {True: "✓", False: "✗"}
_SECTIONS = ("contract", "margin_mode", "position_mode", "side", "liquidity")
_ARITHMETIC = frozenset({"min", "max", "abs"})
_CACHED = 4096
_NAMES = frozenset({"instrument", "asset", "symbol", "settle"})


@dataclass(frozen=True)
class WorkingLine:
    """One rule applied.

    Attributes:
        rule: the definition's id.
        name: what it defines, as the language calls it, with a function's arguments.
        formula: the formula in names; of alternatives only the one that was taken.
        figures: the formula in figures.
        value: what came out.
    """

    rule: str
    name: str
    formula: str
    figures: str
    value: str


@dataclass(frozen=True)
class Working:
    """How a quantity comes about.

    Attributes:
        quantity: its name in the vocabulary.
        value: its value as reported: a decimal string, a flag or None.
        rule: the rule that defines it; None for what is given.
        conclusion: the same in a sentence.
        lines: the rules applied on the way that were not shown before.
    """

    quantity: str
    value: Any
    rule: str | None
    conclusion: str
    lines: tuple[WorkingLine, ...]


class Writer:
    """Writes names and figures as a language does."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Write as the catalogue's language does."""
        self.catalogue = catalogue
        self._numbers: dict[tuple[int, int], str] = {}

    def exact(self, value: Any) -> Any:
        """Return a value as the wire writes it."""
        return decimal_text(value) if isinstance(value, Fraction) else value

    def name(self, name: str) -> str:
        """Return what a dotted name or a literal of a formula is called."""
        head, _, rest = name.rpartition(".")
        section = "parameter" if head == "profile" else "quantity"
        unit = self.catalogue.units.get(f"labels/{section}/{rest}")
        return unit.fields["label"] if unit else self.literal(name)

    def literal(self, text: str) -> str:
        """Return a literal of a formula: a number, a word or nothing at all."""
        if text[:1].isdigit() and text[-1:].isdigit():
            return self.number(Fraction(text))
        if text[:1] in "'\"":
            return self.word(text[1:-1])
        return _NOTHING if text == "None" else text

    def word(self, word: str) -> str:
        """Return a word of the vocabulary in the language."""
        for section in _SECTIONS:
            unit = self.catalogue.units.get(f"labels/{section}/{word}")
            if unit:
                return unit.fields["label"]
        return word.replace("_", " ")

    def number(self, value: Fraction) -> str:
        """Return a plain number."""
        # The hash of a fraction takes longer than that of its two numbers.
        key = value.numerator, value.denominator
        if key not in self._numbers:
            figure = Figure(kind="price", value=decimal_text(value), field="price")
            self._numbers[key] = self.catalogue.shown(figure, "plain")
        return self._numbers[key]

    def figure(self, value: Any) -> str:
        """Return a value as it stands in a formula."""
        if value is None:
            return _NOTHING
        if isinstance(value, bool):
            return _FLAGS[value]
        return (
            self.number(value) if isinstance(value, Fraction) else self.word(str(value))
        )

    def shown(self, name: str, value: Any, asset: str) -> str:
        """Return the value of a quantity, with the unit of its kind."""
        kind = self.catalogue.kinds.get(name, "")
        if not isinstance(value, Fraction) or kind in {"", "side", "flag", "word"}:
            return self.figure(value)
        view = "plain" if kind == "amount" and not asset else None
        text = decimal_text(value)
        figure = Figure(kind=kind, value=text, field=name, asset=asset)
        return self.catalogue.shown(figure, view)

    def told(self, name: str, value: str | None) -> str:
        """Return the value of a quantity as the wire has it, without its asset."""
        if value is None or not value[-1:].isdigit():
            return self.figure(value)
        return self.shown(name, Fraction(value), "")

    def change(self, amount: Fraction, asset: str) -> str:
        """Return an amount with its sign, also when it is a gain."""
        sign = "+" if amount > 0 else ""
        return sign + self.shown("isolated_margin", amount, asset)

    def fields(self, given: Mapping[str, Any], asset: str) -> str:
        """Return names and values in a row; words and symbols stand for themselves."""
        return ", ".join(
            self._field(name, value, asset) for name, value in given.items()
        )

    def _field(self, name: str, value: Any, asset: str) -> str:
        if name in _NAMES:
            return str(value)
        if isinstance(value, str) and not value[-1:].isdigit():
            return self.word(value)
        exact = Fraction(value) if isinstance(value, str) else value
        return f"{self.name(name)} {self.shown(name, exact, asset)}"

    def sentence(self, text: str) -> str:
        """Return a text that begins with a capital letter."""
        return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Applied:
    """A definition applied, in no language yet.

    Attributes:
        step: what was applied to what, and what came out.
        formula: the formula; of alternatives only the one that was taken.
        figured: the same with a name for every call.
        calls: what each of these names stands for.
    """

    step: Derived
    formula: Expression
    figured: Expression
    calls: Mapping[str, Any]


@dataclass(frozen=True)
class Solution:
    """A quantity worked out, in no language yet.

    Attributes:
        quantity: its name in the vocabulary.
        asset: what its amounts are in.
        value: its value.
        final: its value as reported.
        rule: the id of the rule that defines it; None for what is given.
        applied: the definitions applied on the way.
    """

    quantity: str
    asset: str
    value: Any
    final: Any
    rule: str | None
    applied: tuple[Applied, ...]


def solved(scope: PositionScope, name: str, asset: str) -> Solution:
    """Return how a quantity of a position or an account comes about.

    Args:
        scope: the position or account, which keeps a trail.
        name: the quantity.
        asset: what its amounts are in.
    """
    trail: Any = scope.trail
    value = scope.value(name)
    steps, trail[:] = list(trail), []
    applied = tuple(map(_applied, steps))
    rule = scope.rule_for(name)
    trail.clear()
    final = reported(scope, name) if scope.instrument else value
    return Solution(name, asset, value, final, rule.id if rule else None, applied)


def _applied(step: Derived) -> Applied:
    formula = _taken(step.rule.formula, step.scope)
    return Applied(step, formula, *_worked(formula, step.scope))


class Workings:
    """Tells where figures come from, each step once."""

    def __init__(self, writer: Writer) -> None:
        """Tell in the writer's language."""
        self.writer = writer
        self._told: set[tuple[str, ...]] = set()

    def working(self, solution: Solution) -> Working:
        """Return how a quantity comes about, told."""
        lines = [line for one in solution.applied for line in self._line(one)]
        return Working(
            solution.quantity,
            self.writer.exact(solution.final),
            solution.rule,
            self._conclusion(solution),
            tuple(lines),
        )

    def _line(self, applied: Applied) -> list[WorkingLine]:
        step = applied.step
        name = self._head(step)
        in_names = written(applied.formula, self.writer.name)
        in_figures = self._in_figures(applied)
        value = self.writer.figure(step.value)
        line = WorkingLine(step.rule.id, name, in_names, in_figures, value)
        seen = (line.name, line.figures, line.value)
        if seen in self._told:
            return []
        self._told.add(seen)
        return [line]

    def _head(self, step: Derived) -> str:
        if step.rule.parameters is None:
            return self.writer.name(step.rule.defines)
        given = ", ".join(
            self.writer.figure(value) for value in step.arguments.values()
        )
        return f"{step.rule.defines}({given})"

    def _in_figures(self, applied: Applied) -> str:
        """Return a formula with a figure for every name, call and comprehension."""

        def figure(text: str) -> str:
            if text in applied.calls:
                return self.writer.figure(applied.calls[text])
            if not text[:1].isalpha() or text in {"None", "True", "False"}:
                return self.writer.literal(text)
            return self.writer.figure(applied.step.scope.value(text))

        return written(applied.figured, figure)

    def _conclusion(self, solution: Solution) -> str:
        name, final, rule = solution.quantity, solution.final, solution.rule
        label = self.writer.name(name)
        shown = self.writer.shown(name, final, solution.asset)
        if rule is None:
            return self.writer.sentence(f"{label}: {shown}")
        message = (
            "derivation.rounded" if final != solution.value else "derivation.by_rule"
        )
        if final is None:
            message = "derivation.does_not_exist"
        figures = {"quantity": label, "value": shown, "rule": rule}
        text = self.writer.catalogue.message(message, **figures)
        return self.writer.sentence(text)


def _taken(expression: Expression, scope: Any) -> Expression:
    """Return an expression with the alternative taken in the place of alternatives."""

    def alternative(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.IfExp):
            chosen = node.body if _work(expression, node.test)(scope) else node.orelse
            return cast("ast.AST", rewritten(chosen, alternative))
        # Each item of a comprehension chooses for itself.
        return node if isinstance(node, ast.GeneratorExp) else None

    return _changed(expression, ast.IfExp, alternative)


def _worked(expression: Expression, scope: Any) -> tuple[Expression, dict[str, Any]]:
    """Return an expression with a name for every call of a function, and their values.

    The figures that min, max and abs are called with are shown.
    """
    values: dict[str, Any] = {}

    def named(node: ast.AST) -> ast.AST | None:
        if not isinstance(node, ast.Call) or _is_arithmetic(node):
            return None
        name = f"value_of_call_{len(values)}"
        values[name] = _work(expression, node)(scope)
        return ast.Name(name, ast.Load())

    return _changed(expression, ast.Call, named), values


def _is_arithmetic(call: ast.Call) -> bool:
    listed = any(isinstance(part, ast.GeneratorExp) for part in call.args)
    return getattr(call.func, "id", "") in _ARITHMETIC and not listed


def _changed(
    expression: Expression,
    kind: type[ast.AST],
    change: Callable[[ast.AST], ast.AST | None],
) -> Expression:
    if kind not in _kinds(expression):
        return expression
    return replace(expression, given=rewritten(expression.tree, change))


@lru_cache(maxsize=_CACHED)
def _kinds(expression: Expression) -> frozenset[type[ast.AST]]:
    return frozenset(map(type, ast.walk(expression.tree)))


@lru_cache(maxsize=_CACHED)
def _work(expression: Expression, part: ast.expr) -> Callable[[Any], Any]:
    """Return the function that works a part of an expression out."""
    return evaluator(replace(expression, given=part))
