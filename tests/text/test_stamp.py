import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from isomargin.text.catalogue import load_catalogue
from isomargin.text.check import Subjects, problems
from isomargin.text.stamp import main

LaidOut = Callable[..., Path]


@pytest.fixture
def changed(laid_out: LaidOut) -> Path:
    """Lay out a rulebook in which one English text has changed since."""
    spec = laid_out()
    path = spec / "text" / "en" / "rules.yaml"
    path.write_text(path.read_text().replace("No more", "Never more"))
    return spec


def stamped(spec: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["nb", *arguments, "--spec", str(spec)])


def stale(spec: Path, kinds: Mapping[str, str], subjects: Subjects) -> int:
    catalogues = {x: load_catalogue(spec, x, kinds) for x in ("en", "nb")}
    return sum("is stale" in x.what for x in problems(catalogues, subjects))


def test_a_stale_translation_is_not_stamped_by_itself(
    changed: Path, kinds: Mapping[str, str], subjects: Subjects
) -> None:
    assert stamped(changed).output == "7 units of nb are stamped\n"
    assert stale(changed, kinds, subjects) == 1


@pytest.mark.parametrize("compared", ["rules/margin.lost", "--all"])
def test_a_translation_compared_again_is_stamped(
    compared: str, changed: Path, kinds: Mapping[str, str], subjects: Subjects
) -> None:
    assert stamped(changed, compared).exit_code == 0
    assert stale(changed, kinds, subjects) == 0


def test_a_new_translation_is_stamped(
    laid_out: LaidOut, kinds: Mapping[str, str]
) -> None:
    spec = laid_out()
    path = spec / "text" / "nb" / "source_digests.yaml"
    before = path.read_text()
    path.unlink()
    assert stamped(spec).exit_code == 0
    assert path.read_text() == before
    assert load_catalogue(spec, "nb", kinds).source_digests


def test_the_stamp_of_a_unit_that_is_gone_goes(laid_out: LaidOut) -> None:
    spec = laid_out()
    path = spec / "text" / "nb" / "source_digests.yaml"
    before = path.read_text()
    path.write_text(before + "rules/margin.gone: '000000000000'\n")
    stamped(spec)
    assert path.read_text() == before


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "isomargin.text.stamp", "--help"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    assert "Stamp a translation with the digests" in ended.stdout


def test_a_unit_that_is_not_there_is_refused(laid_out: LaidOut) -> None:
    result = stamped(laid_out(), "rules/margin.kept")
    assert result.exit_code == 2
    assert result.stderr == (
        "no unit 'rules/margin.kept' in both languages; "
        "write its key as check names it, such as rules/funding.payment\n"
    )
