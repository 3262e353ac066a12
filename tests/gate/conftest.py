"""A stand-in engine, two small cases, and the command in this process."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from isomargin.command import main
from isomargin.rulebook.load import load
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import Places, places

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Said:
    """What a command wrote, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the cache of these tests apart, and share it among them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def there() -> Places:
    return places()


@pytest.fixture(scope="session")
def rulebook(there: Places) -> Rulebook:
    return load(there)


@pytest.fixture(scope="session")
def frozen(tmp_path_factory: pytest.TempPathFactory, there: Places) -> str:
    """Give a copy of the rulebook that nobody edits while the tests run."""
    folder = tmp_path_factory.mktemp("frozen") / "spec"
    shutil.copytree(there.spec, folder)
    return str(folder)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], frozen: str) -> Callable[..., Said]:
    """Give a function that carries a command line out in this process."""

    def called(*words: str) -> Said:
        capsys.readouterr()
        own = [] if "--spec" in words else ["--spec", frozen]
        code = main([*words, *own])
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return called


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder of its own to work in, with two cases and an engine in it."""
    monkeypatch.chdir(tmp_path)
    for name, own in (("gate_cases.yaml", "gate.yaml"), ("gate_engine.py",) * 2):
        (tmp_path / own).write_text((HERE / name).read_text("utf-8"), "utf-8")
    return tmp_path


@pytest.fixture
def engine() -> Callable[..., str]:
    """Give a function that names the engine, wrong in the quantities it is told."""

    def named(*wrong: str) -> str:
        return f"cmd:{sys.executable} gate_engine.py {' '.join(wrong)}"

    return named
