"""Which room may enter which.

- `isomargin_reference` imports the standard library and itself.
- `isomargin_adapter` imports the standard library and itself.
- `isomargin` imports `isomargin_adapter`, its own dependencies and itself, and never
  `isomargin_reference`: the reference is judged like any engine.
- An adapter imports `isomargin_adapter` and the engine it wraps.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STANDARD = frozenset(sys.stdlib_module_names)
DEPENDENCIES = frozenset(
    {
        "click",
        "jsonschema",
        "referencing",
        "yaml",
        "pytest",
        "hypothesis",
        "jinja2",
        "markupsafe",
        "babel",
    }
    | {"sympy", "z3", "orjson", "jsonschema_rs"}
)
MAY_IMPORT = {
    "reference/isomargin_reference": {"isomargin_reference"},
    "adapters/isomargin_adapter": {"isomargin_adapter"},
    "conformance/isomargin": {"isomargin", "isomargin_adapter", *DEPENDENCIES},
}


def imported(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split(".")[0], node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0], node.lineno


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    allowed = MAY_IMPORT[room] | STANDARD
    strangers = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for name, line in imported(path)
        if name not in allowed
    ]
    assert strangers == []


def test_the_rooms_are_there_to_be_held_to_the_law() -> None:
    for room in MAY_IMPORT:
        assert len(list((ROOT / room).rglob("*.py"))) >= 4


def test_no_binary_floating_point_stands_near_a_margin() -> None:
    found = []
    for room in ("reference/isomargin_reference", "conformance/isomargin/formulas"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                literal = isinstance(node, ast.Constant) and isinstance(
                    node.value, float
                )
                named = isinstance(node, ast.Name) and node.id == "float"
                if literal or named:
                    found.append(
                        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
                    )
    assert found == []
