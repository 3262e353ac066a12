"""How many mutants of the reference engine the conformance cases tell.

    python bench/mutation.py [--sample N] [--seed S] [--jobs J]

Cosmic-ray changes one operator, comparison, number or branch of a copy of the
reference at a time; the copy is asked every case over the wire, like any subject.
Mutants that Python itself refuses, because amounts know no bits, that compare by
identity what is the same object anyway, or that ask which of two words is the greater,
are not counted for either side. Survivors
are listed with what is known of them, which is kept in `survivors.toml`. Exit code 1:
there is a survivor of which nothing is known.
"""

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Score", "score"]

HERE = Path(__file__).parent
ROOT = HERE.parent
ENVIRONMENT = HERE / ".mutation"
TOOL = "cosmic-ray==8.7.0"
SECONDS = 60

_PARTS = (
    "reference/isomargin_reference",
    "adapters/reference",
    "adapters/isomargin_adapter",
)
# Amounts know no bits and no remainder worth asking for, and annotations are written
# with a bar: Python refuses such a mutant before any case is asked.
_REFUSED = ("RShift", "LShift", "BitXor", "BitOr", "BitAnd", "FloorDiv", "Mod", "Pow")
_SAME_OBJECT = ("Is", "IsNot")
# The words of a closed list have no order.
_ORDERS = ("Lt", "LtE", "Gt", "GtE")
_CONFIG = """\
[cosmic-ray]
module-path = "reference/isomargin_reference"
timeout = {seconds}.0
excluded-modules = []
test-command = "{python} {script} judge {kept} {tree}"

[cosmic-ray.distributor]
name = "local"
"""


@dataclass(frozen=True)
class Mutant:
    """A mutant that no case tells.

    Attributes:
        module: the file it changes.
        line: the changed line, as it reads in the mutant.
        reason: why it survives, empty where nothing is known.
    """

    module: str
    line: str
    reason: str


@dataclass(frozen=True)
class Score:
    """What came of the mutants.

    Attributes:
        all: how many there are.
        asked: how many were asked.
        survivors: those that no case tells.
    """

    all: int
    asked: int
    survivors: tuple[Mutant, ...]

    @property
    def unknown(self) -> tuple[Mutant, ...]:
        """Return the survivors of which nothing is known."""
        return tuple(each for each in self.survivors if not each.reason)

    @property
    def equivalent(self) -> int:
        """Return how many survivors no case could tell, by the reasons kept."""
        return len(self.survivors) - len(self.unknown)

    @property
    def share(self) -> float:
        """Return the share of the mutants told, of those that could be."""
        could = self.asked - self.equivalent
        return (self.asked - len(self.survivors)) / could if could else 1.0


def score(
    *, sample: int | None = None, seed: int = 0, jobs: int | None = None
) -> Score:
    """Return what the cases tell of the mutants of the reference.

    Args:
        sample: how many are asked; all when None.
        seed: which are chosen.
        jobs: how many are asked at once; one a processor when None.
    """
    tool = _tool()
    jobs = jobs or os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="mutation") as scratch:
        folder = Path(scratch)
        kept = folder / "kept"
        subprocess.run([sys.executable, HERE / "mutant.py", "keep", kept], check=True)
        trees = [_tree(folder / f"tree{number}", kept) for number in range(jobs)]
        total = _chosen(tool, trees, sample, seed)
        with ThreadPoolExecutor(jobs) as pool:
            results = [
                one
                for each in pool.map(lambda tree: _asked(tool, tree), trees)
                for one in each
            ]
    return Score(total, len(results), tuple(_survivors(results)))


def _tool() -> Path:
    tool = ENVIRONMENT / "bin" / "cosmic-ray"
    if not tool.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        pip = [ENVIRONMENT / "bin" / "pip", "install", "--quiet", TOOL]
        subprocess.run(pip, check=True)
    return tool


def _tree(tree: Path, kept: Path) -> Path:
    """Return a copy of the reference that is mutated in place."""
    for part in _PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, tree / part, ignore=ignored)
    config = _CONFIG.format(
        seconds=SECONDS,
        python=sys.executable,
        script=HERE / "mutant.py",
        kept=kept,
        tree=tree,
    )
    (tree / "mutants.toml").write_text(config)
    return tree


