"""`make bench`: how fast it is, beside its limit and beside what else there is.

Everything is measured in one run, in turn, so that a busy machine slows all alike and
the ratios hold. The table goes to RESULTS.md.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from measure import Times, commands, tasks
from mutation import score
from rivals import bowtie_cases, parametrized
from suite import messages, questions, suite, worked

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
RIVAL = HERE / ".environment" / "bin" / "bowtie"
SIZE = int(os.environ.get("BENCH_SIZE", "5000"))
REPEAT = int(os.environ.get("BENCH_REPEAT", "5"))
SIZES = (1, 1000, SIZE)
SCENARIOS = 200
VERSION_SECONDS = 0.15
COLD_SECONDS = 6.0
CACHED_SECONDS = 0.3
PIPELINED = 15_000
SHARE_OF_LIMIT = 0.6
LOCKSTEP = 5_000
PYTEST_MS = 0.5
TIMES_BOWTIE = 10
REFERENCE = 3_000
FAST = 3_000
FAST_TIER = 3_000
SEARCHED = 1_000
THROUGH_A_CHILD = 100
MUTANTS = int(os.environ.get("BENCH_MUTANTS", "60"))


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table.

    Attributes:
        what: what was measured.
        times: what it took.
        count: how many things were done in that time; 0 for a time alone.
        target: what it was to be, as a text.
        met: whether it is; None where there is no target.
        beside: what it is to be seen beside.
    """

    what: str
    times: Times
    count: int = 0
    target: str = ""
    met: bool | None = None
    beside: str = ""

    @property
    def rate(self) -> float:
        """Return how many a second by the clock."""
        return self.count / self.times.median

    @property
    def effort(self) -> float:
        """Return how many a second of the processor's time."""
        return self.count / self.times.effort


def main() -> None:
    """Measure everything and write the table."""
    # First, because what is timed runs in an environment of its own.
    told = mutants()
    with tempfile.TemporaryDirectory(prefix="bench") as scratch:
        folder = Path(scratch)
        os.environ["XDG_CACHE_HOME"] = str(folder / "caches")
        for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
            # Nobody who runs a suite has them, and they slow every start and line.
            os.environ.pop(name, None)
        _prepare(folder)
        rows = [
            *start_up(folder),
            *loading(folder),
            *running(folder),
            *testing(folder),
            *whole_runs(folder),
            *engine(folder),
            *searching(folder),
        ]
    text = _document(rows) + "\n".join([*told, ""])
    (HERE / "RESULTS.md").write_text(text)
    sys.stdout.write(text)


def _snapshot(folder: Path) -> Path:
    """Return a copy of the code and the rulebook, which nobody edits meanwhile."""
    root, tree = HERE.parent, folder / "tree"
    built = shutil.ignore_patterns(".environment", "node_modules", "__pycache__")
    for part in (
        "conformance/isomargin",
        "reference/isomargin_reference",
        "adapters/isomargin_adapter",
        "adapters/reference",
        "spec",
    ):
        shutil.copytree(root / part, tree / part, ignore=built)
    (tree / "conformance" / "cases").mkdir()
    return tree


def _prepare(folder: Path) -> None:
    tree = _snapshot(folder)
    paths = [tree / name for name in ("conformance", "reference", "adapters")]
    os.environ["PYTHONPATH"] = os.pathsep.join(map(str, paths))
    compiler = shutil.which("cc") or "gcc"
    child = [compiler, "-O2", "-o", str(folder / "child"), str(HERE / "child.c")]
    subprocess.run(child, check=True)
    if not RIVAL.exists():
        environment = RIVAL.parents[1]
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        pip = [environment / "bin" / "pip", "install", "--quiet", "bowtie-json-schema"]
        subprocess.run(pip, check=True)
    starter = HERE.parent / "adapters" / "templates" / "c++" / "main.cpp"
    built = ["-std=c++17", "-O2", "-o", str(folder / "engine"), str(starter)]
    subprocess.run([shutil.which("c++") or "g++", *built], check=True)
    questions(folder / "questions.jsonl", SIZE)
    (folder / "worked").mkdir()
    there = suite(folder / "worked", SIZE, worked)
    messages(folder / "worked" / "questions.jsonl", there, f"cmd:{folder / 'engine'}")
    for size in SIZES:
        own = _suite_of(folder, size)
        own.mkdir(exist_ok=True)
        bowtie_cases(own / "bowtie.jsonl", size)
        suite(own, size)
    for name, size in (("empty", 0), ("full", SIZE)):
        (folder / name).mkdir()
        path = folder / name / "test_quotes.py"
        parametrized(path, size, folder / "child")
        (folder / name / "own").mkdir()
        (folder / name / "own" / "test_own.py").write_text("def test_own(): pass\n")


