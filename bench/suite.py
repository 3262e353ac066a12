"""Suites of a given size: quotes that a child answers as they expect.

One child answers with fixed figures, whatever it is asked; the other is an engine, and
its suite has the figures that are right.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from isomargin import drive
from isomargin.asking import Judging
from isomargin.cache import cached_rulebook
from isomargin.judge import Gap
from isomargin.rulebook.places import Places, places

__all__ = ["FIGURES", "Figures", "fixed", "messages", "questions", "suite", "worked"]

FIGURES = {
    "notional_value": "1000",
    "initial_margin": "100",
    "liquidation_price": "9036.144578313253012048",
    "bankruptcy_price": "9000",
}
HELLO = '{"t":"hello","protocol":1,"suite":"isomargin"}\n'
_A_FILE = 10


Figures = Callable[[int], Mapping[str, str]]


def fixed(_: int) -> Mapping[str, str]:
    """Return the figures that the child answers with that works nothing out."""
    return FIGURES


def worked(number: int) -> Mapping[str, str]:
    """Return the figures of the position that a question is about."""
    entry = Decimal(10000 + number)
    prices = {
        "initial_margin": entry / 100,
        "liquidation_price": entry * 9 / 10 / Decimal("0.996"),
        "bankruptcy_price": entry * 9 / 10,
    }
    kept = {name: round(price, 18).normalize() for name, price in prices.items()}
    return {name: format(price, "f") for name, price in kept.items()}


def suite(folder: Path, size: int, figures: Figures = fixed) -> Places:
    """Return a rulebook with `size` quotes, ten a file; it is written when needed."""
    there = places()
    spec, cases = folder / "spec", folder / "cases"
    if spec.exists():
        return Places(spec, cases, there.adapters)
    shutil.copytree(there.spec, spec)
    shutil.rmtree(spec / "examples")
    (spec / "examples" / "bench").mkdir(parents=True)
    cases.mkdir()
    for first in range(0, size, _A_FILE):
        path = spec / "examples" / "bench" / f"quotes_{first:06}.yaml"
        numbers = range(first, min(first + _A_FILE, size))
        texts = (_case(number, figures(number)) for number in numbers)
        path.write_text("cases:\n" + "".join(texts))
    return Places(spec, cases, there.adapters)


def _case(number: int, expected: Mapping[str, str]) -> str:
    figures = ", ".join(f'{name}: "{value}"' for name, value in expected.items())
    return f"""\
  - id: bench.quote_{number:06}
    profile: textbook/linear
    rules: [liquidation_price.isolated.at_mark, bankruptcy_price.isolated]
    why: The tier is looked up by collateral.
    origin: hand
    working: ["0.1 * 10000 = 1000"]
    quote:
      instrument: plain
      position: {{side: long, quantity: "0.1", entry_price: "{10000 + number}", \
leverage: "10", mark_price: "10000"}}
      expect: {{{figures}}}
"""


def messages(path: Path, there: Places, subject: str) -> None:
    """Write what a run asks a subject, as it is sent, and the greeting before it."""
    rulebook = cached_rulebook(there, folder=path.parent / "cache")
    command = drive.resolve(subject)
    with drive.Subject.open(command, suite_version="bench") as opened:
        judging = Judging(rulebook, opened.ready)
    with path.open("wb") as file:
        file.write(HELLO.encode())
        for seq, case in enumerate(rulebook.cases.values(), 1):
            asked = judging.question(case)
            if isinstance(asked, Gap):
                raise TypeError(f"{case.id} is not asked: {asked.feature}")
            file.write(asked.line(seq))


def questions(path: Path, size: int) -> None:
    """Write the same questions as lines of the wire."""
    position = {"side": "long", "quantity": "0.1", "leverage": "10"}
    with path.open("w") as file:
        file.write(HELLO)
        for number in range(size):
            message = {
                "t": "quote",
                "seq": number + 1,
                "position": {**position, "entry_price": str(10000 + number)},
                "want": list(FIGURES),
            }
            file.write(json.dumps(message, separators=(",", ":")) + "\n")
