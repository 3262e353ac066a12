"""Further exchanges, contracts and accounts: OKX, Bitget, Gate, inverse, hedge."""

from collections.abc import Callable
from typing import Any

import pytest
from local_market import INVERSE, KEY, SECRET
from recorded_exchange import OKX_POSITION

Opened = Callable[..., Any]


def verdicts(position: Any) -> dict[str, str]:
    return {one["field"]: one["verdict"] for one in position["figures"]}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("okx", ["upl", "mmr", "mgnRatio", "liqPx"]),
        ("bitget", ["unrealizedPL", "marginRatio", "liquidationPrice"]),
        ("gate", ["unrealised_pnl", "liq_price"]),
    ],
)
def test_a_recorded_position_agrees_in_every_figure(
    opened: Opened, name: str, fields: list[str]
) -> None:
    said = opened(name).live()
    assert said.code == 0, said.out + said.err
    [position] = said.positions
    found = verdicts(position)
    assert list(found) == fields
    assert set(found.values()) <= {"exact", "rounded"}


@pytest.mark.parametrize("name", ["okx", "bitget", "gate"])
def test_a_request_that_is_signed_wrongly_is_refused_and_no_key_is_told(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    venue = opened(name)
    venue.fresh = True
    monkeypatch.setenv(f"{name.upper()}_SECRET", SECRET[::-1])
    said = venue.live()
    assert said.code == 3
    assert "Invalid Sign" in said.err
    assert KEY not in said.err + said.out


def test_a_wrong_liquidation_price_of_a_recorded_position_is_off(
    opened: Opened,
) -> None:
    venue = opened("okx")
    venue.show({**OKX_POSITION, "liqPx": "10.180497851849454"})
    said = venue.live()
    assert said.code == 1
    figure = said.figure("liquidation_price")
    assert (figure["verdict"], figure["field"]) == ("off", "liqPx")
    assert figure["derived"].startswith("9.18049785184")


# A value of 60000 is in the first tier, which ends at 5000 contracts: the maintenance
# margin is 60000 * 0.004 = 240, the ratio 6000 / (240 + 60000 * 0.0005), the price
# (60000 - 6000) / (1 - 0.0045) and a tick of 0.1.
MANY_CONTRACTS = {
    **OKX_POSITION,
    "lever": "10",
    "pos": "1000",
    "avgPx": "60000",
    "markPx": "60000",
    "margin": "6000",
    "mmr": "240",
    "mgnRatio": "22.222222222222222",
    "upl": "0",
    "liqPx": "54244.198442993470618",
}


def test_a_tier_of_okx_is_found_by_contracts_and_not_by_value(opened: Opened) -> None:
    venue = opened("okx")
    venue.show(MANY_CONTRACTS)
    said = venue.live()
    assert said.code == 0, said.out


def test_positions_of_two_tiers_that_contracts_decide_lack_their_tiers(
    opened: Opened,
) -> None:
    venue = opened("okx")
    short = {"posSide": "short", "pos": "6000", "liqPx": "65000"}
    venue.show({**MANY_CONTRACTS, "posSide": "long"}, {**MANY_CONTRACTS, **short})
    said = venue.live()
    assert [one["side"] for one in said.positions] == ["long", "short"]
    for position in said.positions:
        [price] = [x for x in position["figures"] if x["field"] == "liqPx"]
        assert (price["verdict"], price["missing"]) == ("not judged", ["tiers"])


def test_an_inverse_position_is_judged_by_the_rules_of_inverse_contracts(
    opened: Opened,
) -> None:
    venue = opened("bybit", profile="bybit/inverse", instrument=INVERSE)
    venue.market.hold("buy", "6000", leverage="10", price="60000")
    venue.market.move("59000.5")
    said = venue.live("--contract", "inverse")
    assert said.code == 0, said.out + said.err
    assert said.data["profiles"] == ["bybit/inverse"]
    [position] = said.positions
    assert position["instrument"] == "BTC/USD:BTC"
    assert set(verdicts(position).values()) <= {"exact", "rounded"}
    assert len(position["figures"]) == 6


def test_a_wrong_figure_of_an_inverse_position_is_off(opened: Opened) -> None:
    venue = opened("bybit", profile="bybit/inverse", instrument=INVERSE)
    venue.market.hold("sell", "6000", leverage="10", price="60000")
    venue.trouble.misreported["liquidation_price"] = lambda price: price + 10
    said = venue.live("--contract", "inverse")
    assert said.code == 1
    assert said.figure("liquidation_price")["verdict"] == "off"


def test_both_positions_of_an_account_in_hedge_mode_are_judged(opened: Opened) -> None:
    venue = opened("bybit")
    venue.market.act("set_position_mode", position_mode="hedge")
    venue.market.hold("buy", "0.1", leverage="10", price="60000", position_side="long")
    venue.market.hold(
        "sell", "0.05", leverage="10", price="60100", position_side="short"
    )
    venue.market.move("59000.5")
    said = venue.live()
    assert said.code == 0, said.out + said.err
    assert [one["side"] for one in said.positions] == ["long", "short"]
    for position in said.positions:
        assert set(verdicts(position).values()) <= {"exact", "rounded"}
        assert len(position["figures"]) == 6
