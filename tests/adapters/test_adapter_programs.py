"""An adapter is short, and works out no margin of its own.

Lines are counted as they stand, over all programs of an adapter together. Every
product, quotient, sum or difference in a program is named here with the reason why it
is a translation and not a margin.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ADAPTERS = Path(__file__).parents[2] / "adapters"
# What the project itself wrote as engines is no adapter, and neither is the way to live
# exchanges, which drives no engine.
OURS = {"ccxt", "faulty", "reference"}
ENGINES = sorted(
    manifest.parent.name
    for manifest in ADAPTERS.glob("*/adapter.yaml")
    if manifest.parent.name not in OURS
)
BRIDGE = sorted((ADAPTERS / "ccxt").glob("*.py"))
# What adapters of a language share, which has no more right to a margin than they have.
INTERFACES = sorted(path.name for path in ADAPTERS.glob("isomargin_adapter*"))
MOST_LINES = 200

# Of each engine, the expressions that calculate, and what they are instead of margin.
TRANSLATIONS = {
    "bot_engine": {
        "+= decimal(asked": "what is behind a position",
    },
    "d8x": {
        "* Number(position.quantity)": "the sign of a short",
        "p.quantity * p.entryPrice": "the locked-in value that its functions take",
        "QUANTITIES.initial_margin(p) + p.addedMargin": "what is behind a position",
    },
    "drift": {},
    "fractal": {
        "1 / rate": "its option is the inverse of the rate",
        "order * entity.size": "whether a trade opens or closes",
        "abs(order) - abs(entity.size)": "whether a trade is a flip",
    },
    "freqtrade": {
        "[at] * 4": "a candle's four prices",
        "trade.stake_amount + float": "what is behind a position",
    },
    "gmsol": {
        "DOLLARS - TOKENS": "the decimals of a price",
        "UNIT / limit": "its option is the inverse of the limit",
        "tokens * price": "the size in dollars that it takes",
        "tokens * (dollars / held)": "the size that a part of the position had",
        "(dollars / tokens)": "the price of a token that was paid in dollars",
    },
    "isomargin_adapter": {
        "places": "the digits of a decimal string",
        "arguments": "names that an action lacks or has too many of",
        "json.dumps": "the end of a line",
    },
    "isomargin_adapter_node": {
        "whole + fraction": "the digits of a decimal string",
        "decimals + 1": "the same",
        "+ text.replace": "its sign",
        "fraction.length - ": "its exponent",
    },
    "isomargin_adapter_rust": {
        "decimals as usize + 1": "the digits of a decimal string",
        "digits.len() + 1": "the same",
        "HIGHEST_DIGITS + decimals": "the highest price that is asked for",
    },
    "gmx": {"* scaled(position.entry_price": "the size in dollars that it takes"},
    "lfest": {
        "rate * number(leverage)": "its option is a share of the initial margin",
        "price - 1": "the other side of the book",
        "price + 1": "the other side of the book",
    },
    "orderly": {
        "Math.sign(p.quantity) * positions.notional": "the cost is signed",
        "(SIGNED ? Math.sign(p.quantity) : 1) * positions.notional": "so is the value",
        "* Number(position.quantity)": "the sign of a short",
        "1 / Number(tier.max_leverage": "its option is the inverse of the limit",
    },
}
COMMENT = re.compile(r"^\s*//")
# The formatter sets every operator between blanks, and only operators.
OPERATOR = re.compile(r"[\w)\]] [*/+-]{1,2}=? [\w([`-]")
TEXT = re.compile(r"\"[^\"]*\"|`[^`]*`")


def programs(engine: str) -> list[Path]:
    folder = ADAPTERS / engine
    forms = ("*.py", "*.mjs", "src/*.rs")
    return sorted(file for form in forms for file in folder.glob(form))


def lines_of(program: Path) -> int:
    return len(program.read_text("utf-8").splitlines())


def calculations(program: Path) -> Iterator[str]:
    """Yield each part of a program that calculates, as it is written."""
    text = program.read_text("utf-8")
    if program.suffix == ".py":
        kinds = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(
                node.op, kinds
            ):
                yield ast.unparse(node)
        return
    for line in text.partition("#[cfg(test)]")[0].splitlines():
        if not COMMENT.match(line) and OPERATOR.search(TEXT.sub('""', line)):
            yield line.strip()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_adapter_is_no_longer_than_200_lines(engine: str) -> None:
    assert programs(engine)
    lines = sum(map(lines_of, programs(engine)))
    assert lines <= MOST_LINES


@pytest.mark.parametrize("program", BRIDGE, ids=lambda program: program.stem)
def test_no_program_of_the_bridge_is_longer_than_200_lines(program: Path) -> None:
    assert lines_of(program) <= MOST_LINES


@pytest.mark.parametrize("engine", [*ENGINES, *INTERFACES])
def test_an_adapter_works_out_no_margin(engine: str) -> None:
    known = TRANSLATIONS.get(engine, {})
    found = [one for program in programs(engine) for one in calculations(program)]
    assert [one for one in found if not any(part in one for part in known)] == []
    assert [part for part in known if not any(part in one for one in found)] == []


def test_a_margin_worked_out_in_an_adapter_would_be_seen(tmp_path: Path) -> None:
    python, node = tmp_path / "adapter.py", tmp_path / "adapter.mjs"
    python.write_text("# note\nmargin = value / leverage\n")
    node.write_text('// a / b\nconst margin = value / leverage; // "a * b"\n')
    assert list(calculations(python)) == ["value / leverage"]
    assert list(calculations(node)) == ['const margin = value / leverage; // "a * b"']
    assert (lines_of(python), lines_of(node)) == (2, 2)


def test_a_margin_that_is_added_to_would_be_seen(tmp_path: Path) -> None:
    rust = tmp_path / "main.rs"
    rust.write_text("held.margin += value;\nlet (is_a, b) = (1, &mut 2);\n")
    assert list(calculations(rust)) == ["held.margin += value;"]
