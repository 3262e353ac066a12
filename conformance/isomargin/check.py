"""Checking the rulebook: what every file must keep so that the whole makes sense.

Each check yields every problem it finds; a problem carries its file and line.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from isomargin.derive import Expectation, derive, expectations, found
from isomargin.errors import RulebookError
from isomargin.expression import Expression, KindScope, evaluator, kind_of, parse
from isomargin.expression.kinds import assignable, with_article
from isomargin.fill import UNFILLED
from isomargin.formulas.numbers import NotCanonical, exact, kept
from isomargin.formulas.world import Rules
from isomargin.rulebook.events import names_of
from isomargin.rulebook.load import load
from isomargin.rulebook.model import (
    Case,
    Definition,
    Event,
    Profile,
    Rulebook,
    Transition,
    Unreproduced,
)
from isomargin.rulebook.places import Places
from isomargin.unknowns import not_judged, place_of, resting_of_case

__all__ = ["problems", "rulebook_problems"]

Problems = Iterator[RulebookError]

_BUILT_IN = {
    "is_whole": (("number",), "flag"),
    "just_below": (("amount",), "amount"),
    "kept": (("amount",), "amount"),
    "kept_price": (("price",), "price"),
    "round_floor": (("price", "amount"), "price"),
    "round_half_up": (("price", "amount"), "price"),
    "round_up": (("quantity", "quantity"), "quantity"),
}
_PARAMETER_KINDS = {"rate": "rate", "amount": "amount"}


def problems(places: Places) -> list[RulebookError]:
    """Return every problem of the rulebook, the texts, the ledger and the cases.

    Args:
        places: the folders to check.
    """
    try:
        rulebook = load(places)
    except RulebookError as fault:
        return [fault]
    # Imported here: texts are read by few commands.
    from isomargin.text.subjects import text_problems  # noqa: PLC0415

    found_so_far = list(rulebook_problems(rulebook))
    try:
        return [*found_so_far, *text_problems(places.spec, rulebook)]
    except RulebookError as fault:
        return [*found_so_far, fault]


def rulebook_problems(rulebook: Rulebook) -> Problems:
    """Yield the problems of rules, profiles and cases."""
    faulty = False
    for check in _RULE_CHECKS:
        for problem in check(rulebook):
            faulty = True
            yield problem
    if not faulty:
        # Cases are worked out by the rules: faulty rules would blame each of them.
        rules = Rules(rulebook)
        for case in rulebook.cases.values():
            yield from _case_problems(case, rules)


def _sources(rulebook: Rulebook) -> Problems:
    for rule in rulebook.rules.values():
        if not rule.claims and not rule.citations:
            what = f"the rule {rule.id} has neither a claim nor a citation"
            yield RulebookError(what, rule.where, "say what it rests on")
        yield from _known(rule.claims, rulebook.claims, "claim", rule.where)
        yield from _known(rule.citations, rulebook.citations, "citation", rule.where)


def _known(
    names: Iterable[str], known: Iterable[str], what: str, where: str
) -> Problems:
    for name in names:
        if name not in known:
            yield RulebookError(f"unknown {what} {name!r}", where)


def _vocabulary(rulebook: Rulebook) -> Problems:
    machine = rulebook.machine
    actions = {*machine.required, *_procedures(rulebook)}
    triggers = {trigger.name for trigger in machine.triggers}
    for rule in rulebook.transitions:
        yield from _known(rule.actions, actions, "action", rule.where)
        yield from _known(
            [rule.trigger] if rule.trigger else [], triggers, "trigger", rule.where
        )
        yield from _known(
            [rule.reason] if rule.reason else [], machine.reasons, "reason", rule.where
        )
        buckets = [name for move in rule.moves for name in (move.source, move.target)]
        yield from _known(buckets, machine.buckets, "bucket", rule.where)
        events = [event.name for event in _events(rule)]
        yield from _known(events, machine.events, "event", rule.where)
    for law in rulebook.laws:
        moments = {*machine.required, *machine.events, "each step", "each position"}
        yield from _known(law.after, moments, "action or event", law.where)


def _events(rule: Transition) -> Iterator[Event]:
    """Yield what a rule reports, of itself and of its moves."""
    yield from filter(None, (rule.event, *(move.event for move in rule.moves)))


def _procedures(rulebook: Rulebook) -> set[str]:
    parts = [part for then in rulebook.machine.then.values() for part in then]
    parts += [part for trigger in rulebook.machine.triggers for part in trigger.then]
    return {part.procedure for part in parts}


def _outcomes(rulebook: Rulebook) -> Problems:
    for rule in rulebook.transitions:
        if (rule.outcome == "rejected") != bool(rule.reason):
            what = f"the rule {rule.id}: a refusal has a reason, and only a refusal"
            yield RulebookError(what, rule.where)
        if not rule.actions and not rule.trigger:
            what = f"the rule {rule.id} belongs to no action and no trigger"
            yield RulebookError(what, rule.where)


def _kinds(rulebook: Rulebook) -> Problems:
    scope = _scope(rulebook)
    for definition in rulebook.definitions:
        yield from _definition_kinds(definition, rulebook, scope)
    for transition in rulebook.transitions:
        yield from _transition_kinds(transition, rulebook, scope)
    for law in rulebook.laws:
        for expression in (law.when, law.holds):
            yield from _kind(expression, "flag", _law_scope(rulebook, scope))


def _definition_kinds(
    rule: Definition, rulebook: Rulebook, scope: KindScope
) -> Problems:
    quantity = rulebook.quantities.get(("position", rule.defines)) or (
        rulebook.quantities.get(("account", rule.defines))
    )
    if quantity is None and rule.parameters is None:
        what = f"unknown quantity {rule.defines!r}"
        yield RulebookError(what, rule.where, "add it to quantities.yaml")
        return
    inner = KindScope(
        {**scope.names, **(rule.parameters or {})}, scope.functions, scope.items
    )
    yield from _kind(rule.when, "flag", scope)
    if quantity is not None:
        yield from _kind(rule.formula, quantity.kind, inner)
    else:
        yield from _kind(rule.formula, scope.functions[rule.defines][1], inner)
    if rule.solves:
        priced = KindScope(
            {**inner.names, "price": "price"}, scope.functions, scope.items
        )
        yield from _kind(parse(rule.solves, rule.where), "flag", priced)


def _transition_kinds(
    rule: Transition, rulebook: Rulebook, scope: KindScope
) -> Problems:
    yield from _kind(rule.when, "flag", scope)
    for move in rule.moves:
        yield from _kind(move.amount, "amount", scope)
    for name, expression in {**rule.sets, **rule.settings}.items():
        yield from _kind(expression, _kind_named(rulebook, "position", name), scope)
    for name, expression in rule.account.items():
        yield from _kind(expression, _kind_named(rulebook, "account", name), scope)
    for event in _events(rule):
        for name, expression in event.figures.items():
            yield from _kind(expression, _kind_named(rulebook, "argument", name), scope)


def _kind_named(rulebook: Rulebook, group: str, name: str) -> str:
    quantity = rulebook.quantities.get((group, name))
    return quantity.kind if quantity else "unknown"


def _kind(expression: Expression | None, wanted: str, scope: KindScope) -> Problems:
    if expression is None:
        return
    try:
        kind = kind_of(expression, scope)
    except RulebookError as fault:
        yield fault
        return
    if not assignable(kind, wanted):
        needed = f"{with_article(kind)} where {with_article(wanted)} is needed"
        what = f"{needed}, in: {expression.source}"
        yield RulebookError(what, expression.where)


def _scope(rulebook: Rulebook) -> KindScope:
    """Return what the names of definitions and transitions stand for."""
    own = _own_names(rulebook)
    names = {**own, "long": "side", "short": "side", "action.name": "word"}
    for (group, name), quantity in rulebook.quantities.items():
        if group == "argument":
            names[f"action.{name}"] = quantity.kind
    for name, values in rulebook.parameters.items():
        kind = "word" if isinstance(values, list) else values
        names[f"profile.{name}"] = _PARAMETER_KINDS.get(kind, kind)
    tier = {
        name: quantity.kind
        for (group, name), quantity in rulebook.quantities.items()
        if group == "tier"
    }
    items = {"tiers": tier, "positions": own, "others": own}
    return KindScope(names, _functions(rulebook, names, items), items)


def _own_names(rulebook: Rulebook) -> dict[str, str]:
    return {
        name: quantity.kind
        for group in ("argument", "tier", "account", "instrument", "position")
        for (of, name), quantity in rulebook.quantities.items()
        if of == group and group not in {"argument", "tier"}
    }


def _functions(
    rulebook: Rulebook, names: Mapping[str, str], items: Mapping[str, Mapping[str, str]]
) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return each function's kinds; its result is what its first formula comes to."""
    functions: dict[str, tuple[tuple[str, ...], str]] = dict(_BUILT_IN)
    waiting = [rule for rule in rulebook.definitions if rule.parameters is not None]
    while waiting:
        resolved = [rule for rule in waiting if _resolve(rule, functions, names, items)]
        waiting = [rule for rule in waiting if rule.defines not in functions]
        if not resolved:
            break
    for rule in waiting:
        functions[rule.defines] = (tuple((rule.parameters or {}).values()), "unknown")
    return functions