def start_up(folder: Path) -> Iterator[Row]:
    """Yield how long a program takes to say its version."""
    took = commands(
        {
            "bare": ([sys.executable, "-c", "pass"], folder),
            "ours": ([str(BIN / "isomargin"), "--version"], folder),
            "bowtie": ([str(RIVAL), "--version"], folder),
        },
        REPEAT,
    )
    ours, bare, bowtie = took["ours"], took["bare"], took["bowtie"]
    yield Row(what="a bare interpreter starts (limit)", times=bare)
    yield Row(
        what="`isomargin --version`",
        times=ours,
        target="≤ 150 ms and ≤ 1/10 of bowtie's",
        met=ours.median <= min(VERSION_SECONDS, bowtie.median / TIMES_BOWTIE),
        beside=f"{ours.median / bare.median:.1f} × the limit,"
        f" 1/{bowtie.median / ours.median:.0f} of bowtie",
    )
    yield Row(what="`bowtie --version`", times=bowtie)


def loading(folder: Path) -> Iterator[Row]:
    """Yield how long a suite takes to load."""
    took = tasks(["read", "cold", "cached"], folder, SIZE, REPEAT)
    yield Row(what=f"the files of {SIZE} cases are read (limit)", times=took["read"])
    for name, limit in (("cold", COLD_SECONDS), ("cached", CACHED_SECONDS)):
        times = took[name]
        how = "read and validated" if name == "cold" else "taken from the cache"
        yield Row(
            what=f"{SIZE} cases are {how}",
            times=times,
            target=f"≤ {limit:g} s",
            met=times.median <= limit,
            beside=f"{times.median / took['read'].median:.0f} × the limit",
        )


def running(folder: Path) -> Iterator[Row]:
    """Yield how many cases a second are asked and judged."""
    names = ["pipelined", "engine", "logged", "lockstep", "pingpong", "pingpong_python"]
    took = tasks(names, folder, SIZE, REPEAT)
    feeding = {
        "child": (_fed(folder / "child"), folder),
        "engine": (_fed(folder / "engine"), folder / "worked"),
    }
    alone = commands(feeding, REPEAT)
    yield from _engine_in_cpp(alone["engine"], took["engine"])
    limit = Row(
        what="a child in C that echoes fixed figures is fed from a file (limit)",
        times=alone["child"],
        count=SIZE,
    )
    yield limit
    piped = Row(what="cases judged, pipelined", times=took["pipelined"], count=SIZE)
    share = piped.rate / limit.rate
    yield Row(
        what="cases judged, the echo in C, pipelined",
        times=piped.times,
        count=SIZE,
        target="≥ 15,000/s",
        met=piped.rate >= PIPELINED,
        beside=f"{share:.1%} of the limit",
    )
    yield Row(what="the same, keeping a log", times=took["logged"], count=SIZE)
    yield Row(
        what="ping-pong with the compiled child, a bare loop (limit)",
        times=took["pingpong"],
        count=SIZE,
    )
    bare = Row(
        what="ping-pong with the Python child, a bare loop (limit)",
        times=took["pingpong_python"],
        count=SIZE,
    )
    yield bare
    step = Row(what="", times=took["lockstep"], count=SIZE)
    yield Row(
        what="cases judged, Python child, lock-step",
        times=step.times,
        count=SIZE,
        target="≥ 5,000/s",
        met=step.rate >= LOCKSTEP,
        beside=f"{step.rate / bare.rate:.0%} of the limit",
    )


def _fed(program: Path) -> list[str]:
    return ["sh", "-c", f"{program} < questions.jsonl > /dev/null"]


