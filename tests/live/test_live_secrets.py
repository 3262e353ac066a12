"""Keys and signatures are shown nowhere, whatever goes wrong."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import pytest
from local_market import KEY, SECRET

DIGEST = re.compile(r"[0-9a-fA-F]{40,}")
ADAPTER = Path(__file__).parents[2] / "adapters" / "ccxt"


@pytest.fixture(scope="module")
def redaction() -> ModuleType:
    """Give the bridge's own module, which needs nothing but the standard library."""
    found = importlib.util.spec_from_file_location(
        "redaction", ADAPTER / "redaction.py"
    )
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def assert_nothing_shows(text: str) -> None:
    for secret in (KEY, SECRET, quote(SECRET), quote(SECRET, safe="")):
        assert secret not in text
    assert not DIGEST.search(text)


def set_nothing(_: Any) -> None: ...


def maintained(trouble: Any) -> None:
    trouble.maintenance = True


def too_many(trouble: Any) -> None:
    trouble.too_many = 100


def hanging_up(trouble: Any) -> None:
    trouble.hangs_up_on = "k"


def out_of_time(trouble: Any) -> None:
    # The time that the exchange tells is not the time it goes by.
    trouble.clock_ahead = 10**9


@pytest.mark.parametrize(
    "trouble", [set_nothing, maintained, too_many, hanging_up, out_of_time]
)
def test_no_answer_and_no_error_shows_a_key(holding: Any, trouble: Any) -> None:
    holding.trouble.echoes = True
    trouble(holding.trouble)
    for form in ("json", "terminal"):
        said = holding.live("--format", form, "--debug")
        assert_nothing_shows(said.out + said.err)


def test_a_refused_signature_shows_no_key(
    holding: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding.trouble.echoes = holding.fresh = True
    wrong = "wr0ng/secret+of=mine"
    monkeypatch.setenv(f"{holding.name.upper()}_SECRET", wrong)
    said = holding.live("--debug")
    assert said.code == 3
    assert_nothing_shows(said.err)
    assert wrong not in said.err


def test_what_an_order_is_refused_with_shows_no_key(venue: Any) -> None:
    venue.trouble.echoes = True
    said = venue.drive("--debug")
    assert said.data["steps"][5]["outcome"] == "rejected"
    assert "[hidden]" in said.data["steps"][5]["message"]
    assert_nothing_shows(said.out + said.err)


@pytest.mark.parametrize(
    "text",
    [
        f"binance GET https://x.example/a?timestamp=1&signature={'ab' * 32}",
        f"no answer of https://x.example/a?apiKey={KEY}",
        f'{{"X-MBX-APIKEY": "{KEY}", "n": 1}}',
        f"X-BAPI-SIGN: {'0F' * 32}",
        f"the passphrase=open-sesame is wrong, key {KEY}",
        json.dumps({"said": SECRET}),
        quote(SECRET),
    ],
)
def test_a_text_loses_its_secrets(redaction: ModuleType, text: str) -> None:
    cleaned = redaction.Redaction([KEY, SECRET]).text(text)
    assert_nothing_shows(cleaned)
    assert "open-sesame" not in cleaned
    assert "[hidden]" in cleaned


def test_a_secret_of_several_lines_is_hidden_line_by_line(
    redaction: ModuleType,
) -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----"
    cleaned = redaction.Redaction([pem]).text(
        f"bad key {json.dumps(pem)} MC4CAQAwBQYDK2Vw"
    )
    assert "MC4CAQ" not in cleaned


def test_figures_and_plain_words_stay_as_they_are(redaction: ModuleType) -> None:
    message = {
        "value": "54216.86746987",
        "field": "liquidationPrice",
        "long": "1" * 50,
        "none": None,
        "said": ['{"code": -4048, "msg": "Margin type cannot be changed."}', 3],
    }
    assert redaction.Redaction([KEY, SECRET, "54"]).cleaned(message) == message
