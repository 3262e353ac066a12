"""A conversation with an adapter's program, over protocol 1."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from isomargin.environments import READY, state
from isomargin.rulebook.strict_yaml import load_file

ADAPTERS = Path(__file__).parents[2] / "adapters"

Message = dict[str, Any]
Converse = Callable[[str, Message], Message]


@pytest.fixture(scope="session")
def adapters() -> Path:
    return ADAPTERS


@pytest.fixture(scope="session")
def converse() -> Iterator[Converse]:
    """Give a function that says a message to an engine and returns its answer."""
    engines: dict[str, subprocess.Popen[str]] = {}

    def say(name: str, message: Message) -> Message:
        if name not in engines:
            engines[name] = _started(ADAPTERS / name)
        speaking, listening = engines[name].stdin, engines[name].stdout
        assert speaking is not None
        assert listening is not None
        speaking.write(json.dumps(message) + "\n")
        speaking.flush()
        answer: Message = json.loads(listening.readline())
        return answer

    yield say
    for engine in engines.values():
        engine.communicate('{"t":"bye"}\n', timeout=10)


def _started(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        _command(folder),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def _command(folder: Path) -> list[str]:
    if (standing := state(folder)) != READY:
        pytest.skip(
            f"{folder.name} is {standing}: run isomargin adapter setup {folder.name}"
        )
    node = shutil.which("node")
    python = folder / ".environment" / "bin" / "python"
    programs = {"{python}": str(python), "{node}": node or "node"}
    parts = load_file(folder / "adapter.yaml")["command"]
    return [programs.get(part, part) for part in parts]
