"""The table of engines and families, made from logs alone."""

from pathlib import Path
from typing import Any

import pytest

from isomargin.errors import LogUnverifiable, UsageError
from isomargin.findings import (
    BEGIN,
    END,
    EngineFindings,
    engine_findings,
    findings_of,
    findings_table,
    write_findings,
)
from isomargin.log import LogFile, RunLog

Line = dict[str, Any]
HEADER = {
    "suite": "isomargin/1",
    "subject": {"name": "acme", "version": "7", "language": "go"},
    "command": "acme",
    "profiles": ["textbook/linear"],
}
FOOTER = {"verdict": "nonconformant", "exit_code": 1}


def line(name: str, status: str = "failed", **fields: object) -> Line:
    usual = {
        "kind": "value" if status == "failed" else "",
        "families": ["trade"],
        "detail": f"{name} is wrong",
        "about": [],
        "findings": [],
        "broken": [],
        "issue": None,
        "file": None,
        "where": "cases.yaml:1",
    }
    return {"id": name, "status": status, **usual, **fields}


def off(expected: str | None, actual: str | None, grade: str = "off") -> Line:
    return {"findings": [{"expected": expected, "actual": actual, "grade": grade}]}


def loss(after: str, margin: str = "100", **fields: object) -> Line:
    figures = {
        "before.wallet_balance": "1000",
        "after.wallet_balance": after,
        "before.position.isolated_margin": margin,
    }
    law = {"rule": "liquidation.loses_only_isolated_margin", "figures": figures}
    return {"broken": [law], "kind": "law", **fields}


def findings(*lines: Line) -> EngineFindings:
    return engine_findings(LogFile(HEADER, lines, FOOTER))


def test_a_cell_counts_passed_failed_and_unsupported_of_a_family() -> None:
    one = findings(
        line("a", "passed"),
        line("b"),
        line("c", "errored"),
        line("d", "unsupported"),
        line("e", "unsupported", families=["funding"]),
    )
    assert findings_table([one]).splitlines()[:3] == [
        "| engine | funding | trade |",
        "| --- | ---: | ---: |",
        "| acme 7 (go) | – | 1 / 2 / 1 |",
    ]


def test_a_loss_beyond_the_margin_is_told_with_its_figures() -> None:
    one = findings(line("worse", kind="law"), line("gap", **loss("499.250")))
    told = "a liquidation loses 500.75 on an isolated margin of 100"
    assert (one.telling, one.case) == (told, "gap")


def test_of_losses_the_one_that_costs_most_margins_is_told() -> None:
    small = line("small", **loss("880", margin="10"))
    assert findings(line("gap", **loss("500")), small).case == "small"


@pytest.mark.parametrize("margin", ["0", "1000"])
def test_a_loss_within_the_margin_is_told_as_the_judge_says_it(margin: str) -> None:
    assert findings(line("gap", **loss("500", margin))).telling == "gap is wrong"


@pytest.mark.parametrize(
    ("heavier", "lighter"),
    [
        ("law", "outcome"),
        ("outcome", "event"),
        ("event", "reason"),
        ("reason", "value"),
    ],
)
def test_a_failure_of_what_happens_is_told_before_one_of_a_figure(
    heavier: str, lighter: str
) -> None:
    far = line("far", kind=lighter, **off("1", "1000"))
    assert findings(far, line("near", kind=heavier)).case == "near"


@pytest.mark.parametrize(
    "nearer",
    [
        off("100", "101"),
        off("100", "100.1"),
        off(None, "5"),
        off("100", None),
        off("cross", "isolated"),
        off("1", "9", grade="float"),
        off("0", "0.001"),
    ],
)
def test_of_figures_the_one_furthest_off_is_told(nearer: Line) -> None:
    assert findings(line("near", **nearer), line("far", **off("-4", "4"))).case == "far"


def test_an_engine_that_failed_nothing_is_told_so() -> None:
    one = findings(line("a", "passed"))
    said = "- **acme 7 (go)**: nothing failed of 1 that were judged."
    assert findings_table([one]).splitlines()[-1] == said


def test_a_failure_is_told_with_the_case_that_shows_it() -> None:
    said = "- **acme 7 (go)**: b is wrong (`b`)."
    assert findings_table([findings(line("b"))]).splitlines()[-1] == said


def test_the_table_takes_the_place_between_the_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    one = findings(line("b"))
    assert write_findings(page, [one])
    text = page.read_text("utf-8")
    assert text == f"before\n{BEGIN}\n{findings_table([one])}\n{END}\nafter\n"
    assert not write_findings(page, [one])


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}{BEGIN}{END}"])
def test_a_page_without_a_place_for_the_table_is_left_alone(
    tmp_path: Path, text: str
) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, "utf-8")
    with pytest.raises(UsageError) as caught:
        write_findings(page, [])
    assert str(caught.value) == (
        f"{page}: the page has no place for the table; write {BEGIN} and {END} on lines of it"
    )
    assert page.read_text("utf-8") == text


def test_a_page_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        write_findings(tmp_path / "none.md", [])
    said = f"{tmp_path}/none.md: No such file or directory; name another file"
    assert str(caught.value) == said


def written(path: Path, name: str) -> Path:
    subject = {**HEADER["subject"], "name": name}  # type: ignore[dict-item]
    with RunLog.create(path, {**HEADER, "subject": subject}) as log:
        log.append(line("b"))
        log.close(FOOTER)
    return path


def test_engines_stand_in_the_order_of_their_names(tmp_path: Path) -> None:
    logs = [written(tmp_path / name, name) for name in ("Zed", "acme", "Bit")]
    names = [one.engine.split()[0] for one in findings_of(logs)]
    assert names == ["acme", "Bit", "Zed"]


def test_a_log_that_was_cut_short_makes_no_table(tmp_path: Path) -> None:
    log = tmp_path / "cut"
    RunLog.create(log, HEADER).close()
    with pytest.raises(LogUnverifiable) as caught:
        findings_of([log])
    assert str(caught.value) == (
        f"{log}:2: the log has no footer: the run was cut short; resume the run"
    )
