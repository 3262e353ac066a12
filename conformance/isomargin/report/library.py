"""What a report may draw on besides its log: the rulebook and its texts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from isomargin.formulas.world import Rules
from isomargin.log import LogFile
from isomargin.plan import digest_of_cases
from isomargin.rulebook.model import Case, Rulebook
from isomargin.text import Catalogue

__all__ = ["Library", "Told"]

T = TypeVar("T")
Told = Mapping[str, T]
"""Language to what is said in it."""


@dataclass(frozen=True, kw_only=True)
class Library:
    """The rulebook and its texts.

    Attributes:
        rulebook: the rules, to derive by.
        catalogues: the texts, by language.
        language: the language that a reader meets first.
    """

    rulebook: Rulebook
    catalogues: Mapping[str, Catalogue]
    language: str

    @cached_property
    def rules(self) -> Rules:
        """The rulebook's formulas."""
        return Rules(self.rulebook)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages, the reader's first."""
        return tuple(sorted(self.catalogues, key=lambda one: one != self.language))

    def told(self, telling: Callable[[Catalogue], T]) -> dict[str, T]:
        """Return what each language says, the reader's first."""
        return {one: telling(self.catalogues[one]) for one in self.languages}

    def word(self, message: str, **figures: str) -> dict[str, str]:
        """Return a sentence of the reports' in each language."""
        return self.told(lambda texts: texts.message(f"report.{message}", **figures))

    def holds(self, log: LogFile) -> bool:
        """Say whether the rules and cases here are those of a run, unchanged."""
        held = (self.rulebook.cases.get(line["id"]) for line in log.cases)
        cases = [case for case in held if case]
        # Of a run cut short, or of cases from elsewhere, only the rules are compared.
        whole = len(cases) == log.header["selected"]
        same = not whole or digest_of_cases(cases) == log.header["cases"]
        return bool(log.header["rulebook"] == self.rulebook.digest and same)

    def case(self, identity: str, profile: str) -> Case | None:
        """Return a case of the rulebook; None where it has no such one."""
        case = self.rulebook.cases.get(identity)
        return case if case and case.profile == profile else None
