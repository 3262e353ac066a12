"""Where the rulebook, the cases and the adapters lie."""

from dataclasses import dataclass
from pathlib import Path

from isomargin.errors import UsageError

__all__ = ["Places", "places"]


@dataclass(frozen=True)
class Places:
    """The folders that isomargin reads.

    Attributes:
        spec: the rulebook.
        cases: the cases beyond the worked examples.
        adapters: the adapters of named engines.
    """

    spec: Path
    cases: Path
    adapters: Path

    def named(self, path: Path) -> str:
        """Return how messages name a file: from the folder the rulebook lies in."""
        for root in (self.spec.parent, self.cases.parent.parent):
            if path.is_relative_to(root):
                return path.relative_to(root).as_posix()
        return str(path)


def places(spec: str | None = None) -> Places:
    """Return the folders in use.

    In a checkout they are read in place; installed, they lie inside the package.

    Args:
        spec: another rulebook to use instead of the project's own; the cases are those
            beside it, in `conformance/cases`, where there are any.

    Raises:
        UsageError: `spec` is no folder that holds a rulebook.
    """
    package = Path(__file__).resolve().parents[1]
    checkout = package.parents[1]
    root = checkout if (checkout / "spec" / "rules").is_dir() else package / "data"
    chosen = Path(spec).resolve() if spec else root / "spec"
    if not (chosen / "rules").is_dir():
        what = f"{spec} holds no rulebook (no folder rules in it)"
        raise UsageError(what, "--spec", "name a folder like spec/")
    beside = chosen.parent / "conformance" / "cases"
    cases = beside if beside.is_dir() else root / "conformance" / "cases"
    return Places(chosen, cases, root / "adapters")
