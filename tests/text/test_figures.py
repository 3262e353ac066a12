from typing import Any

import pytest

from isomargin.errors import RulebookError
from isomargin.text.figures import Figure, figure_at, view_of
from isomargin.text.placeholders import Placeholder

KINDS = {
    "price": "price",
    "amount": "amount",
    "isolated_margin": "amount",
    "free_balance": "amount",
    "leverage": "leverage",
    "side": "side",
    "margin_mode": "word",
    "reduce_only": "flag",
    "maintenance_margin_rate": "rate",
}
LINEAR = {
    "symbol": "BTC-USD",
    "settle": "USD",
    "fees": {"taker": "0.0005"},
    "tiers": [{"maintenance_margin_rate": "0.004"}],
}
INVERSE = {"symbol": "BTC-USD-INVERSE", "settle": "BTC"}
STEPS = [
    {
        "do": "trade",
        "with": {"instrument": "BTC-USD", "side": "buy", "price": "50000"},
        "expect": {
            "position": {"isolated_margin": "100", "reduce_only": True},
            "account": {"free_balance": "1900", "BTC": {"free_balance": "2"}},
        },
    },
    {"do": "add_margin", "with": {"instrument": "BTC-USD-INVERSE", "amount": "0.5"}},
    {"do": "deposit", "with": {"asset": "USD", "amount": "7"}},
]
EXAMPLE: dict[str, Any] = {
    "given": {
        "balances": {"USD": "2000", "BTC": "1"},
        "instruments": [LINEAR, INVERSE],
    },
    "steps": STEPS,
}
QUOTE: dict[str, Any] = {
    "quote": {
        "instrument": LINEAR,
        "position": {"side": "long", "leverage": "10"},
        "expect": {"isolated_margin": "100"},
    }
}


def figure(core: dict[str, Any], path: str) -> Figure:
    return figure_at(core, path.split("."), KINDS)


@pytest.mark.parametrize(
    ("path", "kind", "value", "asset"),
    [
        ("given.balances.USD", "amount", "2000", "USD"),
        ("given.balances.BTC", "amount", "1", "BTC"),
        ("given.instruments.0.fees.taker", "rate", "0.0005", ""),
        ("given.instruments.0.tiers.0.maintenance_margin_rate", "rate", "0.004", ""),
        ("given.instruments.0.symbol", "name", "BTC-USD", ""),
        ("steps.0.with.price", "price", "50000", ""),
        ("steps.0.with.side", "side", "buy", ""),
        ("steps.0.do", "word", "trade", ""),
        ("steps.0.expect.position.isolated_margin", "amount", "100", "USD"),
        ("steps.0.expect.account.BTC.free_balance", "amount", "2", "BTC"),
        ("steps.1.with.amount", "amount", "0.5", "BTC"),
        ("steps.2.with.amount", "amount", "7", "USD"),
    ],
)
def test_a_path_finds_a_figure_with_its_kind_and_asset(
    path: str, kind: str, value: str, asset: str
) -> None:
    found = figure(EXAMPLE, path)
    assert (found.kind, found.value, found.asset) == (kind, value, asset)


def test_a_quote_has_the_asset_of_its_instrument() -> None:
    found = figure(QUOTE, "quote.expect.isolated_margin")
    assert (found.value, found.asset) == ("100", "USD")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("steps.9.with.price", "leads nowhere in the example (at '9')"),
        ("steps.x", "leads nowhere in the example (at 'x')"),
        ("steps.0.with.volume", "leads nowhere in the example (at 'volume')"),
        ("steps.0.with.price.x", "leads nowhere in the example (at 'x')"),
        ("steps.0.with", "is no single value of the example"),
        ("steps.0.expect.position.reduce_only", "is no single value of the example"),
    ],
)
def test_a_path_to_no_figure_is_refused(path: str, why: str) -> None:
    with pytest.raises(RulebookError) as error:
        figure(EXAMPLE, path)
    assert str(error.value) == f"the path {path} {why}; name a value of it"


def test_a_value_without_a_kind_is_refused() -> None:
    with pytest.raises(RulebookError) as error:
        figure({"given": {"colour": "red"}}, "given.colour")
    assert str(error.value) == (
        "the path given.colour has no kind that a text can show; name a value of it"
    )


def test_an_amount_of_no_known_asset_is_refused() -> None:
    core = {"given": {"balances": {"USD": "1", "BTC": "1"}}, "amount": "5"}
    with pytest.raises(RulebookError) as error:
        figure(core, "amount")
    assert str(error.value) == (
        "the path amount is an amount of an asset that the example does not name; "
        "name a value of it"
    )


@pytest.mark.parametrize(
    ("path", "view"),
    [
        ("given.balances.USD", "with_asset"),
        ("given.instruments.0.fees.taker", "percent"),
        ("steps.0.with.price", "plain"),
        ("steps.0.with.side", "label"),
        ("given.instruments.0.symbol", "plain"),
    ],
)
def test_each_kind_has_a_view_of_its_own(path: str, view: str) -> None:
    assert view_of(figure(EXAMPLE, path), Placeholder(tuple(path.split(".")))) == view


def test_a_view_that_the_kind_does_not_have_is_refused() -> None:
    place = Placeholder(("steps", "0", "with", "price"), "percent")
    with pytest.raises(RulebookError) as error:
        view_of(figure(EXAMPLE, "steps.0.with.price"), place)
    assert str(error.value) == (
        "{steps.0.with.price:percent} shows the price as percent; write one of: plain"
    )


def test_an_amount_of_a_tier_is_in_the_asset_of_its_instrument() -> None:
    core = {"given": {"instruments": [{**INVERSE, "tiers": [{"amount": "3"}]}]}}
    assert figure(core, "given.instruments.0.tiers.0.amount").asset == "BTC"


def test_an_amount_is_in_the_one_asset_there_is() -> None:
    core = {"given": {"balances": {"USD": "1"}}, "amount": "5"}
    assert figure(core, "amount").asset == "USD"
