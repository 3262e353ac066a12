"""The wheel carries what the command needs, and works outside the checkout."""

import os
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def ran(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    built = ran(*pip, folder, ROOT, cwd=folder)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


def test_every_adapter_is_in_the_wheel(wheel: Path) -> None:
    packed = {
        name.split("/")[3]
        for name in zipfile.ZipFile(wheel).namelist()
        if "/data/adapters/" in f"/{name}"
    }
    present = {path.parent.name for path in (ROOT / "adapters").glob("*/adapter.yaml")}
    assert present <= packed


@pytest.mark.parametrize(
    "file", ["isomargin_adapter_node/serve.mjs", "isomargin_adapter_rust/src/lib.rs"]
)
def test_what_adapters_share_lies_beside_them_in_the_wheel(
    wheel: Path, file: str
) -> None:
    packed = zipfile.ZipFile(wheel).namelist()
    assert f"isomargin/data/adapters/{file}" in packed


def test_no_environment_of_an_engine_is_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [
        name for name in names if ".environment" in name or "node_modules" in name
    ] == []


def test_an_installed_command_runs_the_suite_outside_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / "bin" / "python"
    installed = ran(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        wheel,
        cwd=tmp_path,
    )
    assert installed.returncode == 0, installed.stderr
    command = tmp_path / "empty" / "bin" / "isomargin"
    result = ran(
        command, "run", "--subject", "reference", "--format", "terminal", cwd=tmp_path
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "conformant as scoped" in result.stdout
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"]
    assert ran(command, "--version", cwd=tmp_path).stdout.startswith(version)
