"""The verb `calculate`."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import click

from isomargin import __version__, drive
from isomargin.calculation import Answer, Calculator, answered_by, answers
from isomargin.command.options import Desk, desk_options, limits_of, subject_option
from isomargin.errors import UsageError
from isomargin.profile_sentences import not_known, nothing_seen
from isomargin.report.table import table
from isomargin.working import Writer

__all__ = ["COMMANDS"]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
_WANTED = (
    "notional_value",
    "initial_margin",
    "isolated_margin",
    "maintenance_margin",
    "maintenance_fee",
    "unrealised_pnl",
    "position_equity",
    "margin_ratio",
    "return_on_margin",
    "liquidation_price",
    "bankruptcy_price",
    "maximum_loss",
    "removable_margin",
)
_POSITION = (
    "side",
    "quantity",
    "entry_price",
    "leverage",
    "mark_price",
    "margin_mode",
    "added_margin",
    "isolated_margin",
)
_NEEDED = ("side", "quantity", "entry_price")
_OPTION_OF = {"entry_price": "--entry", "mark_price": "--mark"}
_SETTLE = {"linear": "USD", "inverse": "BTC", "quanto": "USD"}


class _Decimal(click.ParamType[str]):
    """A decimal string of the rulebook's one grammar."""

    name = "number"

    def __init__(self, *, positive: bool = False) -> None:
        self.positive = positive

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        text = str(value)
        if not _NUMBER.fullmatch(text):
            self.fail(f"{text!r} is not a decimal number such as 12.5", param, ctx)
        if self.positive and Fraction(text) <= 0:
            self.fail(f"{text} is not above zero", param, ctx)
        return text


_ANY = _Decimal()
_ABOVE_ZERO = _Decimal(positive=True)


@click.command()
@click.option("--side", type=click.Choice(["long", "short"]), help="The side.")
@click.option("--quantity", type=_ABOVE_ZERO, help="How many contracts.")
@click.option("--entry", "entry_price", type=_ABOVE_ZERO, help="The entry price.")
@click.option("--leverage", type=_ABOVE_ZERO, help="The leverage. [default: 1]")
@click.option(
    "--mark",
    "mark_price",
    type=_ABOVE_ZERO,
    help="The mark price. [default: the entry]",
)
@click.option(
    "--margin-mode",
    type=click.Choice(["isolated", "cross"]),
    help="The margin mode. [default: isolated]",
)
@click.option("--added-margin", type=_ANY, help="Margin above the initial margin.")
@click.option("--isolated-margin", type=_ANY, help="The whole allocation instead.")
@click.option("--wallet-balance", type=_ANY, help="What a cross position shares.")
@click.option("--maintenance-rate", type=_ANY, help="The maintenance margin rate.")
@click.option("--maintenance-amount", type=_ANY, help="The maintenance deduction.")
@click.option("--taker-fee", type=_ANY, help="The taker fee rate.")
@click.option(
    "--contract",
    type=click.Choice(list(_SETTLE)),
    help="The contract. [default: the profile's]",
)
@click.option(
    "--contract-size", type=_ABOVE_ZERO, help="Units a contract. [default: 1]"
)
@click.option("--tick-size", type=_ABOVE_ZERO, help="The price step.")
@click.option(
    "--profile", default="textbook/linear", show_default=True, help="Whose rules."
)
@click.option(
    "--want", multiple=True, metavar="QUANTITY", help="A quantity; may be repeated."
)
@subject_option(required=False)
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), help="Patience."
)
@desk_options()
def calculate(
    desk: Desk,
    subject: str | None,
    timeout: float | None,
    **given: Any,
) -> int:
    """Work out a position's quantities by a profile's rules.

    Without a position, questions are read from standard input, one JSON object a
    line (profile, instrument, position, want), and answered one a line.
    """
    calculator = Calculator(desk.rulebook, desk.places.spec / "schema")
    if not any(given[name] for name in _NEEDED) and not sys.stdin.isatty():
        return _stream(desk, calculator, subject, timeout)
    for name in _NEEDED:
        if given[name] is None:
            option = _OPTION_OF.get(name, f"--{name}")
            raise UsageError(
                f"{option} is missing", None, "see: isomargin calculate --help"
            )
    question = _question(given, calculator)
    if subject:
        return _by_subject(desk, calculator, subject, timeout, question)
    _tell(desk, calculator, question)
    return 0


