"""A run's log shows whether it is whole, and can be gone on with."""

import json
import os
import random
import re
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from isomargin.errors import IsomarginError, LogUnverifiable, UsageError
from isomargin.log import RunLog, read, resume, verify

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "spec/schema/log.json").read_text("utf-8")
)
HEADER = {
    "suite": "isomargin/1.0.0",
    "rulebook": "sha256:aa",
    "cases": "sha256:bb",
    "subject": {"name": "acme", "version": "7.2"},
    "command": "cmd:./acme",
    "profiles": ["textbook/linear"],
    "seed": None,
    "started": "2025-01-01T00:00:00Z",
}
FOOTER = {
    "counts": {"passed": 3},
    "verdict": "conformant",
    "exit_code": 0,
    "seconds": "0.3",
}
DISTRUST = "do not rely on it: run again"
EDITED = (
    "the line, or one before it, was edited, moved, added or taken out; " + DISTRUST
)


def written(path: Path, ids: str = "abc", **changes: str) -> Path:
    header = {**HEADER, **{k: v for k, v in changes.items() if k in HEADER}}
    footer = {**FOOTER, **{k: v for k, v in changes.items() if k in FOOTER}}
    with RunLog.create(path, header) as log:
        for identity in ids:
            log.append({"id": identity, "verdict": "passed", "what": "på"})
        log.close(footer)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path / "run.jsonl")


def test_a_log_is_read_back(path: Path) -> None:
    log = verify(path)
    assert log == read(path)
    assert log.complete
    assert log.header == {"t": "header", "format": 1, **HEADER}
    assert [case["id"] for case in log.cases] == ["a", "b", "c"]
    assert log.footer is not None
    assert log.footer["counts"] == {"passed": 3}
    assert log.footer["cases"] == 3


def test_a_log_keeps_to_its_schema(path: Path) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(SCHEMA)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [validator.is_valid(line) for line in lines] == [True] * 5
    for line in lines:
        for required in {"t", "format", "seal", "digest"} & line.keys():
            bare = {key: line[key] for key in line if key != required}
            assert not validator.is_valid(bare)


