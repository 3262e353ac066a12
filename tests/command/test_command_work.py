"""`check`, `coverage`, `schema`, `adapter`: for who works on the rulebook."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from isomargin.rulebook.places import places

Said = Any
Call = Callable[..., Said]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """Give a copy of the rulebook that may be spoilt."""
    copy = tmp_path / "spec"
    shutil.copytree(places().spec, copy)
    return copy


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_a_fault_of_the_rulebook_is_listed_with_its_line(
    call: Call, spec: Path
) -> None:
    spoil(
        spec / "rules" / "value.yaml", "formula: size * price", "formula: size * side"
    )
    said = call("check", "--spec", str(spec))
    assert said.code == 4
    assert any(
        problem["where"].startswith("spec/rules/value.yaml:") for problem in said.data
    )
    lines = call("check", "--spec", str(spec), "--format", "terminal").out.splitlines()
    assert lines[-1].split()[1] in {"problem", "problems"}
    assert len(lines) == len(said.data) + 1


def test_a_rulebook_that_cannot_be_read_stops_every_verb(
    call: Call, spec: Path
) -> None:
    rules = spec / "rules" / "value.yaml"
    rules.write_text("- id: [\n", "utf-8")
    said = call("list", "--spec", str(spec))
    assert said.code == 4
    assert said.err.startswith("isomargin: spec/rules/value.yaml:2: not YAML: ")


def test_another_rulebook_can_be_named(call: Call, spec: Path) -> None:
    spoil(spec / "citations.yaml", "How to adjust margin", "How to mend margin")
    rule = next(
        entry["id"]
        for entry in call("list", "rules", "--spec", str(spec)).data
        if "binance-adjust-margin" in entry["citations"]
    )
    said = call("show", rule, "--spec", str(spec))
    assert (
        "How to mend margin" in said.data["citations"]["binance-adjust-margin"]["title"]
    )


def test_coverage_counts_the_cases_that_reach_a_rule(call: Call) -> None:
    said = call("coverage")
    rules = {rule["rule"]: rule for rule in said.data["rules"]}
    assert rules["initial_margin.of_position"]["executed"] > 0
    assert rules["liquidation.loses_only_isolated_margin"]["named"] > 0
    assert rules["value.linear"]["in_run"] is None
    assert said.code == (1 if said.data["not_executed"] else 0)


def test_coverage_of_a_run_lists_what_it_did_not_execute(
    call: Call, tmp_path: Path
) -> None:
    log = str(tmp_path / "log")
    call("run", "--subject", "reference", "-k", "glossary.alice", "--log", log)
    said = call("coverage", "--log", log, "--format", "terminal")
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[0].split() == ["NAMED", "BY", "EXECUTED", "BY", "IN", "RUN", "RULE"]
    assert "not executed: account.available_balance" in lines
    assert "not executed: maximum_loss.isolated" not in lines


def test_schemas_are_listed_and_printed(call: Call) -> None:
    assert call("schema").data["protocol"] == "A message of protocol 1"
    printed = call("schema", "protocol")
    source = places().spec / "schema" / "protocol.json"
    assert printed.data == json.loads(source.read_text("utf-8"))


def test_an_unknown_schema_is_refused_with_those_there_are(call: Call) -> None:
    known = ", ".join(sorted(call("schema").data))
    said = call("schema", "nix")
    assert (said.code, said.err) == (
        2,
        f"isomargin: there is no schema 'nix'; use one of {known}\n",
    )


def test_adapters_are_listed_with_how_they_stand(call: Call) -> None:
    found = {one["name"]: one for one in call("adapter", "list").data}
    assert found["reference"]["environment"] == "ready"
    assert {"fractal", "orderly"} <= found.keys()
    lines = call("adapter", "list", "--format", "terminal").out.splitlines()
    assert lines[0].split() == ["ADAPTER", "ENVIRONMENT", "VERSION", "ENGINE"]


def test_an_adapter_that_needs_nothing_is_set_up_at_once(call: Call) -> None:
    said = call("adapter", "setup", "reference")
    assert (said.code, said.out) == (0, "")
    assert said.err == "reference: needs no environment\n"
