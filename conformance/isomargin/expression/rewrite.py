"""Replacing parts of an expression's tree, without touching the tree itself."""

import ast
from collections.abc import Callable
from typing import Any

__all__ = ["rewritten"]

Change = Callable[[ast.AST], ast.AST | None]


def rewritten(node: ast.AST, change: Change) -> Any:
    """Return a tree in which some nodes stand for others.

    What is not replaced is shared with the tree given, and nothing is copied where
    nothing is replaced.

    Args:
        node: the tree.
        change: returns what stands for a node, or None to look inside it.
    """
    replacement = change(node)
    if replacement is not None:
        return replacement
    before = {name: getattr(node, name) for name in node._fields}
    after = {name: _part(part, change) for name, part in before.items()}
    if all(after[name] is part for name, part in before.items()):
        return node
    return type(node)(**after)


def _part(part: Any, change: Change) -> Any:
    if isinstance(part, ast.AST):
        return rewritten(part, change)
    if not isinstance(part, list):
        return part
    parts = [_part(each, change) for each in part]
    same = all(new is old for new, old in zip(parts, part, strict=True))
    return part if same else parts
