"""Where a Python of another version is, on this machine.

An engine may need a version that does not run isomargin. It is looked for on the
path, and where the usual managers of versions put theirs: pyenv and uv. What is on
the path may be a shim that only says that no version was chosen, so each one found is
asked who it is.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["interpreter"]

# The variable that names a manager's folder, the folder where it is not set, and
# where its interpreters lie in it.
_MANAGERS = (
    ("PYENV_ROOT", ".pyenv", "versions/{version}*/bin/python{version}"),
    (
        "UV_PYTHON_INSTALL_DIR",
        ".local/share/uv/python",
        "cpython-{version}.*/bin/python{version}",
    ),
)
_WHO = "import sys; print('%d.%d' % sys.version_info[:2])"
_SECONDS = 20


def interpreter(version: str) -> str | None:
    """Return the program of a version of Python; None where there is none.

    Args:
        version: major and minor, such as `3.12`.
    """
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    return next((x for x in _candidates(version) if _is_of(x, version)), None)


def _candidates(version: str) -> Iterator[str]:
    if found := shutil.which(f"python{version}"):
        yield found
    for variable, usual, pattern in _MANAGERS:
        folder = Path(os.environ.get(variable) or Path.home() / usual)
        for path in sorted(folder.glob(pattern.format(version=version)), reverse=True):
            yield str(path)


@cache
def _is_of(program: str, version: str) -> bool:
    """Return whether a program is Python, of a version, and can be started."""
    try:
        done = subprocess.run(
            [program, "-c", _WHO],
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.strip() == version
