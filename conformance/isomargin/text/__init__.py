"""What people read: the texts of the rulebook, their numbers, and their sources."""

from isomargin.text.catalogue import (
    LANGUAGE_OF_RECORD,
    Catalogue,
    ExampleText,
    RuleText,
    load_catalogue,
    load_catalogues,
)
from isomargin.text.check import Subjects, problems
from isomargin.text.figures import Figure, figure_at
from isomargin.text.numbers import NumberForm, UnreadableNumberError, load_number_forms

__all__ = [
    "LANGUAGE_OF_RECORD",
    "Catalogue",
    "ExampleText",
    "Figure",
    "NumberForm",
    "RuleText",
    "Subjects",
    "UnreadableNumberError",
    "figure_at",
    "load_catalogue",
    "load_catalogues",
    "load_number_forms",
    "problems",
]
