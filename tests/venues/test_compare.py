"""One trade on every profile, and what moved between editions."""

from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from isomargin.compare import FIGURES, Compared, Trade, compared, difference
from isomargin.editions import edition, editions_of
from isomargin.errors import UsageError
from isomargin.report.compared import (
    compared_data,
    compared_lines,
    compared_svg,
    difference_data,
    difference_lines,
)
from isomargin.report.screen import Screen
from isomargin.rulebook.model import Rulebook
from isomargin.text import Catalogue

TRADE = Trade(
    side="long",
    quantity="0.1",
    entry_price="10000",
    leverage="10",
    added_margin="50",
)
WIDE = Screen(width=100)


@pytest.fixture(scope="module")
def rows(rulebook: Rulebook) -> list[Compared]:
    return compared(TRADE, rulebook)


def row(name: str, rows: list[Compared]) -> Compared:
    return next(row for row in rows if row.profile.id == name)


def test_every_profile_with_an_isolated_mode_is_compared(
    rows: list[Compared], rulebook: Rulebook
) -> None:
    ids = {row.profile.id for row in rows}
    assert rulebook.profiles.keys() - ids == {"deribit/inverse"}


def test_the_one_liquidated_last_comes_first(rows: list[Compared]) -> None:
    linear = [row for row in rows if row.profile.contract == "linear"]
    *known, unknown = [row.figures.get("liquidation_price", "0") for row in linear]
    prices = [Decimal(price or 0) for price in known]
    assert prices == sorted(prices)
    assert unknown == "0"
    assert "liquidation_price" not in linear[-1].figures


def test_the_textbook_needs_no_reason(rows: list[Compared]) -> None:
    textbook = row("textbook/linear", rows)
    assert (textbook.because, textbook.not_known) == ((), {})
    assert dict(textbook.figures) == {
        "initial_margin": "100",
        "liquidation_price": "8542.713567839195979899",
        "bankruptcy_price": "8500",
        "maximum_loss": "150",
    }


def test_a_difference_is_explained_by_the_choices_that_move_a_figure(
    rows: list[Compared],
) -> None:
    assert row("okx/linear", rows).because == (
        "maintenance_fee",
        "liquidation_price_shift",
    )
    assert row("delta/linear", rows).because == ("maintenance_margin_price",)
    assert row("coinex/linear", rows).because == ()


def test_a_figure_that_rests_on_what_was_not_seen_is_not_known(
    rows: list[Compared], english: Catalogue
) -> None:
    kraken = row("kraken/linear", rows)
    assert kraken.figures == {}
    assert kraken.not_known["bankruptcy_price"] == (
        "bankruptcy_fee",
        "initial_margin_closing_fee",
    )
    shown = next(
        line
        for line in compared_lines(rows, english, WIDE)
        if line.startswith("kraken/linear")
    )
    assert shown.split("  ")[0] == "kraken/linear"
    assert shown.count("not known") == len(FIGURES)


def test_a_position_that_no_fall_liquidates_comes_before_all(
    rulebook: Rulebook,
) -> None:
    trade = Trade(side="long", quantity="1", entry_price="100", leverage="1")
    first = compared(trade, rulebook)[0]
    assert first.figures["liquidation_price"] is None


def test_the_table_tells_figures_and_reasons(
    rows: list[Compared], english: Catalogue
) -> None:
    lines = list(compared_lines(rows, english, WIDE))
    assert lines[0].split("  ")[0] == "profile"
    assert sum(line.startswith("delta/linear") for line in lines) == 2
    reasons = [line.split(maxsplit=1) for line in lines[len(rows) + 1 :]]
    assert [
        "delta/linear",
        "price of the maintenance margin: the entry price",
    ] in reasons


def test_the_data_leaves_out_what_is_not_known(rows: list[Compared]) -> None:
    told = next(x for x in compared_data(rows) if x["profile"] == "kraken/linear")
    assert not set(FIGURES) & told.keys()
    assert told["not_known"].keys() == set(FIGURES)


