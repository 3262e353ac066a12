"""A stand-in engine: right but for the quantities its arguments name.

`fickle` answers the profit otherwise each time; `slow` takes its time. `dies_once` and
`hangs_once` do so in their first life alone, which a file beside them tells.
"""

import os
import sys
import time
from itertools import count
from pathlib import Path

from isomargin_adapter import Quote, Ready, serve

_WRONG = set(sys.argv[1:])
_RIGHT = {"notional_value": "1200", "unrealised_pnl": "-200", "position_equity": "100"}
_calls = count(1)


def falter() -> None:
    mark = Path("faltered")
    if not mark.exists():
        mark.touch()
        if "dies_once" in _WRONG:
            os._exit(9)
        time.sleep(60)


def quote(asked: Quote) -> dict[str, str]:
    if _WRONG & {"dies_once", "hangs_once"}:
        falter()
    if "slow" in _WRONG:
        time.sleep(0.01)
    values = {name: "1" if name in _WRONG else _RIGHT[name] for name in asked.want}
    if "fickle" in _WRONG and "unrealised_pnl" in values:
        values["unrealised_pnl"] = str(next(_calls))
    return values


serve(
    Ready(name="gate", version="1", contracts=("linear",), quantities=tuple(_RIGHT)),
    quote=quote,
)
