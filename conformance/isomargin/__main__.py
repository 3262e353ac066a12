"""`python -m isomargin`: the command, where no script is installed."""

from isomargin.command import command

if __name__ == "__main__":
    command()