def test_the_data_carries_the_choices(rows: list[Compared]) -> None:
    told = next(x for x in compared_data(rows) if x["profile"] == "delta/linear")
    assert told["because"] == {"maintenance_margin_price": "entry"}
    assert set(FIGURES) <= told.keys()


@pytest.mark.parametrize("side", ["long", "short"])
def test_the_drawing_has_a_row_for_each_profile(
    side: str, rulebook: Rulebook, norwegian: Catalogue
) -> None:
    trade = Trade(side=side, quantity="0.1", entry_price="10000", leverage="10")
    rows = compared(trade, rulebook)
    drawing = ET.fromstring(compared_svg(rows, trade, norwegian))  # noqa: S314 - made here
    groups = drawing.findall("{http://www.w3.org/2000/svg}g")
    names = [
        group.findall("{http://www.w3.org/2000/svg}text")[0].text for group in groups
    ]
    assert names == [row.profile.id for row in rows]


def test_the_edition_in_force_on_a_day_is_found(rulebook: Rulebook) -> None:
    assert edition("bybit/linear", rulebook).id == "bybit/linear"
    assert edition("bybit/linear@2025-01-01", rulebook).id == "bybit/linear@2024-03-14"
    assert edition("bybit/linear@2026-05-27", rulebook).id == "bybit/linear"
    dates = [one.effective_from for one in editions_of("kucoin/linear", rulebook)]
    assert dates == ["2019-05-22", "2025-05-22"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "nobody/linear",
            "profile: there is no profile 'nobody/linear'; see: isomargin list profiles",
        ),
        (
            "bybit/linear@2020-01-01",
            (
                "profile: there is no edition of bybit/linear as old as 2020-01-01;"
                " the oldest is of 2024-03-14"
            ),
        ),
    ],
)
def test_an_edition_that_does_not_exist_is_refused(
    name: str, message: str, rulebook: Rulebook
) -> None:
    with pytest.raises(UsageError) as fault:
        edition(name, rulebook)
    assert str(fault.value) == message


def test_what_moved_between_two_editions_is_told_with_the_reason(
    rulebook: Rulebook, english: Catalogue
) -> None:
    before = edition("bybit/linear@2024-03-14", rulebook)
    found = difference(TRADE, before, edition("bybit/linear", rulebook), rulebook)
    assert list(difference_lines(found, english, Screen(width=300))) == [
        "price of the maintenance margin: from “the entry price” to “the mark price”.",
        "fee scaling of added margin: from “no” to “yes”.",
        "price of the tier: from “the entry price” to “the price in question”.",
        (
            "liquidation price moves from 8,550 to 8,542.5, because of: price of the"
            " maintenance margin, fee scaling of added margin."
        ),
    ]
    assert difference_data(found)["moved"] == {
        "liquidation_price": {
            "before": "8550",
            "after": "8542.5",
            "because": ["maintenance_margin_price", "added_margin_fee_scaling"],
        }
    }


def test_what_one_of_two_profiles_does_not_say_is_not_said_to_move(
    rulebook: Rulebook, english: Catalogue
) -> None:
    one, other = (
        edition("textbook/linear", rulebook),
        edition("kraken/linear", rulebook),
    )
    found = difference(TRADE, one, other, rulebook)
    assert found.moved == {}
    assert difference_data(found)["choices"]["maintenance_fee"] == ["none", None]
    lines = list(difference_lines(found, english, Screen(width=300)))
    assert "fee scaling of added margin: from “no” to “not known”." in lines
    assert lines[-1] == (
        "maximum loss is not known of kraken/linear, because nothing was seen of:"
        " closing fee in the initial margin."
    )


def test_two_editions_alike_say_so(rulebook: Rulebook, english: Catalogue) -> None:
    same = edition("okx/linear", rulebook)
    found = difference(TRADE, same, same, rulebook)
    told = list(difference_lines(found, english, WIDE))
    assert told == ["Both make the same choices."]
