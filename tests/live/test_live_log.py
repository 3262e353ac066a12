"""What a live exchange showed is kept as the log of a run, and reported from it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from isomargin.log import verify

SCHEMA = Path(__file__).parents[2] / "spec" / "schema" / "log.json"


def logged(venue: Any, path: Path, *words: str) -> Any:
    said = venue.live("--log", str(path), *words)
    log = verify(path)
    assert log.footer
    assert log.footer["exit_code"] == said.code
    return log


def test_each_position_is_a_case_of_the_log(holding: Any, tmp_path: Path) -> None:
    holding.trouble.misreported["liquidation_price"] = lambda price: price + 100
    log = logged(holding, tmp_path / "log")
    [case] = log.cases
    assert case["id"] == "live.BTC/USDT:USDT.long"
    assert case["status"] == "failed"
    assert case["detail"].startswith("liquidation_price is 543")
    assert "liquidation_price.exists" in case["executed"]


def test_what_was_not_judged_does_not_pass(holding: Any, tmp_path: Path) -> None:
    holding.trouble.between_reads = lambda market: market.act("add_margin", amount="9")
    [case] = logged(holding, tmp_path / "log").cases
    assert (case["status"], case["detail"]) == (
        "skipped",
        "the position moved while it was read",
    )


def test_a_broken_law_is_in_the_log(opened: Callable[..., Any], tmp_path: Path) -> None:
    venue = opened("binance")
    venue.trouble.margin_is_lost = True
    words = ("--symbol", "BTC/USDT:USDT", "--allow-orders")
    [case] = logged(venue, tmp_path / "log", *words).cases
    assert (case["status"], case["kind"]) == ("failed", "law")
    assert "transfer.keeps_the_wallet" in {one["rule"] for one in case["broken"]}
    assert "breaks" in case["detail"]


@pytest.mark.parametrize("form", ["terminal", "markdown", "junit", "sarif", "html"])
def test_every_report_is_made_from_the_log(
    opened: Callable[..., Any], call: Any, tmp_path: Path, form: str
) -> None:
    venue = opened("bybit")
    venue.market.hold("buy", "0.1", leverage="10", price="60000")
    venue.trouble.misreported["bankruptcy_price"] = lambda price: price + 100
    path = tmp_path / "log"
    logged(venue, path)
    said = call("report", str(path), "--format", form)
    assert said.code == 0, said.err
    assert "live.BTC/USDT:USDT.long" in said.out
    assert "isomargin live --exchange bybit --symbol BTC/USDT:USDT" in said.out
    assert call("verify", str(path)).code == 0


def test_the_log_keeps_to_its_schema(
    holding: Any, tmp_path: Path, rulebook: Any
) -> None:
    path = tmp_path / "log"
    log = logged(holding, path)
    schema = json.loads(SCHEMA.read_text("utf-8"))
    for line in path.read_text("utf-8").splitlines():
        jsonschema.Draft202012Validator(schema).validate(json.loads(line))
    assert log.header["rulebook"] == rulebook.digest
    assert log.header["subject"]["name"] == holding.name
