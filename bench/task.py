"""One measured piece of work, in a process of its own: `task.py NAME FOLDER SIZE`.

What it prints is the seconds of wall clock and of processor that the work took,
without the start of the interpreter and what it needs beforehand.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from searching import fuzz_in_process, fuzz_shrinking, fuzz_through_children
from suite import Figures, fixed, suite, worked

from isomargin import drive
from isomargin.cache import cached_rulebook
from isomargin.plan import Plan
from isomargin.run import carried_out

HERE = Path(__file__).parent


def main(name: str, folder: Path, size: int) -> None:
    """Do the work and print what it took."""
    work = WORK[name](folder, size)
    wall, processor = time.perf_counter(), time.process_time()
    work()
    took = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - processor,
    }
    sys.stdout.write(json.dumps(took) + "\n")


def read(folder: Path, size: int) -> Callable[[], object]:
    """Return the limit of loading: every byte of every file is read."""
    spec = suite(folder, size).spec
    return lambda: [path.read_bytes() for path in spec.rglob("*.yaml")]


def cold(folder: Path, size: int) -> Callable[[], object]:
    """Return reading and validating a suite that no cache holds."""
    there, cache = suite(folder, size), folder / f"none{time.monotonic_ns()}"
    return lambda: cached_rulebook(there, folder=cache)


def cached(folder: Path, size: int) -> Callable[[], object]:
    """Return reading a suite that the cache holds."""
    there, cache = suite(folder, size), folder / "cache"
    cached_rulebook(there, folder=cache)
    return lambda: cached_rulebook(there, folder=cache)


def pipelined(folder: Path, size: int) -> Callable[[], object]:
    """Return a run against the compiled child."""
    plan = _plan(folder, size, f"cmd:{folder / 'child'}")
    return lambda: _passed(plan, size, None)


def engine(folder: Path, size: int) -> Callable[[], object]:
    """Return a run against the starter in C++, which works out what it is asked."""
    plan = _plan(folder / "worked", size, f"cmd:{folder / 'engine'}", worked)
    return lambda: _passed(plan, size, None)


def logged(folder: Path, size: int) -> Callable[[], object]:
    """Return the same run, its log kept in a file."""
    plan = _plan(folder, size, f"cmd:{folder / 'child'}")
    return lambda: _passed(plan, size, folder / "run.jsonl")


def lockstep(folder: Path, size: int) -> Callable[[], object]:
    """Return a run against the child in Python, one question at a time."""
    plan = _plan(folder, size, f"cmd:{sys.executable} {HERE / 'child.py'}")
    return lambda: _passed(plan, size, None)


def _plan(folder: Path, size: int, subject: str, figures: Figures = fixed) -> Plan:
    there = suite(folder, size, figures)
    rulebook = cached_rulebook(there, folder=folder / "cache")
    cases = list(rulebook.cases.values())
    return Plan(rulebook=rulebook, cases=cases, command=drive.resolve(subject))


def _passed(plan: Plan, size: int, log: Path | None) -> None:
    counts = (carried_out(plan, log=log).footer or {})["counts"]
    if counts["passed"] != size:
        raise RuntimeError(f"of {size} cases not all passed: {counts}")


def pingpong(folder: Path, size: int) -> Callable[[], object]:
    """Return the limit of lock-step: a bare loop over the compiled child's pipes."""
    return _bare_loop([str(folder / "child")], size)


def pingpong_python(_: Path, size: int) -> Callable[[], object]:
    """Return the same over the pipes of the child in Python."""
    return _bare_loop([sys.executable, str(HERE / "child.py")], size)


def _bare_loop(argv: list[str], size: int) -> Callable[[], object]:
    message = b'{"t":"quote","seq":1,"position":{"side":"long","quantity":"0.1"}}\n'

    def loop() -> None:
        for _ in range(size):
            questions.write(message)
            answers.readline()

    child = subprocess.Popen(
        argv, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    if not child.stdin or not child.stdout:
        raise RuntimeError("the child has no pipes")
    questions, answers = child.stdin, open(child.stdout.fileno(), "rb", closefd=False)  # noqa: SIM115 - it lives as long as the process
    return loop


def reference(_: Path, size: int) -> Callable[[], object]:
    """Return scenarios of twenty steps, carried out by the reference alone."""
    return _scenarios(size, reporting=False)


def reported(_: Path, size: int) -> Callable[[], object]:
    """Return the same, with every quantity of every position after each step."""
    return _scenarios(size, reporting=True)


def _scenarios(size: int, *, reporting: bool) -> Callable[[], object]:
    from isomargin.rulebook.load import load  # noqa: PLC0415 - as above
    from isomargin.rulebook.places import places  # noqa: PLC0415 - as above
    from isomargin_reference import after, opening_state, report  # noqa: PLC0415 - as needed

    rulebook = load(places())
    case = rulebook.cases["glossary.alice"]
    parameters = rulebook.profiles[case.profile].parameters
    given = case.core["given"]
    prices = [("set_mark_price", "price", str(50000 - 10 * n)) for n in range(10)]
    trade = {"side": "buy", "quantity": "0.001", "price": "50000"}
    symbol = given["instruments"][0]["symbol"]
    steps = [("set_margin_mode", {"margin_mode": "isolated"}), *[("trade", trade)] * 9]
    steps += [(name, {field: price}) for name, field, price in prices]

    def scenario() -> None:
        state = opening_state(parameters, given["instruments"], given["balances"])
        for name, arguments in steps:
            step = after(state, name, {"instrument": symbol, **arguments})
            if step.reason:
                raise RuntimeError(f"{name} was refused: {step.reason}")
            state = step.state
            if reporting:
                report(state)

    return lambda: [scenario() for _ in range(size)]


WORK: dict[str, Callable[[Path, int], Callable[[], object]]] = {
    work.__name__: work
    for work in (
        read,
        cold,
        cached,
        pipelined,
        engine,
        logged,
        lockstep,
        pingpong,
        pingpong_python,
        reference,
        reported,
        fuzz_in_process,
        fuzz_through_children,
        fuzz_shrinking,
    )
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
