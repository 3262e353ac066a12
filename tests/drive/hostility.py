"""What the tests of the drive share: questions, and the hostile subject."""

import os
import shlex
import sys
import time
from pathlib import Path
from typing import Any

from isomargin.drive import (
    Command,
    Limits,
    Outcome,
    Quantities,
    Question,
    Step,
    Trace,
    resolve,
)

HOSTILE = Path(__file__).parent / "hostile.py"
LIMITS = Limits(hello=5, quote=0.3, run=0.3, grace=0.1, settle=0.02)
STATE: dict[str, Any] = {"balances": {}, "positions": []}


def quote(number: int, *, symbol: str = "BTC-USD") -> Question:
    message = {
        "t": "quote",
        "profile": {"id": "textbook/linear", "parameters": {}},
        "instrument": {"symbol": symbol, "contract": "linear", "settle": "USD"},
        "position": {
            "side": "long",
            "quantity": str(number),
            "entry_price": "100",
            "leverage": "10",
        },
        "want": ["initial_margin"],
    }
    return Question.of(f"case.{number}", message)


def run(number: int, *, symbol: str = "BTC-USD") -> Question:
    message = {
        "t": "run",
        "profile": {"id": "textbook/linear", "parameters": {}},
        "instruments": [{"symbol": symbol, "contract": "linear", "settle": "USD"}],
        "balances": {"USD": "100"},
        "steps": [{"do": "deposit", "with": {"asset": "USD", "amount": "1"}}],
    }
    return Question.of(f"case.{number}", message)


def honest(question: Question) -> Outcome:
    if question.operation == "run":
        return Trace((Step("accepted", None, (), STATE),))
    return Quantities({"initial_margin": question.message["position"]["quantity"]})


def words(*arguments: object) -> str:
    program = [sys.executable, "-I", "-S", str(HOSTILE), *map(str, arguments)]
    return "cmd:" + shlex.join(program)


def command(*arguments: object) -> Command:
    return resolve(words(*arguments))


def assert_nobody_survives(pids: Path) -> None:
    """Fail unless every process that the subject recorded is gone."""
    until = time.monotonic() + 2
    for pid in map(int, pids.read_text().split()):
        while is_alive(pid):
            assert time.monotonic() < until, f"process {pid} survived"
            time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan that was killed may wait long for whoever adopted it.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
