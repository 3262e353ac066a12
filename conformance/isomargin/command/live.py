"""The verb `live`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from isomargin import drive
from isomargin.command.options import Desk, desk_options
from isomargin.errors import NothingSelected, UsageError
from isomargin.formulas.world import Rules
from isomargin.live import (
    Account,
    Bridge,
    Driven,
    Greeting,
    Judging,
    account_cases,
    driven,
    driven_cases,
    judged_account,
    kept,
    profile_for,
)
from isomargin.program_digest import program_digest
from isomargin.report.live import (
    account_data,
    account_lines,
    driven_data,
    driven_lines,
)
from isomargin.rulebook.model import Profile

__all__ = ["COMMANDS"]

_BRIDGE = "ccxt"
_PATIENCE = 120.0
_SIDES = {"long": "buy", "short": "sell"}


@click.command()
@click.option(
    "--exchange", required=True, metavar="NAME", help="The exchange, as ccxt names it."
)
@click.option(
    "--symbol",
    "symbols",
    multiple=True,
    metavar="SYMBOL",
    help="An instrument, such as BTC/USDT:USDT; may be repeated."
    " [default: all with a position]",
)
@click.option(
    "--contract",
    type=click.Choice(("linear", "inverse")),
    default="linear",
    show_default=True,
    help="The kind of contract.",
)
@click.option("--profile", metavar="ID", help="Whose rules. [default: the venue's]")
@click.option("--sandbox", is_flag=True, help="Read where no money is real.")
@click.option(
    "--no-added-margin",
    "none_added",
    is_flag=True,
    help="Where a position's margin is not told, take it that none was added.",
)
@click.option(
    "--allow-orders",
    "orders",
    is_flag=True,
    help="Drive an account with the smallest order, in the sandbox.",
)
@click.option(
    "--i-know-this-is-real-money",
    "real_money",
    is_flag=True,
    help="Drive it where money is real.",
)
@click.option(
    "--side",
    type=click.Choice(tuple(_SIDES)),
    default="long",
    show_default=True,
    help="The position that is opened.",
)
@click.option(
    "--position-mode",
    type=click.Choice(("one_way", "hedge")),
    help="The position mode that is set. [default: as it is, which has to be one-way]",
)
@click.option(
    "--leverage",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="The leverage that is set.",
)
@click.option(
    "--log", metavar="FILE", type=click.Path(path_type=Path), help="Keep a log."
)
@click.option("--url", metavar="URL", help="Another address to send requests to.")
@desk_options()
def live(desk: Desk, **given: Any) -> int:
    """Judge what a live exchange shows by its own rules.

    Every figure of every open isolated position is held against the one that the
    venue's profile gives. With --allow-orders the smallest position is opened, changed
    and closed, and each change judged by the laws. Keys are read from the environment:
    BYBIT_API_KEY, BYBIT_SECRET and, where the venue has one, BYBIT_PASSWORD; nothing
    shows them. Exit codes: 0 every figure agrees, 1 something does not, 2 usage,
    3 exchange or bridge unusable, 7 nothing was judged.
    """
    _check(given)
    command = _command(desk)
    greeting = Greeting(
        exchange=given["exchange"],
        contract=given["contract"],
        sandbox=given["sandbox"] or (given["orders"] and not given["real_money"]),
        orders=given["orders"],
        real_money=given["real_money"],
        url=given["url"],
    )
    schemas = desk.places.spec / "schema"
    with Bridge(command, greeting, schemas=schemas, patience=_PATIENCE) as bridge:
        if given["orders"]:
            return _drive(desk, bridge, given)
        return _read(desk, bridge, given)


def _check(given: Mapping[str, Any]) -> None:
    if given["orders"] and len(given["symbols"]) != 1:
        what = "orders need one instrument"
        raise UsageError(what, "--symbol", "name one, such as BTC/USDT:USDT")
    if given["real_money"] and not given["orders"]:
        what = "without --allow-orders no money is moved"
        raise UsageError(what, "--i-know-this-is-real-money", "leave it out")
    if given["real_money"] and given["sandbox"]:
        what = "money is not real in a sandbox"
        raise UsageError(what, "--i-know-this-is-real-money", "leave one of them out")


def _profile(desk: Desk, bridge: Bridge, named: str | None, contract: str) -> Profile:
    day = datetime.now(UTC).date().isoformat()
    venue = bridge.introduction["venue"]
    return profile_for(
        desk.rulebook, venue=venue, contract=contract, day=day, named=named
    )


def _read(desk: Desk, bridge: Bridge, given: Mapping[str, Any]) -> int:
    account = judged_account(
        bridge,
        lambda contract: _profile(desk, bridge, given["profile"], contract),
        Rules(desk.rulebook),
        symbols=given["symbols"] or None,
        none_added=given["none_added"],
    )
    cases = account_cases(account, desk.rulebook, exchange=given["exchange"])
    _keep(desk, bridge, given["log"], cases, account.profiles)
    desk.tell(
        lambda: {**_who(bridge), **account_data(account)},
        lambda: account_lines(account, desk.catalogue, desk.screen),
    )
    return _code(account)


def _code(account: Account) -> int:
    statuses = account.counts
    if statuses.get("failed"):
        return 1
    return 0 if statuses.get("passed") else NothingSelected.exit_code


def _drive(desk: Desk, bridge: Bridge, given: Mapping[str, Any]) -> int:
    [symbol] = given["symbols"]
    rules = Rules(desk.rulebook)

    def judging(told: Mapping[str, Any]) -> Judging:
        instruments = {one["symbol"]: one for one in told["instruments"]}
        contract = instruments[symbol]["contract"]
        profile = _profile(desk, bridge, given["profile"], contract)
        return Judging(
            profile=profile,
            rules=rules,
            instruments=instruments,
            none_added=given["none_added"],
        )

    done = driven(
        bridge,
        judging,
        symbol,
        leverage=str(given["leverage"]),
        side=_SIDES[given["side"]],
        position_mode=given["position_mode"] or "",
        say=lambda action: click.echo(f"{symbol}: {action}", err=True),
    )
    cases = driven_cases(done, desk.rulebook, exchange=given["exchange"])
    _keep(desk, bridge, given["log"], cases, [done.profile])
    desk.tell(
        lambda: {**_who(bridge), **driven_data(done)},
        lambda: driven_lines(done, desk.catalogue, desk.screen),
    )
    return _outcome(done)


def _outcome(done: Driven) -> int:
    if done.failed:
        return 1
    return NothingSelected.exit_code if done.stopped else 0


def _keep(
    desk: Desk,
    bridge: Bridge,
    path: Path | None,
    cases: Sequence[Mapping[str, Any]],
    profiles: Sequence[str],
) -> None:
    if path is not None:
        kept(
            path,
            cases,
            introduction=bridge.introduction,
            adapter=program_digest(_command(desk)),
            profiles=profiles,
            rulebook=desk.rulebook,
        )


def _command(desk: Desk) -> drive.Command:
    return drive.resolve(_BRIDGE, adapters=[desk.places.adapters])


def _who(bridge: Bridge) -> dict[str, Any]:
    names = ("exchange", "library")
    return {name: bridge.introduction[name] for name in names}


COMMANDS = {"live": live}
