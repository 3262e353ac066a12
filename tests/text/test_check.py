"""Every fault of the texts, and the whole of what is said about it."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from isomargin.errors import RulebookError
from isomargin.text.catalogue import load_catalogues
from isomargin.text.check import problems


def _good_rulebook() -> ModuleType:
    name = "tests_text_good_rulebook"
    path = Path(__file__).with_name("good_rulebook.py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


good = _good_rulebook()


def found(spec: Path) -> list[str]:
    catalogues = load_catalogues(spec, good.KINDS)
    return [str(problem) for problem in problems(catalogues, good.SUBJECTS)]


def test_a_sound_rulebook_has_no_problems(tmp_path: Path) -> None:
    assert found(good.laid_out(tmp_path)) == []


FAULTS = sorted(path.name for path in (good.HERE / "bad").iterdir() if path.is_dir())


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_full(fault: str, tmp_path: Path) -> None:
    spec = good.laid_out(tmp_path, fault)
    golden = (good.HERE / "bad" / f"{fault}.txt").read_text(encoding="utf-8")
    assert "\n".join([*found(spec), ""]) == golden
