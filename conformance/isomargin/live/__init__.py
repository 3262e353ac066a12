"""Live exchanges: what one shows of an account, judged by its own rulebook.

A bridge (`adapters/ccxt`) speaks to the exchange and holds the keys; it runs in an
environment of its own and works nothing out. Here its answers are read, the figures are
derived by the venue's profile, and the two are held against each other. Driven with
orders, an account's states before and after each action are judged by the laws.
"""

from isomargin.live.account import Account, judged_account
from isomargin.live.bridge import Bridge, Greeting
from isomargin.live.driving import Driven, driven
from isomargin.live.figures import LiveFigure
from isomargin.live.journal import account_cases, driven_cases, kept
from isomargin.live.positions import Held, JudgedPosition, Judging
from isomargin.live.profiles import profile_for

__all__ = [
    "Account",
    "Bridge",
    "Driven",
    "Greeting",
    "Held",
    "JudgedPosition",
    "Judging",
    "LiveFigure",
    "account_cases",
    "driven",
    "driven_cases",
    "judged_account",
    "kept",
    "profile_for",
]