def _resolve(
    rule: Definition,
    functions: dict[str, tuple[tuple[str, ...], str]],
    names: Mapping[str, str],
    items: Mapping[str, Mapping[str, str]],
) -> bool:
    if rule.defines in functions:
        return False
    parameters = rule.parameters or {}
    try:
        kind = kind_of(
            rule.formula, KindScope({**names, **parameters}, functions, items)
        )
    except RulebookError:
        return False
    if kind in {"zero", "null"}:
        return False
    functions[rule.defines] = (tuple(parameters.values()), kind)
    return True


def _law_scope(rulebook: Rulebook, scope: KindScope) -> KindScope:
    own = _own_names(rulebook)
    names = {**scope.names, "outcome": "word", "reason": "word", "changed": "flag"}
    for moment in ("before", "after"):
        names |= {f"{moment}.{name}": kind for name, kind in own.items()}
        names |= {f"{moment}.position.{name}": kind for name, kind in own.items()}
        names[f"{moment}.position"] = "position"
    others = {
        f"{when}.{name}": kind
        for when in ("before", "after")
        for name, kind in own.items()
    }
    others |= {"before": "position", "after": "position"}
    items = {
        **scope.items,
        "others": others,
        "before.positions": own,
        "after.positions": own,
    }
    return KindScope(names, scope.functions, items)


