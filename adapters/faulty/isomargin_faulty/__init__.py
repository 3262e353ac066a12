"""Deliberately broken engines: the reference engine with one fault each.

What each fault is, which rules it breaks and what it costs is said in `faults.yaml`.
"""

from collections.abc import Mapping

from isomargin_faulty import (
    accounts,
    combinations,
    conditions,
    liquidations,
    lives,
    maintenance,
    margins,
    movements,
    prices,
    tellings,
    trades,
    value,
    venues,
)
from isomargin_faulty.bench import Change, apply

__all__ = ["FAULTS", "broken"]

_FAMILIES = (
    value,
    margins,
    maintenance,
    prices,
    liquidations,
    trades,
    accounts,
    movements,
    venues,
    conditions,
    lives,
    combinations,
    tellings,
)


def _faults() -> Mapping[str, tuple[Change, ...]]:
    changes = [change for family in _FAMILIES for change in family.CHANGES]
    names = dict.fromkeys(change.fault for change in changes)
    return {
        name: tuple(change for change in changes if change.fault == name)
        for name in names
    }


FAULTS: Mapping[str, tuple[Change, ...]] = _faults()
"""Name to the changes that a fault is made of."""


def broken(name: str) -> None:
    """Put a fault into the reference engine of this process, for good."""
    apply(FAULTS[name])
