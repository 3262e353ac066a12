"""The verb `explain`."""

from difflib import get_close_matches

import click

from isomargin.command.options import Desk, desk_options
from isomargin.errors import UsageError
from isomargin.explain import explanation, worked
from isomargin.formulas.world import Rules
from isomargin.report.explanation import explanation_data, explanation_lines

__all__ = ["COMMANDS"]


@click.command()
@click.argument("case_id", metavar="CASE")
@desk_options()
def explain(desk: Desk, case_id: str) -> None:
    """Tell a case and work it out, rule by rule, in figures."""
    cases = desk.rulebook.cases
    if case_id not in cases:
        near = get_close_matches(case_id, cases, n=1)
        remedy = f"did you mean {near[0]}?" if near else "see: isomargin list cases"
        raise UsageError(f"there is no case {case_id!r}", None, remedy)
    solution = worked(cases[case_id], Rules(desk.rulebook))
    told = explanation(solution, desk.catalogue)
    desk.tell(
        lambda: explanation_data(told), lambda: explanation_lines(told, desk.screen)
    )


COMMANDS = {"explain": explain}
