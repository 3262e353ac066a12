"""What was done to a live account, as a trace that laws are judged on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from isomargin.drive.outcomes import Step
from isomargin.formulas.world import Rules
from isomargin.judge.grade import Precision
from isomargin.judge.laws import judge_laws
from isomargin.judge.scope import Sight
from isomargin.judge.verdict import LawFinding
from isomargin.live.figures import LiveFigure
from isomargin.rulebook.model import Case, Law, Profile

__all__ = ["DrivenStep", "law_findings", "state_of", "trace_case"]

_SHOWN = ("quantity", "entry_price", "leverage", "isolated_margin")
_FIXED = ("liquidation_price",)
_WHY = "What an exchange does to an account is seen in the account."


@dataclass(frozen=True, kw_only=True)
class DrivenStep:
    """One action and what was seen after it.

    Attributes:
        action: the action.
        given: its arguments.
        outcome: accepted or rejected.
        reason: the rulebook's reason of a refusal; None where its code is not known.
        message: what the exchange said of a refusal.
        expected: the outcome that the profile has; empty where nothing was seen of it.
        state: the account after it, without what the market moves.
        figures: the position's figures after it, judged.
    """

    action: str
    given: Mapping[str, Any]
    outcome: Literal["accepted", "rejected"]
    reason: str | None
    message: str
    expected: str
    state: Mapping[str, Any]
    figures: tuple[LiveFigure, ...]

    @property
    def surprise(self) -> bool:
        """Whether it was accepted where the profile has it refused."""
        return self.expected == "rejected" and self.outcome == "accepted"


def state_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return an account as a state of protocol 1, without what the market moves."""
    positions = [_position(one) for one in told["positions"]]
    return {"balances": dict(told["balances"]), "positions": positions}


def _position(told: Mapping[str, Any]) -> dict[str, Any]:
    figures = {one["quantity"]: one["value"] for one in told["reported"]}
    return {
        **{name: told[name] for name in ("instrument", "side", "margin_mode")},
        **{name: told["given"][name] for name in _SHOWN if name in told["given"]},
        **{name: figures[name] for name in _FIXED if name in figures},
    }


def law_findings(
    steps: Sequence[DrivenStep],
    instruments: Mapping[str, Mapping[str, Any]],
    profile: Profile,
    rules: Rules,
) -> tuple[LawFinding, ...]:
    """Return what was found of every law that the steps give cause to look at.

    A law that rests on a choice of which nothing was seen at the venue is left out.
    """
    case = trace_case(steps, instruments, profile)
    parameters = profile.parameters
    ticks: dict[str | None, str | None] = {
        name: one.get("tick_size") for name, one in instruments.items()
    }
    rounding = parameters.get("rounding") or {}
    precision = Precision(binary=False, rounding=rounding, ticks=ticks)
    sight = Sight(rules, case.core, parameters, precision)
    done = [Step(one.outcome, one.reason, (), one.state) for one in steps]
    silent = {law.id for law in rules.rulebook.laws if _rests_on_unknown(law, profile)}
    found = judge_laws(case, done, sight)
    return tuple(one for one in found if one.rule not in silent)


def trace_case(
    steps: Sequence[DrivenStep],
    instruments: Mapping[str, Mapping[str, Any]],
    profile: Profile,
) -> Case:
    """Return the steps as a scenario that expects nothing."""
    given = {
        "balances": dict(_opening(steps[0].state)),
        "instruments": list(instruments.values()),
    }
    done = [{"do": one.action, "with": dict(one.given)} for one in steps]
    return Case(
        id=f"live.{profile.id.replace('/', '.')}",
        family="live",
        is_example=False,
        profile=profile.id,
        overrides={},
        rules=(),
        claims=(),
        why=_WHY,
        origin="observed",
        core={"given": given, "steps": done},
        where="live",
    )


def _opening(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for asset, figures in state["balances"].items():
        yield asset, figures.get("free_balance") or figures.get("wallet_balance", "0")


def _rests_on_unknown(law: Law, profile: Profile) -> bool:
    sources = " ".join(one.source for one in (law.when, law.holds) if one is not None)
    return any(
        f"profile.{name}" in sources
        for name, choice in profile.choices.items()
        if choice.unknown
    )