def _cycles(rulebook: Rulebook) -> Problems:
    """Find definitions that need themselves, whatever the profile."""
    needs: dict[str, set[str]] = {}
    where: dict[str, str] = {}
    for rule in rulebook.definitions:
        where.setdefault(rule.defines, rule.where)
        mentioned = needs.setdefault(rule.defines, set())
        for expression in (rule.when, rule.formula):
            mentioned |= expression.names() if expression else set()
        mentioned -= set(rule.parameters or ())
    for name in needs:
        cycle = _cycle_from(name, needs)
        if cycle and name == min(cycle):
            what = f"cyclic definitions: {' → '.join([*cycle, cycle[0]])}"
            yield RulebookError(what, where[name], "break the circle")


def _cycle_from(start: str, needs: Mapping[str, set[str]]) -> list[str]:
    trail: list[tuple[str, list[str]]] = [(start, [start])]
    seen = set()
    while trail:
        name, path = trail.pop()
        for needed in sorted(needs.get(name, ())):
            if needed == start:
                return path
            if needed not in seen:
                seen.add(needed)
                trail.append((needed, [*path, needed]))
    return []


def _profiles(rulebook: Rulebook) -> Problems:
    for profile in rulebook.profiles.values():
        yield from _known(
            profile.choices, rulebook.parameters, "parameter", profile.where
        )
        for name in rulebook.parameters:
            if name not in profile.choices:
                what = f"the profile {profile.id} does not choose {name}"
                yield RulebookError(what, profile.where, "choose, or mark it assumed")
        for name, choice in profile.choices.items():
            allowed = rulebook.parameters.get(name)
            if isinstance(allowed, list) and choice.value not in allowed:
                what = f"{choice.value!r} is no value of {name}"
                remedy = f"use one of {', '.join(allowed)}"
                yield RulebookError(what, profile.where, remedy)
            yield from _known(choice.claims, rulebook.claims, "claim", profile.where)
            yield from _known(
                choice.citations, rulebook.citations, "citation", profile.where
            )
        for record in profile.unreproduced:
            yield from _record(record, profile, rulebook)


