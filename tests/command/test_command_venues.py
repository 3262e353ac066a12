"""The verbs about venues: `compare`, `diff` and `show` of profiles, and `run` on them."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

Said = Any
Call = Callable[..., Said]
Golden = Callable[[str, str], None]

TRADE = (
    *("--side", "long", "--quantity", "0.1", "--entry", "10000", "--leverage", "10"),
    *("--added-margin", "50"),
)
OLD, TODAY = "bybit/linear@2024-06-01", "bybit/linear@2026-06-01"
OLD_ENGINE = f"cmd:{sys.executable} {Path(__file__).parent / 'edition_engine.py'}"
CASE = "venues.bybit.long_with_added_margin"
KRAKEN = (
    *("--profile", "kraken/linear", "--side", "long", "--quantity", "0.1"),
    *("--leverage", "10", "--taker-fee", "0.0005", "--maintenance-rate", "0.005"),
)
RECORDED = """\
cases:
  - id: mine.recorded
    profile: bybit/linear
    rules: [liquidation_price.exists]
    why: A position recorded in 2024 under today's rules.
    origin: derived
    quote:
      instrument: {symbol: BTC-USDT, contract: linear, contract_size: "1", settle: USDT, tick_size: "0.1", fees: {taker: "0.00055"}, tiers: [{notional_floor: "0", maintenance_margin_rate: "0.005"}]}
      position: {side: long, quantity: "0.1", entry_price: "10000", leverage: "10"}
      expect: {liquidation_price: "9050"}
  - id: mine.ratio
    profile: bybit/linear
    rules: [margin_ratio.maintenance_over_equity]
    why: A choice of which nothing was seen.
    origin: derived
    quote:
      instrument: {symbol: BTC-USDT, contract: linear, contract_size: "1", settle: USDT, tiers: [{notional_floor: "0", maintenance_margin_rate: "0.005"}]}
      position: {side: long, quantity: "0.1", entry_price: "10000", leverage: "10"}
      expect: {margin_ratio: "0.05"}
