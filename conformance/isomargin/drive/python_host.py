"""A child that serves a Python engine: `py:package.module:factory`.

The factory is called with nothing and returns the keyword arguments of
`isomargin_adapter.serve`:

    def factory():
        return {"ready": Ready(name="acme", version="7.2"), "quote": quote}

What the engine prints goes to standard error: it can not get among the answers.
"""

import importlib
import io
import os
import sys
from operator import attrgetter
from typing import Any, TextIO

from isomargin_adapter import serve

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Serve the callable that the one argument names; return the exit code."""
    lines, output = _wire()
    try:
        options = _options(arguments[0])
    except Exception as error:  # noqa: BLE001 - the engine's own, whatever it is
        sys.stderr.write(f"{arguments[0]}: {type(error).__name__}: {error}\n")
        return 2
    serve(lines=lines, output=output, **options)
    return 0


def _options(target: str) -> dict[str, Any]:
    module, _, name = target.partition(":")
    options = attrgetter(name)(importlib.import_module(module))()
    if not isinstance(options, dict) or "ready" not in options:
        raise TypeError("the factory must return a dict with 'ready' and an operation")
    return options


def _wire() -> tuple[TextIO, TextIO]:
    """Return the protocol's two streams, out of reach of the engine's prints."""
    output = io.TextIOWrapper(
        io.FileIO(os.dup(1), "w"), encoding="utf-8", newline="\n", write_through=False
    )
    os.dup2(2, 1)
    lines = io.TextIOWrapper(io.FileIO(os.dup(0)), encoding="utf-8", newline="\n")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return lines, output


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
