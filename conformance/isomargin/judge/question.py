"""What is sent to a subject for a case, or why nothing is.

A message carries what the subject needs to answer and nothing that gives the
answer away: no expected values, no id, title, rule or claim.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isomargin.drive.protocol import Introduction
from isomargin.rulebook.model import Case

__all__ = ["Gap", "question"]


@dataclass(frozen=True)
class Gap:
    """What a case needs and a subject does not declare, such as `action trade`."""

    feature: str


def question(
    case: Case, introduction: Introduction, profile_parameters: Mapping[str, Any]
) -> dict[str, Any] | Gap:
    """Return the message of protocol 1 for a case, without its `seq`, or the gap.

    Args:
        case: the case.
        introduction: what the subject declares.
        profile_parameters: the parameters of the case's profile.

    Returns:
        A `quote` that wants the declared ones of the quantities the case expects,
        or a `run`; a `Gap` naming the first thing needed that is not declared.
        A position is sent with its leverage, margin mode and mark price also where
        the case leaves them to be 1, isolated and the entry price.
    """
    gap = next(_gaps(case, introduction, profile_parameters), None)
    if gap is not None:
        return Gap(gap)
    own = case.overrides
    parameters = {**profile_parameters, **own} if own else profile_parameters
    head = {"profile": {"id": case.profile, "parameters": parameters}}
    if not case.is_quote:
        return {"t": "run", **head, **_scenario(case.core)}
    names = wanted(case)
    want = [name for name in names if name in introduction.quantities]
    if not want:
        return Gap(f"quantity {names[0]}")
    return {"t": "quote", **head, **_asked(case.core["quote"]), "want": want}


def wanted(case: Case) -> list[str]:
    """Return the quantities a quote expects, in the order of the case."""
    quote = case.core["quote"]
    names = dict.fromkeys(quote["expect"])
    for alternative in quote.get("any_of", ()):
        names |= dict.fromkeys(name for name in alternative if name != "rule")
    return list(names)


def _gaps(
    case: Case, introduction: Introduction, profile_parameters: Mapping[str, Any]
) -> Iterator[str]:
    operation = "quote" if case.is_quote else "run"
    if operation not in introduction.operations:
        yield f"operation {operation}"
    if introduction.profiles != "any":
        yield from _profile_gaps(case, introduction.profiles, profile_parameters)
    for contract in _contracts(case.core):
        if contract not in introduction.contracts:
            yield f"contract {contract}"
    for step in case.core.get("steps", ()):
        if step["do"] not in introduction.actions:
            yield f"action {step['do']}"


def _profile_gaps(
    case: Case, profiles: tuple[str, ...] | str, parameters: Mapping[str, Any]
) -> Iterator[str]:
    if case.profile not in profiles:
        yield f"profile {case.profile}"
    # Only a subject that reads parameters itself can follow a case that sets some.
    for name, value in case.overrides.items():
        if parameters.get(name) != value:
            yield f"parameter {name}"


def _contracts(core: Mapping[str, Any]) -> Iterator[str]:
    if "quote" in core:
        quote = core["quote"]
        others = quote.get("cross_positions", ())
        listed = [quote["instrument"], *(one.get("instrument") for one in others)]
    else:
        listed = core["given"]["instruments"]
    for instrument in filter(None, listed):
        yield instrument["contract"]


def _asked(quote: Mapping[str, Any]) -> dict[str, Any]:
    asked = {
        "instrument": quote["instrument"],
        "position": _position(quote["position"], "isolated"),
    }
    if "wallet_balance" in quote:
        asked["wallet_balance"] = quote["wallet_balance"]
    if "cross_positions" in quote:
        asked["cross_positions"] = [
            {**other, "position": _position(other["position"], "cross")}
            for other in quote["cross_positions"]
        ]
    return asked


def _position(position: Mapping[str, Any], margin_mode: str) -> dict[str, Any]:
    usual = {"leverage": "1", "margin_mode": margin_mode}
    return {**usual, "mark_price": position["entry_price"], **position}


def _scenario(core: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "instruments": core["given"]["instruments"],
        "balances": core["given"]["balances"],
        "steps": [{"do": step["do"], "with": step["with"]} for step in core["steps"]],
    }
