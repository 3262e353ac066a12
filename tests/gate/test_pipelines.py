"""The action's steps, the hooks and the container file, as far as they run here.

The action is interpreted as a server would: its expressions are filled in, each
step's lines run in bash, one step's outputs reach the next. Only the installing is
played by a stand-in, which has this environment's own command to offer.
"""

import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
BIN = Path(sys.executable).parent
EXPRESSION = re.compile(r"\$\{\{\s*([^}]*?)\s*\}\}")

Engine = Callable[..., str]
Call = Callable[..., Any]

PYTHON = f"""\
#!/bin/sh
echo "$@" >> "$RUNNER_TEMP/installed"
[ "$2" = venv ] || exit 0
mkdir -p "$3/bin"
ln -s "$RUNNER_TEMP/python" "$3/bin/python"
printf '#!/bin/sh\\nverb=$1; shift\\nexec "{BIN}/isomargin" "$verb" --spec "$SPEC" "$@"\\n' \\
  > "$3/bin/isomargin"
chmod +x "$3/bin/isomargin"
"""


@dataclass(frozen=True)
class Acted:
    """What came of the action: its exit code, what was written, and the summary."""

    code: int
    said: str
    outputs: Mapping[str, str]
    summary: str


def filled(text: str, values: Mapping[str, str]) -> str:
    return EXPRESSION.sub(lambda found: values[found[1]], text)


def performed(
    step: Mapping[str, Any], values: Mapping[str, str], home: Path
) -> tuple[int, str]:
    assert step["shell"] == "bash"
    own = {name: filled(text, values) for name, text in step["env"].items()}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=home,
        env={**os.environ, **own},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def act(
    home: Path, frozen: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Acted]:
    """Give a function that runs the action with some inputs."""
    temporary = tmp_path_factory.mktemp("runner")
    (temporary / "python").write_text(PYTHON)
    (temporary / "python").chmod(0o755)

    def acted(**given: str) -> Acted:
        inputs = {
            name: one.get("default", "") for name, one in ACTION["inputs"].items()
        }
        inputs |= {"python": str(temporary / "python"), **given}
        values = {f"inputs.{name}": text for name, text in inputs.items()}
        values["github.action_path"] = str(ROOT)
        for file in ("output", "summary"):
            (temporary / file).write_text("")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("RUNNER_TEMP", str(temporary))
            patch.setenv("GITHUB_OUTPUT", str(temporary / "output"))
            patch.setenv("GITHUB_STEP_SUMMARY", str(temporary / "summary"))
            patch.setenv("SPEC", frozen)
            return steps(values)

    def steps(values: dict[str, str]) -> Acted:
        code, said = 0, ""
        for step in ACTION["runs"]["steps"]:
            if code and step.get("if") != "always()":
                continue
            ended, words = performed(step, values, home)
            code, said = code or ended, said + words
            lines = (temporary / "output").read_text().splitlines()
            outputs = dict(line.split("=", 1) for line in lines)
            values |= {f"steps.run.outputs.{k}": text for k, text in outputs.items()}
        summary = (temporary / "summary").read_text("utf-8")
        return Acted(code, said, outputs, summary)

    return acted


# A case that asks for nothing but what the stand-in engine has.
SMALL = "guide.required_margin"


def test_the_action_passes_an_engine_that_conforms(
    act: Callable[..., Acted], home: Path
) -> None:
    acted = act(subject="reference", cases="guide.*")
    assert acted.code == 0, acted.said
    assert acted.outputs == {"exit-code": "0", "log": "isomargin-report/run.jsonl"}
    assert "conformant as scoped" in acted.said
    assert "conformant as scoped" in acted.summary
    written = {path.name for path in (home / "isomargin-report").iterdir()}
    forms = {"report.html", "report.junit", "report.sarif", "report.badge"}
    assert written == {"run.jsonl", *forms}
    assert all((home / "isomargin-report" / name).stat().st_size for name in forms)


def test_the_action_installs_itself_with_its_reports(
    act: Callable[..., Acted], tmp_path_factory: pytest.TempPathFactory
) -> None:
    act(subject="reference", cases=SMALL)
    installed = next(tmp_path_factory.getbasetemp().glob("runner*/installed"))
    venv, pip = (shlex.split(line) for line in installed.read_text().splitlines()[-2:])
    assert venv[:2] == ["-m", "venv"]
    assert pip == ["-m", "pip", "install", "--quiet", f"{ROOT}[report]"]


def test_the_action_fails_where_the_engine_does(
    act: Callable[..., Acted], engine: Engine
) -> None:
    acted = act(subject=engine(), cases="margin.pnl.*")
    assert (acted.code, acted.outputs["exit-code"]) == (1, "1"), acted.said
    assert "nonconformant" in acted.summary


