"""Every position that was recorded of a venue: its price is given, or why it is not."""

from decimal import Decimal
from typing import Any

import pytest

from isomargin.profile_sentences import profile_sentences
from isomargin.rulebook.model import Case, Rulebook, Unreproduced
from isomargin.text import Catalogue

# Venue, side, entry price, liquidation price printed; None where the payload says that
# there is none, NOT_PRINTED where it says nothing.
NOT_PRINTED = "not printed"
Recorded = tuple[str, str, str, str | None]
RECORDED: tuple[Recorded, ...] = (
    ("binance", "long", "37643.10000021", "25119.9744576"),
    ("binance", "long", "2422.400000007", "293.57678898"),
    ("binance", "long", "11707.70000003", "11667.63509587"),
    ("binance", "long", "2.3483", "0"),
    ("binance", "short", "42901.1", "137032.02272908"),
    ("binance", "long", "22185.2", "19731.45529116"),
    ("binance", "short", "0.16395", "0.19059204"),
    ("bitget", "long", "107410.3", "0"),
    ("bitget", "long", "43849", "17629.684814834"),
    ("bitget", "long", "25000", "24144.1124161806977798"),
    ("bybit", "long", "0.3615", "0.0001"),
    ("bybit", "long", "0.3615", NOT_PRINTED),
    ("bybit", "long", "177489.6", NOT_PRINTED),
    ("bybit", "long", "1198.45", "919.1"),
    ("bybit", "long", "1812.70004844", "1550.8"),
    ("bybit", "long", "16439.63461538", "0.5"),
    ("bybit", "short", "0.008866", "0.017554"),
    ("delta", "long", "29926.8", "25083.754"),
    ("delta", "long", "94948.1", "89092.96717"),
    ("gate", "long", "46030.3", None),
    ("gate", "long", "1203.45", "665.69"),
    ("gate", "long", "74.35", "60.07"),
    ("gate", "long", "3536.123", "3421.54"),
    ("gate", "short", "209", "213"),
    ("htx", "long", "60547.9", "-102094.847680676304309652"),
    ("hyperliquid", "long", "1705.82", None),
    ("hyperliquid", "short", "10.787", "2561.83187333"),
    ("hyperliquid", "long", "1.03483", None),
    ("hyperliquid", "short", "2.04459", "17.0707113"),
    ("hyperliquid", "long", "1.17991", None),
    ("hyperliquid", "short", "26951", "173198.69592357"),
    ("hyperliquid", "short", "2.36808", "11.841653"),
    ("hyperliquid", "short", "3.86082", "12.57589638"),
    ("hyperliquid", "long", "37.829", "35.8559189474"),
    ("hyperliquid", "long", "80.262", "64.2010892308"),
    ("hyperliquid", "long", "1100", None),
    ("hyperliquid", "short", "138.76", "22881.19788911"),
    ("hyperliquid", "long", "3625.3", "3552.812244898"),
    ("hyperliquid", "short", "0.19509", "0.6189226658"),
    ("kucoin", "long", "4182.1", "4023"),
    ("kucoin", "long", "97302", "44269.81"),
    ("kucoin", "short", "7508.22", "1000000"),
    ("mexc", "long", "0.03491", "0.03433"),
    ("okx", "long", "34131.1", "12608.959083877446"),
    ("okx", "long", "60346.5", "9.1804978518"),
)


@pytest.fixture(scope="module")
def quotes(rulebook: Rulebook) -> list[Case]:
    return [case for case in rulebook.cases.values() if case.is_quote]


def is_given(case: Case, recorded: Recorded) -> bool:
    """Say whether a case is of the position and expects what it prints."""
    venue, side, entry, printed = recorded
    quote: dict[str, Any] = case.core["quote"]
    position, expect = quote["position"], quote["expect"]
    return (
        case.profile.startswith(f"{venue}/")
        and position["side"] == side
        and Decimal(position["entry_price"]) == Decimal(entry)
        and expect.get("liquidation_price", NOT_PRINTED) == printed
    )


def records(rulebook: Rulebook, venue: str) -> list[Unreproduced]:
    every = rulebook.profiles.values()
    of_venue = [one for one in every if one.id.startswith(f"{venue}/")]
    return [record for one in of_venue for record in one.unreproduced]


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda one: "-".join(map(str, one)))
def test_a_recorded_price_is_a_cases_or_the_profile_says_why_not(
    rulebook: Rulebook, quotes: list[Case], recorded: Recorded
) -> None:
    venue, side, entry, printed = recorded
    told = [
        record
        for record in records(rulebook, venue)
        if (record.side, record.entry_price) == (side, entry)
        and record.printed["liquidation_price"] == printed
    ]
    given = [one for one in quotes if is_given(one, recorded)]
    assert bool(given) != bool(told)


def test_no_profile_complains_of_what_is_not_in_the_table(rulebook: Rulebook) -> None:
    listed = {(venue, entry) for venue, _, entry, _ in RECORDED}
    for name, profile in rulebook.profiles.items():
        for record in profile.unreproduced:
            assert (name.partition("/")[0], record.entry_price) in listed


def test_a_profile_tells_what_it_does_not_reproduce(
    rulebook: Rulebook, english: Catalogue, norwegian: Catalogue
) -> None:
    profile = rulebook.profiles["mexc/linear"]
    page = "https://pypi.org/project/ccxt/4.5.90/"
    assert list(profile_sentences(profile, rulebook, english))[-1] == (
        "Not reproduced: liquidation price 0.03433 of a cross long in RVN-USDT entered"
        " at 0.03491, because the rest of the account that shares its margin was not"
        " recorded. It stands in “Position samples in the adapters of a trading"
        f" library” at second hand ({page})."
    )
    assert list(profile_sentences(profile, rulebook, norwegian))[-1] == (
        "Ikke gjenskapt: likvidasjonspris 0,03433 for en long i RVN-USDT (kryss) med"
        " inngangspris 0,03491, fordi resten av kontoen som deler marginen, ikke ble"
        " notert. Det står i «Position samples in the adapters of a trading library»"
        f" på annen hånd ({page})."
    )
