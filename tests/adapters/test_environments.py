"""An engine's environment is ready, or says in one line why it is not."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from isomargin.drive.manifest import read_manifest
from isomargin.environments import NOT_SET_UP, READY, STALE, setup, state
from isomargin.errors import SubjectUnusable
from isomargin.interpreters import interpreter

MANIFEST = """\
name: tiny
title: A tiny engine
command: ["{python}", adapter.py]
language: python
licence: MIT
"""
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
NPM = "npm install --no-package-lock --ignore-scripts --no-audit --no-fund"


def adapter(place: Path, environment: str = "", **files: str) -> Path:
    folder = place / "tiny"
    folder.mkdir()
    (folder / "adapter.yaml").write_text(MANIFEST + environment, "utf-8")
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content, "utf-8")
    return folder


def wheel(place: Path, name: str, *, needs: str = "") -> Path:
    """Return a package that pip can install without asking anybody for anything."""
    path = place / f"{name}-1.0-py3-none-any.whl"
    facts = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    metadata += f"Requires-Dist: {needs}\n" if needs else ""
    form = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
    form += "Tag: py3-none-any\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "VALUE = 7\n")
        archive.writestr(f"{facts}/METADATA", metadata)
        archive.writestr(f"{facts}/WHEEL", form)
        archive.writestr(f"{facts}/RECORD", "")
    return path


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("npm_config_offline", "true")
    monkeypatch.setenv("CARGO_NET_OFFLINE", "true")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an adapter whose environment holds a package that needs another."""
    place = tmp_path_factory.mktemp("built")
    wheels = [wheel(place, "engine", needs="absent"), wheel(place, "support")]
    pins = "".join(f"{file}\n" for file in wheels)
    folder = adapter(place, "environment: {python: all.txt}\n", all_txt=pins)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        setup(folder, say=lambda _: None)
    return folder


def test_an_adapter_without_an_environment_is_ready(tmp_path: Path) -> None:
    said: list[str] = []
    folder = adapter(tmp_path)
    setup(folder, say=said.append)
    assert state(folder) == READY
    assert said == ["tiny: needs no environment"]
    assert not (folder / ".environment").exists()


def test_an_environment_that_was_never_built_is_not_set_up(tmp_path: Path) -> None:
    folder = adapter(tmp_path, "environment: {python: a.txt}\n", a_txt="")
    assert state(folder) == NOT_SET_UP


