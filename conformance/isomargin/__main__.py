"""`python -m isomargin`: the command, where no script is installed."""

import sys

from isomargin.command import main

if __name__ == "__main__":
    sys.exit(main())
