"""The reference engine answers protocol 1 like any other subject."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import isomargin_reference

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "adapters" / "reference" / "adapter.py"
PACKAGE = Path(isomargin_reference.__file__).parent

INSTRUMENT = {
    "symbol": "BTC-USDT",
    "contract": "linear",
    "settle": "USDT",
    "tiers": [{"notional_floor": "0", "maintenance_margin_rate": "0.004"}],
}
POSITION = {
    "side": "long",
    "quantity": "0.1",
    "entry_price": "10000",
    "leverage": "10",
}
QUOTE = {
    "t": "quote",
    "seq": 1,
    "profile": {"id": "textbook/linear"},
    "instrument": INSTRUMENT,
    "position": POSITION,
    "want": ["initial_margin", "liquidation_price"],
}


def _conversation(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    lines = "".join(json.dumps(each) + "\n" for each in (*messages, {"t": "bye"}))
    done = subprocess.run(
        [sys.executable, str(PROGRAM)],
        input=lines,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_it_introduces_itself_as_knowing_every_profile_and_contract() -> None:
    (ready,) = _conversation({"t": "hello", "protocol": 1, "suite": "isomargin/1.0.0"})
    assert ready["subject"]["name"] == "reference"
    assert ready["profiles"] == "any"
    assert ready["contracts"] == ["linear", "inverse", "quanto"]
    assert ready["operations"] == ["quote", "run"]
    assert ready["actions"] == list(isomargin_reference.ACTIONS)
    details = {"instrument", "side", "asset", "amount", "price", "quantity"}
    told = {f"event.{name}" for name in (*isomargin_reference.EVENTS, *details)}
    known = isomargin_reference.QUANTITIES
    assert set(ready["quantities"]) == {*known, *told}
    assert len(ready["quantities"]) == len(known) + len(told)


def test_it_quotes() -> None:
    cross = {
        **QUOTE,
        "position": {**POSITION, "margin_mode": "cross"},
        "wallet_balance": "200",
        "cross_positions": [{"position": {**POSITION, "mark_price": "9000"}}],
        "want": ["bankruptcy_price", "isolated_margin"],
    }
    isolated, shared = _conversation(QUOTE, cross)
    assert isolated["values"] == {
        "initial_margin": "100",
        "liquidation_price": "9036.144578313253012048",
    }
    assert shared["values"] == {"bankruptcy_price": "9036", "isolated_margin": None}


def test_it_says_what_it_cannot_read() -> None:
    (error,) = _conversation({**QUOTE, "want": ["magic"]})
    assert error["t"] == "error"
    assert error["message"].startswith("InvalidInput: want: 'magic' is no quantity")


def test_it_runs_a_scenario() -> None:
    steps = [
        {
            "do": "set_margin_mode",
            "with": {"instrument": "BTC-USDT", "margin_mode": "isolated"},
        },
        {"do": "set_leverage", "with": {"instrument": "BTC-USDT", "leverage": "10"}},
        {
            "do": "trade",
            "with": {
                "instrument": "BTC-USDT",
                "side": "buy",
                "quantity": "0.1",
                "price": "10000",
            },
        },
        {
            "do": "set_margin_mode",
            "with": {"instrument": "BTC-USDT", "margin_mode": "cross"},
        },
        {"do": "set_mark_price", "with": {"instrument": "BTC-USDT", "price": "5000"}},
    ]
    message = {
        "t": "run",
        "seq": 7,
        "profile": {"id": "textbook/linear", "parameters": {}},
        "instruments": [INSTRUMENT],
        "balances": {"USDT": "1000"},
        "steps": steps,
    }
    (trace,) = _conversation(message)
    assert [each["outcome"] for each in trace["steps"]] == [
        "accepted",
        "accepted",
        "accepted",
        "rejected",
        "accepted",
    ]
    assert trace["steps"][3]["reason"] == "MARGIN_MODE_LOCKED"
    assert trace["steps"][3]["events"] == []
    assert trace["steps"][3]["state"] == trace["steps"][2]["state"]
    (position,) = trace["steps"][2]["state"]["positions"]
    assert position["liquidation_price"] == "9036.144578313253012048"
    assert [each["event"] for each in trace["steps"][4]["events"]] == [
        "liquidation",
        "realised_pnl",
        "insurance_fund_paid",
    ]
    assert trace["steps"][4]["state"] == {
        "balances": {
            "USDT": {
                "wallet_balance": "900",
                "free_balance": "900",
                "available_balance": "900",
            }
        },
        "positions": [],
        "insurance_fund": {"USDT": "-400"},
    }


def test_an_action_it_does_not_know_is_a_declared_gap() -> None:
    message = {
        "t": "run",
        "seq": 8,
        "profile": {"id": "textbook/linear"},
        "instruments": [INSTRUMENT],
        "balances": {},
        "steps": [{"do": "borrow", "with": {}}],
    }
    assert _conversation(message) == [
        {"t": "unsupported", "seq": 8, "feature": "borrow"}
    ]


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module))
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem
)
def test_the_engine_needs_the_standard_library_only(path: Path) -> None:
    allowed = {*sys.stdlib_module_names, "isomargin_reference"}
    assert _imported(path) <= allowed


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem
)
def test_the_engine_knows_no_binary_fraction(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    literals = [each.value for each in ast.walk(tree) if isinstance(each, ast.Constant)]
    names = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
    assert not any(isinstance(literal, float) for literal in literals)
    assert "float" not in names
