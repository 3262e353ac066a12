"""The rulebook, the corpus, and the faulty engines of this checkout."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from isomargin.power import Corpus, read_corpus
from isomargin.rulebook.load import load
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import Places, places

FOLDER = Path(__file__).parents[2] / "adapters" / "faulty"


@pytest.fixture(scope="session")
def where() -> Places:
    return places()


@pytest.fixture(scope="session")
def rulebook(where: Places) -> Rulebook:
    return load(where)


@pytest.fixture(scope="session")
def corpus(where: Places, rulebook: Rulebook) -> Corpus:
    return read_corpus(where, rulebook)


@pytest.fixture(scope="session")
def faulty() -> ModuleType:
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module("isomargin_faulty")
    finally:
        sys.path.remove(str(FOLDER))
