"""Whatever a subject does, the right case has the right outcome."""

import time
from pathlib import Path

import pytest
from hostility import (
    LIMITS,
    assert_nobody_survives,
    command,
    honest,
    quote,
    run,
)

from isomargin.drive import (
    Failure,
    Fault,
    Outcome,
    Quantities,
    Question,
    Skip,
    Subject,
)
from isomargin.drive import Unsupported as Gap

NOT_STRING = (
    "its answer values.initial_margin is {}; it must be a decimal string or null"
)
LATE = Fault("timeout", "gave no answer in time")


def crash(when: str, how: str) -> Fault:
    return Fault("crash", f"ended {when}", how)


def broken(what: str, detail: str = "") -> Fault:
    return Fault("protocol", what, detail)


def unacceptable(shown: str) -> Fault:
    return broken(NOT_STRING.format(shown))


LEFT = "it exited with status 3"
STRAY = "answered a question that was not waiting"
KINDS = "quantities, trace, unsupported, skip, error"

BREAKDOWNS: dict[str, Outcome] = {
    "hang": LATE,
    "hang_ignoring_sigterm": LATE,
    "late": LATE,
    "drip": LATE,
    "half_line_and_hang": LATE,
    "fork_and_hang": LATE,
    "leave": crash("before it answered", LEFT),
    "fork_and_leave": crash("before it answered", LEFT),
    "flood_stderr_and_leave": crash("before it answered", LEFT),
    "half_line_and_leave": crash("before it answered in the middle of a line", LEFT),
    "segfault": crash("before it answered", "it was killed by SIGSEGV"),
    "die_after": crash("after its answer", "it exited with status 5"),
    "close_input": Fault(
        "crash", "closed its standard input after its answer", "it lives on"
    ),
    "close_output": Fault(
        "crash", "closed its standard output before it answered", "it lives on"
    ),
    "endless_line": broken("wrote a line longer than 4194304 bytes"),
    "long_line": broken("wrote a line longer than 4194304 bytes"),
    "garbage": broken("its line is not JSON", "Traceback (most recent call last):"),
    "empty_line": broken("its line is not JSON"),
    "array": broken("its line is not a JSON object", "[1]"),
    "bottomless": broken("its line is nested deeper than 32", "[" * 499 + "…"),
    "twice": broken(
        "wrote more after its answer",
        '{"t": "quantities", "seq": …, "values": {"initial_margin": "5"}}',
    ),
    "babble_after": broken("wrote more after its answer", "by the way"),
    "seq_before": broken(STRAY, "its seq is -1 from the one awaited"),
    "seq_after": broken(STRAY, "its seq is +1 from the one awaited"),
    "beforehand": broken(STRAY, "its seq is +1 from the one awaited"),
    "daemon_and_leave": crash("before it answered", LEFT),
    "daemon_and_hang": LATE,
    "leave_quietly": crash("before it answered", "it exited with status 0"),
    "stop": LATE,
    "carriage_return": LATE,
    "drip_slowly": LATE,
}

