"""The corpus of faults: what is declared is there, and what is there is declared."""

import ast
import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest

from isomargin.drive import Question
from isomargin.errors import RulebookError
from isomargin.power import Corpus, read_corpus
from isomargin.power.bench import said_by
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import Places
from isomargin.rulebook.strict_yaml import load_file

FOLDER = Path(__file__).parents[2] / "adapters" / "faulty"
STANDARD = frozenset(sys.stdlib_module_names)
MAY_IMPORT = {"isomargin_adapter", "isomargin_reference", "isomargin_faulty"}
FAMILIES = {
    *("account", "mode", "value", "margin", "maintenance", "liquidation", "leverage"),
    *("trade", "transfer", "funding", "order"),
}


def test_every_fault_is_declared_and_every_declaration_is_a_fault(
    corpus: Corpus, faulty: ModuleType
) -> None:
    assert list(corpus) == list(faulty.FAULTS)


def test_there_are_faults_enough_in_every_family_of_rules(
    corpus: Corpus, rulebook: Rulebook
) -> None:
    families = Counter(
        family
        for fault in corpus.values()
        for family in {rulebook.rules[rule].family for rule in fault.rules}
    )
    assert len(corpus) >= 120
    assert set(families) == FAMILIES
    assert min(families.values()) >= 5, families


def test_some_faults_were_seen_in_engines_people_use(corpus: Corpus) -> None:
    seen = [address for fault in corpus.values() for address in fault.seen]
    assert len({fault.name for fault in corpus.values() if fault.seen}) >= 30
    assert [each for each in seen if not each.startswith("https://")] == []


def test_the_file_of_faults_keeps_to_its_schema(where: Places) -> None:
    schema = json.loads((where.spec / "schema" / "faults.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    entries = load_file(FOLDER / "faults.yaml")
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(entries)) == []
    entries[0]["colour"] = "red"
    assert not jsonschema.Draft202012Validator(schema).is_valid(entries)


def test_the_broken_engines_import_the_interface_and_the_reference_alone() -> None:
    strangers = [
        f"{path.name}: {name}"
        for path in sorted(FOLDER.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in getattr(node, "names", ())]
            if isinstance(node, ast.Import)
            else []
        )
        if name.split(".")[0] not in MAY_IMPORT | STANDARD
    ]
    assert strangers == []


def test_every_place_a_fault_changes_is_there(faulty: ModuleType) -> None:
    """A place that the reference engine no longer has would break a fault silently."""
    every = "import isomargin_faulty as f, isomargin_faulty.wire\n" + "\n".join(
        f"f.broken({name!r})" for name in faulty.FAULTS
    )
    done = subprocess.run(
        [sys.executable, "-c", every],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_an_unknown_fault_is_told_by_name() -> None:
    done = subprocess.run(
        [sys.executable, "adapter.py", "no-such-fault"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(
        "there is no fault 'no-such-fault'; use one of control, reach, "
    )


def test_a_broken_engine_answers_otherwise_than_the_reference(where: Places) -> None:
    question = Question.of(
        "x",
        {
            "t": "quote",
            "profile": {"id": "textbook/linear", "parameters": {}},
            "instrument": {"symbol": "X", "contract": "linear", "settle": "USD"},
            "position": {
                "side": "long",
                "quantity": "1",
                "entry_price": "100",
                "leverage": "10",
            },
            "want": ["initial_margin"],
        },
    )
    answers = {
        name: said_by(where, name, [question]).answers
        for name in ("reference", "faulty:leverage-ignored", "faulty:never-liquidated")
    }
    assert answers["faulty:never-liquidated"] == answers["reference"]
    assert answers["faulty:leverage-ignored"] == (
        b'{"t":"quantities","seq":0,"values":{"initial_margin":"100"}}',
    )


GOOD = "name: a\n  rules: [pnl.linear]\n  cost: {en: A., nb: B.}\n"
BAD = {
    "a: b\n": "the faults are no list; write one",
    "- rules: []\n": "fault 1 has no name; give it one",
    f"- {GOOD}- {GOOD}": "two faults are called a; rename one",
    f"- {GOOD}  colour: red\n": (
        "a: unknown field colour; use one of cost, equivalent, name, rules, seen"
    ),
    "- name: a\n": "a: no rules; name those it breaks",
    "- {name: a, rules: [pnl.cubic], cost: {en: A., nb: B.}}\n": (
        "a: there is no rule pnl.cubic; see: isomargin list rules"
    ),
    "- {name: a, rules: [pnl.linear], cost: {en: A.}}\n": (
        "a: the cost is not told in en and nb; tell it in each"
    ),
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_declaration_is_explained(
    text: str, tmp_path: Path, where: Places, rulebook: Rulebook
) -> None:
    path = tmp_path / "faulty" / "faults.yaml"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(RulebookError) as error:
        read_corpus(replace(where, adapters=tmp_path), rulebook)
    assert str(error.value) == f"{path}: {BAD[text]}"
