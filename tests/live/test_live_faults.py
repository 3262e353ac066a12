"""An exchange that gives no answer is told as what it is, in a line, and never judged."""

from typing import Any

import pytest


def one_line(said: Any) -> str:
    assert said.code == 3
    assert said.out == ""
    assert said.err.count("\n") == 1
    return str(said.err)


def test_maintenance_is_told(holding: Any) -> None:
    holding.trouble.maintenance = True
    line = one_line(holding.live())
    assert line.startswith(f"isomargin: {holding.name}: it is under maintenance: ")
    assert line.endswith("; run again when it is back\n")


def test_a_wrong_secret_is_told(holding: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{holding.name.upper()}_SECRET", "another-secret")
    holding.fresh = True
    line = one_line(holding.live())
    assert line.startswith(f"isomargin: {holding.name}: the key is refused: ")
    assert line.endswith("; look at the key and at what it may do\n")


def test_a_missing_key_is_told_by_its_name(
    holding: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = holding.name.upper()
    monkeypatch.delenv(f"{name}_SECRET")
    holding.fresh = True
    assert one_line(holding.live()) == (
        f"isomargin: {holding.name}: a key is missing: not in the environment:"
        f" {name}_SECRET; set it in the environment\n"
    )
    assert holding.market.requests == []


def test_a_clock_that_is_wrong_is_set_by_the_exchanges(holding: Any) -> None:
    holding.trouble.clock_ahead = 3_600_000
    assert holding.live().code == 0


def test_too_many_requests_are_sent_again_after_a_pause(holding: Any) -> None:
    holding.trouble.too_many = 2
    assert holding.live().code == 0
    assert holding.trouble.too_many == 0


def test_an_exchange_that_always_has_too_many_requests_is_given_up(
    opened: Any,
) -> None:
    venue = opened("binance")
    venue.trouble.too_many = 100
    line = one_line(venue.live())
    assert line.startswith("isomargin: binance: it gets too many requests: ")
    assert line.endswith("; wait a minute and run again\n")
    assert venue.trouble.too_many == 96


def test_an_exchange_that_hangs_up_is_told(holding: Any) -> None:
    ends = {"binance": "positionRisk", "bybit": "position/list"}
    holding.trouble.hangs_up_on = ends[holding.name]
    line = one_line(holding.live())
    assert line.startswith(f"isomargin: {holding.name}: it did not answer: ")


@pytest.mark.usefixtures("bridge_is_built")
def test_an_exchange_that_ccxt_does_not_know_is_told(call: Any) -> None:
    said = call("live", "--exchange", "nowhere")
    assert one_line(said) == (
        "isomargin: nowhere: it is no exchange: ccxt 4.5.90 knows no nowhere;"
        " use a name that ccxt has for one\n"
    )


def test_keys_are_not_sent_in_the_clear_to_another_machine(opened: Any) -> None:
    venue = opened("bybit")
    venue.url, venue.fresh = "http://exchange.example", True
    assert one_line(venue.live()) == (
        "isomargin: bybit: the address is not used: keys go to another machine over"
        " https only; give one that begins with https://\n"
    )


def test_a_venue_without_a_profile_asks_for_one(opened: Any) -> None:
    venue = opened("bybit")
    venue.market.hold("buy", "0.1", leverage="10", price="60000")
    said = venue.live("--profile", "nobody/linear")
    assert said.code == 2
    assert said.err == (
        "isomargin: profile: there is no profile 'nobody/linear'; see: isomargin list"
        " profiles\n"
    )


@pytest.mark.usefixtures("bridge_is_built")
def test_the_bridge_is_no_engine_to_be_run(call: Any) -> None:
    said = call("run", "--subject", "ccxt")
    assert said.code == 3
    assert "isomargin live" in said.err
