"""Searching for sequences of actions that an engine answers wrongly."""

from isomargin.fuzz.report import Found, FuzzReport
from isomargin.fuzz.search import fuzz

__all__ = ["Found", "FuzzReport", "fuzz"]
