"""Numbers as each language writes them: exact, never rounded, read back strictly.

A number is a decimal string in the canonical grammar of the rulebook. Writing it
prints the same digits with the separators of a `NumberForm`; reading is the
inverse and has no answer, instead of a guess, for what the form would not write.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isomargin.rulebook.schema import check
from isomargin.rulebook.strict_yaml import load_document

__all__ = [
    "VIEWS",
    "NumberForm",
    "UnreadableNumberError",
    "load_number_forms",
    "read",
    "written",
]

VIEWS = ("plain", "percent", "times", "with_asset")

_CANONICAL = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?", re.ASCII)
_ASCII_DIGITS = "0123456789"
# Which of these spaces was typed is never told apart when reading.
_SPACES = dict.fromkeys(map(ord, "\u0020\u2009\u202f"), "\u00a0")
_PLACES_OF_PERCENT = 2


class UnreadableNumberError(ValueError):
    """A text that the number form gives no reading, or a number not canonical."""


@dataclass(frozen=True, kw_only=True)
class NumberForm:
    """How one language writes numbers.

    Attributes:
        language: BCP 47 tag of the language.
        decimal: the decimal mark.
        group: the mark between groups of whole digits, as written.
        group_sizes: sizes of the groups from the decimal mark; the last repeats.
        minimum_grouping_digits: digits that must stand before the first mark for
            a number to be grouped at all.
        minus: the minus sign, as written.
        digits: the ten digits, zero first.
        percent: a rate in hundredths, `{number}` standing for the number.
        times: a leverage.
        with_asset: an amount and `{asset}`, the name of what it is in.
        read_group: further group marks that are accepted when reading.
        read_minus: further minus signs that are accepted when reading.
        read_group_sizes: another grouping that is accepted when reading.
        ignored: marks that are skipped when reading.
    """

    language: str
    decimal: str
    group: str
    group_sizes: tuple[int, ...] = (3,)
    minimum_grouping_digits: int = 1
    minus: str = "-"
    digits: str = _ASCII_DIGITS
    percent: str = "{number}%"
    times: str = "{number}x"
    with_asset: str = "{number} {asset}"
    read_group: tuple[str, ...] = ()
    read_minus: tuple[str, ...] = ()
    read_group_sizes: tuple[int, ...] = ()
    ignored: tuple[str, ...] = ()

    def pattern(self, view: str) -> str:
        """Return the pattern of a view, with `{number}` in it."""
        patterns = {
            "plain": "{number}",
            "percent": self.percent,
            "times": self.times,
            "with_asset": self.with_asset,
        }
        return patterns[view]


def load_number_forms(path: Path) -> dict[str, NumberForm]:
    """Return the number forms of a file, by language tag.

    Raises:
        RulebookError: the file is wrong.
    """
    name = path.relative_to(path.parents[1]).as_posix()
    document = load_document(path, name=name)
    check(document, path.parent / "schema", "number_forms")
    forms: Mapping[str, Mapping[str, Any]] = document.data["forms"]
    return {tag: _form(tag, fields) for tag, fields in forms.items()}


def written(
    number: str, form: NumberForm, view: str = "plain", *, asset: str = ""
) -> str:
    """Return a number as the language writes it, with exactly its own digits.

    Args:
        number: a canonical decimal string; its scale is kept ("1000.00" prints
            two decimals).
        form: how the language writes numbers.
        view: plain, percent (exactly a hundredfold), times or with_asset.
        asset: what an amount is in, for the view with_asset.

    Raises:
        UnreadableNumberError: `number` is not canonical.
    """
    sign, whole, fraction = _parts(number)
    if view == "percent":
        whole, fraction = _hundredfold(whole, fraction)
    grouped = _grouped(whole, form.group, form.group_sizes, form)
    figure = grouped + (form.decimal + fraction if fraction else "")
    figure = (form.minus if sign else "") + _translated(figure, form.digits)
    return form.pattern(view).replace("{number}", figure).replace("{asset}", asset)


def read(text: str, form: NumberForm, view: str = "plain", *, asset: str = "") -> str:
    """Return the canonical number that a text says in a language.

    `read(written(number))` is `number`, digit for digit; in the view percent the
    result has two decimals at least, and is the same number.

    Args:
        text: the number alone, with the sign, mark and asset of its view.
        form: how the language writes numbers.
        view: plain, percent, times or with_asset.
        asset: the asset that must be named, for the view with_asset.

    Raises:
        UnreadableNumberError: the form gives the text no reading.
    """
    pattern = re.escape(_folded(form.pattern(view).replace("{asset}", asset), form))
    figure = re.fullmatch(pattern.replace(r"\{number\}", "(.+)"), _folded(text, form))
    number = _read_figure(figure[1], form) if figure else None
    if number is None:
        raise UnreadableNumberError(
            f"{text!r} is no number as {form.language} writes one ({view})"
        )
    return _hundredth(number) if view == "percent" else number


def _form(tag: str, fields: Mapping[str, Any]) -> NumberForm:
    values: dict[str, Any] = dict(fields)
    for name in ("group_sizes", "read_group_sizes"):
        values[name] = tuple(map(int, fields.get(name, [])))
    values["group_sizes"] = values["group_sizes"] or (3,)
    for name in ("read_group", "read_minus", "ignored"):
        values[name] = tuple(fields.get(name, []))
    values["minimum_grouping_digits"] = int(fields.get("minimum_grouping_digits", "1"))
    return NumberForm(language=tag, **values)


def _parts(number: str) -> tuple[str, str, str]:
    parts = _CANONICAL.fullmatch(number)
    if not parts:
        raise UnreadableNumberError(f"{number!r} is not a canonical decimal string")
    return parts[1], parts[2], parts[3] or ""


def _hundredfold(whole: str, fraction: str) -> tuple[str, str]:
    digits = fraction.ljust(_PLACES_OF_PERCENT, "0")
    whole = (whole + digits[:_PLACES_OF_PERCENT]).lstrip("0") or "0"
    return whole, digits[_PLACES_OF_PERCENT:]


def _hundredth(number: str) -> str:
    sign, whole, fraction = _parts(number)
    digits = whole.rjust(_PLACES_OF_PERCENT + 1, "0")
    whole, moved = digits[:-_PLACES_OF_PERCENT], digits[-_PLACES_OF_PERCENT:]
    return f"{sign}{whole}.{moved}{fraction}"


def _grouped(
    whole: str, group: str, sizes: tuple[int, ...], form: NumberForm | None = None
) -> str:
    minimum = form.minimum_grouping_digits if form else 1
    if len(whole) < sizes[0] + minimum:
        return whole
    groups, remaining = [whole[-sizes[0] :]], whole[: -sizes[0]]
    following = sizes[1] if len(sizes) > 1 else sizes[0]
    while remaining:
        groups.append(remaining[-following:])
        remaining = remaining[:-following]
    return group.join(reversed(groups))


def _translated(figure: str, digits: str) -> str:
    return figure.translate(str.maketrans(_ASCII_DIGITS, digits))


def _folded(text: str, form: NumberForm) -> str:
    """Return a text with one mark for each of the marks that read alike."""
    table: dict[int, str] = dict.fromkeys(map(ord, form.read_group), form.group)
    table |= dict.fromkeys(map(ord, (*form.minus, *form.read_minus)), "-")
    table |= dict.fromkeys(map(ord, form.ignored), "")
    table |= {ord(digit): str(place) for place, digit in enumerate(form.digits)}
    return text.translate(table).translate(_SPACES)


def _read_figure(figure: str, form: NumberForm) -> str | None:
    unsigned = figure.removeprefix("-")
    whole, mark, fraction = unsigned.partition(form.decimal)
    group = _folded(form.group, form)
    digits = whole.replace(group, "")
    sizes = [form.group_sizes, *([form.read_group_sizes] * bool(form.read_group_sizes))]
    readable = {digits, *(_grouped(digits, group, size) for size in sizes)}
    number = ("-" if unsigned != figure else "") + digits + ("." if mark else "")
    canonical = _CANONICAL.fullmatch(number + fraction)
    # The whole part must be the digits alone: another form's mark is no decimal point.
    sound = canonical and canonical[2] == digits and whole in readable
    return number + fraction if sound else None
