"""The rulebook and the texts, read once."""

import pytest

from isomargin.formulas.world import Rules
from isomargin.rulebook.load import load
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import places
from isomargin.text import Catalogue, load_catalogue
from isomargin.text.subjects import kinds_of


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return load(places())


@pytest.fixture(scope="session")
def rules(rulebook: Rulebook) -> Rules:
    return Rules(rulebook)


@pytest.fixture(scope="session")
def english(rulebook: Rulebook) -> Catalogue:
    return load_catalogue(places().spec, "en", kinds_of(rulebook))


@pytest.fixture(scope="session")
def norwegian(rulebook: Rulebook) -> Catalogue:
    return load_catalogue(places().spec, "nb", kinds_of(rulebook))
