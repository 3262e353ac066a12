"""The verbs that hold profiles against each other: compare, and diff of two things."""

from pathlib import Path
from typing import Any

import click

from isomargin.command.logs import log_difference
from isomargin.command.options import Desk, desk_options
from isomargin.compare import Trade, compared, difference
from isomargin.editions import edition
from isomargin.errors import UsageError
from isomargin.formulas import NotCanonical, exact
from isomargin.report.compared import (
    compared_data,
    compared_lines,
    compared_svg,
    difference_data,
    difference_lines,
)

__all__ = ["COMMANDS"]

_TRADE = (
    ("--quantity", "quantity", "1", "How much, of the base asset."),
    ("--entry", "entry_price", "10000", "The entry price."),
    ("--leverage", "leverage", "10", "The leverage."),
    ("--added-margin", "added_margin", "0", "Margin beyond the initial margin."),
    ("--maintenance-rate", "maintenance_margin_rate", "0.005", "Of the one tier."),
    ("--taker-fee", "taker_fee", "0.0005", "A share of the value."),
    ("--liquidation-fee", "liquidation_fee", "0.005", "A share of the value."),
    ("--tick-size", "tick_size", "0.1", "The step of prices."),
)

_ABOVE_ZERO = frozenset({"--quantity", "--entry", "--leverage", "--tick-size"})


def _number(_: click.Context, parameter: click.Parameter, text: str) -> str:
    option = parameter.opts[0]
    try:
        number = exact(text)
    except NotCanonical as fault:
        raise UsageError(str(fault), option) from fault
    if number < 0 or (number == 0 and option in _ABOVE_ZERO):
        least = "not above zero" if option in _ABOVE_ZERO else "below zero"
        raise UsageError(f"{text} is {least}", option)
    return text


def _trade_options(function: Any) -> Any:
    """Add the options that describe a trade."""
    for option, name, usual, said in reversed(_TRADE):
        function = click.option(
            option, name, default=usual, show_default=True, help=said, callback=_number
        )(function)
    side = click.Choice(("long", "short"))
    return click.option("--side", type=side, default="long", show_default=True)(
        function
    )


@click.command()
@_trade_options
@desk_options("terminal", "json", "svg")
def compare(desk: Desk, **terms: str) -> None:
    """Put one trade on every profile, and say which choice makes each differ."""
    trade = Trade(**terms)
    rows = compared(trade, desk.rulebook)
    if desk.format == "svg":
        click.echo(compared_svg(rows, trade, desk.catalogue))
        return
    desk.tell(
        lambda: compared_data(rows),
        lambda: compared_lines(rows, desk.catalogue, desk.screen),
    )


@click.command()
@click.argument("before", metavar="LOG|PROFILE[@DATE]")
@click.argument("after", metavar="LOG|PROFILE[@DATE]")
@click.option(
    "--fail-on",
    type=click.Choice(("new", "lost", "any")),
    help="Of two logs: end with exit code 1 on failures that are new, on cases that"
    " no longer pass, or on any change.",
)
@_trade_options
@desk_options("terminal", "json", "markdown")
def diff(
    desk: Desk, before: str, after: str, *, fail_on: str | None, **terms: str
) -> int:
    """Say what is otherwise in the second of two runs, or of two profiles.

    Of two profiles it says which choices differ, and which figures of a trade these
    move.
    """
    if Path(before).exists() or Path(after).exists():
        return log_difference(desk, Path(before), Path(after), fail_on=fail_on)
    one, other = edition(before, desk.rulebook), edition(after, desk.rulebook)
    found = difference(Trade(**terms), one, other, desk.rulebook)
    desk.tell(
        lambda: difference_data(found),
        lambda: difference_lines(found, desk.catalogue, desk.screen),
    )
    return 0


COMMANDS = {"compare": compare, "diff": diff}
