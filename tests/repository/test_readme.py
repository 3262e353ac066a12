"""The README's commands are run as a new user would run them."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^( *)```console\n(.*?)^ *```", README, re.DOTALL | re.MULTILINE)
COMMANDS = [
    line.strip().removeprefix("$ ").split("  #")[0].strip()
    for _, block in BLOCKS
    for line in block.splitlines()
    if line.strip().startswith("$ ")
]
MAKE = [command for command in COMMANDS if command.startswith("make ")]
OURS = [command for command in COMMANDS if command.startswith("isomargin ")]
# Running the user's own wrong engine ends in the nonconformance it is there to show.
ENDS = {"isomargin run --subject 'cmd:python my_engine.py'": 1}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with the README's engine saved in it."""
    program = re.search(
        r"^( *)```python\n(.*?)^ *```", README, re.DOTALL | re.MULTILINE
    )
    assert program
    indent = len(program.group(1))
    text = "\n".join(line[indent:] for line in program.group(2).splitlines())
    (tmp_path / "my_engine.py").write_text(text + "\n", encoding="utf-8")
    return tmp_path


def ran(command: str, desk: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        shlex.split(command),
        cwd=desk,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_readme_has_commands_to_run() -> None:
    assert len(OURS) >= 6
    assert {command.split()[1] for command in MAKE} <= targets()


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


@pytest.mark.parametrize("command", OURS)
def test_a_command_of_the_readme_does_what_it_says(command: str, desk: Path) -> None:
    result = ran(command, desk)
    expected = next((code for part, code in ENDS.items() if part in command), 0)
    assert result.returncode == expected, result.stdout + result.stderr
    assert result.stdout.strip()


def test_the_failure_the_readme_shows_is_the_one_that_appears(desk: Path) -> None:
    shown = re.search(r"```text\n(failed.*?)```", README, re.DOTALL)
    assert shown
    command = next(command for command in OURS if next(iter(ENDS)) in command)
    result = ran(f"{command} --format terminal", desk)
    for line in shown.group(1).splitlines():
        assert line in result.stdout.splitlines(), (line, result.stdout)
