"""Starters as a newcomer has them: written, built and started in their own folder."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest

from isomargin.starters import STARTERS, Starter, write_starter

TEMPLATES = Path(__file__).parents[2] / "adapters" / "templates"
TOOLS = {
    "python": [],
    "typescript": ["node", "npm"],
    "rust": ["cargo"],
    "go": ["go"],
    "java": ["javac", "java"],
    "c++": ["make", "g++"],
}
# Nothing is fetched where a cache has it; `python` is the one that runs the tests.
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "CARGO_NET_OFFLINE": "true",
    "npm_config_prefer_offline": "true",
    "npm_config_audit": "false",
    "npm_config_fund": "false",
}


@dataclass(frozen=True)
class Built:
    """A starter that was built, and the folder it was built in."""

    starter: Starter
    folder: Path

    @cached_property
    def run(self) -> Any:
        """What `isomargin run` says of it."""
        return self._judged("run")

    @cached_property
    def smoke(self) -> Any:
        """What `isomargin smoke` says of it."""
        return self._judged("smoke")

    def _judged(self, verb: str) -> Any:
        program = Path(sys.executable).with_name("isomargin")
        words = [str(program), verb, "--subject", f"cmd:{self.starter.command}"]
        return json.loads(self._done(words))

    def says(self, *messages: object) -> list[Any]:
        """Return what the program answers to messages, each a line."""
        lines = "".join(json.dumps(message) + "\n" for message in messages)
        told = self._done(self.starter.command.split(), given=lines)
        return [json.loads(line) for line in told.splitlines()]

    def _done(self, words: list[str], given: str = "") -> str:
        return subprocess.run(
            words,
            cwd=self.folder,
            env=ENVIRONMENT,
            input=given,
            encoding="utf-8",
            stdout=subprocess.PIPE,
            timeout=120,
            check=False,
        ).stdout


@pytest.fixture(scope="session")
def templates() -> Path:
    return TEMPLATES


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Built]:
    """Give a function that builds the starter of a language, once."""

    @cache
    def of(language: str) -> Built:
        for tool in TOOLS[language]:
            _need(tool)
        folder = tmp_path_factory.mktemp("starter") / "new"
        write_starter(language, folder, templates=TEMPLATES)
        for command in STARTERS[language].build:
            _build(command, folder)
        return Built(STARTERS[language], folder)

    return of


def _need(tool: str) -> None:
    """Skip a test where a tool is missing, or is there and does not start."""
    if shutil.which(tool) is None:
        pytest.skip(f"there is no {tool} on this machine")
    # A launcher of toolchains is there without one; every other tool knows its version.
    asked = [tool, "version" if tool == "go" else "--version"]
    done = subprocess.run(asked, env=ENVIRONMENT, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        pytest.skip(f"{tool} does not start on this machine: {said}")


def _build(command: str, folder: Path) -> None:
    done = subprocess.run(  # noqa: S602 - a shell, as a newcomer copies it into one
        command,
        shell=True,
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    if done.returncode and command == "npm install":
        pytest.skip("npm cannot fetch the compiler of TypeScript")
    assert done.returncode == 0, done.stdout + done.stderr
