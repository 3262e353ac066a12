"""Writing a found sequence as a case file that anybody can run again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import yaml

from isomargin.fuzz.symptom import Symptom
from isomargin.rulebook.events import names_of
from isomargin.rulebook.model import Case

__all__ = ["case_text", "narrowed"]


def narrowed(
    case: Case,
    symptom: Symptom,
    rules: tuple[str, ...],
    name: str,
    decisive: Mapping[str, bool],
) -> Case:
    """Return a sequence that expects what its symptom is about, and no figure more.

    Args:
        case: the sequence, of which everything is expected.
        symptom: what is wrong.
        rules: ids of the rules that are to blame.
        name: the id it gets.
        decisive: event to whether it is decisive; only these are named without need.
    """
    named = replace(case, id=name, rules=rules, why=_said(symptom))
    if case.is_quote:
        quote = case.core["quote"]
        expect = {symptom.name: quote["expect"][symptom.name]}
        return replace(named, core={"quote": {**quote, "expect": expect}})
    steps = [
        _narrowed(step, symptom, decisive, last=index == symptom.step)
        for index, step in enumerate(case.core["steps"])
    ]
    return replace(named, core={**case.core, "steps": steps})


def _said(symptom: Symptom) -> str:
    if symptom.kind == "law":
        return f"The law {symptom.name} is broken."
    return f"What is wrong of {symptom.name}: it is {symptom.direction}."


def _narrowed(
    step: Mapping[str, Any],
    symptom: Symptom,
    decisive: Mapping[str, bool],
    *,
    last: bool,
) -> dict[str, Any]:
    expect = step["expect"]
    kept = {name: expect[name] for name in ("outcome", "reason") if name in expect}
    names = [name for name in names_of(expect.get("events", ())) if decisive.get(name)]
    if names:
        kept["events"] = names
    if last:
        kept |= _figure(expect, symptom)
    bare = {"do": step["do"], "with": dict(step["with"])}
    return {**bare, "expect": kept} if kept else bare


def _figure(expect: Mapping[str, Any], symptom: Symptom) -> dict[str, Any]:
    """Return the part of a step's expectations that a symptom is about."""
    if symptom.kind == "event":
        return {"events": expect["events"]}
    if symptom.kind != "value":
        return {}
    found: dict[str, Any] = {}
    accounts = {
        asset: {symptom.name: figures[symptom.name]}
        for asset, figures in expect.get("accounts", {}).items()
        if symptom.name in figures
    }
    if accounts:
        found["accounts"] = accounts
    positions = _positions(expect.get("positions", []), symptom.name)
    if positions is not None:
        found["positions"] = positions
    if symptom.name in {"position", *_SIDES} and "position" in expect:
        found["position"] = expect["position"]
    return found


_SIDES = ("long", "short")


def _positions(listed: Any, name: str) -> list[dict[str, Any]] | None:
    if name in {"positions", *_SIDES}:
        return [_shape(one, "quantity") for one in listed]
    shown = [_shape(one, name) for one in listed if name in one]
    return shown or None


def _shape(position: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: position[key] for key in ("instrument", "side", name)}


def case_text(*cases: Case, dense: bool = False) -> str:
    """Return the case file of some cases, as YAML.

    Args:
        cases: the cases.
        dense: whether lists and mappings of plain values are written in one line.
    """
    return yaml.dump(
        {"cases": [_entry(case) for case in cases]},
        Dumper=_Plain,
        default_flow_style=None if dense else False,
        sort_keys=False,
        allow_unicode=True,
        width=88,
    )


def _entry(case: Case) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": case.id, "profile": case.profile}
    if case.overrides:
        entry["parameters"] = dict(case.overrides)
    entry |= {"rules": list(case.rules), "why": case.why, "origin": case.origin}
    parts = ("given", "quote", "steps")
    return entry | {key: case.core[key] for key in parts if key in case.core}


class _Plain(yaml.SafeDumper):
    """Writes every list and mapping out, never a reference to an earlier one."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the library's shape
        return True
