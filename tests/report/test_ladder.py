"""The price ladder: which prices, how high, and words that do not run together."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from isomargin.log import LogFile
from isomargin.report.ladder import HEIGHT, Ladder, ladder
from isomargin.report.library import Library

QUOTE, SCENARIO = "contracts.inverse.long_tiers_490", "glossary.alice"


def drawn(
    library: Library, log: LogFile, name: str, step: int | None, findings: Any = None
) -> Ladder | None:
    [line] = [one for one in log.cases if one["id"] == name]
    shown = line["findings"] if findings is None else findings
    return ladder(library.rulebook.cases[name], library.rules, step, shown)


def prices(rungs: Any) -> dict[str, str]:
    return {rung.name: rung.price for rung in rungs}


def test_a_quote_has_the_rulebooks_prices_and_the_engines(
    library: Library, log: LogFile
) -> None:
    found = drawn(library, log, QUOTE, None)
    assert found is not None
    assert found.side == "long"
    assert set(prices(found.ours)) == {
        "entry_price",
        "mark_price",
        "liquidation_price",
        "bankruptcy_price",
    }
    assert prices(found.ours)["liquidation_price"] == "9127.896200185356811863"
    assert prices(found.theirs) == {"liquidation_price": "9136.363636363636363636"}
    assert {rung.name for rung in found.ours if rung.differs} == {"liquidation_price"}


def test_a_closed_position_is_drawn_as_it_was_at_the_price_that_closed_it(
    library: Library, log: LogFile
) -> None:
    found = drawn(library, log, SCENARIO, 3)
    assert found is not None
    assert prices(found.ours)["entry_price"] == "50000"
    assert prices(found.ours)["mark_price"] == "30000"
    assert Fraction(prices(found.ours)["liquidation_price"]) > 30000


def test_the_prices_of_a_whole_position_count_as_shown(
    library: Library, log: LogFile
) -> None:
    position = {"liquidation_price": "45000", "side": "long", "bankruptcy_price": None}
    finding = {"step": 3, "path": "position", "actual": position}
    found = drawn(library, log, SCENARIO, 3, [finding])
    assert found is not None
    assert prices(found.theirs) == {"liquidation_price": "45000"}


@pytest.mark.parametrize("actual", [None, "NaN", "1e5", {"x": "1"}, ["1"], True])
def test_what_is_no_price_is_not_drawn(
    library: Library, log: LogFile, actual: Any
) -> None:
    finding = {"step": None, "path": "liquidation_price", "actual": actual}
    found = drawn(library, log, QUOTE, None, [finding])
    assert found is not None
    assert found.theirs == ()


def test_before_there_is_a_position_there_is_nothing_to_draw(
    library: Library, log: LogFile
) -> None:
    assert drawn(library, log, SCENARIO, 0, []) is None


def test_higher_prices_lie_higher(library: Library, log: LogFile) -> None:
    found = drawn(library, log, QUOTE, None)
    assert found is not None
    rungs = sorted((*found.ours, *found.theirs), key=lambda one: -Fraction(one.price))
    assert all(above.height <= below.height for above, below in pairwise(rungs))
    assert found.height("entry_price") == min(rung.height for rung in rungs)
    assert found.height("index_price") is None


@pytest.mark.parametrize("price", ["1", "9127.896200185356811864", "9" * 190])
def test_words_never_run_together_nor_off_the_drawing(
    library: Library, log: LogFile, price: str
) -> None:
    finding = {"step": None, "path": "liquidation_price", "actual": price}
    found = drawn(library, log, QUOTE, None, [finding])
    assert found is not None
    labels = [rung.label for rung in found.ours]
    assert all(below - above >= 34 for above, below in pairwise(labels))
    assert labels[0] >= 16
    assert labels[-1] + 12 <= HEIGHT
