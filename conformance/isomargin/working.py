"""Where a figure comes from: the rules applied, one after the other, with figures."""

import ast
import copy
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from isomargin.expression import Expression, evaluator, written
from isomargin.formulas import Derived, PositionScope, decimal_text
from isomargin.formulas.quote import reported
from isomargin.text import Catalogue, Figure

__all__ = ["Working", "WorkingLine", "Workings", "Writer"]

_NOTHING = "–"
_FLAGS = {True: "✓", False: "✗"}
_SECTIONS = ("contract", "margin_mode", "position_mode", "side", "liquidity")
_ARITHMETIC = frozenset({"min", "max", "abs"})
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
        figure = Figure(kind="price", value=decimal_text(value), field="price")
        return self.catalogue.shown(figure, "plain")

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


class Workings:
    """Tells where figures come from, each step once.

    Attributes:
        trail: where the formulas leave what they work out.
    """

    def __init__(self, writer: Writer) -> None:
        """Tell in the writer's language."""
        self.writer = writer
        self.trail: list[Derived] = []
        self._told: set[tuple[str, ...]] = set()

    def working(self, scope: PositionScope, name: str, asset: str) -> Working:
        """Return how a quantity of a position or an account comes about.

        Args:
            scope: the position or account, whose trail is `trail`.
            name: the quantity.
            asset: what its amounts are in.
        """
        value = scope.value(name)
        steps, self.trail[:] = list(self.trail), []
        lines = [line for step in steps for line in self._line(step)]
        rule = scope.rule_for(name)
        self.trail.clear()
        final = reported(scope, name) if scope.instrument else value
        return Working(
            name,
            self.writer.exact(final),
            rule.id if rule else None,
            self._conclusion(name, value, final, rule.id if rule else None, asset),
            tuple(lines),
        )

    def _line(self, step: Derived) -> list[WorkingLine]:
        formula = _taken(step.rule.formula, step.scope)
        name = self._head(step)
        in_names = written(formula, self.writer.name)
        in_figures = self._in_figures(formula, step.scope)
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

    def _in_figures(self, formula: Expression, scope: Any) -> str:
        """Return a formula with a figure for every name, call and comprehension."""
        worked = _Worked(formula, scope)
        tree = worked.visit(copy.deepcopy(formula.tree))

        def figure(text: str) -> str:
            if text in worked.values:
                return self.writer.figure(worked.values[text])
            if not text[:1].isalpha() or text in {"None", "True", "False"}:
                return self.writer.literal(text)
            return self.writer.figure(scope.value(text))

        return written(Expression(formula.source, formula.where, tree), figure)

    def _conclusion(
        self,
        name: str,
        value: Any,
        final: Any,
        rule: str | None,
        asset: str,
    ) -> str:
        label, shown = self.writer.name(name), self.writer.shown(name, final, asset)
        if rule is None:
            return self.writer.sentence(f"{label}: {shown}")
        message = "derivation.rounded" if final != value else "derivation.by_rule"
        if final is None:
            message = "derivation.does_not_exist"
        figures = {"quantity": label, "value": shown, "rule": rule}
        text = self.writer.catalogue.message(message, **figures)
        return self.writer.sentence(text)


class _Taken(ast.NodeTransformer):
    """Puts the alternative that was taken in the place of alternatives."""

    def __init__(self, expression: Expression, scope: Any) -> None:
        self.expression = expression
        self.scope = scope

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        """Leave alternatives that each item of a comprehension chooses for itself."""
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """Return the alternative that holds."""
        source, where = self.expression.source, self.expression.where
        holds = evaluator(Expression(source, where, node.test))(self.scope)
        chosen: ast.AST = self.visit(node.body if holds else node.orelse)
        return chosen


class _Worked(ast.NodeTransformer):
    """Puts a name for its value in the place of every call of a rulebook function."""

    def __init__(self, expression: Expression, scope: Any) -> None:
        self.expression = expression
        self.scope = scope
        self.values: dict[str, Any] = {}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Return a name for the call's value; min, max and abs of figures stay."""
        listed = any(isinstance(part, ast.GeneratorExp) for part in node.args)
        if getattr(node.func, "id", "") in _ARITHMETIC and not listed:
            node.args = [self.visit(part) for part in node.args]
            return node
        source, where = self.expression.source, self.expression.where
        name = f"value_of_call_{len(self.values)}"
        self.values[name] = evaluator(Expression(source, where, node))(self.scope)
        return ast.Name(name, ast.Load())


def _taken(expression: Expression, scope: Any) -> Expression:
    tree = _Taken(expression, scope).visit(copy.deepcopy(expression.tree))
    return Expression(expression.source, expression.where, tree)
