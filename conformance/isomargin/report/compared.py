"""A trade on every profile, and what moved between two editions, made readable."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from html import escape
from typing import Any

from isomargin.compare import FIGURES, Compared, Difference, NotKnown, Trade
from isomargin.formulas import decimal_text, exact
from isomargin.profile_sentences import choice_of, not_known, nothing_seen
from isomargin.report.screen import Screen
from isomargin.report.table import paragraph, table
from isomargin.rulebook.model import Profile
from isomargin.text import Catalogue, Figure

__all__ = [
    "compared_data",
    "compared_lines",
    "compared_svg",
    "difference_data",
    "difference_lines",
]

_NOTHING = "–"
_KINDS = {"initial_margin": "amount", "maximum_loss": "amount"}
_DECIMALS = 8
_ROW, _LEFT, _WIDTH, _RIGHT, _TOP = 22, 340, 520, 20, 34
_STYLE = (
    "<style>"
    ".ground { fill: #fff } text { fill: #1b1d22 } .entry { stroke: #8a8f99 }"
    " .liquidation { stroke: #2b6cb0; stroke-width: 8 }"
    " .bankruptcy { stroke: #c53030; stroke-width: 2 }"
    " @media (prefers-color-scheme: dark) {"
    " .ground { fill: #15171c } text { fill: #e8eaee } .liquidation { stroke: #63a4e8 }"
    " .bankruptcy { stroke: #ff8078 } }"
    "</style>"
)
_SVG = 'xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="12"'


def compared_data(rows: Iterable[Compared]) -> list[dict[str, Any]]:
    """Return the rows of a comparison as JSON data."""
    return [
        {
            "profile": row.profile.id,
            "effective_from": row.profile.effective_from,
            "contract": row.profile.contract,
            **row.figures,
            "because": {name: row.profile.parameters[name] for name in row.because},
            "not_known": _listed(row.not_known),
        }
        for row in rows
    ]


def compared_lines(
    rows: Sequence[Compared], catalogue: Catalogue, screen: Screen
) -> Iterator[str]:
    """Yield a table of the figures, then for each profile why it differs."""
    headings = [
        catalogue.message("compare.profile"),
        *(catalogue.label("quantity", name) for name in FIGURES),
    ]
    cells = [[row.profile.id, *_cells(row, catalogue)] for row in rows]
    columns = range(1, len(headings))
    yield from table(cells, screen, headings=headings, numbers=columns)
    yield ""
    reasons = [(row.profile.id, reason(row, catalogue)) for row in rows]
    yield from table([pair for pair in reasons if pair[1]], screen)


def reason(row: Compared, catalogue: Catalogue) -> str:
    """Return the choices that explain a row, and those that are not known."""
    told = "; ".join(_choices(row.because, row.profile, catalogue))
    if not row.not_known:
        return told
    choices = dict.fromkeys(one for names in row.not_known.values() for one in names)
    unknown = nothing_seen(choices, catalogue)
    return f"{told}. {unknown}" if told else unknown


def compared_svg(rows: Sequence[Compared], trade: Trade, catalogue: Catalogue) -> str:
    """Return a drawing: for each profile where it liquidates and where it is bankrupt.

    The entry price is a line; a bar runs from it to the liquidation price, and a
    stroke stands at the bankruptcy price.
    """
    prices = [exact(trade.entry_price), *_prices(rows)]
    axis = _Axis(min(prices), max(prices))
    width, height = _LEFT + _WIDTH + _RIGHT, _TOP + _ROW * len(rows) + 10
    entry = axis.at(exact(trade.entry_price))
    anchor = "end" if trade.side == "long" else "start"
    body = [
        line
        for index, row in enumerate(rows)
        for line in _drawn(row, _TOP + _ROW * index, entry, axis, catalogue)
    ]
    named = catalogue.label("quantity", "entry_price")
    head = f"{named} {_shown('entry_price', trade.entry_price, catalogue)}"
    return "\n".join(
        [
            f'<svg {_SVG} viewBox="0 0 {width} {height}">',
            f"<title>{escape(catalogue.message('compare.drawing'))}</title>",
            _STYLE,
            f'<rect class="ground" width="{width}" height="{height}"/>',
            *_legend(catalogue),
            f'<text x="{entry}" y="18" text-anchor="{anchor}">{escape(head)}</text>',
            f'<line x1="{entry}" y1="24" x2="{entry}" y2="{height}" class="entry"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def _legend(catalogue: Catalogue) -> Iterator[str]:
    """Yield what the bar and the stroke stand for, over the columns of words."""
    for x, name in ((8, "bankruptcy_price"), (_LEFT - 132, "liquidation_price")):
        label = escape(catalogue.label("quantity", name))
        mark = name.partition("_")[0]
        yield f'<line x1="{x}" y1="14" x2="{x + 14}" y2="14" class="{mark}"/>'
        yield f'<text x="{x + 20}" y="18">{label}</text>'


class _Axis:
    """Where a price stands between the lowest and the highest."""

    def __init__(self, lowest: Fraction, highest: Fraction) -> None:
        self.lowest = lowest
        self.span = highest - lowest or Fraction(1)

    def at(self, price: Fraction) -> str:
        tenths = round((price - self.lowest) / self.span * _WIDTH * 10)
        whole, tenth = divmod(_LEFT * 10 + tenths, 10)
        return f"{whole}.{tenth}"


def _prices(rows: Iterable[Compared]) -> Iterator[Fraction]:
    for row in rows:
        for name in ("liquidation_price", "bankruptcy_price"):
            price = row.figures.get(name)
            if price is not None:
                yield exact(price)


def _drawn(
    row: Compared, top: int, entry: str, axis: _Axis, catalogue: Catalogue
) -> Iterator[str]:
    middle = top + _ROW // 2
    why = escape(reason(row, catalogue))
    yield f"<g><title>{why}</title>" if why else "<g>"
    yield f'<text x="8" y="{middle + 4}">{escape(row.profile.id)}</text>'
    liquidation, bankruptcy = (
        row.figures.get(name) for name in ("liquidation_price", "bankruptcy_price")
    )
    price = escape(_cell(row, "liquidation_price", catalogue))
    yield f'<text x="{_LEFT - 12}" y="{middle + 4}" text-anchor="end">{price}</text>'
    if liquidation is not None:
        x = axis.at(exact(liquidation))
        line = f'x1="{entry}" y1="{middle}" x2="{x}" y2="{middle}"'
        yield f'<line {line} class="liquidation"/>'
    if bankruptcy is not None:
        x = axis.at(exact(bankruptcy))
        line = f'x1="{x}" y1="{middle - 7}" x2="{x}" y2="{middle + 7}"'
        yield f'<line {line} class="bankruptcy"/>'
    yield "</g>"


def difference_data(found: Difference) -> dict[str, Any]:
    """Return what changed between two editions as JSON data."""
    one, other = found.before, found.after
    return {
        "before": {"profile": one.id, "effective_from": one.effective_from},
        "after": {"profile": other.id, "effective_from": other.effective_from},
        "choices": {
            name: [_value(one, name), _value(other, name)] for name in found.choices
        },
        "not_known": {
            profile: _listed(names) for profile, names in found.not_known.items()
        },
        "moved": {
            name: {"before": was, "after": now, "because": list(found.because[name])}
            for name, (was, now) in found.moved.items()
        },
    }


def difference_lines(
    found: Difference, catalogue: Catalogue, screen: Screen
) -> Iterator[str]:
    """Yield the choices that changed, and each figure that moved with the reason."""
    if not found.choices:
        yield catalogue.message("difference.of_editions_none")
    for name in found.choices:
        told = catalogue.message(
            "difference.of_editions_choice",
            parameter=catalogue.label("parameter", name),
            before=choice_of(found.before, name, catalogue),
            after=choice_of(found.after, name, catalogue),
        )
        yield from paragraph(told, screen)
    for name in found.moved:
        yield from paragraph(_moved(name, found, catalogue), screen)
    for profile, names in found.not_known.items():
        for name in names:
            told = _unsettled(name, profile, names[name], catalogue)
            yield from paragraph(told, screen)


def _unsettled(
    name: str, profile: str, choices: Iterable[str], catalogue: Catalogue
) -> str:
    return catalogue.message(
        "difference.of_editions_not_known",
        quantity=catalogue.label("quantity", name),
        profile=profile,
        parameters=", ".join(catalogue.label("parameter", one) for one in choices),
    )


def _listed(not_known: NotKnown) -> dict[str, list[str]]:
    return {name: list(choices) for name, choices in not_known.items()}


def _value(profile: Profile, name: str) -> Any:
    """Return a profile's value of a choice; None where it says nothing of it."""
    choice = profile.choices[name]
    return None if choice.unknown else choice.value


