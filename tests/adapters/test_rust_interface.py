"""What adapters in Rust share keeps its own tests, which Cargo runs."""

import shutil
import subprocess
from pathlib import Path

import pytest

from isomargin.environments import READY, state

ADAPTERS = Path(__file__).parents[2] / "adapters"


def test_the_interface_for_engines_in_rust_passes_its_tests(tmp_path: Path) -> None:
    cargo = shutil.which("cargo")
    if cargo is None or (standing := state(ADAPTERS / "gmsol")) != READY:
        reason = "cargo is not installed" if cargo is None else f"gmsol is {standing}"
        pytest.skip(f"{reason}: run isomargin adapter setup gmsol")
    done = subprocess.run(
        [cargo, "test", "--quiet", "--locked", "--offline", "--target-dir", tmp_path],
        cwd=ADAPTERS / "isomargin_adapter_rust",
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sources = (ADAPTERS / "isomargin_adapter_rust" / "src").glob("*.rs")
    tests = sum(source.read_text("utf-8").count("#[test]") for source in sources)
    assert f"test result: ok. {tests} passed; 0 failed" in done.stdout
