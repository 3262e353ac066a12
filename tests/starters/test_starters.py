"""A starter works as it is written, in every language, and says what to do next."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from isomargin.cache import cached_rulebook
from isomargin.command import main
from isomargin.errors import UsageError
from isomargin.rulebook.places import places
from isomargin.starters import STARTERS, write_starter

Build = Callable[[str], Any]

every_language = pytest.mark.parametrize("language", STARTERS)

LEAST_PASSED = 150


@every_language
def test_a_starter_builds_and_passes_with_nothing_failed(
    built: Build, language: str
) -> None:
    said = built(language).run
    counts = said["counts"]
    assert (counts["failed"], counts["errored"]) == (0, 0)
    assert counts["passed"] >= LEAST_PASSED
    assert said["subject"]["language"] == language


@every_language
def test_smoke_has_nothing_to_say_against_a_starter(
    built: Build, language: str
) -> None:
    checks = built(language).smoke
    assert {check["status"] for check in checks} == {"passed"}


@every_language
def test_the_toy_passes_the_same_cases_in_every_language(
    built: Build, language: str
) -> None:
    assert built(language).run["families"] == built("python").run["families"]


@every_language
def test_one_bad_message_is_an_error_and_the_loop_goes_on(
    built: Build, language: str
) -> None:
    tier = {"notional_floor": "0", "maintenance_margin_rate": "0.004"}
    bad = {
        "t": "quote",
        "seq": 1,
        "instrument": {
            "symbol": "BTC-USDT",
            "contract": "linear",
            "settle": "USDT",
            "tiers": [tier],
        },
        "position": {
            "side": "long",
            "quantity": "lots",
            "entry_price": "10000",
            "leverage": "10",
            "mark_price": "10000",
        },
        "want": ["initial_margin"],
    }
    strange = {"t": "dance", "seq": 2}
    error, gap = built(language).says(bad, strange, {"t": "bye"}, {"t": "hello"})
    assert (error["t"], error["seq"]) == ("error", 1)
    assert gap == {"t": "unsupported", "seq": 2, "feature": "dance"}


@every_language
def test_the_page_names_every_file_command_action_and_reason(
    templates: Path, tmp_path: Path, language: str
) -> None:
    page = (templates / language / "README.md").read_text("utf-8")
    starter, machine = STARTERS[language], cached_rulebook(places()).machine
    files = write_starter(language, tmp_path / "new", templates=templates)
    sources = {path.name for path in files if path.suffix in SOURCES}
    assert {Path(name).name for name in _first_cells(page)} >= sources
    assert f'isomargin smoke --subject "cmd:{starter.command}"' in page
    assert all(f"\n{command}\n" in page for command in starter.build)
    for action, required in machine.required.items():
        [row] = re.findall(rf"^\| `{action}` \| (.*) \|$", page, re.MULTILINE)
        optional = [f"[`{name}`]" for name in machine.optional[action]]
        assert row == ", ".join([*(f"`{name}`" for name in required), *optional])
    assert set(machine.reasons) <= set(re.findall("`([A-Z_]+)`", page))


SOURCES = {".py", ".ts", ".rs", ".go", ".java", ".hpp", ".cpp"}


def _first_cells(page: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)


def test_what_a_build_left_behind_is_not_written(
    tmp_path: Path, templates: Path
) -> None:
    template = tmp_path / "go"
    (template / "target" / "debug").mkdir(parents=True)
    (template / "main.go").touch()
    (template / "toy-adapter").touch()
    (template / "target" / "debug" / "x").touch()
    folder = tmp_path / "new"
    files = write_starter("go", folder, templates=tmp_path)
    assert files == [folder / "main.go"]
    assert (templates / "go" / "main.go").is_file()


def test_a_starter_is_written_into_an_empty_folder(
    tmp_path: Path, templates: Path
) -> None:
    assert tmp_path / "engine.py" in write_starter(
        "python", tmp_path, templates=templates
    )


@pytest.mark.parametrize(
    ("language", "folder", "complaint"),
    [
        (
            "cobol",
            "new",
            (
                "--lang: there is no starter for 'cobol'; use one of python,"
                " typescript, rust, go, java, c++"
            ),
        ),
        (
            "pyton",
            "new",
            "--lang: there is no starter for 'pyton'; did you mean python?",
        ),
        (
            "go",
            "full",
            "{}/full: something is there already; name a folder that is new or empty",
        ),
        (
            "go",
            "full/file",
            (
                "{}/full/file: something is there already;"
                " name a folder that is new or empty"
            ),
        ),
        (
            "go",
            "full/file/new",
            "{}/full/file/new: not a directory; name a folder that can be written",
        ),
    ],
)
def test_a_starter_that_cannot_be_written_is_refused(
    tmp_path: Path, templates: Path, language: str, folder: str, complaint: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(UsageError) as refused:
        write_starter(language, tmp_path / folder, templates=templates)
    assert str(refused.value) == complaint.format(tmp_path)


def test_the_command_says_what_to_do_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my engine"
    words = ["adapter", "init", "--lang", "java", str(folder), "--format", "terminal"]
    assert main(words) == 0
    assert capsys.readouterr().out == (
        f"cd '{folder}'\n"
        "javac -d out src/*.java\n"
        'isomargin smoke --subject "cmd:java -cp out Main"\n'
    )
    assert (folder / "src" / "Main.java").is_file()
