"""The cache: fast, never wrong, never dangerous."""

import errno
import gc
import hashlib
import io
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

from isomargin import cache
from isomargin.cache import cached_rulebook
from isomargin.rulebook.load import load
from isomargin.rulebook.places import Places, places


@pytest.fixture
def copied(tmp_path: Path) -> Places:
    """Give the places of a rulebook that may be changed."""
    own = places()
    spec, cases = tmp_path / "spec", tmp_path / "conformance" / "cases"
    shutil.copytree(own.spec, spec)
    cases.mkdir(parents=True)
    return Places(spec, cases, own.adapters)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[Places]:
    """Give the list of the times that a rulebook is read from its files."""
    found: list[Places] = []

    def counted(given: Places) -> Any:
        found.append(given)
        return load(given)

    monkeypatch.setattr("isomargin.rulebook.load.load", counted)
    return found


def the_file(folder: Path) -> Path:
    [file] = folder.iterdir()
    return file


def test_a_rulebook_is_read_once(
    copied: Places, loads: list[Places], tmp_path: Path
) -> None:
    first = cached_rulebook(copied, folder=tmp_path / "cache")
    second = cached_rulebook(copied, folder=tmp_path / "cache")
    assert len(loads) == 1
    assert second.digest == first.digest
    assert list(second.rules) == list(first.rules)
    assert second.cases == first.cases
    assert second.profiles == first.profiles


@pytest.mark.parametrize("change", ["rule", "case", "removed"])
def test_a_changed_file_is_noticed(
    copied: Places, loads: list[Places], tmp_path: Path, change: str
) -> None:
    cached_rulebook(copied, folder=tmp_path / "cache")
    example = next((copied.spec / "examples").rglob("*.yaml"))
    if change == "rule":
        rules = copied.spec / "rules" / "value.yaml"
        rules.write_text(rules.read_text("utf-8") + "\n", "utf-8")
    elif change == "case":
        (copied.cases / "one").mkdir()
        shutil.move(example, copied.cases / "one" / "moved.yaml")
    else:
        example.unlink()
    cached_rulebook(copied, folder=tmp_path / "cache")
    assert len(loads) == 2


def test_the_lock_that_an_editor_leaves_beside_a_file_is_passed_over(
    copied: Places, loads: list[Places], tmp_path: Path
) -> None:
    cached_rulebook(copied, folder=tmp_path / "cache")
    (copied.spec / "rules" / ".#value.yaml").symlink_to("somebody@somewhere.1:2")
    (copied.cases / "folder.yaml").mkdir()
    cached_rulebook(copied, folder=tmp_path / "cache")
    assert len(loads) == 1


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda _: b"",
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: content[:40] + bytes([content[40] ^ 1]) + content[41:],
        lambda content: b"\0" * len(content),
    ],
)
def test_a_corrupt_cache_is_noticed_and_made_anew(
    copied: Places, loads: list[Places], tmp_path: Path, spoilt: Any
) -> None:
    folder = tmp_path / "cache"
    cached_rulebook(copied, folder=folder)
    file = the_file(folder)
    whole = file.read_bytes()
    file.write_bytes(spoilt(whole))
    cached_rulebook(copied, folder=folder)
    cached_rulebook(copied, folder=folder)
    assert len(loads) == 2
    assert file.read_bytes() == whole


class _Malice:
    def __reduce__(self) -> Any:
        return (print, ("malice",))


# A way from a module that may be named to `eval`, and from a class to what it holds.
ROUNDABOUT = (
    b"\x80\x04cisomargin.rulebook.model\n__builtins__.get\n(X\x04\x00\x00\x00evaltR"
    b"(X\x0f\x00\x00\x00print('malice')tR."
)
PAYLOADS = {
    "a call": pickle.dumps(_Malice()),
    "a way round": ROUNDABOUT,
    "a module": b"\x80\x04cisomargin.rulebook.model\nre\n.",
    "nothing": b"",
    "nonsense": b"\x80\x04R.",
    "something else": pickle.dumps({"rules": {}}),
    "no rulebook": pickle.dumps(({"rules": {}}, {"id": ["a"]})),
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_a_cache_that_somebody_else_made_runs_nothing(
    copied: Places,
    loads: list[Places],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    payload: bytes,
) -> None:
    folder = tmp_path / "cache"
    cached_rulebook(copied, folder=folder)
    seal = hashlib.sha256(cache._key(copied) + payload).digest()
    the_file(folder).write_bytes(seal + payload)
    cached_rulebook(copied, folder=folder)
    assert capsys.readouterr().out == ""
    assert len(loads) == 2


def test_a_file_that_belongs_to_somebody_else_is_not_used(
    copied: Places,
    loads: list[Places],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "cache"
    cached_rulebook(copied, folder=folder)
    monkeypatch.setattr("os.geteuid", lambda: 4242)
    cached_rulebook(copied, folder=folder)
    assert len(loads) == 2


def test_the_collector_is_left_as_it_was(copied: Places, tmp_path: Path) -> None:
    assert gc.isenabled()
    cached_rulebook(copied, folder=tmp_path / "cache")
    assert gc.isenabled()
    gc.disable()
    try:
        cached_rulebook(copied, folder=tmp_path / "cache")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_only_the_rulebooks_own_classes_are_made_from_a_cache() -> None:
    payload = pickle.dumps(_Malice())
    with pytest.raises(pickle.UnpicklingError, match=r"^builtins\.print is no part of"):
        cache._Reader(io.BytesIO(payload)).load()


def test_a_cache_that_cannot_be_finished_leaves_nothing_behind(
    copied: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(Path, "replace", full)
    assert cached_rulebook(copied, folder=tmp_path / "cache").rules
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_folder_that_cannot_be_written_costs_time_and_nothing_else(
    copied: Places, loads: list[Places], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    for _ in range(2):
        assert cached_rulebook(copied, folder=tmp_path / "file" / "cache").rules
    assert len(loads) == 2


def test_the_cache_lies_in_the_persons_cache_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.cache_folder() == tmp_path / "isomargin"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.cache_folder() == tmp_path / ".cache" / "isomargin"
