"""A rulebook of one rule and one example, on which faults are tried."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

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
        {"do": "trade", "with": {"side": "buy", "price": "50000", "leverage": "10"}},
        {"do": "trade", "with": {"side": "buy", "price": "?"}},
    ],
}
KEYS = {
    "rules/margin.lost",
    "examples/tiny.trade",
    "labels/quantity/leverage",
    "labels/side/buy",
    "claims/C01",
    "discrepancies/lost_how",
}

LaidOut = Callable[..., Path]


@pytest.fixture
def kinds() -> Mapping[str, str]:
    return KINDS


@pytest.fixture
def core() -> Mapping[str, Any]:
    return CORE


@pytest.fixture
def subjects() -> Subjects:
    return Subjects(keys=frozenset(KEYS), examples={"tiny.trade": CORE})


@pytest.fixture
def laid_out(tmp_path: Path) -> LaidOut:
    """Lay the good rulebook out, with a fault's files over it."""

    def lay_out(fault: Path | None = None) -> Path:
        spec = tmp_path / "spec"
        shutil.copytree(HERE / "good", spec)
        (spec / "schema").symlink_to(SPEC / "schema")
        shutil.copy(SPEC / "number_forms.yaml", spec)
        stamp(spec)
        if fault:
            shutil.copytree(fault, spec, dirs_exist_ok=True)
        return spec

    return lay_out


def stamp(spec: Path) -> None:
    translation, record = (load_catalogue(spec, x, KINDS) for x in ("nb", "en"))
    stamps = written_digests(digests(translation, record, record.units))
    (spec / "text" / "nb" / "source_digests.yaml").write_text(stamps, encoding="utf-8")