def _engine_in_cpp(alone: Times, asked: Times) -> Iterator[Row]:
    """Yield what a compiled engine takes that reads JSON and works figures out."""
    limit = Row(
        what="the starter in C++ is fed the same questions from a file (limit)",
        times=alone,
        count=SIZE,
    )
    yield limit
    judged = Row(what="", times=asked, count=SIZE)
    share = judged.rate / limit.rate
    yield Row(
        what="cases judged, the starter in C++, pipelined",
        times=asked,
        count=SIZE,
        target="≥ 60 % of the limit",
        met=share >= SHARE_OF_LIMIT,
        beside=f"{share:.0%} of the limit",
    )


def testing(folder: Path) -> Iterator[Row]:
    """Yield what a case costs in pytest."""
    plain = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    plain += ["-p", "isomargin.pytest_plugin"]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    own = [*plain, "own", "--isomargin", f"cmd:{folder / 'child'}"]
    own += ["--isomargin-spec", str(folder / "spec"), "--isomargin-cases"]
    took = commands(
        {
            "nothing": ([*plain, "own"], folder / "full"),
            "none": ([*own, "bench.quote_000000"], folder / "full"),
            "ours": ([*own, "bench.*"], folder / "full"),
            "parametrize": ([*plain, "test_quotes.py"], folder / "full"),
        },
        REPEAT,
    )
    yield Row(what="pytest with one test of one's own (limit)", times=took["nothing"])
    ours, theirs = took["ours"].less(took["none"]), took["parametrize"]
    theirs = theirs.less(took["nothing"])
    each = ours.median / SIZE * 1000
    yield Row(
        what="a case in `pytest --isomargin`, without pytest's start",
        times=ours,
        count=SIZE,
        target="≤ 0.5 ms a case",
        met=each <= PYTEST_MS,
        beside=f"{each:.2f} ms a case; parametrize {theirs.median / SIZE * 1000:.2f}",
    )
    yield Row(
        what="the same cases by `pytest.mark.parametrize`", times=theirs, count=SIZE
    )


def whole_runs(folder: Path) -> Iterator[Row]:
    """Yield what a whole command takes, beside bowtie on a suite of the same size."""
    took = commands(
        {
            **{f"ours {size}": (_run(folder, size), folder) for size in SIZES},
            **{f"theirs {size}": (_bowtie(folder, size), folder) for size in SIZES},
        },
        REPEAT,
    )
    first, other = took["ours 1"], took["theirs 1"]
    yield Row(
        what="`isomargin run` of a suite of one case, with its start",
        times=first,
        beside=f"1/{other.median / first.median:.1f} of bowtie",
    )
    yield Row(what="`bowtie run` of one case, with its start", times=other)
    for size in SIZES[1:]:
        whole, rival = took[f"ours {size}"], took[f"theirs {size}"]
        times = rival.median / whole.median
        beside = f"{times:.1f} × as fast, start included"
        yield Row(
            what=f"`isomargin run` of {size} cases, with its start",
            times=whole,
            count=size,
            target="≥ 10 × bowtie's cases/s",
            met=times >= TIMES_BOWTIE,
            beside=beside + _without_start((whole, first), (rival, other), size),
        )
        yield Row(
            what=f"`bowtie run` of {size} cases, with its start",
            times=rival,
            count=size,
        )


def _run(folder: Path, size: int) -> list[str]:
    spec = _suite_of(folder, size) / "spec"
    command = [str(BIN / "isomargin"), "run", "--subject", f"cmd:{folder / 'child'}"]
    return [*command, "--spec", str(spec), "--format", "terminal", "-k", "bench.*"]


def _bowtie(folder: Path, size: int) -> list[str]:
    cases = _suite_of(folder, size) / "bowtie.jsonl"
    return [str(RIVAL), "run", "-i", "direct:python-jsonschema", str(cases)]


def _suite_of(folder: Path, size: int) -> Path:
    return folder if size == SIZE else folder / f"of{size}"


def _without_start(
    ours: tuple[Times, Times], theirs: tuple[Times, Times], size: int
) -> str:
    """Return how the two compare where the start is not counted, if that can be told.

    By the processor's time: the clock alone cannot tell the two apart on a machine that
    does other work.
    """
    took = [whole.effort - first.effort for whole, first in (ours, theirs)]
    if min(took) <= 0:
        return ""
    pace, rival = (size / seconds for seconds in took)
    told = f"{pace:,.0f} against {rival:,.0f} by processor"
    return f"; without it {told}, {pace / rival:.1f} ×"


