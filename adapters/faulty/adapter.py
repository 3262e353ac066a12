"""A deliberately broken engine as a subject: `adapter.py FAULT`."""

import gc
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# In a checkout the packages lie beside this folder, and nothing need be installed.
_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT / "reference"), str(_ROOT / "adapters")]

from isomargin_faulty import FAULTS, broken, control, reach, wire

from isomargin_adapter import Ready, serve
from isomargin_reference import ACTIONS, EVENTS, QUANTITIES, Event

# Each event, and each detail of one, that the reference engine tells.
_TOLD = tuple(f"event.{name}" for name in (*EVENTS, *Event._fields[1:]))


def _control() -> Mapping[str, Any]:
    return {"quote": control.answer, "engine": control.Account}


def _reach() -> Mapping[str, Any]:
    reach.watch(FAULTS)
    return {"quote": reach.answer, "engine": reach.engine}


_OTHERS: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "control": _control,
    "reach": _reach,
}
"""The engines that have no fault: one written differently, and one that is watched."""


def main(arguments: list[str]) -> int:
    """Serve the engine with the one fault named; return an exit code."""
    name = arguments[0] if len(arguments) == 1 else ""
    if name not in FAULTS and name not in _OTHERS:
        known = ", ".join([*_OTHERS, *sorted(FAULTS)])
        sys.stderr.write(f"there is no fault {name!r}; use one of {known}\n")
        return 2
    ready = Ready(
        name=f"faulty:{name}",
        version="1.0.0",
        contracts=("linear", "inverse", "quanto"),
        actions=tuple(ACTIONS),
        quantities=(*QUANTITIES, *_TOLD),
    )
    # States are rebuilt all the time and hold no cycles; looking for some takes long.
    gc.disable()
    if name in _OTHERS:
        serve(ready, **_OTHERS[name]())
    else:
        broken(name)
        serve(ready, quote=wire.answer, engine=wire.Account)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
