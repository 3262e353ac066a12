"""What people would use instead: pytest's own parametrize, and bowtie."""

import json
from pathlib import Path

from suite import FIGURES

__all__ = ["bowtie_cases", "parametrized"]


def bowtie_cases(path: Path, size: int) -> None:
    """Write as many of bowtie's cases, one test each."""
    with path.open("w") as file:
        for number in range(size):
            case = {
                "description": f"quote {number:06}",
                "schema": {"type": "integer", "minimum": number},
                "tests": [{"description": "it", "instance": number, "valid": True}],
            }
            file.write(json.dumps(case) + "\n")


_PARAMETRIZED = """\
import json
import subprocess

import pytest

FIGURES = {figures!r}


@pytest.fixture(scope="session")
def child():
    pipes = {{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}}
    with subprocess.Popen([{child!r}], bufsize=0, **pipes) as process:
        answers = process.stdout
        yield lambda line: (process.stdin.write(line), answers.readline())[1]
        process.stdin.close()


@pytest.mark.parametrize("number", range({size}))
def test_quote(child, number):
    position = {{"side": "long", "quantity": "0.1", "entry_price": str(number)}}
    message = {{"t": "quote", "seq": number, "position": position}}
    answer = json.loads(child(json.dumps(message).encode() + b"\\n"))
    assert answer["values"] == FIGURES
"""


def parametrized(path: Path, size: int, child: Path) -> None:
    """Write a test module that asks the same child as many quotes."""
    text = _PARAMETRIZED.format(figures=FIGURES, child=str(child), size=size)
    path.write_text(text)
