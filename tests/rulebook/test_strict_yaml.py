from pathlib import Path

import pytest

from isomargin.errors import RulebookError
from isomargin.rulebook.strict_yaml import load_document, load_file


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "file.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "yes",
        "on",
        "010",
        "1_000",
        "12:30:45",
        "2026-11-22",
        "1.0e-8",
        ".inf",
        "~",
    ],
)
def test_a_plain_scalar_is_what_is_written(tmp_path: Path, text: str) -> None:
    assert load_file(written(tmp_path, f"a: {text}\n")) == {"a": text}


def test_true_false_and_null_are_themselves_and_quoted_are_not(tmp_path: Path) -> None:
    data = load_file(written(tmp_path, "a: [true, false, null, 'true', \"null\"]\n"))
    assert data == {"a": [True, False, None, "true", "null"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: duplicate key 'a'; keep one of them"),
        ("a: &x 1\n", "f.yaml:1: an anchor (&x); write the value out"),
        ("a: *x\n", "f.yaml:1: an alias (*x); write the value out"),
        ("<<: {a: 1}\n", "f.yaml:1: a merge (<<); write the values out"),
        ("a: !!float 1\n", "f.yaml:1: a tag (tag:yaml.org,2002:float); write a plain value"),
        ("a: !!python/object:os.system 1\n", "f.yaml:1: a tag (tag:yaml.org,2002:python/object:os.system); write a plain value"),
        ("a:\nb: 1\n", "f.yaml:1: a key without a value; write null if that is meant"),
        ("[a]: 1\n", "f.yaml:1: a key that is no scalar"),
        ("", "f.yaml: the file is empty"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: a second document in one file"),
        ("a: [1\n", "f.yaml:2: not YAML: did not find expected ',' or ']'"),
        (b"a: \xff\n", "f.yaml: the file is not UTF-8"),
        ("a: \x01\n", "f.yaml: not YAML: control characters are not allowed"),
        ("[" * 40 + "]" * 40, "f.yaml:1: nesting deeper than 32"),
        ("a: " + "x" * 70_000, "f.yaml:1: a scalar longer than 65536 characters"),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_with_its_line(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(RulebookError) as caught:
        load_file(written(tmp_path, content), name="f.yaml")
    found = str(caught.value)
    assert found == message or (
        "not YAML" in message and found.startswith(message.split(": ", 1)[0])
    )
    assert caught.value.exit_code == 4


def test_a_file_too_large_for_any_rulebook_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a: " + "x" * (4 * 1024 * 1024))
    with pytest.raises(RulebookError) as caught:
        load_file(path, name="f.yaml")
    assert str(caught.value) == "f.yaml: the file is larger than 4194304 bytes"


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(RulebookError) as caught:
        load_file(tmp_path / "none.yaml", name="none.yaml")
    assert str(caught.value) == "none.yaml: No such file or directory"


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: [*a, *a]\n" for n in range(1000))
    with pytest.raises(RulebookError) as caught:
        load_file(written(tmp_path, bomb), name="f.yaml")
    assert str(caught.value) == "f.yaml:1: an anchor (&a); write the value out"


def test_every_part_knows_its_line_and_an_unknown_part_its_parents(
    tmp_path: Path,
) -> None:
    document = load_document(
        written(tmp_path, "a:\n  - x\n  - b: 1\n    c: 2\n"), name="f"
    )
    assert document.where("a", 1, "c") == "f:4"
    assert document.where("a", 1, "nothing", 7) == "f:3"
    assert document.where() == "f:1"
