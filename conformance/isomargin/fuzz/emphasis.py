"""What a sequence dwells on, so that what needs several choices at once is met too."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["EMPHASES", "Emphasis"]


@dataclass(frozen=True, kw_only=True)
class Emphasis:
    """What a sequence dwells on.

    Attributes:
        choices: parameters that are set so, where the subject reads parameters.
        weights: action to how much likelier than usual it is.
        isolated: the share of instruments put in isolated mode at the beginning.
        hedge: the share of sequences in hedge mode.
        instruments: how many instruments there are; None for chance.
    """

    choices: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)
    isolated: float = 0.85
    hedge: float = 0.12
    instruments: int | None = None


EMPHASES = (
    Emphasis(),
    Emphasis(),
    Emphasis(instruments=2, weights={"set_mark_price": 2}),
    Emphasis(isolated=0, instruments=2, weights={"set_mark_price": 2}),
    Emphasis(
        isolated=0.5,
        instruments=2,
        choices={"liquidation_leftover": "trader"},
        weights={"set_mark_price": 2},
    ),
    Emphasis(isolated=0, choices={"negative_balance": "debt"}, weights={"withdraw": 3}),
    Emphasis(
        isolated=0.4,
        choices={"margin_mode_change_with_position": "allowed"},
        weights={"set_margin_mode": 8},
    ),
    Emphasis(
        choices={"auto_add_margin": "initial_margin"},
        weights={"set_auto_add_margin": 6, "set_mark_price": 2},
    ),
    Emphasis(
        choices={"auto_add_margin": "available"},
        weights={"set_auto_add_margin": 6, "set_mark_price": 2},
    ),
    Emphasis(hedge=1, weights={"apply_funding": 2, "set_leverage": 2}),
    Emphasis(
        hedge=0.3,
        choices={"funding_source": "free_balance_then_isolated"},
        weights={"apply_funding": 6},
    ),
    Emphasis(weights={"apply_funding": 6}, hedge=0.3),
    Emphasis(
        choices={"liquidation_process": "tier_step_down"}, weights={"set_mark_price": 3}
    ),
    Emphasis(weights={"set_stop_loss": 5, "set_take_profit": 5, "set_mark_price": 2}),
    Emphasis(
        choices={"leverage_decrease_with_position": "resets_margin"},
        weights={"set_leverage": 8},
    ),
    Emphasis(weights={"set_leverage": 8, "add_margin": 2}),
    Emphasis(choices={"reduce_release": "none"}, weights={"trade": 3}),
    Emphasis(weights={"remove_margin": 6, "add_margin": 4, "withdraw": 3}),
)
"""One of these is drawn for each sequence."""
