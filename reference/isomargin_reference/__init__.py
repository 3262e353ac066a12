"""The reference engine of isolated margin: pure, exact, standard library only.

    from isomargin_reference import after, opening_state, quote, report

`quote` answers for one position. A scenario starts from `opening_state`; `after` gives
what comes of an action; `report` writes a state down. States are frozen: an action
returns another one, and a refused action changes nothing.
"""

from isomargin_reference.actions import ACTIONS
from isomargin_reference.engine import Step, after, opening_state, report
from isomargin_reference.errors import (
    BooksOutOfBalance,
    InvalidInput,
    Reason,
    Refused,
)
from isomargin_reference.events import EVENTS, Event
from isomargin_reference.profile import CHOICES
from isomargin_reference.quantities import QUANTITIES
from isomargin_reference.quoting import quote
from isomargin_reference.state import State

__all__ = [
    "ACTIONS",
    "CHOICES",
    "EVENTS",
    "QUANTITIES",
    "BooksOutOfBalance",
    "Event",
    "InvalidInput",
    "Reason",
    "Refused",
    "State",
    "Step",
    "after",
    "opening_state",
    "quote",
    "report",
]
