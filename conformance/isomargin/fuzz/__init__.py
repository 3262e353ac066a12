"""Searching for sequences of actions that an engine answers wrongly."""

from isomargin.fuzz.in_process import Broken, Tally, in_process
from isomargin.fuzz.report import Found, FuzzReport
from isomargin.fuzz.search import fuzz

__all__ = ["Broken", "Found", "FuzzReport", "Tally", "fuzz", "in_process"]
