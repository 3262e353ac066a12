"""Lets the tests of the live bridge import what they share, and find its fixtures."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from live_venues import (  # noqa: F401 - found by the line above, used by name
    bridge_is_built,
    call,
    holding,
    opened,
    rulebook,
    shared,
    venue,
)
