"""Every venue, every edition, and what each choice rests on."""

import re

import pytest

from isomargin.editions import product_of
from isomargin.profile_sentences import profile_sentences
from isomargin.rulebook.model import Profile, Rulebook
from isomargin.text import Catalogue

PRODUCTS = [
    "aster/linear",
    "binance/coinm",
    "binance/usdm",
    "bingx/inverse",
    "bingx/linear",
    "bitget/coinm",
    "bitget/usdtm",
    "bitmex/inverse",
    "bitmex/linear",
    "bitmex/quanto",
    "bybit/inverse",
    "bybit/linear",
    "coinex/inverse",
    "coinex/linear",
    "delta/linear",
    "deribit/inverse",
    "dydx/perpetual",
    "gate/inverse",
    "gate/linear",
    "htx/inverse",
    "htx/linear",
    "hyperliquid/perpetual",
    "kraken/linear",
    "kucoin/inverse",
    "kucoin/linear",
    "mexc/inverse",
    "mexc/linear",
    "okx/inverse",
    "okx/linear",
    "orderly/linear",
    "phemex/linear",
]
EDITIONS = [
    "bitget/usdtm@2023-08-07",
    "bitmex/inverse@2018-07-20",
    "bybit/inverse@2024-03-14",
    "bybit/linear@2024-03-14",
    "coinex/linear@2022-04-29",
    "htx/inverse@2020-10-28",
    "htx/linear@2020-10-28",
    "hyperliquid/perpetual@2023-03-01",
    "kucoin/inverse@2019-05-22",
    "kucoin/linear@2019-05-22",
    "phemex/linear@2021-01-01",
]


def of_venues(rulebook: Rulebook) -> list[Profile]:
    every = rulebook.profiles.values()
    return [profile for profile in every if not profile.id.startswith("textbook/")]


def test_every_venue_and_older_edition_is_there(rulebook: Rulebook) -> None:
    ids = sorted(profile.id for profile in of_venues(rulebook))
    assert ids == sorted(PRODUCTS + EDITIONS)


def test_a_choice_rests_on_exactly_one_sort_of_ground(rulebook: Rulebook) -> None:
    for profile in of_venues(rulebook):
        for name, choice in profile.choices.items():
            grounds = [bool(choice.citations), choice.assumed, choice.unknown]
            assert grounds.count(True) == 1, f"{profile.id} {name}"


def test_where_nothing_was_seen_the_value_is_the_textbooks(rulebook: Rulebook) -> None:
    usual = rulebook.profiles["textbook/linear"].parameters
    for profile in of_venues(rulebook):
        for name, choice in profile.choices.items():
            if choice.unknown:
                assert choice.value == usual[name], f"{profile.id} {name}"


@pytest.mark.parametrize("name", EDITIONS)
def test_an_older_edition_began_on_the_day_of_its_name_before_todays(
    name: str, rulebook: Rulebook
) -> None:
    edition = rulebook.profiles[name]
    assert name.endswith(f"@{edition.effective_from}")
    assert edition.effective_from < rulebook.profiles[product_of(name)].effective_from


def test_no_rule_is_keyed_on_a_venue(rulebook: Rulebook) -> None:
    venues = {name.partition("/")[0] for name in PRODUCTS}
    for rule in rulebook.rules.values():
        told = [getattr(rule, part, None) for part in ("when", "formula", "holds")]
        words = {
            word
            for expression in told
            if expression is not None
            for word in re.findall(r"[a-z0-9]+", expression.source)
        }
        assert not words & venues, rule.id


def test_deribit_has_no_isolated_mode(rulebook: Rulebook) -> None:
    choice = rulebook.profiles["deribit/inverse"].choices["isolation"]
    assert (choice.value, choice.citations) == ("none", ("deribit-isolated",))


@pytest.mark.parametrize("language", ["english", "norwegian"])
def test_a_profile_is_told_in_sentences(
    language: str, rulebook: Rulebook, request: pytest.FixtureRequest
) -> None:
    catalogue: Catalogue = request.getfixturevalue(language)
    for profile in rulebook.profiles.values():
        told = list(profile_sentences(profile, rulebook, catalogue))
        assert len(told) == 1 + len(profile.choices) + len(profile.unreproduced)
        assert all(sentence.endswith(".") for sentence in told), profile.id


def test_a_sentence_names_the_page_it_rests_on(
    rulebook: Rulebook, english: Catalogue, norwegian: Catalogue
) -> None:
    profile = rulebook.profiles["okx/linear"]
    asked = list(profile.choices).index("maintenance_margin_price") + 1
    page = "https://www.okx.com/help-center/7053484440205"
    assert list(profile_sentences(profile, rulebook, english))[asked] == (
        "The price at which the maintenance margin is worked out: the mark price. It"
        f" rests on “Margin of contracts” by the venue itself ({page})."
    )
    assert list(profile_sentences(profile, rulebook, norwegian))[asked] == (
        "Prisen som vedlikeholdsmarginen regnes ut fra: markprisen. Det bygger på"
        f" «Margin of contracts» fra markedsplassen selv ({page})."
    )


def test_the_highest_price_shown_is_told(
    rulebook: Rulebook, english: Catalogue, norwegian: Catalogue
) -> None:
    profile = rulebook.profiles["kucoin/inverse@2019-05-22"]
    told = list(profile_sentences(profile, rulebook, english))[-1]
    assert (
        "liquidation price to the tick, up, for a short down, never shown above"
        " 1,000,000, nor as none; bankruptcy price" in told
    )
    told = list(profile_sentences(profile, rulebook, norwegian))[-1]
    assert re.search("vises aldri over 1.000.000, og aldri som ingen", told)


def test_a_rounding_is_told_for_each_side(
    rulebook: Rulebook, english: Catalogue
) -> None:
    told = list(profile_sentences(rulebook.profiles["bybit/linear"], rulebook, english))
    assert told[-1].startswith(
        "To which step each quantity is rounded when reported, and how: liquidation"
        " price to the tick, up, for a short down; bankruptcy price to the tick, up,"
        " for a short down. "
    )
