"""Every adapter says who it is, and its program says the same."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from isomargin.rulebook.strict_yaml import load_file

ROOT = Path(__file__).parents[2]
MANIFESTS = sorted((ROOT / "adapters").glob("*/adapter.yaml"))
SCHEMA = json.loads((ROOT / "spec" / "schema" / "adapter.json").read_text("utf-8"))
# Of these an environment can be built, and the program be asked who it is.
ENVIRONMENTS = {
    path.parent.name: load_file(path)["environment"]
    for path in MANIFESTS
    if "environment" in load_file(path)
}
ENGINES = sorted(ENVIRONMENTS)
COMPILED = [name for name in ENGINES if "rust" in ENVIRONMENTS[name]]

each_manifest = pytest.mark.parametrize(
    "manifest", MANIFESTS, ids=lambda path: path.parent.name
)
good = {
    "name": "tiny",
    "title": "A tiny engine",
    "command": ["./tiny"],
    "language": "c",
    "licence": "MIT",
}


def is_valid(manifest: dict[str, Any]) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(manifest)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@each_manifest
def test_a_manifest_keeps_to_its_schema(manifest: Path) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(load_file(manifest))


@each_manifest
def test_an_adapter_is_named_as_its_folder(manifest: Path) -> None:
    assert load_file(manifest)["name"] == manifest.parent.name


@each_manifest
def test_an_adapter_has_a_page_of_its_own(manifest: Path) -> None:
    assert (manifest.parent / "README.md").is_file()


@pytest.mark.parametrize("engine", sorted({*ENGINES} - {*COMPILED}))
def test_no_lock_names_where_packages_come_from(engine: str) -> None:
    folder = ROOT / "adapters" / engine
    files = [*folder.glob("*.json"), *folder.glob("*.txt")]
    assert files
    assert [file for file in files if "://" in file.read_text("utf-8")] == []


@pytest.mark.parametrize("engine", COMPILED)
def test_a_compiled_program_pins_the_engine_its_manifest_names(engine: str) -> None:
    folder = ROOT / "adapters" / engine
    package = tomllib.loads((folder / "Cargo.toml").read_text("utf-8"))
    asked = [
        one if isinstance(one, dict) else {"version": one}
        for one in package["dependencies"].values()
    ]
    pins = [one["version"] for one in asked if "path" not in one]
    assert [pin for pin in pins if not pin.startswith("=")] == []
    assert f"={load_file(folder / 'adapter.yaml')['version']}" in pins
    locked = tomllib.loads((folder / "Cargo.lock").read_text("utf-8"))
    assert {one["name"] for one in locked["package"]} >= package["dependencies"].keys()


# The bridge to live exchanges is greeted otherwise; there is no engine behind it.
@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "ccxt"])
def test_the_program_introduces_itself_as_the_manifest_does(
    converse: Callable[[str, Any], Any], engine: str
) -> None:
    manifest = load_file(ROOT / "adapters" / engine / "adapter.yaml")
    ready = converse(engine, {"t": "hello", "protocol": 1, "suite": "isomargin/test"})
    assert ready["subject"]["version"] == manifest["version"]
    assert ready["subject"]["language"] == manifest["language"]
    # A manifest also names what is shown in some scenarios only; what an adapter works
    # out itself is not to be judged.
    declared, told = ready["quantities"], manifest["quantities"].items()
    computed = [name for name, by in told if by == "engine"]
    assert [name for name in computed if name in declared] == declared


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Tiny"},
        {"command": []},
        {"licence": ""},
        {"quantities": {"liquidation_price": "somebody"}},
        {"environment": {}},
        {"environment": {"python_version": "3.12"}},
        {"environment": {"python": "../elsewhere.txt"}},
        {"environment": {"python": "a.txt", "python_version": "2.7"}},
        {"environment": {"node": "package.json", "python": "a.txt"}},
        {"environment": {"rust": "Elsewhere.toml"}},
        {"surprise": "yes"},
    ],
    ids=str,
)
def test_a_manifest_that_says_something_else_is_refused(change: dict[str, Any]) -> None:
    assert is_valid(good)
    assert not is_valid(good | change)