def test_the_action_fails_where_no_run_can_begin(
    act: Callable[..., Acted], home: Path
) -> None:
    acted = act(subject="reference", profile="no/such", cases=SMALL)
    assert (acted.code, acted.outputs["exit-code"]) == (2, "2")
    assert "there is no profile 'no/such'" in acted.said
    assert not (home / "isomargin-report" / "run.jsonl").exists()


def test_the_action_gates_on_stale_expectations(
    act: Callable[..., Acted], home: Path
) -> None:
    (home / "known.toml").write_text(
        f'[[known]]\ncases = "{SMALL}"\nstatus = "fail"\nreason = "x"\n'
        "until = 2999-12-31\n"
    )
    acted = act(subject="reference", cases=SMALL, expectations="known.toml")
    assert (acted.code, acted.outputs["exit-code"]) == (5, "5")


@pytest.mark.parametrize("name", ["subject", "cases", "folder", "profile", "jobs"])
def test_no_input_of_the_action_is_ever_run(
    act: Callable[..., Acted], home: Path, name: str
) -> None:
    hostile = "$(touch owned); `touch owned`; touch owned #"
    act(**{"subject": "reference", "cases": SMALL, name: hostile})
    assert not list(home.rglob("owned"))


def test_an_adapter_in_python_finds_the_interface_whatever_python_runs_it(
    act: Callable[..., Acted], home: Path
) -> None:
    (home / "adapter.py").write_text(
        "from isomargin_adapter import Ready, serve\n"
        "serve(Ready(name='bare', version='1'), quote=lambda _: {})\n"
    )
    bare = f"{sys.base_prefix}/bin/python3"
    acted = act(subject=f"cmd:{bare} adapter.py", cases=SMALL)
    assert "bare 1 (python) judged by" in acted.said


def test_a_log_of_an_earlier_run_is_not_reported_as_this_one(
    act: Callable[..., Acted], home: Path
) -> None:
    act(subject="reference", cases=SMALL)
    acted = act(subject="cmd:./no_such_engine", cases=SMALL)
    assert acted.code == 3
    assert acted.summary == ""
    assert not (home / "isomargin-report" / "run.jsonl").exists()


def test_no_script_of_the_action_holds_an_expression() -> None:
    steps = ACTION["runs"]["steps"]
    assert steps
    assert not [step["name"] for step in steps if EXPRESSION.search(step["run"])]


def test_every_expression_of_the_action_names_something() -> None:
    named = set(EXPRESSION.findall((ROOT / "action.yml").read_text("utf-8")))
    inputs = {f"inputs.{name}" for name in ACTION["inputs"]}
    outputs = {"steps.run.outputs.exit-code", "steps.run.outputs.log"}
    assert named == inputs | outputs | {"github.action_path"}


# The hooks


def test_the_hooks_run_as_they_are_written(call: Call) -> None:
    entries = {hook["id"]: shlex.split(hook["entry"]) for hook in HOOKS}
    program, *words = entries["isomargin-run"]
    said = call(*words, "--subject", "reference", "-k", SMALL)
    assert (program, said.code) == ("isomargin", 0)
    assert said.out.endswith("conformant as scoped: 1 passed\n")
    program, *words = entries["isomargin-check"]
    assert (program, call(*words, "--help").code) == ("isomargin", 0)


def test_the_hook_looks_at_the_cases_that_are_committed_and_not_at_its_own(
    call: Call, home: Path, frozen: str
) -> None:
    cases = home / "conformance" / "cases" / "margin"
    cases.mkdir(parents=True)
    shutil.copytree(frozen, home / "spec")
    (cases / "spoiled.yaml").write_text("kind: no case\n")
    [entry] = [hook["entry"] for hook in HOOKS if hook["id"] == "isomargin-check"]
    said = call(*shlex.split(entry)[1:])
    assert said.code == 4
    assert "conformance/cases/margin/spoiled.yaml" in said.out + said.err


def test_the_hooks_say_what_pre_commit_needs() -> None:
    for hook in HOOKS:
        assert {"id", "name", "entry", "language"} <= hook.keys()
        assert (hook["language"], hook["pass_filenames"]) == ("python", False)


# The container file


def test_the_container_has_all_that_the_project_is_built_from() -> None:
    lines = (ROOT / "Containerfile").read_text("utf-8").splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ")]
    sources = {source for words in copied for source in words}
    assert all((ROOT / source).exists() for source in sources)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {path.split("/")[0] for path in wheel["only-include"]}
    assert needed | {"pyproject.toml", project["project"]["readme"]} == sources


def test_the_container_is_not_built_from_environments() -> None:
    ignored = (ROOT / ".containerignore").read_text("utf-8").split()
    for path in ("adapters/x/.environment", "a/__pycache__", "b/c/node_modules"):
        assert any(fnmatch.fnmatch(path, pattern) for pattern in ignored)