def _moved(name: str, found: Difference, catalogue: Catalogue) -> str:
    was, now = found.moved[name]
    causes = (catalogue.label("parameter", cause) for cause in found.because[name])
    return catalogue.message(
        "difference.of_editions_figure",
        quantity=catalogue.label("quantity", name),
        before=_shown(name, was, catalogue),
        after=_shown(name, now, catalogue),
        parameters=", ".join(causes) or _NOTHING,
    )


def _choices(
    names: Iterable[str], profile: Profile, catalogue: Catalogue
) -> Iterator[str]:
    for name in names:
        value = choice_of(profile, name, catalogue)
        yield f"{catalogue.label('parameter', name)}: {value}"


def _cells(row: Compared, catalogue: Catalogue) -> list[str]:
    return [_cell(row, name, catalogue) for name in FIGURES]


def _cell(row: Compared, name: str, catalogue: Catalogue) -> str:
    if name in row.not_known:
        return not_known(catalogue)
    return _shown(name, row.figures[name], catalogue)


def _shown(name: str, value: str | None, catalogue: Catalogue) -> str:
    """Return a figure as the language writes it, to eight decimals at the most."""
    if value is None:
        return _NOTHING
    short = round(exact(value), _DECIMALS)
    kind = _KINDS.get(name, "price")
    figure = Figure(kind=kind, value=decimal_text(short), field=name)
    return catalogue.shown(figure)
