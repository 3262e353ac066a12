"""Writing an expression out for a person, with names or with their figures."""

import ast
from collections.abc import Callable

from isomargin.expression.parse import Expression, dotted

__all__ = ["written"]

_OPERATORS: dict[type[ast.AST], tuple[str, int]] = {
    ast.Or: ("or", 1),
    ast.And: ("and", 2),
    ast.Eq: ("=", 4),
    ast.NotEq: ("≠", 4),
    ast.Lt: ("<", 4),
    ast.LtE: ("≤", 4),
    ast.Gt: (">", 4),
    ast.GtE: ("≥", 4),
    ast.Is: ("is", 4),
    ast.IsNot: ("is not", 4),
    ast.Add: ("+", 5),
    ast.Sub: ("−", 5),
    ast.Mult: ("×", 6),
    ast.Div: ("/", 6),
}


def written(
    expression: Expression, name: Callable[[str], str] = lambda text: text
) -> str:
    """Return the expression in ordinary notation.

    Args:
        expression: what to write.
        name: how a dotted name or a literal is written, such as its figure.
    """
    return _text(expression.tree, name, 0)


def _text(node: ast.expr, name: Callable[[str], str], outer: int) -> str:
    if isinstance(node, (ast.Name, ast.Attribute)):
        return name(dotted(node) or "")
    if isinstance(node, ast.Constant):
        return name(ast.unparse(node))
    if isinstance(node, ast.UnaryOp):
        return _unary(node, name)
    if isinstance(node, ast.IfExp):
        parts = (_text(part, name, 0) for part in (node.body, node.test, node.orelse))
        return _enclosed("{} if {} else {}".format(*parts), 0, outer)
    if isinstance(node, ast.Call):
        return _call(node, name)
    return _infix(node, name, outer)


def _unary(node: ast.UnaryOp, name: Callable[[str], str]) -> str:
    sign = "not " if isinstance(node.op, ast.Not) else "−"
    return sign + _text(node.operand, name, 7)


def _call(node: ast.Call, name: Callable[[str], str]) -> str:
    function = node.func.id  # type: ignore[attr-defined]
    if node.args and isinstance(node.args[0], ast.GeneratorExp):
        return f"{function}({ast.unparse(node.args[0])[1:-1]})"
    return f"{function}({', '.join(_text(part, name, 0) for part in node.args)})"


def _infix(node: ast.expr, name: Callable[[str], str], outer: int) -> str:
    operators: list[ast.AST]
    if isinstance(node, ast.BinOp):
        operators, operands = [node.op], [node.left, node.right]
    elif isinstance(node, ast.BoolOp):
        operators = [node.op] * (len(node.values) - 1)
        operands = node.values
    else:
        assert isinstance(node, ast.Compare)  # noqa: S101 - the last allowed node
        operators, operands = [*node.ops], [node.left, *node.comparators]
    level = _OPERATORS[type(operators[0])][1]
    text = _text(operands[0], name, level)
    for sign, part in zip(operators, operands[1:], strict=True):
        text += f" {_OPERATORS[type(sign)][0]} {_text(part, name, level + 1)}"
    return _enclosed(text, level, outer)


def _enclosed(text: str, level: int, outer: int) -> str:
    return f"({text})" if level < outer else text