def test_two_runs_differ_only_in_their_times(path: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other.jsonl", started="2025-02-02", seconds="9.9")
    text = other.read_text()
    assert text != path.read_text()
    text = text.replace("2025-02-02", str(HEADER["started"])).replace("9.9", "0.3")
    assert text == path.read_text()


def test_a_new_log_takes_the_place_of_an_old_one(path: Path) -> None:
    written(path, "xy")
    assert [case["id"] for case in verify(path).cases] == ["x", "y"]


def edited(lines: list[bytes]) -> None:
    lines[2] = lines[2].replace(b"passed", b"failed")


def reordered(lines: list[bytes]) -> None:
    lines[1], lines[2] = lines[2], lines[1]


def case_removed(lines: list[bytes]) -> None:
    del lines[2]


def case_removed_and_count_mended(lines: list[bytes]) -> None:
    del lines[2]
    lines[3] = lines[3].replace(b'"cases":3', b'"cases":2')


def case_repeated(lines: list[bytes]) -> None:
    lines.insert(3, lines[2])


def header_edited(lines: list[bytes]) -> None:
    lines[0] = lines[0].replace(b"acme", b"best")


def verdict_edited(lines: list[bytes]) -> None:
    lines[4] = lines[4].replace(b'"conformant"', b'"nonconformant"')


def key_added_twice(lines: list[bytes]) -> None:
    lines[1] = lines[1].replace(b'{"t"', b'{"verdict":"failed","t"')


def spaced(lines: list[bytes]) -> None:
    lines[1] = lines[1].replace(b":", b": ", 1)


def footer_removed(lines: list[bytes]) -> None:
    del lines[4]


def footer_cut(lines: list[bytes]) -> None:
    lines[4] = lines[4][:-5]


def last_case_cut(lines: list[bytes]) -> None:
    lines[3:] = [lines[3][:20]]


def line_after_footer(lines: list[bytes]) -> None:
    lines.append(lines[1])


def rest_after_footer(lines: list[bytes]) -> None:
    lines.append(b"{")


def no_json(lines: list[bytes]) -> None:
    lines[1] = b"passed\n"


def no_object(lines: list[bytes]) -> None:
    lines[1] = b"[]\n"


def no_id(lines: list[bytes]) -> None:
    lines[1] = lines[1].replace(b'"id"', b'"di"')


def no_kind(lines: list[bytes]) -> None:
    lines[1] = lines[1].replace(b'"case"', b'"note"')


def no_header(lines: list[bytes]) -> None:
    del lines[0]


def other_format(lines: list[bytes]) -> None:
    lines[0] = lines[0].replace(b'"format":1', b'"format":2')


def nothing(lines: list[bytes]) -> None:
    lines.clear()


CUT = "the log has no footer: the run was cut short; resume the run"
NO_LOG = "the file is no run log; name a file that run --log wrote"
TAMPERED: dict[Callable[[list[bytes]], None], tuple[int | None, str]] = {
    edited: (3, EDITED),
    reordered: (2, EDITED),
    case_removed: (3, EDITED),
    case_removed_and_count_mended: (3, EDITED),
    case_repeated: (4, f"the case b is there a second time; {DISTRUST}"),
    header_edited: (2, EDITED),
    verdict_edited: (5, EDITED),
    key_added_twice: (2, EDITED),
    spaced: (2, f"the line is not as it was written; {DISTRUST}"),
    footer_removed: (5, CUT),
    footer_cut: (5, CUT),
    last_case_cut: (4, CUT),
    line_after_footer: (6, f"a line follows the footer; {DISTRUST}"),
    rest_after_footer: (6, f"a line follows the footer; {DISTRUST}"),
    no_json: (2, f"the line is not JSON; {DISTRUST}"),
    no_object: (2, f"the line is no object; {DISTRUST}"),
    no_id: (2, f"the case has no id; {DISTRUST}"),
    no_kind: (2, f"the line is neither a case nor the footer; {DISTRUST}"),
    no_header: (1, NO_LOG),
    other_format: (
        1,
        "the log is of format 2, not 1; read it with the version that wrote it",
    ),
    nothing: (None, NO_LOG),
}


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda tamper: tamper.__name__)
def test_a_log_that_is_not_as_written_is_found_out(
    tamper: Callable[[list[bytes]], None], path: Path
) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    tamper(lines)
    path.write_bytes(b"".join(lines))
    with pytest.raises(LogUnverifiable) as error:
        verify(path)
    number, what = TAMPERED[tamper]
    where = f"{path}:{number}" if number else str(path)
    assert str(error.value) == f"{where}: {what}"
    assert error.value.exit_code == 6


