"""The verb `prove`."""

from collections.abc import Iterator
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

import click

from isomargin.command.options import Desk, desk_options
from isomargin.errors import UsageError

__all__ = ["COMMANDS"]


@click.command("prove")
@desk_options()
def prove_verb(desk: Desk) -> int:
    """Prove for all figures what the rules claim of prices and margins.

    Each claim is proved, refuted with figures, or undecided with a reason, for every
    profile. Exit code 1: one is refuted and not known to be.
    """
    if find_spec("z3") is None:
        remedy = "install it: pip install 'isomargin[proof]'"
        raise UsageError("proofs need z3", None, remedy)
    from isomargin.prove import prove  # noqa: PLC0415 - it needs what may not be there

    report = prove(desk.rulebook)
    data = {**asdict(report), "counts": report.counts()}
    desk.tell(lambda: data, lambda: _lines(report))
    return 1 if report.unexplained else 0


def _lines(report: Any) -> Iterator[str]:
    for proof in report.proofs:
        profiles = ", ".join(proof.profiles)
        who = f"{proof.contract} {proof.side}: {profiles}"
        yield f"{proof.status:9}  {proof.claim}  {who}"
        if proof.reason:
            yield f"           {proof.reason}"
        if proof.counterexample:
            figures = [" ".join(each) for each in proof.counterexample.items()]
            yield f"           {', '.join(figures)}"
    counts = report.counts()
    said = ", ".join(f"{count} {status}" for status, count in counts.items())
    unknown = len(report.unexplained)
    yield f"{said}; {unknown} refuted without a known reason; {report.seconds} s"


COMMANDS = {"prove": prove_verb}