def test_a_built_environment_holds_the_engine_and_the_interface(built: Path) -> None:
    program = "import engine, support, isomargin_adapter; print(engine.VALUE)"
    done = subprocess.run(
        [built / ".environment" / "bin" / "python", "-c", program],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == "7\n"
    assert state(built) == READY


def test_a_built_environment_holds_nothing_of_isomargin_itself(built: Path) -> None:
    done = subprocess.run(
        [built / ".environment" / "bin" / "python", "-c", "import isomargin"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "No module named 'isomargin'" in done.stderr


def test_a_ready_environment_is_left_alone(built: Path) -> None:
    said: list[str] = []
    mark = built / ".environment" / "mark"
    mark.touch()
    setup(built, say=said.append)
    assert said == ["tiny: ready"]
    assert mark.exists()


def test_a_changed_requirement_makes_an_environment_stale(built: Path) -> None:
    requirements = built / "all.txt"
    before = requirements.read_text("utf-8")
    requirements.write_text(before + "# another\n", "utf-8")
    assert state(built) == STALE
    requirements.write_text(before, "utf-8")
    assert state(built) == READY


def test_a_changed_manifest_makes_an_environment_stale(built: Path) -> None:
    manifest = built / "adapter.yaml"
    before = manifest.read_text("utf-8")
    manifest.write_text(
        before.replace("}", f", python_version: '{VERSION}'}}"), "utf-8"
    )
    assert state(built) == STALE
    manifest.write_text(before, "utf-8")


def test_an_environment_without_its_stamp_is_not_set_up(built: Path) -> None:
    stamp = built / ".environment" / "stamp"
    before = stamp.read_text("utf-8")
    stamp.unlink()
    assert state(built) == NOT_SET_UP
    stamp.write_text(before, "utf-8")


def test_a_requirement_that_cannot_be_installed_is_named(tmp_path: Path) -> None:
    said: list[str] = []
    folder = adapter(
        tmp_path, "environment: {python: a.txt}\n", a_txt="no-such-engine==9\n"
    )
    with pytest.raises(SubjectUnusable) as refusal:
        setup(folder, say=said.append)
    assert str(refusal.value) == (
        "adapter tiny: `python -m pip install --no-deps --quiet"
        " --disable-pip-version-check --no-input --requirement a.txt`"
        " failed with exit code 1; mend it, then run: isomargin adapter setup tiny"
    )
    assert said[0] == "tiny: building its environment"
    assert "  ERROR: No matching distribution found for no-such-engine==9" in said
    assert state(folder) == NOT_SET_UP


def test_a_rebuild_that_fails_leaves_nothing_that_looks_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = adapter(tmp_path, "environment: {node: package.json}\n", package_json="{}")
    place = folder / ".environment"
    place.mkdir()
    (place / "stamp").write_text("of an older build", "utf-8")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "npm").write_text("#!/bin/sh\nexit 3\n", "utf-8")
    (programs / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    assert state(folder) == STALE
    with pytest.raises(SubjectUnusable) as refusal:
        setup(folder, say=lambda _: None)
    assert str(refusal.value) == (
        f"adapter tiny: `{NPM} --loglevel=error` failed with exit code 3;"
        " mend it, then run: isomargin adapter setup tiny"
    )
    assert state(folder) == NOT_SET_UP


def test_a_missing_requirement_file_is_named(tmp_path: Path) -> None:
    folder = adapter(tmp_path, "environment: {python: gone.txt}\n")
    with pytest.raises(SubjectUnusable) as refusal:
        state(folder)
    assert str(refusal.value) == (
        "adapter tiny: gone.txt cannot be read: No such file or directory;"
        " add the file, or take it out of the manifest's environment"
    )


def test_a_missing_interpreter_is_named(tmp_path: Path) -> None:
    environment = 'environment: {python: a.txt, python_version: "3.99"}\n'
    folder = adapter(tmp_path, environment, a_txt="")
    assert state(folder) == "needs python3.99"
    with pytest.raises(SubjectUnusable) as refusal:
        setup(folder, say=lambda _: None)
    assert str(refusal.value) == (
        "adapter tiny: python3.99 is not installed;"
        " install it, then run: isomargin adapter setup tiny"
    )


def a_python(path: Path, says: str) -> Path:
    """Write a program that answers who it is as it is told to."""
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho {says}\n", "utf-8")
    path.chmod(0o755)
    return path


def test_a_version_is_found_where_pyenv_and_uv_keep_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    assert interpreter("3.99") is None
    uv = a_python(tmp_path / "uv/cpython-3.99.1-linux/bin/python3.99", "3.99")
    assert interpreter("3.99") == str(uv)
    pyenv = a_python(tmp_path / "pyenv/versions/3.99.1/bin/python3.99", "3.99")
    assert interpreter("3.99") == str(pyenv)


def test_a_shim_that_starts_no_such_version_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    shim = a_python(tmp_path / "shims/python3.99", "no version was chosen")
    monkeypatch.setenv("PATH", str(shim.parent))
    assert interpreter("3.99") is None
    found = a_python(tmp_path / "pyenv/versions/3.99.1/bin/python3.99", "3.99")
    assert interpreter("3.99") == str(found)


def test_a_program_that_cannot_be_started_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    place = tmp_path / "pyenv/versions/3.99.1/bin/python3.99"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"\x7fELF of another machine")
    place.chmod(0o755)
    assert interpreter("3.99") is None


def test_an_engine_that_needs_another_version_can_be_named(tmp_path: Path) -> None:
    environment = 'environment: {python: a.txt, python_version: "3.99"}\n'
    folder = adapter(tmp_path, environment, a_txt="")
    manifest = read_manifest(folder)
    with pytest.raises(SubjectUnusable) as refusal:
        manifest.argv()
    assert str(refusal.value) == (
        "tiny: its python environment is not set up; run: isomargin adapter setup tiny"
    )
    (folder / ".environment/bin").mkdir(parents=True)
    (folder / ".environment/bin/python").touch()
    assert manifest.argv()[1:] == ("adapter.py",)


def test_the_interpreter_that_runs_is_one_of_its_version(tmp_path: Path) -> None:
    environment = f'environment: {{python: a.txt, python_version: "{VERSION}"}}\n'
    assert state(adapter(tmp_path, environment, a_txt="")) == NOT_SET_UP


def test_a_missing_npm_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = adapter(tmp_path, "environment: {node: package.json}\n", package_json="{}")
    assert state(folder) == "needs npm"
    with pytest.raises(SubjectUnusable) as refusal:
        setup(folder, say=lambda _: None)
    assert str(refusal.value) == (
        "adapter tiny: npm is not installed;"
        " install it, then run: isomargin adapter setup tiny"
    )


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_a_node_environment_holds_the_packages_named(tmp_path: Path) -> None:
    engine = tmp_path / "engine"
    engine.mkdir()
    (engine / "package.json").write_text('{"name":"engine","version":"1.0.0"}', "utf-8")
    package = f'{{"private":true,"dependencies":{{"engine":"file:{engine}"}}}}'
    folder = adapter(
        tmp_path, "environment: {node: package.json}\n", package_json=package
    )
    setup(folder, say=lambda _: None)
    assert (
        folder / ".environment" / "node_modules" / "engine" / "package.json"
    ).is_file()
    assert state(folder) == READY


def test_a_lock_beside_the_package_is_kept_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = adapter(tmp_path, "environment: {node: package.json}\n", package_json="{}")
    (folder / "package-lock.json").write_text("{}", "utf-8")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "npm").write_text('#!/bin/sh\necho "$1" > verb\n', "utf-8")
    (programs / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    setup(folder, say=lambda _: None)
    assert (folder / ".environment" / "verb").read_text("utf-8") == "ci\n"


PACKAGE = """\
[package]
name = "tiny"
version = "1.0.0"
edition = "2021"
"""
LOCK = 'version = 4\n\n[[package]]\nname = "tiny"\nversion = "1.0.0"\n'


def rust_adapter(place: Path, program: str) -> Path:
    environment = "environment: {rust: Cargo.toml}\n"
    folder = adapter(place, environment, Cargo_toml=PACKAGE, Cargo_lock=LOCK)
    (folder / "src").mkdir()
    (folder / "src" / "main.rs").write_text(program, "utf-8")
    return folder


@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")
def test_a_rust_environment_holds_the_program_and_nothing_it_was_made_with(
    tmp_path: Path,
) -> None:
    folder = rust_adapter(tmp_path, 'fn main() { println!("7"); }\n')
    setup(folder, say=lambda _: None)
    program = folder / ".environment" / "bin" / "tiny"
    done = subprocess.run([program], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "7\n"
    assert state(folder) == READY
    assert not (folder / ".environment" / "target").exists()


@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")
def test_a_program_that_does_not_compile_is_named(tmp_path: Path) -> None:
    said: list[str] = []
    folder = rust_adapter(tmp_path, "fn main() { seven }\n")
    with pytest.raises(SubjectUnusable) as refusal:
        setup(folder, say=said.append)
    place = folder / ".environment"
    assert str(refusal.value) == (
        f"adapter tiny: `cargo install --quiet --locked --path {folder}"
        f" --root {place} --target-dir {place}/target` failed with exit code 101;"
        " mend it, then run: isomargin adapter setup tiny"
    )
    assert any("cannot find value `seven`" in line for line in said)


def test_a_changed_source_makes_a_rust_environment_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = rust_adapter(tmp_path, "fn main() {}\n")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "cargo").write_text("#!/bin/sh\nmkdir .environment\n", "utf-8")
    (programs / "cargo").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    setup(folder, say=lambda _: None)
    assert state(folder) == READY
    (folder / "src" / "main.rs").write_text("fn main() { }\n", "utf-8")
    assert state(folder) == STALE


def test_a_missing_cargo_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = rust_adapter(tmp_path, "fn main() {}\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert state(folder) == "needs cargo"
    with pytest.raises(SubjectUnusable) as refusal:
        setup(folder, say=lambda _: None)
    assert str(refusal.value) == (
        "adapter tiny: cargo is not installed;"
        " install it, then run: isomargin adapter setup tiny"
    )


def test_a_folder_without_a_manifest_is_no_adapter(tmp_path: Path) -> None:
    with pytest.raises(SubjectUnusable) as refusal:
        state(tmp_path)
    assert str(refusal.value) == (
        f"{tmp_path}: there is no adapter.yaml;"
        " run: isomargin adapter list, to see the adapters there are"
    )
