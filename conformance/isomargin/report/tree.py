"""The rules and how the cases about them ended: families, rules, cases."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from isomargin.expression.write import written
from isomargin.judge import STATUSES
from isomargin.log import LogFile
from isomargin.report.library import Library, Told
from isomargin.report.summary import Summary
from isomargin.rulebook.model import Definition, Law, Rule

__all__ = ["Branch", "Leaf", "rule_tree", "tone"]


@dataclass(frozen=True)
class Leaf:
    """A rule and the cases about it.

    Attributes:
        id: the rule.
        level: must, should or may, per language; None where the rulebook has it not.
        title: what it is called.
        statement: what it says.
        rationale: why it is so.
        formula: how it is written; empty for what happens step by step.
        counts: status to number of cases.
        cases: id and status of each case about it.
    """

    id: str
    level: Told[str] | None
    title: Told[str] | None
    statement: Told[str] | None
    rationale: Told[str] | None
    formula: str
    counts: Mapping[str, int]
    cases: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Branch:
    """A family of rules.

    Attributes:
        family: its name in the rulebook.
        title: what it is called.
        counts: status to number of cases about any of its rules.
        leaves: the rules.
    """

    family: str
    title: Told[str]
    counts: Mapping[str, int]
    leaves: tuple[Leaf, ...]


def tone(counts: Mapping[str, int]) -> str:
    """Return the most telling status there is; `none` where there is no case."""
    telling = ("failed", "errored", "passed", "skipped", "unsupported", "unjudged")
    return next((status for status in telling if counts.get(status)), "none")


def rule_tree(log: LogFile, summary: Summary, library: Library) -> tuple[Branch, ...]:
    """Return every rule of the rulebook with the cases that were about it.

    Rules that only the log knows stand under a family of their own.
    """
    about: dict[str, list[tuple[str, str]]] = {}
    for line in log.cases:
        for rule in line["about"]:
            about.setdefault(rule, []).append((line["id"], line["status"]))
    known = library.rulebook.rules
    families: dict[str, list[Leaf]] = {}
    for rule in known.values():
        leaf = _leaf(rule, about.get(rule.id, ()), library)
        families.setdefault(rule.family, []).append(leaf)
    for name in sorted(about.keys() - known.keys()):
        families.setdefault("unknown", []).append(_stranger(name, about[name]))
    return tuple(
        Branch(family, _family(family, library), _counts(summary, family), tuple(rules))
        for family, rules in families.items()
    )


def _leaf(rule: Rule, cases: Iterable[tuple[str, str]], library: Library) -> Leaf:
    told = library.told(lambda texts: texts.rule(rule.id))
    return Leaf(
        rule.id,
        library.told(lambda texts: texts.label("level", rule.level)),
        {language: text.title for language, text in told.items()},
        {language: text.statement for language, text in told.items()},
        {language: text.rationale for language, text in told.items()},
        _formula(rule),
        _counted(cases),
        tuple(cases),
    )


def _stranger(name: str, cases: Iterable[tuple[str, str]]) -> Leaf:
    return Leaf(name, None, None, None, None, "", _counted(cases), tuple(cases))


def _counted(cases: Iterable[tuple[str, str]]) -> dict[str, int]:
    counted = Counter(status for _, status in cases)
    return {status: counted[status] for status in STATUSES}


def _counts(summary: Summary, family: str) -> Mapping[str, int]:
    return summary.families.get(family, dict.fromkeys(STATUSES, 0))


def _family(family: str, library: Library) -> dict[str, str]:
    """Return what a family is called; its own name where no text tells."""
    key = f"messages/report.family.{family}"
    return library.told(
        lambda texts: texts.units[key].fields["text"] if key in texts.units else family
    )


def _formula(rule: Rule) -> str:
    """Return a rule in ordinary notation; empty for what happens step by step."""
    if isinstance(rule, Law):
        return written(rule.holds)
    if not isinstance(rule, Definition):
        return ""
    given = f"({', '.join(rule.parameters)})" if rule.parameters else ""
    return f"{rule.defines}{given} = {written(rule.formula)}"