ANSWERS: dict[str, Outcome] = {
    "invalid_utf8": broken("its answer is not UTF-8: byte 0xff"),
    "nested": broken("its answer steps" + ".a" * 32 + " is nested deeper than 32"),
    "key_twice": broken('its answer has the key "a" twice'),
    "kind_unknown": broken(f'its answer t is "answer"; it must be {KINDS}'),
    "kind_wrong": broken("answered a quote as if a run"),
    "values_list": broken("its answer values is a list of 1; it must be an object"),
    "values_missing": broken(
        "its answer values is missing or null; it must be an object"
    ),
    "name_bad": broken('its answer values has "initial margin", which is no name'),
    "nan": unacceptable("the JSON number NaN"),
    "infinity": unacceptable("the JSON number -Infinity"),
    "huge_exponent": unacceptable("the JSON number 1e400"),
    "underscore": unacceptable('"1_000"'),
    "space": unacceptable('" 1"'),
    "hexadecimal": unacceptable('"0x64"'),
    "point_alone": unacceptable('"5."'),
    "minus_sign": unacceptable('"−5"'),
    "surrogate": unacceptable('"\\ud800"'),
    "member_list": unacceptable("a list of 1"),
    "member_object": unacceptable("an object"),
    "its_question": broken(f'its answer t is "quote"; it must be {KINDS}'),
    "json_number": unacceptable("the JSON number 100"),
    "json_fraction": unacceptable("the JSON number 0.1"),
    "flag": unacceptable("true"),
    "full_width": unacceptable('"１００"'),
    "many_digits": broken(
        "its answer values.initial_margin is a number of more than 200 characters"
    ),
    "exponent": unacceptable('"1e5"'),
    "plus": unacceptable('"+1"'),
    "leading_zero": unacceptable('"01"'),
    "newline": unacceptable('"1\\x0a"'),
    "no_digits": unacceptable('"-"'),
    "error": Failure("ValueError: no\\x1b such"),
    "unsupported": Gap("inverse"),
    "skip": Skip("slow", "https://example.org/1"),
}

TRACES: dict[str, Outcome] = {
    "no_steps": broken("gave 0 steps for a scenario of 1"),
    "two_steps": broken("gave 2 steps for a scenario of 1"),
    "many_events": broken(
        "its answer steps.0.events is a list of 10001; "
        "it must be a list of at most 10000"
    ),
}

# The numbers of these lines differ from run to run, and so does the detail.
UNNAMED: dict[str, str] = {
    "seq_unknown": STRAY,
    "seq_twice": 'its line has the key "seq" twice',
    "seq_text": 'its line seq is "1"; it must be a whole number',
    "seq_flag": "its line seq is true; it must be a whole number",
    "seq_missing": "its line seq is missing or null; it must be a whole number",
    "many_bare_digits": "its line is not JSON",
    "utf16": "its line is not UTF-8: byte 0xff",
    "byte_order_mark": "its line is not JSON",
    "nul_line": "its line is not JSON",
    "never_ending": "wrote more after its answer",
}


def outcomes(
    fault: str, questions: list[Question], pids: Path
) -> tuple[list[Outcome], list[Fault]]:
    started = time.monotonic()
    with Subject.open(
        command(fault, pids), suite_version="1.0.0", limits=LIMITS
    ) as subject:
        answered = list(subject.ask_all(questions))
        assert subject.aborted is None
    assert time.monotonic() - started < 10
    assert [question for question, _ in answered] == questions
    assert_nobody_survives(pids)
    return [outcome for _, outcome in answered], subject.incidents


def assert_one_guilty(
    fault: str, questions: list[Question], pids: Path
) -> tuple[Outcome, list[Fault]]:
    """Return the outcome of the guilty case; fail unless the others keep theirs."""
    found, incidents = outcomes(fault, questions, pids)
    guilty = found.pop(5)
    assert found == [
        honest(question) for question in questions if not is_guilty(question)
    ]
    return guilty, incidents


def is_guilty(question: Question) -> bool:
    return "GUILTY" in str(question.message)


def quotes() -> list[Question]:
    return [quote(n, symbol="GUILTY" if n == 5 else "BTC-USD") for n in range(12)]


@pytest.mark.parametrize("fault", BREAKDOWNS)
def test_a_breakdown_is_blamed_on_the_case_that_causes_it(
    fault: str, tmp_path: Path
) -> None:
    guilty, incidents = assert_one_guilty(fault, quotes(), tmp_path / "pids")
    assert guilty == BREAKDOWNS[fault]
    assert 2 <= len(incidents) <= 6


@pytest.mark.parametrize("fault", ANSWERS)
def test_a_bad_answer_is_that_cases_alone_and_the_subject_lives_on(
    fault: str, tmp_path: Path
) -> None:
    guilty, incidents = assert_one_guilty(fault, quotes(), tmp_path / "pids")
    assert guilty == ANSWERS[fault]
    assert incidents == []


