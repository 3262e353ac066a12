"""The interface between isomargin and an engine under test.

An adapter is a program that reads one JSON object a line on its standard input
and writes one a line on its standard output (protocol 1). `serve` is that loop:

    from isomargin_adapter import Ready, serve

    def quote(question):
        return {"liquidation_price": my_engine.liquidation(question.position)}

    serve(Ready(name="acme", version="7.2", profiles=("textbook/linear",),
                quantities=("liquidation_price",)), quote=quote)

An engine that keeps an account gives `engine`, called with each scenario; the
methods of what it returns are the actions it can do, and `state()` is read after
each of them. What it has not got is unsupported: an action without a method, an
argument that a method does not take, and whatever `gaps` is asked to make sure of.
"""

from isomargin_adapter import gaps, terms
from isomargin_adapter.exchange import (
    PROTOCOL,
    Profile,
    Quote,
    Ready,
    Rejected,
    Run,
    Skipped,
    Unsupported,
)
from isomargin_adapter.numbers import NotANumber, decimal_string
from isomargin_adapter.refusals import refused
from isomargin_adapter.serve import serve
from isomargin_adapter.settings import Settings

__all__ = [
    "PROTOCOL",
    "NotANumber",
    "Profile",
    "Quote",
    "Ready",
    "Rejected",
    "Run",
    "Settings",
    "Skipped",
    "Unsupported",
    "decimal_string",
    "gaps",
    "refused",
    "serve",
    "terms",
]
