"""A rulebook of one rule and one example, on which faults are tried."""

import shutil
from pathlib import Path
from typing import Any

from isomargin.text.catalogue import load_catalogue
from isomargin.text.check import Subjects
from isomargin.text.stamp import digests, written_digests

HERE = Path(__file__).parent
SPEC = HERE.parents[1] / "spec"
KINDS = {"leverage": "leverage", "price": "price", "side": "side", "amount": "amount"}
CORE: dict[str, Any] = {
    "given": {
        "balances": {"USD": "2000"},
        "instruments": [{"symbol": "BTC-USD", "settle": "USD"}],
    },
    "steps": [
        {"do": "trade", "with": {"side": "buy", "price": "50000", "leverage": "10"}}
    ],
}
SUBJECTS = Subjects(
    keys=frozenset(
        {
            "rules/margin.lost",
            "examples/tiny.trade",
            "labels/quantity/leverage",
            "labels/side/buy",
        }
    ),
    examples={"tiny.trade": CORE},
)
TARGETS = {"rule": frozenset({"margin.lost"})}


def laid_out(folder: Path, fault: str | None = None) -> Path:
    """Lay the good rulebook out in a folder, with a fault's files over it."""
    spec = folder / "spec"
    shutil.copytree(HERE / "good", spec)
    (spec / "schema").symlink_to(SPEC / "schema")
    shutil.copy(SPEC / "number_forms.yaml", spec)
    stamp(spec)
    if fault:
        shutil.copytree(HERE / "bad" / fault, spec, dirs_exist_ok=True)
    return spec


def stamp(spec: Path) -> None:
    """Stamp the Norwegian texts of a rulebook."""
    translation, record = (load_catalogue(spec, x, KINDS) for x in ("nb", "en"))
    stamps = written_digests(digests(translation, record, record.units))
    (spec / "text" / "nb" / "source_digests.yaml").write_text(stamps, encoding="utf-8")