def _question(given: Mapping[str, Any], calculator: Calculator) -> dict[str, Any]:
    """Return the question that the options put."""
    profile = calculator.rulebook.profiles.get(given["profile"])
    contract = given["contract"] or (profile.contract if profile else "linear")
    tier = {
        "notional_floor": "0",
        "maintenance_margin_rate": given["maintenance_rate"] or "0",
        "maintenance_amount": given["maintenance_amount"] or "0",
    }
    instrument = {
        "symbol": "POSITION",
        "contract": contract,
        "settle": _SETTLE[contract],
        "contract_size": given["contract_size"] or "1",
        "tick_size": given["tick_size"],
        "fees": {"taker": given["taker_fee"] or "0"},
        "tiers": [tier],
    }
    usual = {
        "leverage": "1",
        "margin_mode": "isolated",
        "mark_price": given["entry_price"],
    }
    question = {
        "profile": given["profile"],
        "instrument": _present(instrument),
        "position": usual | _present({name: given[name] for name in _POSITION}),
        "want": list(given["want"] or _WANTED),
        "wallet_balance": given["wallet_balance"],
    }
    return _present(question)


def _present(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _tell(desk: Desk, calculator: Calculator, question: Mapping[str, Any]) -> None:
    answer = calculator.answer(question)
    scope = calculator.scope(calculator.question(question))
    rules = {name: scope.rule_for(name) for name in answer["values"]}
    ids = {name: rule.id if rule else None for name, rule in rules.items()}
    data = {"profile": question["profile"], **answer, "rules": ids}
    desk.tell(lambda: data, lambda: _lines(desk, answer, ids))


def _lines(desk: Desk, answer: Answer, rules: Mapping[str, str | None]) -> list[str]:
    writer = Writer(desk.catalogue)
    rows = [
        (writer.name(name), writer.told(name, value), rules.get(name) or "")
        for name, value in answer["values"].items()
    ]
    rows += [
        (
            writer.name(name),
            not_known(desk.catalogue),
            nothing_seen(choices, desk.catalogue),
        )
        for name, choices in answer.get("not_known", {}).items()
    ]
    return table(
        rows, desk.screen, headings=("QUANTITY", "VALUE", "RULE"), numbers=(1,)
    )


def _by_subject(
    desk: Desk,
    calculator: Calculator,
    subject: str,
    timeout: float | None,
    question: Mapping[str, Any],
) -> int:
    line = json.dumps(calculator.question(question))
    [answer] = _asked(desk, calculator, subject, timeout, [line])
    data = {"profile": question["profile"], "subject": subject, **answer}
    desk.tell(
        lambda: data,
        lambda: _lines(desk, answer, {}) if "values" in answer else _row(answer, desk),
    )
    return _code(answer)


def _row(answer: Answer, desk: Desk) -> list[str]:
    return table(list(answer.items()), desk.screen)


def _asked(
    desk: Desk,
    calculator: Calculator,
    subject: str,
    timeout: float | None,
    lines: Any,
) -> Iterator[Answer]:
    command = drive.resolve(subject, adapters=[desk.places.adapters])
    limits = limits_of(timeout)
    with drive.Subject.open(command, suite_version=__version__, limits=limits) as asked:
        yield from answered_by([asked], calculator, lines)


def _stream(
    desk: Desk, calculator: Calculator, subject: str | None, timeout: float | None
) -> int:
    """Answer the lines of standard input, one line each."""
    lines = (line for line in sys.stdin if line.strip())
    told = (
        _asked(desk, calculator, subject, timeout, lines)
        if subject
        else answers(calculator, lines)
    )
    code = None
    for answer in told:
        click.echo(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))
        code = max(code or 0, _code(answer))
    if code is None:
        remedy = "see: isomargin calculate --help"
        raise UsageError("neither options nor lines give a position", None, remedy)
    return code


def _code(answer: Answer) -> int:
    return UsageError.exit_code if "error" in answer else 0


COMMANDS = {"calculate": calculate}