def test_a_footer_must_count_the_cases(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"cases":3', b'"cases":4'))
    with pytest.raises(LogUnverifiable) as error:
        read(path)
    what = "the footer counts 4 cases where there are 3"
    assert str(error.value) == f"{path}:5: {what}; {DISTRUST}"


@pytest.mark.parametrize("kept", range(1, 4))
@pytest.mark.parametrize("more", [0, 10])
def test_a_run_cut_short_is_resumed_where_it_stopped(
    kept: int, more: int, path: Path, tmp_path: Path
) -> None:
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    short = tmp_path / "short.jsonl"
    short.write_bytes(b"".join(lines[:kept]) + lines[kept][:more])
    assert not read(short).complete
    log, found = resume(short)
    with log:
        assert log.done == set("abc"[: kept - 1])
        assert [case["id"] for case in found.cases] == list("abc"[: kept - 1])
        for identity in "abc"[kept - 1 :]:
            log.append({"id": identity, "verdict": "passed", "what": "på"})
        log.close(FOOTER)
    assert short.read_bytes() == whole


def test_a_run_that_raises_leaves_a_log_to_resume(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    def interrupted() -> None:
        with RunLog.create(path, HEADER) as log:
            log.append({"id": "a"})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [case["id"] for case in read(path).cases] == ["a"]
    assert not read(path).complete


def test_a_line_is_in_the_file_as_soon_as_it_is_added(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with RunLog.create(path, HEADER) as log:
        for count, identity in enumerate("abc"):
            assert len(read(path).cases) == count
            log.append({"id": identity})


@pytest.mark.parametrize("case", [{}, {"id": 1}, {"id": "a"}])
def test_a_case_needs_an_id_of_its_own(case: dict[str, Any], tmp_path: Path) -> None:
    with RunLog.create(tmp_path / "run.jsonl", HEADER) as log:
        log.append({"id": "a"})
        with pytest.raises(ValueError, match="a case needs an id of its own, not"):
            log.append(case)


@pytest.mark.parametrize("open_it", [read, verify, resume])
def test_a_log_that_is_not_there_is_an_error_of_use(
    open_it: Callable[[Path], object], tmp_path: Path
) -> None:
    with pytest.raises(IsomarginError) as error:
        open_it(tmp_path / "none.jsonl")
    assert str(error.value) == (
        f"{tmp_path / 'none.jsonl'}: No such file or directory; name another file"
    )


def test_a_log_cannot_be_written_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        RunLog.create(tmp_path / "none" / "run.jsonl", HEADER)


def test_a_complete_log_is_not_resumed(path: Path) -> None:
    with pytest.raises(UsageError) as error:
        resume(path)
    assert str(error.value) == f"{path}: the log is complete; start a new run"


def test_an_edited_log_is_not_resumed(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)[:3]
    path.write_bytes(b"".join(lines).replace(b"passed", b"failed", 1))
    with pytest.raises(LogUnverifiable) as error:
        resume(path)
    assert error.value.where == f"{path}:2"


# Whatever happens to the file


def is_of_a_time(content: bytes, position: int) -> bool:
    """Say whether a byte is in a value that tells the time, which no seal covers."""
    spans = re.finditer(rb'"(?:started|seconds)":"([^"]*)"', content)
    return any(span.start(1) <= position < span.end(1) for span in spans)


@pytest.mark.parametrize("bit", [0x01, 0x20, 0x80])
def test_no_byte_can_be_changed_unnoticed_but_those_of_a_time(
    path: Path, bit: int
) -> None:
    whole = path.read_bytes()
    unnoticed = []
    for position in range(len(whole)):
        changed = bytes([whole[position] ^ bit])
        path.write_bytes(whole[:position] + changed + whole[position + 1 :])
        try:
            verify(path)
        except LogUnverifiable:
            continue
        unnoticed.append(position)
    assert all(is_of_a_time(whole, position) for position in unnoticed)


def test_a_log_cut_anywhere_is_incomplete_and_is_finished_to_the_same(
    path: Path,
) -> None:
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(LogUnverifiable):
            verify(path)
        if end >= first:
            finish(path, "abc")
            assert path.read_bytes() == whole


def test_lines_in_any_other_order_are_found_out(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    for order in permutations(lines):
        if list(order) != lines:
            path.write_bytes(b"".join(order))
            with pytest.raises(LogUnverifiable):
                verify(path)


def finish(path: Path, ids: str) -> None:
    """Go on with a log as a run does: what it holds is not added again."""
    log, _ = resume(path)
    with log:
        for identity in ids:
            if identity not in log.done:
                log.append({"id": identity, "verdict": "passed", "what": "på"})
        log.close(FOOTER)


KILLS = 120
MANY = "".join(map(chr, range(0x4E00, 0x4E00 + 400)))


def killed_while_writing(path: Path, after: float) -> None:
    """Write a log in a process of its own and kill that at some moment."""
    writer = os.fork()
    if writer == 0:
        with suppress(BaseException):
            written(path, MANY)
        os._exit(0)
    time.sleep(after)
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)


def test_a_run_killed_at_any_moment_has_lost_nothing_it_wrote(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole.jsonl", MANY).read_bytes()
    cut = tmp_path / "cut.jsonl"
    moments, held = random.Random(4), set()  # noqa: S311 - moments, not secrets
    for _ in range(KILLS):
        cut.unlink(missing_ok=True)
        killed_while_writing(cut, moments.uniform(0, 0.03))
        content = cut.read_bytes() if cut.exists() else b""
        assert whole.startswith(content)
        held.add(content.count(b"\n"))
        if b"\n" in content and content != whole:
            finish(cut, MANY)
            assert cut.read_bytes() == whole
    # Else the moments were all before the first line or after the last.
    assert len(held) > 1
