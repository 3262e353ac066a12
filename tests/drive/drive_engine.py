"""A Python engine for the tests of `py:` subjects."""

import sys
from typing import Any

from isomargin_adapter import Quote, Ready

READY = Ready(name="toy", version="1", quantities=("initial_margin",))


def quote(question: Quote) -> dict[str, Any]:
    """Answer, and print where an answer would be expected."""
    sys.stdout.write("thinking\n")
    return {"initial_margin": question.position["quantity"]}


def factory() -> dict[str, Any]:
    """Return what serves the engine."""
    return {"ready": READY, "quote": quote}


def useless() -> None:
    """Return nothing, which serves nobody."""
