"""Files that mean harm: none is believed, none takes long, none is left unnamed."""

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from isomargin.errors import RulebookError
from isomargin.rulebook.load import load, load_cases
from isomargin.rulebook.places import Places

Call = Callable[..., Any]

PATIENCE = 5.0


def laughs() -> str:
    """Return a bomb: nine lines that would be a billion words."""
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    for level in range(1, 9):
        names = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{names}]")
    return "\n".join(lines)


DEEP = ":1: nesting deeper than 32"
LONG = ":1: a scalar longer than 65536 characters"
HOSTILE = {
    "bomb": (laughs(), ":1: an anchor (&a0); write the value out"),
    "alias": ("cases: *x\n", ":1: an alias (*x); write the value out"),
    "tag": (
        "cases: !!python/object/apply:os.system ['touch owned']\n",
        (
            ":1: a tag (tag:yaml.org,2002:python/object/apply:os.system);"
            " write a plain value"
        ),
    ),
    "merge": ("cases:\n  <<: {a: b}\n", ":2: a merge (<<); write the values out"),
    "depth": ("cases: " + "[" * 100_000, DEEP),
    "closed depth": ("cases: " + "[" * 5_000 + "]" * 5_000, DEEP),
    "depth of blocks": ("- " * 50_000 + "x\n", DEEP),
    "scalar": (f"cases: {'9' * 500_000}\n", LONG),
    "key": (f"? {'k' * 500_000}\n: 1\n", ":1: a key longer than 65536 characters"),
    "marked key": (
        "&a cases: []\n",
        ":1: a key with an anchor or a tag; write a plain key",
    ),
    "file": ("#" + "x" * 20_000_000, ": the file is larger than 4194304 bytes"),
    "keys": ("cases: {a: 1, a: 2}\n", ":1: duplicate key 'a'; keep one of them"),
    "control": (
        "cases: \x00\n",
        (
            ": not YAML: unacceptable character #x0000:"
            " control characters are not allowed"
        ),
    ),
    "not utf8": (b"cases: \xff\n", ": the file is not UTF-8"),
    "two documents": (
        "cases: []\n---\ncases: []\n",
        ":2: a second document in one file",
    ),
    "empty": ("", ": the file is empty"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_of_cases_is_refused_at_once(
    name: str, there: Places, home: Path
) -> None:
    content, message = HOSTILE[name]
    path = home / "bad.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    begun = time.process_time()
    with pytest.raises(RulebookError) as error:
        load_cases(there, [path])
    assert time.process_time() - begun < PATIENCE
    assert str(error.value) == f"{path}{message}"
    assert not (home / "owned").exists()


@pytest.mark.parametrize(
    "identity",
    ["../../../../tmp/x", "/etc/passwd", "gate.a/b", "gate.\x1b[2J", "gate.a\n", ".."],
)
def test_an_id_is_never_a_path_nor_anything_but_an_id(
    identity: str, there: Places, home: Path
) -> None:
    path = home / "gate.yaml"
    quoted = f"id: {json.dumps(identity)}"
    path.write_text(path.read_text().replace("id: gate.value", quoted))
    with pytest.raises(RulebookError) as error:
        load_cases(there, [path])
    pattern = r"'^[a-z0-9][a-z0-9_]*(\\.[a-z0-9_]+)+$'"
    what = f"cases.0.id: {identity!r} does not match {pattern}"
    assert str(error.value) == f"{path}:2: {what}"


def test_a_number_with_a_line_feed_behind_it_is_no_number(
    there: Places, home: Path
) -> None:
    path = home / "gate.yaml"
    path.write_text(path.read_text().replace('"12000"', '"12000\\n"', 1))
    with pytest.raises(RulebookError) as error:
        load_cases(there, [path])
    assert str(error.value).endswith(r"'12000\n' is not a decimal number such as 12.5")


# Another rulebook, from somebody who means harm


FORMULAS = {
    "__import__('os').system('touch owned')": (
        "a call other than name(value, …) is not allowed in an expression:"
        " __import__('os').system('touch owned')"
    ),
    "9 ** 9 ** 9 ** 9": "Pow is not allowed in an expression: 9 ** 9 ** 9 ** 9",
    "(1).__class__.__bases__": (
        "an attribute of something that is no name is not allowed in an expression:"
        " (1).__class__.__bases__"
    ),
    "(" * 3000 + "1" + ")" * 3000: (
        "an expression longer than 2000 characters; split it into named definitions"
    ),
    "-" * 1900 + "1": (
        "an expression that is too complex; split it into named definitions"
    ),
    "+".join(["1"] * 50_000): "a scalar longer than 65536 characters",
}


def refused(spec: Path, there: Places) -> str:
    """Return how a rulebook is refused, and see that it is soon."""
    begun = time.process_time()
    with pytest.raises(RulebookError) as error:
        load(replace(there, spec=spec))
    assert time.process_time() - begun < PATIENCE
    assert not Path("owned").exists()
    return str(error.value)


@pytest.fixture
def spec(frozen: str, home: Path) -> Path:
    """Give a copy of the rulebook to do harm to."""
    shutil.copytree(frozen, home / "spec")
    return home / "spec"


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula[:20])
def test_a_formula_is_only_ever_arithmetic(
    formula: str, spec: Path, there: Places
) -> None:
    path = spec / "rules" / "value.yaml"
    text = path.read_text()
    first = text[: text.index("formula: ")].count("\n") + 1
    lines = text.split("\n")
    lines[first - 1] = f"  formula: {json.dumps(formula)}"
    path.write_text("\n".join(lines))
    assert refused(spec, there) == f"spec/rules/value.yaml:{first}: {FORMULAS[formula]}"


SCHEMAS = {
    "{": "the schema is not JSON",
    "[" * 100_000: "the schema is not JSON",
    '{"$ref": "http://127.0.0.1:9/x.json"}': (
        "the schema cannot be used: _WrappedReferencingError"
    ),
    '{"$ref": "file:///etc/passwd"}': (
        "the schema cannot be used: _WrappedReferencingError"
    ),
    '{"$ref": "#"}': "the schema cannot be used: RecursionError",
    '{"type": 7}': "the schema cannot be used: TypeError",
}


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema[:20])
def test_a_schema_is_read_and_nothing_it_names(
    schema: str, spec: Path, there: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetched(*_: object, **__: object) -> None:
        raise AssertionError("a schema made the program fetch something")

    monkeypatch.setattr("urllib.request.urlopen", fetched)
    path = spec / "schema" / "case.json"
    path.write_text(schema)
    assert refused(spec, there) == f"{path}: {SCHEMAS[schema]}"


def test_a_file_that_is_a_link_elsewhere_tells_little_of_it(
    spec: Path, there: Places, home: Path
) -> None:
    secret = home / "secret"
    secret.write_text("word " * 10_000)
    path = spec / "rules" / "value.yaml"
    path.unlink()
    path.symlink_to(secret)
    assert len(refused(spec, there)) < 400


ENDLESS = [
    (("run", "/dev/zero", "--subject", "cmd:true"), 4, "4194304 bytes"),
    (
        ("run", "--subject", "cmd:true", "--expectations", "/dev/zero"),
        2,
        "1048576 bytes; keep fewer expectations",
    ),
    (("verify", "/dev/zero"), 6, "4096 bytes; name a file that run --log wrote"),
    (("report", "/dev/zero"), 6, "4096 bytes; name a file that run --log wrote"),
]


@pytest.mark.parametrize(("words", "code", "bound"), ENDLESS)
def test_a_file_without_end_is_read_to_a_bound(
    call: Call,
    words: tuple[str, ...],
    code: int,
    bound: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The real bound of a log would be tried out in seconds.
    monkeypatch.setattr("isomargin.log._LIMIT_BYTES", 4096)
    said = call(*words)
    line = f"isomargin: /dev/zero: the file is larger than {bound}\n"
    assert (said.code, said.err) == (code, line)


def test_a_case_file_that_is_no_file_is_not_read(there: Places, home: Path) -> None:
    cases = home / "cases"
    cases.mkdir()
    (cases / "zero.yaml").symlink_to("/dev/zero")
    assert list(load(replace(there, cases=cases)).cases)


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (
            ("list", "--spec", "../../../.."),
            2,
            (
                "--spec: ../../../.. holds no rulebook (no folder rules in it);"
                " name a folder like spec/"
            ),
        ),
        (
            ("list", "--spec", "/dev/zero"),
            2,
            (
                "--spec: /dev/zero holds no rulebook (no folder rules in it);"
                " name a folder like spec/"
            ),
        ),
        (
            ("show", "../../../etc/passwd"),
            2,
            None,
        ),
        (("schema", "../../../../etc/passwd"), 2, None),
        (("list", "--lang", "../../text/en"), 2, None),
    ],
)
def test_no_word_of_a_command_is_a_way_out_of_the_rulebook(
    call: Call, words: tuple[str, ...], code: int, line: str | None
) -> None:
    said = call(*words)
    assert (said.code, said.out) == (code, "")
    assert said.err.count("\n") == 1
    assert said.err == f"isomargin: {line}\n" or line is None
    assert "root:" not in said.err
