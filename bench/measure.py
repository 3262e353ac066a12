"""Programs timed: by the clock, and by the time they had a processor."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Times", "commands", "tasks"]

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Times:
    """What the repetitions of one measurement took, in seconds.

    Attributes:
        wall: by the clock.
        cpu: by the processor.
    """

    wall: tuple[float, ...]
    cpu: tuple[float, ...]

    @property
    def median(self) -> float:
        """Return the median by the clock."""
        return statistics.median(self.wall)

    @property
    def effort(self) -> float:
        """Return the median of the processor's time, which others disturb less."""
        return statistics.median(self.cpu)

    def less(self, other: "Times") -> "Times":
        """Return the times without the median of another's."""
        wall = tuple(max(value - other.median, 1e-9) for value in self.wall)
        return Times(wall, tuple(max(value - other.effort, 1e-9) for value in self.cpu))


def commands(
    several: Mapping[str, tuple[Sequence[str], Path]], repeat: int
) -> dict[str, Times]:
    """Time commands, in turn, so that what disturbs one disturbs all.

    Args:
        several: name to the words of the command and the folder it runs in.
        repeat: how often each is run, once more than is counted.
    """
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in several}
    for _ in range(repeat + 1):
        for name, (argv, folder) in several.items():
            taken[name].append(_command(argv, folder))
    return {name: _times(each[1:]) for name, each in taken.items()}


def tasks(
    names: Sequence[str], folder: Path, size: int, repeat: int
) -> dict[str, Times]:
    """Time pieces of work of `task.py`, in turn."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for _ in range(repeat + 1):
        for name in names:
            argv = [sys.executable, str(HERE / "task.py"), name, str(folder), str(size)]
            done = subprocess.run(argv, capture_output=True, text=True, check=True)
            took = json.loads(done.stdout)
            taken[name].append((took["wall"], took["cpu"]))
    return {name: _times(each[1:]) for name, each in taken.items()}


def _command(argv: Sequence[str], folder: Path) -> tuple[float, float]:
    begun = time.perf_counter()
    with (folder / "output").open("wb") as output:
        child = subprocess.Popen(argv, stdout=output, stderr=output, cwd=folder)
        _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        said = (folder / "output").read_text(errors="replace")[-1000:]
        raise RuntimeError(f"{argv} exited with {child.returncode}: {said}")
    return wall, usage.ru_utime + usage.ru_stime


def _times(taken: Sequence[tuple[float, float]]) -> Times:
    wall, cpu = zip(*taken, strict=True)
    return Times(wall, cpu)
