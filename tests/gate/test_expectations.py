"""A known failure must match, must fail and ends; the file is kept by a command."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from isomargin.errors import UsageError
from isomargin.expectations import Expectations, read_expectations, stale
from isomargin.expectations_update import update_expectations

TODAY = date(2026, 7, 1)
CASES = [("tier.a", "textbook/linear"), ("tier.b", "textbook/linear"), ("fee", "v/1")]
GOOD = """\
# Kept by hand.
[[known]]
cases = "tier.*"
status = "fail"
reason = "tiers are looked up by collateral"
issue = "https://example.org/7"
until = 2026-07-01
profile = "textbook/linear"

  [[ known ]]  # to be looked at
cases = "fee"
status = "flaky"
reason = "it guesses"
until = 2026-12-31
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "isomargin.toml"
    path.write_text(text, encoding="utf-8")
    return path


def lines(**statuses: str) -> list[dict[str, Any]]:
    profiles = dict(CASES)
    return [
        {
            "id": name.replace("_", "."),
            "profile": profiles[name.replace("_", ".")],
            "status": status,
            "detail": f"{name} is wrong",
            "kind": "value",
        }
        for name, status in statuses.items()
    ]


def found_stale(read: Expectations, today: date = TODAY, **statuses: str) -> list[str]:
    return stale(read.entries, lines=lines(**statuses), cases=CASES, today=today)