def _record(record: Unreproduced, profile: Profile, rulebook: Rulebook) -> Problems:
    """Check a recorded position of which a profile does not give the figures."""
    where = profile.where
    yield from _known(record.citations, rulebook.citations, "citation", where)
    names = {name for of, name in rulebook.quantities if of == "position"}
    yield from _known(record.printed, names, "quantity", where)
    for name, text in {"entry_price": record.entry_price, **record.printed}.items():
        try:
            exact(text)
        except NotCanonical as fault:
            yield RulebookError(f"{name}: {fault}", where)


_RULE_CHECKS: tuple[Callable[[Rulebook], Problems], ...] = (
    _sources,
    _vocabulary,
    _outcomes,
    _kinds,
    _cycles,
    _profiles,
)


def _case_problems(case: Case, rules: Rules) -> Problems:
    rulebook = rules.rulebook
    yield from _known(case.rules, rulebook.rules, "rule", case.where)
    yield from _known(case.claims, rulebook.claims, "claim", case.where)
    yield from _known(
        case.core["citations"], rulebook.citations, "citation", case.where
    )
    for line in case.core.get("working", ()):
        yield from _working(line, case)
    shape = list(_shape(case, rulebook))
    yield from shape
    if not shape:
        yield from _reproduced(case, rules)


def _shape(case: Case, rulebook: Rulebook) -> Problems:
    """Check that a scenario names actions, arguments and quantities that exist."""
    machine = rulebook.machine
    for index, step in enumerate(case.core.get("steps", ())):
        where = _where(case, "steps", index)
        action = step["do"]
        if action not in machine.required:
            yield RulebookError(f"unknown action {action!r}", where)
            continue
        for name in machine.required[action]:
            if name not in step["with"]:
                yield RulebookError(f"{action} needs {name}", where)
        allowed = {*machine.required[action], *machine.optional[action]}
        yield from _known(step["with"], allowed, f"argument of {action}", where)
        for name, value in step["with"].items():
            yield from _number(
                value, name, case, ("steps", index, "with", name), rulebook
            )
    names = {name for of, name in rulebook.quantities if of != "argument"}
    for one in expectations(case):
        where = _where(case, *one.path)
        if one.name and one.place != "event":
            yield from _known([one.name], names, "quantity", where)
        elif one.place in {"events", "all events"}:
            yield from _known(one.expected, machine.events, "event", where)
        yield from _number(one.expected, one.name, case, one.path, rulebook)


def _number(
    value: Any,
    name: str,
    case: Case,
    path: tuple[str | int, ...],
    rulebook: Rulebook,
) -> Problems:
    kinds = {q.kind for (_, known), q in rulebook.quantities.items() if known == name}
    if value == UNFILLED:
        what = f"{case.id}: {name or path[-1]} is not filled in"
        yield RulebookError(what, _where(case, *path), "run python -m isomargin.fill")
    elif isinstance(value, str) and kinds and not kinds & {"word", "side", "flag"}:
        try:
            exact(value)
        except NotCanonical as fault:
            yield RulebookError(f"{name}: {fault}", _where(case, *path))


def _where(case: Case, *path: str | int) -> str:
    file = case.where.rsplit(":", 1)[0]
    while path and path not in case.lines:
        path = path[:-1]
    return f"{file}:{case.lines.get(path, case.where.rsplit(':', 1)[-1])}"


def _working(line: str, case: Case) -> Problems:
    """Check that a line of a working out is true: `0.02 * 50000 / 10 = 100`."""
    where = _where(case, "working")
    left, equals, right = line.rpartition("=")
    if not equals:
        yield RulebookError(f"a working without =: {line}", where)
        return
    try:
        value = evaluator(parse(left.strip(), where))(_NoNames())
        stated = exact(right.strip())
    except (RulebookError, NotCanonical) as fault:
        yield RulebookError(f"a working that cannot be read: {line} ({fault})", where)
        return
    if value != stated and kept(value) != stated:
        yield RulebookError(f"a working that is not true: {line}", where)