def engine(folder: Path) -> Iterator[Row]:
    """Yield how many scenarios the reference carries out."""
    took = tasks(["reference", "reported"], folder, SCENARIOS, REPEAT)
    row = Row(what="", times=took["reference"], count=SCENARIOS)
    yield Row(
        what="the reference carries out scenarios of 20 steps",
        times=row.times,
        count=SCENARIOS,
        target="≥ 3,000/s",
        met=row.rate >= REFERENCE,
    )
    yield Row(
        what="the same, with every quantity after each step",
        times=took["reported"],
        count=SCENARIOS,
    )


# The mutants


def mutants() -> list[str]:
    """Return what the cases tell of a sample of the reference's mutants."""
    found = score(sample=MUTANTS)
    could = found.asked - found.equivalent
    told = found.asked - len(found.survivors)
    return [
        "## Mutants",
        "",
        (
            f"Of {found.all} mutants of the reference engine {found.asked} were drawn"
            f" and asked every case over the wire; {found.equivalent} of them nothing"
            f" could tell, for the reasons in `survivors.toml`. Of the other {could}"
            f" the cases told {told}, which is {found.share:.1%}. `make mutation`"
            " asks them all."
        ),
        "",
        *[f"- no case tells `{each.line}` in {each.module}" for each in found.unknown],
    ]


def searching(folder: Path) -> Iterator[Row]:
    """Yield how many sequences a search looks at."""
    for name, size, met, row in _SEARCHES:
        times = tasks([name], folder, size, REPEAT)[name]
        measured = Row(**row, times=times, count=size)
        yield replace(measured, met=met(measured))


_SEARCHES: tuple[tuple[str, int, Callable[[Row], bool], dict[str, str]], ...] = (
    (
        "fuzz_in_process",
        FAST,
        lambda row: row.effort >= FAST_TIER,
        {
            "what": "sequences of the fast tier, the reference in process, by laws",
            "target": "≥ 3,000/s by processor",
            "beside": "7 actions on average, 2 of them carried out anew",
        },
    ),
    (
        "fuzz_through_children",
        SEARCHED,
        lambda row: row.rate >= THROUGH_A_CHILD,
        {
            "what": "sequences of the search through two children, with relations",
            "target": "≥ 100/s",
            "beside": "drawn by the seeded tier, judged where the two differ",
        },
    ),
    (
        "fuzz_shrinking",
        SEARCHED,
        lambda row: row.rate >= THROUGH_A_CHILD,
        {
            "what": "sequences that Hypothesis tries through a child to shrink one",
            "target": "≥ 100/s",
            "beside": "its expectations worked out where it still has the symptom",
        },
    ),
)


# The table


def _document(rows: list[Row]) -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    machine = (
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()},"
        f" {os.cpu_count()} processors, load average at the end {load}."
        f" Medians of {REPEAT} repetitions and their least and most; every row was"
        " measured in the same run as its limit. “By processor” is the same by the"
        " processor's time, which other work on the machine disturbs less; of a run"
        " it is the suite's own, without the child's."
    )
    lines = [
        "# Results",
        "",
        "Written by `make bench`; nothing here is edited by hand.",
        "",
        machine,
        "",
        "| what | median | least – most | a second | by processor | beside | target |",
        "|---|---|---|---|---|---|---|",
        *map(_line, rows),
        "",
    ]
    return "\n".join(lines)


def _line(row: Row) -> str:
    least, most = min(row.times.wall), max(row.times.wall)
    verdict = {True: "met: ", False: "**missed**: ", None: ""}[row.met]
    cells = [
        row.what,
        _seconds(row.times.median),
        f"{_seconds(least)} – {_seconds(most)}",
        f"{row.rate:,.0f}" if row.count else "",
        f"{row.effort:,.0f}" if row.count else _seconds(row.times.effort),
        row.beside,
        f"{verdict}{row.target}" if row.target else "",
    ]
    return f"| {' | '.join(cells)} |"


def _seconds(value: float) -> str:
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


if __name__ == "__main__":
    main()
