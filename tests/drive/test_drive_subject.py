"""How a subject is opened, asked, restarted, given up and closed."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostility import LIMITS, assert_nobody_survives, command, honest, quote, run

from isomargin.drive import (
    Fault,
    Introduction,
    Limits,
    Question,
    Subject,
    Unsupported,
    ask_all,
    open_subjects,
    probe_determinism,
)
from isomargin.drive.channel import Channel
from isomargin.drive.transport import Command
from isomargin.errors import SubjectUnusable

GREETINGS = {
    "hello_hang": "gave no introduction: timeout: gave no answer in time",
    "hello_leave": "gave no introduction: crash: ended before it answered "
    "(it exited with status 3); it said: no licence",
    "hello_garbage": "gave no introduction: protocol: its introduction is not JSON "
    "(welcome)",
    "hello_protocol": "gave no introduction: protocol: its introduction protocol is "
    "the JSON number 2; it must be 1",
    "hello_window": "gave no introduction: protocol: its introduction window is the "
    "JSON number 0; it must be a whole number from 1 to 1024",
    "hello_nobody": "gave no introduction: protocol: its introduction subject.name "
    "is missing or null; it must be a printable word",
    "hello_operations": "gave no introduction: protocol: its introduction operations "
    "is a list of 1; it must hold quote, run or both",
    "hello_two": "gave no introduction: protocol: wrote more after its introduction",
}


def opened(*arguments: object, limits: Limits = LIMITS) -> Subject:
    return Subject.open(command(*arguments), suite_version="1.0.0", limits=limits)


def test_a_subject_introduces_itself(tmp_path: Path) -> None:
    with opened("none", tmp_path / "pids") as subject:
        assert subject.ready == Introduction(
            name="hostile",
            version="1",
            language="python",
            operations=("quote", "run"),
            profiles="any",
            contracts=("linear",),
            actions=(),
            quantities=("initial_margin",),
            arithmetic="decimal",
            window=8,
        )


@pytest.mark.parametrize("fault", GREETINGS)
def test_a_subject_without_an_introduction_is_unusable(
    fault: str, tmp_path: Path
) -> None:
    limits = Limits(hello=0.4, grace=0.1)
    with pytest.raises(SubjectUnusable) as error:
        opened(fault, tmp_path / "pids", limits=limits)
    assert error.value.what.startswith(GREETINGS[fault])
    assert error.value.remedy == "check that it answers the hello message of protocol 1"
    assert_nobody_survives(tmp_path / "pids")


def test_a_program_that_cannot_be_executed_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "engine").write_text("no program")
    with pytest.raises(SubjectUnusable) as error:
        Subject.open(
            Command(given="cmd:./engine", argv=("./engine",)),
            suite_version="1.0.0",
            cwd=tmp_path,
        )
    assert str(error.value) == (
        "cmd:./engine: cannot start ./engine: Permission denied; "
        "check that the program exists and may be executed"
    )


def test_quotes_and_scenarios_may_be_mixed(tmp_path: Path) -> None:
    questions = [(run if n % 3 else quote)(n) for n in range(30)]
    with opened("none", tmp_path / "pids") as subject:
        answered = list(subject.ask_all(questions))
    assert answered == [(question, honest(question)) for question in questions]


def test_answers_may_come_in_any_order_within_the_window(tmp_path: Path) -> None:
    options = json.dumps({"backwards": 4, "ready": {"window": 8}})
    questions = [quote(n) for n in range(40)]
    with opened("none", tmp_path / "pids", options) as subject:
        answered = list(subject.ask_all(questions))
        assert subject.incidents == []
    assert answered == [(question, honest(question)) for question in questions]


def test_a_fault_among_disordered_answers_is_still_found(tmp_path: Path) -> None:
    options = json.dumps({"backwards": 1, "ready": {"window": 64}})
    symbols = ["GUILTY" if n == 17 else "BTC-USD" for n in range(40)]
    questions = [quote(n, symbol=symbol) for n, symbol in enumerate(symbols)]
    with opened("seq_after", tmp_path / "pids", options) as subject:
        answered = list(subject.ask_all(questions))
    assert [n for n, (q, outcome) in enumerate(answered) if outcome != honest(q)] == [
        17
    ]


def test_an_operation_that_is_not_offered_is_never_asked(tmp_path: Path) -> None:
    options = json.dumps({"ready": {"operations": ["quote"]}})
    questions = [(quote if n % 20 == 0 else run)(n) for n in range(60)]
    with opened("none", tmp_path / "pids", options) as subject:
        answered = {q.id: outcome for q, outcome in subject.ask_all(questions)}
    gaps = [answered[q.id] for q in questions if q.operation == "run"]
    assert gaps == [Unsupported("run")] * 57
    assert answered["case.20"] == honest(questions[20])


def test_a_subject_that_always_dies_is_given_up(tmp_path: Path) -> None:
    limits = Limits(restarts=3, grace=0.1)
    options = json.dumps({"always": True})
    questions = [quote(n) for n in range(50)]
    with opened("leave", tmp_path / "pids", options, limits=limits) as subject:
        outcomes = [outcome for _, outcome in subject.ask_all(questions)]
        assert subject.aborted == Fault("unusable", "was given up after 3 restarts")
        assert len(subject.incidents) == 4
        assert subject.ask(quote(0)) == subject.aborted
    guilty = Fault("crash", "ended before it answered", "it exited with status 3")
    assert outcomes == [guilty] * 3 + [subject.aborted] * 47
    assert len((tmp_path / "pids").read_text().split()) == 4
    assert_nobody_survives(tmp_path / "pids")


def test_a_subject_that_comes_back_as_another_is_given_up(tmp_path: Path) -> None:
    options = json.dumps({"moody": True})
    questions = [quote(n, symbol="GUILTY" if n == 1 else "X") for n in range(4)]
    with opened("leave", tmp_path / "pids", options) as subject:
        outcomes = [outcome for _, outcome in subject.ask_all(questions)]
        assert subject.aborted == Fault(
            "unusable",
            "introduced itself differently after a restart",
            "version was 1 and is 2, language was python and is ",
        )
    assert outcomes[1:] == [subject.aborted] * 3
    assert_nobody_survives(tmp_path / "pids")


def test_a_subject_that_does_not_come_back_is_given_up(tmp_path: Path) -> None:
    options = json.dumps({"once": True})
    with opened("leave", tmp_path / "pids", options) as subject:
        outcome = subject.ask(quote(0, symbol="GUILTY"))
    assert outcome == Fault(
        "unusable",
        "did not come back after a restart",
        "crash: ended before it answered (it exited with status 3)",
    )


def test_questions_are_taken_no_further_ahead_than_the_window(tmp_path: Path) -> None:
    taken: list[int] = []

    def source() -> Iterator[Question]:
        for n in range(100):
            taken.append(n)
            yield quote(n)

    with opened("none", tmp_path / "pids") as subject:
        next(subject.ask_all(source()))
        assert len(taken) <= 16


def test_a_run_that_is_left_early_does_not_disturb_the_next(tmp_path: Path) -> None:
    with opened("none", tmp_path / "pids") as subject:
        for _ in range(3):
            for question, outcome in subject.ask_all(quote(n) for n in range(50)):
                assert outcome == honest(question)
                break
        assert subject.ask(quote(7)) == honest(quote(7))
        assert subject.incidents == []
    assert_nobody_survives(tmp_path / "pids")


def test_time_spent_by_the_asker_is_not_held_against_the_subject(
    tmp_path: Path,
) -> None:
    with opened("none", tmp_path / "pids") as subject:
        for n, (question, outcome) in enumerate(
            subject.ask_all(quote(n) for n in range(30))
        ):
            assert outcome == honest(question)
            if n in {3, 17}:
                time.sleep(2 * LIMITS.quote)
        assert subject.incidents == []


def test_an_error_of_the_asker_leaves_no_process(tmp_path: Path) -> None:
    questions = [quote(0)] * 20 + [quote(1, symbol="GUILTY")]

    def interrupted() -> None:
        with opened("hang", tmp_path / "pids") as subject:
            next(subject.ask_all(questions))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert_nobody_survives(tmp_path / "pids")


def test_a_subject_that_is_never_closed_dies_with_its_runner(tmp_path: Path) -> None:
    words = command("none", tmp_path / "pids").argv
    program = (
        "from isomargin.drive import Command, Subject\n"
        f"command = Command(given='x', argv={words!r})\n"
        "subject = Subject.open(command, suite_version='1.0.0')\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=20)
    assert_nobody_survives(tmp_path / "pids")


def test_several_children_answer_in_the_order_asked(tmp_path: Path) -> None:
    symbols = ["GUILTY" if n in {5, 80} else "BTC-USD" for n in range(200)]
    questions = [quote(n, symbol=symbol) for n, symbol in enumerate(symbols)]
    pids = tmp_path / "pids"
    with open_subjects(
        command("leave", pids), suite_version="1.0.0", jobs=3, limits=LIMITS
    ) as subjects:
        answered = list(ask_all(subjects, questions))
    assert [question for question, _ in answered] == questions
    wrong = [n for n, (q, outcome) in enumerate(answered) if outcome != honest(q)]
    assert wrong == [5, 80]
    assert_nobody_survives(pids)


def test_the_breakdowns_of_several_children_count_together(tmp_path: Path) -> None:
    pids, options = tmp_path / "pids", json.dumps({"always": True})
    limits = Limits(restarts=3, grace=0.1)
    questions = [quote(n) for n in range(50)]
    with open_subjects(
        command("leave", pids, options), suite_version="1.0.0", jobs=3, limits=limits
    ) as subjects:
        answered = list(ask_all(subjects, questions))
        aborted = {one.aborted for one in subjects if one.aborted}
    given_up = Fault("unusable", "was given up after 3 restarts")
    assert aborted == {given_up}
    assert [question for question, _ in answered] == questions
    assert answered[-1][1] == given_up
    assert len(pids.read_text().split()) <= len(subjects) + limits.restarts
    assert_nobody_survives(pids)


def test_leaving_several_children_early_stops_them_all(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    patient = Limits(quote=30, grace=0.1)
    questions = [quote(n, symbol="GUILTY" if n == 30 else "X") for n in range(500)]
    started = time.monotonic()
    with open_subjects(
        command("hang", pids), suite_version="1.0.0", jobs=2, limits=patient
    ) as subjects:
        for question, _ in ask_all(subjects, questions):
            if question.id == "case.10":
                break
    assert time.monotonic() - started < 5
    assert_nobody_survives(pids)


def test_an_error_in_the_questions_reaches_the_asker(tmp_path: Path) -> None:
    def source() -> Iterator[Question]:
        yield quote(0)
        raise ValueError("no such case")

    with (
        open_subjects(
            command("none", tmp_path / "pids"),
            suite_version="1.0.0",
            jobs=2,
            limits=LIMITS,
        ) as subjects,
        pytest.raises(ValueError, match="no such case"),
    ):
        list(ask_all(subjects, source()))


def test_answers_that_differ_from_one_asking_to_the_next_are_named(
    tmp_path: Path,
) -> None:
    questions = [quote(n, symbol="GUILTY" if n == 3 else "X") for n in range(6)]
    with opened("differently", tmp_path / "pids") as subject:
        found = list(probe_determinism(subject, questions))
    what = "gave two answers to one question"
    assert found == [(questions[3], Fault("nondeterminism", what, "case.3"))]


def test_one_child_needs_no_threads(tmp_path: Path) -> None:
    questions = [quote(n) for n in range(5)]
    with open_subjects(
        command("none", tmp_path / "pids"), suite_version="1.0.0"
    ) as subjects:
        answered = list(ask_all(subjects, questions))
    assert answered == [(question, honest(question)) for question in questions]


def test_a_program_that_vanishes_during_the_run_is_given_up(tmp_path: Path) -> None:
    honest_one = command("leave", tmp_path / "pids")
    link = tmp_path / "engine"
    link.symlink_to(honest_one.argv[0])
    vanishing = Command(given="engine", argv=(str(link), *honest_one.argv[1:]))
    with Subject.open(vanishing, suite_version="1.0.0", limits=LIMITS) as subject:
        link.unlink()
        outcome = subject.ask(quote(0, symbol="GUILTY"))
    assert outcome == Fault(
        "unusable",
        "did not come back after a restart",
        f"cannot start {link}: No such file or directory",
    )


def test_an_interrupted_subject_is_not_restarted(tmp_path: Path) -> None:
    with opened("none", tmp_path / "pids") as subject:
        subject.interrupt()
        outcome = subject.ask(quote(0))
    assert outcome == Fault("unusable", "the run was interrupted")
    assert len((tmp_path / "pids").read_text().split()) == 1


def test_being_interrupted_in_the_greeting_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Channel, "lines", interrupted)
    pids = tmp_path / "pids"
    pids.touch()
    with pytest.raises(KeyboardInterrupt):
        opened("hello_hang", pids)
    assert_nobody_survives(pids)