def test_a_file_is_read_with_its_lines(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    first, second = read_expectations(path).entries
    assert (first.where, second.where) == (f"{path}:2", f"{path}:10")
    assert (first.until, first.issue) == (TODAY, "https://example.org/7")
    assert (second.profile, second.issue) == (None, None)


def test_the_readmes_example_is_such_a_file(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    [example] = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    [entry] = read_expectations(written(tmp_path, example)).entries
    assert (entry.status, entry.until) == ("fail", date(2027, 1, 31))


def test_an_entry_names_cases_by_glob_and_profile(tmp_path: Path) -> None:
    read = read_expectations(written(tmp_path, GOOD))
    assert read.known("tier.a", "textbook/linear") == read.entries[0]
    assert read.known("tier.a", "v/1") is None
    assert read.known("fee", "anything") == read.entries[1]
    assert read.is_flaky("fee", "anything")
    assert not read.is_flaky("tier.a", "textbook/linear")


def test_what_holds_is_not_stale_on_its_last_day(tmp_path: Path) -> None:
    read = read_expectations(written(tmp_path, GOOD))
    assert found_stale(read, tier_a="failed", tier_b="errored", fee="passed") == []
    assert found_stale(read, tier_a="failed", tier_b="unsupported") == []


def test_a_flaky_case_may_do_either(tmp_path: Path) -> None:
    read = read_expectations(written(tmp_path, GOOD))
    for status in ("passed", "failed", "errored", "skipped"):
        assert found_stale(read, tier_a="failed", fee=status) == []


def test_a_case_outside_the_selection_makes_nothing_stale(tmp_path: Path) -> None:
    read = read_expectations(written(tmp_path, GOOD))
    assert found_stale(read, fee="passed") == []


def test_an_unexpected_pass_is_stale(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    assert found_stale(read_expectations(path), tier_a="passed", tier_b="failed") == [
        f"{path}:2: tier.a should fail and passed; take it out of the expectations"
    ]


def test_many_unexpected_passes_are_told_in_one_line(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("tier.*", "t*"))
    many = [(f"t{n}", "textbook/linear") for n in range(5)]
    passed = [{"id": n, "profile": p, "status": "passed"} for n, p in many]
    read = read_expectations(path)
    assert stale(read.entries[:1], lines=passed, cases=many, today=TODAY) == [
        (
            f"{path}:2: t0, t1, t2 and 2 more should fail and passed;"
            " take it out of the expectations"
        )
    ]


def test_a_pattern_that_matches_nothing_is_stale(tmp_path: Path) -> None:
    text = GOOD.replace("tier.*", "teir.*").replace('"fee"', '"free"')
    path = written(tmp_path, text)
    assert found_stale(read_expectations(path)) == [
        (
            f"{path}:2: no case of textbook/linear matches 'teir.*';"
            " correct it or remove it"
        ),
        f"{path}:10: no case matches 'free'; correct it or remove it",
    ]


def test_a_pattern_whose_cases_were_not_judged_is_stale(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    read = read_expectations(path)
    assert found_stale(read, tier_a="unsupported", tier_b="skipped") == [
        f"{path}:2: tier.a should fail and was unsupported; remove it"
    ]


def test_an_expired_entry_is_stale_although_its_case_fails(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    read = read_expectations(path)
    assert found_stale(read, date(2026, 7, 2), tier_a="failed") == [
        f"{path}:2: expired on 2026-07-01; look again, then renew it or remove it"
    ]


WRONG = {
    "[[known]\n": ("", "not TOML: "),
    "a = " + "[" * 5000: ("", "not TOML: "),
    "[[knwon]]\n": ("", "unknown table 'knwon'; use [[known]]"),
    'known = [{cases = "a"}]': (
        "",
        "known is no list of tables; begin each on a line of its own: [[known]]",
    ),
    "known = 1": (
        "",
        "known is no list of tables; begin each on a line of its own: [[known]]",
    ),
    GOOD.replace("issue", "isue"): (
        ":2",
        "unknown field 'isue'; use one of cases, status, reason, until, issue, profile",
    ),
    GOOD.replace('reason = "it guesses"\n', ""): (
        ":10",
        "the field reason is missing; add it",
    ),
    GOOD.replace('"it guesses"', '" "'): (
        ":10",
        'reason is no text; write it like "…"',
    ),
    GOOD.replace('"fee"', "7"): (":10", 'cases is no text; write it like "…"'),
    GOOD.replace('"flaky"', '"skip"'): (
        ":10",
        "the status is 'skip'; use one of fail, flaky",
    ),
    GOOD.replace("2026-12-31", '"2026-12-31"'): (
        ":10",
        "until is no date; write it like 2027-01-31",
    ),
    GOOD.replace("2026-12-31", "2026-12-31T00:00:00"): (
        ":10",
        "until is no date; write it like 2027-01-31",
    ),
    "#" * (1024 * 1024 + 1): (
        "",
        "the file is larger than 1048576 bytes; keep fewer expectations",
    ),
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_a_wrong_file_is_told_with_its_line(text: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as error:
        read_expectations(path)
    line, what = WRONG[text]
    told = str(error.value)
    assert told.startswith(f"{path}{line}: {what}")
    # What the TOML reader says is its own; all other texts are whole.
    assert told == f"{path}{line}: {what}" or what == "not TOML: "


def test_a_file_that_is_not_there_or_not_utf8_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        read_expectations(tmp_path / "none.toml")
    assert str(error.value) == (
        f"{tmp_path / 'none.toml'}: No such file or directory; name another file"
    )
    path = tmp_path / "latin.toml"
    path.write_bytes(b"# \xe5\n")
    with pytest.raises(UsageError) as error:
        read_expectations(path)
    assert str(error.value) == f"{path}: the file is not UTF-8; save it so"


# The update


def updated(path: Path, today: date = TODAY, **statuses: str) -> tuple[int, int]:
    return update_expectations(path, lines=lines(**statuses), cases=CASES, today=today)


def test_an_update_adds_every_failure_that_nothing_names(tmp_path: Path) -> None:
    path = tmp_path / "isomargin.toml"
    assert updated(path, tier_a="failed", tier_b="passed", fee="errored") == (2, 0)
    assert path.read_text() == (
        '[[known]]\ncases = "tier.a"\nstatus = "fail"\nreason = "tier_a is wrong"\n'
        "until = 2026-09-29\n\n"
        '[[known]]\ncases = "fee"\nstatus = "fail"\nreason = "fee is wrong"\n'
        "until = 2026-09-29\n"
    )
    read = read_expectations(path)
    assert found_stale(read, tier_a="failed", fee="errored") == []


def test_an_update_leaves_what_holds_as_it_was_written(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    assert updated(path, tier_a="failed", tier_b="failed", fee="passed") == (0, 0)
    assert path.read_text() == GOOD


def test_an_update_narrows_an_entry_to_the_cases_that_fail(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    assert updated(path, tier_a="failed", tier_b="passed") == (0, 1)
    assert path.read_text() == GOOD.replace("tier.*", "tier.a")


def test_an_update_takes_out_what_passes_and_what_matches_nothing(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, GOOD.replace('"fee"', '"free"'))
    assert updated(path, tier_a="passed", tier_b="passed") == (0, 2)
    assert path.read_text() == "# Kept by hand.\n"


def test_an_update_moves_no_date(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    assert updated(path, date(2027, 1, 1), tier_a="failed") == (0, 0)
    assert path.read_text() == GOOD


def test_what_an_engine_says_is_only_ever_a_text(tmp_path: Path) -> None:
    path = tmp_path / "isomargin.toml"
    hostile = 'a"\n[[known]]\ncases = "*"\x7f\\ \x1b[2J'
    case = {"id": "[*]?", "profile": "p", "status": "failed", "detail": hostile}
    there = [("[*]?", "p"), ("x", "p")]
    update_expectations(path, lines=[case], cases=there, today=TODAY)
    [entry] = read_expectations(path).entries
    assert entry.reason == hostile
    assert entry.names("[*]?", "p")
    assert not entry.names("x", "p")


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    path = tmp_path / "none" / "isomargin.toml"
    with pytest.raises(UsageError) as error:
        updated(path, tier_a="failed")
    assert str(error.value) == (
        f"{path}: No such file or directory; name a file that can be written"
    )