@pytest.mark.parametrize("fault", TRACES)
def test_a_trace_must_have_the_steps_of_its_scenario(
    fault: str, tmp_path: Path
) -> None:
    scenarios = [run(n, symbol="GUILTY" if n == 5 else "BTC-USD") for n in range(12)]
    guilty, incidents = assert_one_guilty(fault, scenarios, tmp_path / "pids")
    assert guilty == TRACES[fault]
    assert incidents == []


@pytest.mark.parametrize("fault", UNNAMED)
def test_an_answer_to_nobody_is_blamed_on_the_case_it_came_from(
    fault: str, tmp_path: Path
) -> None:
    guilty, _ = assert_one_guilty(fault, quotes(), tmp_path / "pids")
    assert isinstance(guilty, Fault)
    assert (guilty.kind, guilty.what) == ("protocol", UNNAMED[fault])


HARMLESS = [
    "daemon_and_answer",
    "flood_stderr",
    "fork_and_answer",
    "unterminated_stderr",
    "windows_line",
]


@pytest.mark.parametrize("fault", HARMLESS)
def test_noise_beside_the_protocol_is_no_fault(fault: str, tmp_path: Path) -> None:
    found, incidents = outcomes(fault, quotes(), tmp_path / "pids")
    assert found == [honest(question) for question in quotes()]
    assert incidents == []


@pytest.mark.parametrize("fault", ["leave_once", "hang_once"])
def test_a_breakdown_that_does_not_come_back_is_nobodys_and_is_kept(
    fault: str, tmp_path: Path
) -> None:
    with Subject.open(
        command(fault, tmp_path / "pids"), suite_version="1.0.0", limits=LIMITS
    ) as subject:
        found = [outcome for _, outcome in subject.ask_all(quotes())]
        assert subject.unexplained == subject.incidents
        assert [fault.kind for fault in subject.incidents] == [
            {"leave_once": "crash", "hang_once": "timeout"}[fault]
        ]
    assert found == [honest(question) for question in quotes()]


def test_what_a_case_does_again_is_explained_by_it(tmp_path: Path) -> None:
    with Subject.open(
        command("leave", tmp_path / "pids"), suite_version="1.0.0", limits=LIMITS
    ) as subject:
        assert len(list(subject.ask_all(quotes()))) == len(quotes())
        assert len(subject.incidents) > 1
        assert subject.unexplained == []


def test_figures_that_nobody_asked_for_are_no_fault(tmp_path: Path) -> None:
    found, incidents = outcomes("many_values", quotes(), tmp_path / "pids")
    assert all(isinstance(outcome, Quantities) for outcome in found)
    assert incidents == []


def test_a_crash_carries_the_last_words_of_standard_error(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    guilty, _ = assert_one_guilty("flood_stderr_and_leave", quotes(), pids)
    assert isinstance(guilty, Fault)
    assert guilty.stderr.endswith("e\nthe last words\\x1b[2J\n")
    assert 60_000 < len(guilty.stderr) <= 65_540


def test_several_guilty_cases_are_told_apart(tmp_path: Path) -> None:
    symbols = ["GUILTY" if n in {3, 4, 10} else "BTC-USD" for n in range(12)]
    questions = [quote(n, symbol=symbol) for n, symbol in enumerate(symbols)]
    found, _ = outcomes("leave", questions, tmp_path / "pids")
    faults = [n for n, outcome in enumerate(found) if isinstance(outcome, Fault)]
    assert faults == [3, 4, 10]


def test_the_last_case_can_be_guilty_of_what_follows_its_answer(tmp_path: Path) -> None:
    questions = [quote(n, symbol="GUILTY" if n == 5 else "BTC-USD") for n in range(6)]
    guilty, _ = assert_one_guilty("babble_after", questions, tmp_path / "pids")
    assert guilty == BREAKDOWNS["babble_after"]
