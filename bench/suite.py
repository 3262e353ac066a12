"""A suite of a given size: quotes that the trivial child answers as they expect."""

import json
import shutil
from pathlib import Path

from isomargin.rulebook.places import Places, places

__all__ = ["FIGURES", "questions", "suite"]

FIGURES = {
    "notional_value": "1000",
    "initial_margin": "100",
    "liquidation_price": "9036.144578313253012048",
    "bankruptcy_price": "9000",
}
_A_FILE = 10


def suite(folder: Path, size: int) -> Places:
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
        path.write_text("cases:\n" + "".join(map(_case, numbers)))
    return Places(spec, cases, there.adapters)


def _case(number: int) -> str:
    figures = ", ".join(f'{name}: "{value}"' for name, value in FIGURES.items())
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


def questions(path: Path, size: int) -> None:
    """Write the same questions as lines of the wire."""
    position = {"side": "long", "quantity": "0.1", "leverage": "10"}
    with path.open("w") as file:
        file.write('{"t":"hello","protocol":1,"suite":"isomargin"}\n')
        for number in range(size):
            message = {
                "t": "quote",
                "seq": number + 1,
                "position": {**position, "entry_price": str(10000 + number)},
                "want": list(FIGURES),
            }
            file.write(json.dumps(message, separators=(",", ":")) + "\n")
