"""What is known of an account at one moment: what a subject shows, or the opening."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from isomargin.formulas.numbers import decimal_text, exact

__all__ = ["ABSENT", "NotObserved", "Observed", "opening"]


class _Absent(Enum):
    ABSENT = "not observed"


ABSENT: Final = _Absent.ABSENT
"""Stands for a figure that was not observed; None is one that does not exist."""


class NotObserved(Exception):
    """A figure that is needed was not observed; `name` says which."""

    def __init__(self, name: str) -> None:
        """Name the figure."""
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Observed:
    """Balances and positions, as protocol 1 writes a state.

    Attributes:
        state: the state.
        given: whether it is the case's own opening, whose figures are exact.
    """

    state: Mapping[str, Any]
    given: bool = False

    @property
    def positions(self) -> Sequence[Mapping[str, Any]] | None:
        """Return the open positions; None where positions are not shown at all."""
        positions: Sequence[Mapping[str, Any]] | None = self.state.get("positions")
        return positions

    def matching(
        self, instrument: str | None, side: str | None = None
    ) -> list[Mapping[str, Any]]:
        """Return the open positions in an instrument, on one side or on any.

        Raises:
            NotObserved: positions are not shown at all.
        """
        if self.positions is None:
            raise NotObserved("positions")
        return [
            position
            for position in self.positions
            if position["instrument"] == instrument and side in {None, position["side"]}
        ]

    def account(self, asset: str, name: str) -> Any:
        """Return a figure of the account in an asset; ABSENT where it is not shown.

        A figure stands among the asset's balances, or under its own name: for
        each asset (`insurance_fund`), or once (`position_mode`).
        """
        balances = self.state.get("balances", {}).get(asset, {})
        if name in balances:
            return balances[name]
        figure = self.state.get(name, ABSENT)
        return figure.get(asset, ABSENT) if isinstance(figure, Mapping) else figure


def opening(balances: Mapping[str, str]) -> Observed:
    """Return the account as a scenario gives it: free cash and no positions."""
    return Observed(
        {
            "balances": {
                asset: {
                    "wallet_balance": amount,
                    "free_balance": amount,
                    "available_balance": decimal_text(max(exact("0"), exact(amount))),
                }
                for asset, amount in balances.items()
            },
            "positions": [],
        },
        given=True,
    )
