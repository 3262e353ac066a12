"""The command as a person runs it: its words in, its lines and exit code out."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from isomargin.command import main

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


Call = Callable[..., Said]


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the cache of these tests apart, and share it among them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("COLUMNS", "80")
        yield


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Give a function that carries a command line out in this process."""

    def called(*words: str) -> Said:
        capsys.readouterr()
        code = main(list(words))
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return called


@pytest.fixture
def start() -> Call:
    """Give a function that runs the installed command, with its standard input."""
    program = Path(sys.executable).with_name("isomargin")

    def started(*words: str, given: str = "") -> Said:
        done = subprocess.run(
            [program, *words],
            input=given,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
            env=os.environ,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return started


@pytest.fixture(scope="session")
def engine() -> Callable[[str], str]:
    """Give a function that names the stand-in engine, behaving in some way."""
    program = HERE / "command_engine.py"
    return lambda behaviour: f"cmd:{sys.executable} {program} {behaviour}"


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    """Give a file of two small quotes."""
    path = tmp_path / "small.yaml"
    path.write_text((HERE / "small_cases.yaml").read_text("utf-8"), "utf-8")
    return path


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Give a function that compares a text with a file that holds all of it."""

    def compared(name: str, text: str) -> None:
        file = HERE / "goldens" / name
        if os.environ.get("WRITE_GOLDENS"):
            file.write_text(text, "utf-8")
        assert text == file.read_text("utf-8"), "WRITE_GOLDENS=1 writes it anew"

    return compared