class _NoNames:
    """The scope of a working: it has figures only."""

    def value(self, name: str) -> Fraction:
        raise RulebookError(f"a name in a working: {name}")

    def call(self, name: str, _arguments: object) -> Fraction:
        raise RulebookError(f"a function in a working: {name}")

    def bound(self, _name: str, _item: object) -> "_NoNames":
        return self


def _reproduced(case: Case, rules: Rules) -> Problems:
    """Check that the formulas come to what the case expects, by the rules it names."""
    try:
        derivation = derive(case, rules)
    except (RulebookError, NotCanonical) as fault:
        yield RulebookError(f"{case.id} cannot be worked out: {fault}", case.where)
        return
    rests = resting_of_case(case, rules)
    for one in expectations(case):
        if place_of(one) in rests:
            yield _unsettled(one, rests[place_of(one)], case)
        value = found(one, derivation.answer)
        if not _agrees(one.expected, value, one.place, rules.rulebook):
            shown = "a position" if isinstance(value, Mapping) else value
            what = (
                f"{case.id}: {one.name or one.place} is {one.expected} in the case, "
                f"{shown} by the formulas"
            )
            yield RulebookError(what, _where(case, *one.path))
    if not case.is_quote:
        yield from _unstated(case, derivation.answer, rules.rulebook)
        yield from _refused(case, derivation.answer)
    laws = {law.id for law in rules.rulebook.laws}
    for name in case.rules:
        if (
            name not in derivation.rules
            and name not in laws
            and name in rules.rulebook.rules
        ):
            what = f"{case.id} names the rule {name}, which working it out does not use"
            yield RulebookError(what, _where(case, "rules"))


def _refused(case: Case, trace: Any) -> Problems:
    """Find refused steps of which a case states no outcome, which means accepted."""
    steps = case.core["steps"]
    for index, (step, derived) in enumerate(zip(steps, trace, strict=True)):
        expect = step.get("expect", {})
        stated = any("outcome" in one for one in (expect, *expect.get("any_of", ())))
        if derived["outcome"] == "rejected" and not stated:
            reason = derived["reason"]
            what = f"{case.id}: {step['do']} is refused with {reason}, unstated"
            remedy = "state its outcome and reason"
            yield RulebookError(what, _where(case, "steps", index), remedy)


def _unsettled(one: Expectation, choices: Sequence[str], case: Case) -> RulebookError:
    what = f"{case.id}: {one.name or one.place} cannot be expected"
    why = not_judged(case.profile, choices)
    where = _where(case, *one.path)
    return RulebookError(f"{what}: {why}", where, "leave it out, or set the choice")


def _unstated(case: Case, trace: Any, rulebook: Rulebook) -> Problems:
    """Find decisive events that a case neither expects nor rules out."""
    steps = case.core["steps"]
    stated = {
        name
        for step in steps
        for expect in [step.get("expect", {})]
        for part in (expect, *expect.get("any_of", ()))
        for name in names_of(part.get("events", ()))
    }
    for index, (step, derived) in enumerate(zip(steps, trace, strict=True)):
        happened = _decisive(names_of(derived["events"]), rulebook)
        strange = [name for name in happened if name not in stated]
        if strange and "events" not in step.get("expect", {}):
            what = f"{case.id}: {step['do']} brings {strange[0]}, which no step states"
            yield RulebookError(what, _where(case, "steps", index), "state its events")


def _agrees(expected: Any, value: Any, place: str, rulebook: Rulebook) -> bool:
    if place == "events":
        return _decisive(value, rulebook) == _decisive(expected, rulebook)
    if expected == value:
        return True
    if not isinstance(expected, str) or not isinstance(value, str):
        return False
    try:
        return bool(exact(expected) == kept(exact(value)))
    except NotCanonical:
        return False


def _decisive(events: Iterable[str], rulebook: Rulebook) -> list[str]:
    return [name for name in events if rulebook.machine.events[name]]