"""


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    path = tmp_path / "recorded.yaml"
    path.write_text(RECORDED, "utf-8")
    return path


# A few profiles that differ in every way: one more profile is no other golden.
FEW = ("textbook/linear", "delta/linear", "okx/linear", "kraken/linear")


def rows_of_few(told: str) -> str:
    """Return the rows of a few profiles, without the blanks that line them up."""
    lines = (re.sub(r"\s+", " ", line) for line in told.splitlines())
    return "".join(f"{line}\n" for line in lines if line.startswith(FEW))


def data_of_few(told: str) -> str:
    rows = [row for row in json.loads(told) if row["profile"] in FEW]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def words_of_few(told: str) -> str:
    """Return what a drawing says of a few profiles, and over all."""
    svg = "{http://www.w3.org/2000/svg}"
    drawing = ET.fromstring(told)  # noqa: S314 - made here
    heads = [part.text for part in drawing if part.tag in {f"{svg}title", f"{svg}text"}]
    groups = [[part.text for part in group] for group in drawing.findall(f"{svg}g")]
    few = [" | ".join(filter(None, one)) for one in groups if {*one} & {*FEW}]
    return "\n".join([*map(str, heads), *few]) + "\n"


PARTS = {"terminal": rows_of_few, "json": data_of_few, "svg": words_of_few}


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("form", PARTS)
def test_one_trade_is_compared_over_every_profile(
    call: Call, golden: Golden, form: str, language: str
) -> None:
    said = call("compare", *TRADE, "--format", form, "--lang", language)
    assert (said.code, said.err) == (0, "")
    golden(f"compare.{language}.{form}.txt", PARTS[form](said.out))


def test_the_drawing_is_one_image_for_light_and_dark(call: Call) -> None:
    drawing = ET.fromstring(call("compare", *TRADE, "--format", "svg").out)  # noqa: S314 - made here
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert drawing.attrib["viewBox"].startswith("0 0 ")
    style = drawing.findtext("{http://www.w3.org/2000/svg}style") or ""
    assert "prefers-color-scheme: dark" in style
    fixed = [
        part.attrib for part in drawing.iter() if {"fill", "stroke"} & {*part.attrib}
    ]
    assert fixed == []


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("form", ["terminal", "json"])
def test_what_moved_between_two_editions_is_told(
    call: Call, golden: Golden, form: str, language: str
) -> None:
    said = call("diff", OLD, TODAY, *TRADE, "--format", form, "--lang", language)
    assert (said.code, said.err) == (0, "")
    golden(f"diff_editions.{language}.{form}.txt", said.out)


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("profile", ["bybit/linear", "kraken/linear"])
def test_a_profile_is_shown_in_sentences(
    call: Call, golden: Golden, profile: str, language: str
) -> None:
    said = call("show", profile, "--lang", language, "--format", "terminal")
    assert (said.code, said.err) == (0, "")
    golden(f"show_{profile.replace('/', '_')}.{language}.txt", said.out)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("compare", "--entry", "1e5"),
            "--entry: '1e5' is not a decimal number such as 12.5",
        ),
        (
            ("compare", "--side", "up"),
            (
                "invalid value for '--side': 'up' is not one of 'long', 'short';"
                " see: isomargin compare --help"
            ),
        ),
        (
            ("compare", "--format", "xml"),
            (
                "invalid value for '--format': 'xml' is not one of 'terminal', 'json',"
                " 'svg'; see: isomargin compare --help"
            ),
        ),
        (
            ("diff", "bybit/linear@2020-01-01", "bybit/linear"),
            (
                "profile: there is no edition of bybit/linear as old as 2020-01-01;"
                " the oldest is of 2024-03-14"
            ),
        ),
        (
            ("diff", "bybit/linear", "bybit/nix"),
            "profile: there is no profile 'bybit/nix'; see: isomargin list profiles",
        ),
        (
            ("diff", "bybit/linear@soon", "bybit/linear"),
            "profile: 'soon' is no day; write it as 2024-03-14",
        ),
        (
            ("show", "bybit/linaer"),
            "there is nothing called 'bybit/linaer'; did you mean bybit/linear?",
        ),
        (
            ("compare", "--quantity", "0"),
            "--quantity: 0 is not above zero",
        ),
        (
            ("compare", "--leverage", "-1"),
            "--leverage: -1 is not above zero",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(
    call: Call, words: tuple[str, ...], message: str
) -> None:
    said = call(*words)
    assert (said.code, said.out, said.err) == (2, "", f"isomargin: {message}\n")


def test_what_is_not_known_is_calculated_by_nobody(call: Call) -> None:
    said = call("calculate", *KRAKEN, "--entry", "10000", "--want", "liquidation_price")
    assert said.data["values"] == {}
    assert "maintenance_fee" in said.data["not_known"]["liquidation_price"]
    words = ("--want", "unrealised_pnl", "--want", "liquidation_price")
    told = call(
        "calculate", *KRAKEN, "--entry", "10000", *words, "--format", "terminal"
    )
    rows = [re.split(r"\s{2,}", line) for line in told.out.splitlines()]
    assert rows[1][:2] == ["unrealised PnL", "0"]
    assert rows[2][:2] == ["liquidation price", "not known"]
    assert rows[2][2].startswith("Not known, because nothing was seen of: ")


def test_questions_on_a_line_are_told_what_is_not_known(start: Call) -> None:
    question = {
        "profile": "bybit/linear",
        "instrument": {"symbol": "X", "tiers": [{"notional_floor": "0"}]},
        "position": {"side": "long", "quantity": "1", "entry_price": "10"},
        "want": ["initial_margin", "margin_ratio"],
    }
    own = {
        "id": "bybit/linear",
        "parameters": {"margin_ratio_form": "equity_over_notional"},
    }
    lines = [json.dumps(question), json.dumps({**question, "profile": own})]
    first, second = start("calculate", given="\n".join(lines)).out.splitlines()
    assert json.loads(first) == {
        "values": {"initial_margin": "10"},
        "not_known": {"margin_ratio": ["margin_ratio_form"]},
    }
    assert json.loads(second) == {
        "values": {"initial_margin": "10", "margin_ratio": "1"}
    }


def test_an_engine_of_2024_fails_by_todays_rules_and_the_rule_is_named(
    call: Call, tmp_path: Path
) -> None:
    log = tmp_path / "old.jsonl"
    said = call("run", "--subject", OLD_ENGINE, "-k", CASE, "--log", str(log))
    assert said.code == 1
    (failure,) = said.data["failures"]
    told = (
        "; the answer is as of bybit/linear@2024-03-14, in force from 2024-03-14; moved"
        " since: collateral.for_liquidation,"
        " liquidation_price.linear.maintenance_at_entry, liquidation_price.fixed_tier"
    )
    assert failure["detail"].endswith(told)
    for form in ("terminal", "markdown", "junit", "sarif", "html"):
        report = call("report", str(log), "--format", form).out
        assert "liquidation_price.linear.maintenance_at_entry" in report, form
    page = call("report", str(log), "--format", "html").out
    assert "What moved since: Collateral for liquidation" in page
    assert "Det som har flyttet seg siden: " in page


def test_a_position_of_2024_fails_by_todays_rules_and_the_rule_is_named(
    call: Call, recorded: Path
) -> None:
    said = call("run", str(recorded), "--subject", "reference", "-k", "mine.recorded")
    assert said.code == 1
    (failure,) = said.data["failures"]
    assert failure["detail"] == (
        "liquidation_price is 9045.3, expected 9050 (off); what the case expects is as of"
        " bybit/linear@2024-03-14, in force from 2024-03-14; moved since:"
        " collateral.for_liquidation, liquidation_price.linear.maintenance_at_entry, liquidation_price.fixed_tier"
    )


def test_a_case_on_an_unknown_choice_is_told_beside_the_claim(
    call: Call, recorded: Path
) -> None:
    words = ("run", str(recorded), "--subject", "reference", "-k", "mine.ratio")
    said = call(*words)
    assert (said.code, said.data["counts"]["unjudged"]) == (7, 1)
    assert said.data["unjudged"] == {
        "bybit/linear says nothing of margin_ratio_form": 1
    }
    told = call(*words, "--format", "terminal").out
    assert "UNJUDGED" in told
    assert "not judged: bybit/linear says nothing of margin_ratio_form (1)" in told


@pytest.mark.parametrize("form", ["markdown", "junit", "sarif", "html", "badge"])
def test_every_report_tells_what_was_not_judged(
    call: Call, recorded: Path, tmp_path: Path, form: str
) -> None:
    log = tmp_path / "unjudged.jsonl"
    other = recorded.with_name("also.yaml")
    text = RECORDED.replace('liquidation_price: "9050"', 'liquidation_price: "9045.3"')
    other.write_text(text, "utf-8")
    said = call("run", str(other), "--subject", "reference", "--log", str(log))
    assert said.code == 0
    assert said.data["sentence"] == "conformant as scoped: 1 passed, 1 not judged"
    report = call("report", str(log), "--format", form).out
    reason = "bybit/linear says nothing of margin_ratio_form"
    assert ("1 not judged" if form == "badge" else reason) in report


def test_an_explanation_says_what_another_edition_would_come_to(call: Call) -> None:
    told = call("explain", CASE, "--format", "terminal").out
    flat = " ".join(told.split())
    assert "By bybit/linear@2024-03-14, in force from 2024-03-14," in flat
    assert "(liquidation_price.linear.maintenance_at_entry)" in flat
    assert "Etter bybit/linear@2024-03-14" in " ".join(
        call("explain", CASE, "--lang", "nb", "--format", "terminal").out.split()
    )
