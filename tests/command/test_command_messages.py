"""What the command says when it cannot do what it was told: one line, whole."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from isomargin.cache import cached_rulebook
from isomargin.command import main, program
from isomargin.command.verbs import SECTIONS
from isomargin.rulebook.places import places

Said = Any
Call = Callable[..., Said]
Golden = Callable[[str, str], None]

# The words, the exit code, and the line, in which a name in braces stands for a list.
MESSAGES = """
run
2 missing option '--subject'; see: isomargin run --help

run --subject refrence
2 refrence: there is no such subject; did you mean reference?

run --subject reference -k nix
7 no case matches 'nix'; see: isomargin list cases

run --subject reference --profile nix
2 --profile: there is no profile 'nix'; use one of {profiles}, all

run --subject cmd:/bin/false
3 cmd:/bin/false: gave no introduction: crash: ended before it answered (it exited\
 with status 1); check that it answers the hello message of protocol 1

run --subject reference --jobs 0
2 invalid value for '--jobs': 0 is not in the range x>=1; see: isomargin run --help

run /nofile --subject reference
2 invalid value for 'CASE_FILE…': File '/nofile' does not exist; see: isomargin run\
 --help

explain glossary.alic
2 there is no case 'glossary.alic'; did you mean glossary.alice?

explain qqq
2 there is no case 'qqq'; see: isomargin list cases

show liquidation_prize
2 there is nothing called 'liquidation_prize'; did you mean liquidation_price?

show qqq
2 there is nothing called 'qqq'; see: isomargin list rules

list --lang xx
2 --lang: there are no texts in 'xx'; use one of {languages}

list -k nix
7 no cases are left; widen -k or --profile

list nix
2 invalid value for 'KIND': 'nix' is not one of 'cases', 'rules', 'profiles',\
 'quantities', 'claims'; see: isomargin list --help

list --spec /nowhere
2 --spec: /nowhere holds no rulebook (no folder rules in it); name a folder like spec/

schema nix
2 there is no schema 'nix'; use one of {schemas}

adapter setup nix
2 there is no adapter 'nix'; use one of {adapters}

report /nowhere
2 /nowhere: No such file or directory; name another file

verify /dev/null
6 /dev/null: the file is no run log; name a file that run --log wrote

calculate --side long
2 --quantity is missing; see: isomargin calculate --help

calculate --side long --quantity 1
2 --entry is missing; see: isomargin calculate --help

calculate --quantity 1e5
2 invalid value for '--quantity': '1e5' is not a decimal number such as 12.5; see:\
 isomargin calculate --help

calculate --entry 0
2 invalid value for '--entry': 0 is not above zero; see: isomargin calculate --help

calculate --side long --quantity 1 --entry 1 --want luck
2 want: unknown quantity 'luck'; see: isomargin list quantities

