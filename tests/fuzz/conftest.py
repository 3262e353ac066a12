"""Searches of small engines with one thing wrong."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from isomargin.drive import Command, Subject, resolve
from isomargin.fuzz import FuzzReport, fuzz
from isomargin.rulebook.load import load
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import places

ENGINE = Path(__file__).parent / "fuzz_engine.py"

Search = Callable[..., FuzzReport]


def engine(fault: str) -> Command:
    return resolve("cmd:" + shlex.join([sys.executable, str(ENGINE), fault]))


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return load(places())


@pytest.fixture(scope="session")
def search(rulebook: Rulebook) -> Search:
    def searched(fault: str, **options: Any) -> FuzzReport:
        with Subject.open(engine(fault), suite_version="1") as subject:
            return fuzz(subject, rulebook, **{"sequences": 150, **options})

    return searched