def _chosen(tool: Path, trees: Sequence[Path], sample: int | None, seed: int) -> int:
    """Deal the mutants that are asked out to the copies; return how many there are."""
    first = trees[0] / "mutants.sqlite"
    words = [tool, "init", "mutants.toml", first]
    subprocess.run(words, cwd=trees[0], check=True, stdout=subprocess.DEVNULL)
    counted = sorted(_counted(first))
    random.Random(seed).shuffle(counted)  # noqa: S311 - a choice anyone can repeat
    chosen = [job for _, job in counted[:sample]]
    for tree in trees[1:]:
        shutil.copy(first, tree / first.name)
    for number, tree in enumerate(trees):
        _keep_only(tree / first.name, chosen[number :: len(trees)])
    return len(counted)


def _counted(database: Path) -> Iterator[tuple[tuple[str, str, int], str]]:
    """Yield the mutants that count: what each is, and the name of its job."""
    columns = "module_path, operator_name, occurrence, start_pos_row, job_id"
    with sqlite3.connect(database) as connection:
        rows = list(connection.execute(f"select {columns} from mutation_specs"))  # noqa: S608 - no foreign text
    for module, operator, occurrence, row, job in rows:
        line = (database.parent / module).read_text().splitlines()[row - 1]
        if not _means_nothing(operator.removeprefix("core/"), line):
            yield (module, operator, occurrence), job


def _means_nothing(operator: str, line: str) -> bool:
    """Say whether Python refuses a mutant, or it can be no mistake anyone makes."""
    _, _, change = operator.partition("_")
    before, _, after = change.partition("_")
    ordered = after in _ORDERS and before in ("Eq", "NotEq") and '"' in line
    return ordered or after in _REFUSED + _SAME_OBJECT or before == "BitOr"


def _keep_only(database: Path, jobs: Sequence[str]) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("create temporary table chosen (job_id text)")
        connection.executemany(
            "insert into chosen values (?)", [(job,) for job in jobs]
        )
        for table in ("mutation_specs", "work_items"):
            connection.execute(
                f"delete from {table} where job_id not in (select job_id from chosen)"  # noqa: S608 - as above
            )


def _asked(tool: Path, tree: Path) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Return each mutant of a copy with what came of it."""
    words = [tool, "exec", "mutants.toml", "mutants.sqlite"]
    subprocess.run(words, cwd=tree, check=True, stdout=subprocess.DEVNULL)
    dump = subprocess.run(
        [tool, "dump", "mutants.sqlite"], cwd=tree, check=True, stdout=subprocess.PIPE
    )
    told = [json.loads(line) for line in dump.stdout.decode().splitlines()]
    return [(item["mutations"][0], result) for item, result in told]


def _survivors(
    results: Sequence[tuple[dict[str, str], dict[str, str]]],
) -> Iterator[Mutant]:
    known = tomllib.loads((HERE / "survivors.toml").read_text(encoding="utf-8"))
    for mutation, result in results:
        if result["test_outcome"] != "survived":
            continue
        module = Path(mutation["module_path"]).name
        [line, *_] = [
            line[1:].strip()
            for line in result["diff"].splitlines()
            if line.startswith("+") and not line.startswith("+++")
        ] or [""]
        yield Mutant(module, line, known.get(module, {}).get(line, ""))


def _table(found: Score) -> Iterator[str]:
    for each in sorted(found.survivors, key=lambda each: (each.module, each.line)):
        yield f"{each.module}: {each.line}"
        yield f"    {each.reason or 'nothing is known of it'}"
    could = found.asked - found.equivalent
    yield (
        f"{found.asked} of {found.all} mutants asked; of {could} that could be told"
        f" {found.share:.1%} are"
    )


def main() -> int:
    """Print what came of the mutants; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sample", type=int, help="how many are asked; all by default")
    parser.add_argument("--seed", type=int, default=0, help="which are chosen")
    parser.add_argument("--jobs", type=int, help="how many are asked at once")
    chosen = parser.parse_args()
    found = score(sample=chosen.sample, seed=chosen.seed, jobs=chosen.jobs)
    sys.stdout.write("\n".join(_table(found)) + "\n")
    return 1 if found.unknown else 0


if __name__ == "__main__":
    sys.exit(main())
