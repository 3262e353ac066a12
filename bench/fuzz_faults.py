"""`python bench/fuzz_faults.py`: which faults of the corpus a search alone finds.

    python bench/fuzz_faults.py --seconds 60 --sample 100

Every faulty engine of the corpus, or a sample, is searched for so many seconds without
a case being asked. What came of each is a line of a log; a search that is broken off is
gone on with by the same command. The table goes to FUZZ.md.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from isomargin import __version__, drive
from isomargin.fuzz import fuzz
from isomargin.power.corpus import read_corpus
from isomargin.rulebook.load import load
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import places

HERE = Path(__file__).parent
# A busy machine is no fault of an engine.
PATIENT = drive.Limits(hello=60, quote=30, run=60)
FEW = 5
SHARE = 0.9


def main() -> None:
    """Search the faults that the log has not, and write the table."""
    asked = _asked()
    there, rulebook = places(), load(places())
    corpus = read_corpus(there, rulebook)
    # An equivalent fault is one that nothing can tell, for a reason a test confirms.
    names = [name for name, fault in corpus.items() if not fault.equivalent]
    # By chance, so that what a run broken off has searched is a sample.
    chance = Random(asked.seed)  # noqa: S311 - a sample, not a secret
    names = chance.sample(names, min(asked.sample or len(names), len(names)))
    log = Path(asked.log)
    log.parent.mkdir(parents=True, exist_ok=True)
    done = {line["fault"]: line for line in _lines(log)}
    with log.open("a", encoding="utf-8") as file:
        for name in names:
            if name in done or asked.table:
                continue
            line = done[name] = _searched(name, rulebook, asked)
            file.write(json.dumps(line) + "\n")
            file.flush()
    text = _document([done[name] for name in names if name in done], asked)
    (HERE / "FUZZ.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=60, help="for each fault")
    parser.add_argument("--sample", type=int, help="this many faults, not all")
    parser.add_argument("--seed", type=int, default=0, help="of sample and sequences")
    parser.add_argument("--log", default="build/fuzz_faults.jsonl", help="is kept here")
    parser.add_argument("--table", action="store_true", help="of the log as it is")
    return parser.parse_args()


def _lines(log: Path) -> Iterator[Mapping[str, Any]]:
    if log.exists():
        for line in log.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def _opened(name: str) -> drive.Subject:
    command = drive.resolve(name, adapters=[places().adapters])
    return drive.Subject.open(command, suite_version=__version__, limits=PATIENT)


def _searched(
    name: str, rulebook: Rulebook, asked: argparse.Namespace
) -> dict[str, Any]:
    """Return what came of the search of one fault, as a line of the log."""
    began, processor = time.monotonic(), os.times()
    found_at: list[float] = []

    def watch(_: int, wrong: int) -> None:
        if wrong:
            found_at.append(time.monotonic() - began)

    with _opened(f"faulty:{name}") as subject, _opened("reference") as reference:
        report = fuzz(
            subject,
            rulebook,
            seconds=asked.seconds,
            seed=asked.seed,
            second=reference,
            watch=watch,
        )
    after = os.times()
    line: dict[str, Any] = {
        "fault": name,
        "sequences": report.sequences,
        "found_after": round(found_at[0], 2) if found_at else None,
        "seconds": round(time.monotonic() - began, 2),
        "own_processor": round(after.user - processor.user, 2),
        "relations": sorted({each.relation for each in report.relations}),
        "unstable": bool(report.unstable),
    }
    for found in report.found:
        line |= {
            "steps": found.steps,
            "drawn_steps": found.drawn_steps,
            "symptom": " ".join(found.symptom.key),
            "rules": found.case.rules,
        }
    return line


def _document(lines: Sequence[Mapping[str, Any]], asked: argparse.Namespace) -> str:
    found = [line for line in lines if _is_found(line)]
    few = [line for line in found if line.get("steps", 0) <= FEW]
    took = sorted(line["found_after"] or line["seconds"] for line in found)
    half = took[len(took) // 2] if took else 0
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    share = len(found) / len(lines) if lines else 0
    verdict = "met" if share >= SHARE else "**missed**"
    machine = (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} processors, load average"
        f" at the end {load}. Each faulty engine is searched for at the most"
        f" {asked.seconds} s, seed {asked.seed}, beside the reference engine."
    )
    return "\n".join(
        [
            "# Faults found by searching alone",
            "",
            "Written by `python bench/fuzz_faults.py`; nothing here is edited by hand.",
            "",
            machine,
            "",
            "| what | figure | target |",
            "|---|---|---|",
            f"| faults searched | {len(lines)} | |",
            f"| found | {len(found)} ({share:.1%}) | {verdict}: ≥ {SHARE:.0%} |",
            f"| of these shrunk to {FEW} steps or fewer | {len(few)} | all |",
            f"| found after, half of them | {half:.1f} s | |",
            f"| found after, the slowest | {took[-1] if took else 0:.1f} s | |",
            "",
            "## Not found",
            "",
            *[f"- {line['fault']}" for line in lines if not _is_found(line)],
            "",
            "## Found",
            "",
            "| fault | after | sequences | steps | of | what is wrong |",
            "|---|---|---|---|---|---|",
            *[_row(line) for line in found],
            "",
        ]
    )


def _is_found(line: Mapping[str, Any]) -> bool:
    return bool("symptom" in line or line["relations"] or line["unstable"])


def _row(line: Mapping[str, Any]) -> str:
    cells = [
        line["fault"],
        f"{line['found_after'] or line['seconds']:.1f} s",
        str(line["sequences"]),
        str(line.get("steps", "")),
        str(line.get("drawn_steps", "")),
        line.get("symptom") or ", ".join(line["relations"]) or "answers differ",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
