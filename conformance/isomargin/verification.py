"""Whether a log is what it says: whole, unedited, of these cases and this program."""

from collections import Counter
from pathlib import Path
from typing import Any

from isomargin import drive
from isomargin.errors import IsomarginError, LogUnverifiable
from isomargin.gate import conclusion
from isomargin.log import LogFile, verify
from isomargin.plan import digest_of_cases
from isomargin.program_digest import program_digest
from isomargin.rulebook.load import load_cases
from isomargin.rulebook.model import Case, Rulebook
from isomargin.rulebook.places import Places

__all__ = ["verified"]

_AGAIN = "run again"


def verified(
    path: Path, *, rulebook: Rulebook, places: Places, adapter: bool = True
) -> LogFile:
    """Return a log when all that it can be held against agrees with it.

    Nothing that it names is started.

    Args:
        path: the log.
        rulebook: the rulebook.
        places: the folders in use.
        adapter: whether the subject's program is looked at, too.

    Raises:
        LogUnverifiable: it was cut short or edited, its verdict is not what its cases
            come to, or the rulebook, the cases or the adapter are not those of the run.
    """
    log = verify(path)
    if log.header["rulebook"] != rulebook.digest:
        remedy = "name that rulebook with --spec, or run again"
        raise LogUnverifiable("the log is of another rulebook", str(path), remedy)
    if log.header["cases"] != digest_of_cases(_cases(log, path, rulebook, places)):
        raise LogUnverifiable("the log is of other cases", str(path), _AGAIN)
    _check_verdict(log, path)
    if adapter:
        _check_adapter(log, path, places)
    return log


def _cases(log: LogFile, path: Path, rulebook: Rulebook, places: Places) -> list[Case]:
    if log.header.get("options", {}).get("live"):
        # What a live exchange showed is no case of any file.
        return []
    files = dict.fromkeys(line["file"] for line in log.cases if line["file"])
    try:
        there = {
            (case.id, file): case
            for file in files
            for case in load_cases(places, [Path(file)])
        } | {(case.id, None): case for case in rulebook.cases.values()}
    except IsomarginError as error:
        what = f"the cases of the log cannot be read: {error.what}"
        raise LogUnverifiable(what, error.where, _AGAIN) from error
    missing = [line for line in log.cases if (line["id"], line["file"]) not in there]
    if missing:
        what = f"the case {missing[0]['id']} is not there any more"
        raise LogUnverifiable(what, str(path), _AGAIN)
    return [there[line["id"], line["file"]] for line in log.cases]


def _check_verdict(log: LogFile, path: Path) -> None:
    """Refuse a footer that is not what the cases come to."""
    footer: Any = log.footer
    counted = Counter(line["status"] for line in log.cases)
    verdict = conclusion(
        counted,
        unusable=footer["aborted"] is not None,
        known=sum(line["known"] is not None for line in log.cases),
        unstable=footer["unstable"],
        breakdowns=footer["breakdowns"],
        stale=footer["stale"],
    )
    told = {status: number for status, number in footer["counts"].items() if number}
    if told != counted or verdict != (footer["verdict"], footer["exit_code"]):
        what = "the verdict is not what the cases come to"
        raise LogUnverifiable(what, f"{path}:{len(log.cases) + 2}", "do not rely on it")


def _check_adapter(log: LogFile, path: Path, places: Places) -> None:
    try:
        command = drive.resolve(log.header["command"], adapters=[places.adapters])
        now = program_digest(command)
    except (IsomarginError, OSError) as error:
        what = f"the adapter cannot be looked at: {error}"
        remedy = "verify where it is, or leave it out with --no-adapter"
        raise LogUnverifiable(what, str(path), remedy) from error
    if now != log.header["adapter"]:
        what = "the adapter is not as it was when it was run"
        raise LogUnverifiable(what, str(path), _AGAIN)