calculate --side long --quantity 1 --entry 1 --profile a/b
2 profile: unknown profile 'a/b'; use one of {profiles}
"""


def messages() -> Iterator[tuple[str, str, str]]:
    for entry in MESSAGES.replace("\\\n", "").strip().split("\n\n"):
        words, message = entry.split("\n")
        code, line = message.split(" ", 1)
        yield words, code, line


@pytest.fixture(scope="session")
def there_is() -> dict[str, str]:
    """Give what there is, by the name that stands for it in messages."""
    here = places()
    profiles = cached_rulebook(here).profiles
    found = {
        "profiles": profiles,
        "languages": [path.name for path in (here.spec / "text").iterdir()],
        "schemas": [path.stem for path in (here.spec / "schema").glob("*.json")],
        "adapters": [path.parent.name for path in here.adapters.glob("*/adapter.yaml")],
    }
    return {name: ", ".join(sorted(names)) for name, names in found.items()}


@pytest.mark.parametrize(("words", "code", "line"), list(messages()))
def test_a_fault_is_one_whole_line_and_an_exit_code(
    call: Call, there_is: dict[str, str], words: str, code: str, line: str
) -> None:
    said = call(*words.split())
    whole = f"isomargin: {line.format(**there_is)}\n"
    assert (said.code, said.out, said.err) == (int(code), "", whole)


def test_an_unknown_verb_is_refused(call: Call) -> None:
    said = call("frobnicate")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("isomargin: no such command 'frobnicate'")
    assert said.err.count("\n") == 1


def test_standard_input_without_questions_is_told(start: Call) -> None:
    said = start("calculate")
    assert (said.code, said.err) == (
        2,
        (
            "isomargin: neither options nor lines give a position;"
            " see: isomargin calculate --help\n"
        ),
    )


@pytest.mark.parametrize("debug", [False, True])
def test_a_traceback_is_shown_only_when_asked_for(call: Call, debug: bool) -> None:  # noqa: FBT001 - a parameter of the test
    said = call("explain", "qqq", *(["--debug"] if debug else []))
    assert ("Traceback" in said.err) is debug
    assert said.err.splitlines()[-1].startswith("isomargin: there is no case")


@pytest.mark.parametrize("debug", [False, True])
def test_a_defect_of_ours_is_one_line_too(
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    debug: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("one\ntwo")

    monkeypatch.setattr(program, "_invoked", broken)
    said = call("list", *(["--debug"] if debug else []))
    assert said.code == 70
    assert ("Traceback" in said.err) is debug
    assert said.err.splitlines()[-1] == (
        r"isomargin: a defect of isomargin: ZeroDivisionError: one\x0atwo;"
        " run again with --debug and report it"
    )


def test_a_reader_that_stops_reading_is_no_error() -> None:
    program_path = Path(sys.executable).with_name("isomargin")
    child = subprocess.Popen(
        [program_path, "list", "rules"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait(timeout=30) == 141


def test_on_a_terminal_a_table_is_shown_and_elsewhere_json() -> None:
    words = [str(Path(sys.executable).with_name("isomargin")), "list", "profiles"]
    terminal, ours = pty.openpty()
    subprocess.run(words, stdout=ours, check=True)
    os.close(ours)
    assert b"EFFECTIVE FROM" in os.read(terminal, 4096)
    os.close(terminal)
    assert subprocess.run(words, capture_output=True, check=True).stdout[:1] == b"["


@pytest.mark.parametrize("words", ["--version", "list profiles"])
@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_full_disk_is_told_in_one_line(words: str, buffered: str) -> None:
    command = [str(Path(sys.executable).with_name("isomargin")), *words.split()]
    environment = {**os.environ, "PYTHONUNBUFFERED": buffered}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, env=environment, stdout=full, stderr=subprocess.PIPE, check=False
        )
    said = b"isomargin: the output is cut: No space left on device\n"
    assert (done.returncode, done.stderr) == (74, said)


def test_a_full_disk_that_takes_no_complaint_either_is_told_by_the_code() -> None:
    command = [str(Path(sys.executable).with_name("isomargin")), "--version"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=full, check=False)
    assert done.returncode == 74


@pytest.mark.parametrize(
    ("command", "code"),
    [("--version >&-", 0), ("list profiles >&-", 0), ("nonsense 2>&-", 2)],
)
def test_a_stream_that_is_closed_takes_nothing_from_the_rest(
    command: str, code: int
) -> None:
    program = Path(sys.executable).with_name("isomargin")
    done = subprocess.run(
        ["sh", "-c", f"{program} {command}"], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


def test_the_help_groups_the_verbs(call: Call, golden: Golden) -> None:
    said = call("--help")
    assert said.code == 0
    golden("help.txt", said.out)


@pytest.mark.parametrize("verb", [verb for part in SECTIONS.values() for verb in part])
def test_every_verb_has_help(call: Call, verb: str) -> None:
    said = call(verb, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"Usage: isomargin {verb} ")
    assert max(map(len, said.out.splitlines())) <= 80


def test_the_version_is_told_without_reading_anything_else() -> None:
    code = (
        "import sys; from isomargin.command import main; main(['--version']);"
        "print({'click', 'yaml', 'jsonschema'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == "isomargin 1.0.0\nset()\n"


def test_the_version_is_an_option_like_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == "isomargin 1.0.0\n"
