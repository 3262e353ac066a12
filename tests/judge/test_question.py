import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from isomargin.judge import Gap
from isomargin.rulebook.places import places

Asked = Callable[..., dict[str, Any] | Gap]

PRICE = {"instrument": "BTC-USD", "price": "30000"}


def valid(message: dict[str, Any], kind: str) -> bool:
    path = places().spec / "schema" / "protocol.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema = {**schema, "$ref": f"#/$defs/{kind}"}
    schema.pop("oneOf", None)
    schema.pop("anyOf", None)
    return bool(Draft202012Validator(schema).is_valid({**message, "seq": 1}))


def test_a_quote_asks_for_what_the_case_expects_and_the_subject_declares(
    new: SimpleNamespace, asked: Asked, textbook: dict[str, Any]
) -> None:
    case = new.quoted({"liquidation_price": "9036", "margin_ratio": "1"})
    message = asked(case)
    assert message == {
        "t": "quote",
        "profile": {"id": "textbook/linear", "parameters": textbook},
        "instrument": case.core["quote"]["instrument"],
        "position": {
            "side": "long",
            "quantity": "0.1",
            "entry_price": "10000",
            "leverage": "1",
            "margin_mode": "isolated",
            "mark_price": "10000",
        },
        "want": ["liquidation_price"],
    }
    assert valid(message, "quote")


def test_a_quote_asks_for_what_any_alternative_expects(
    new: SimpleNamespace, asked: Asked
) -> None:
    alternatives = [{"rule": "a.rule", "initial_margin": "1"}]
    case = new.quoted({"liquidation_price": "9036"}, quote={"any_of": alternatives})
    message = asked(case)
    assert isinstance(message, dict)
    assert message["want"] == ["liquidation_price", "initial_margin"]


def test_a_cross_quote_carries_the_wallet_and_the_other_positions(
    new: SimpleNamespace, asked: Asked
) -> None:
    other = {"side": "short", "quantity": "1", "entry_price": "100", "leverage": "5"}
    quote = {
        "wallet_balance": "1000",
        "cross_positions": [{"position": {**other, "mark_price": "90"}}],
    }
    message = asked(new.quoted({"initial_margin": "1"}, quote=quote))
    assert isinstance(message, dict)
    assert message["wallet_balance"] == "1000"
    assert message["cross_positions"] == [
        {"position": {"margin_mode": "cross", **other, "mark_price": "90"}}
    ]
    assert valid(message, "quote")


def test_a_scenario_is_sent_without_anything_that_gives_the_answer_away(
    new: SimpleNamespace, asked: Asked
) -> None:
    expect = {"account": {"wallet_balance": "1900"}, "events": ["liquidation"]}
    case = new.scenario(
        ("set_mark_price", PRICE, expect), overrides={"negative_balance": "debt"}
    )
    message = asked(case)
    assert isinstance(message, dict)
    assert set(message) == {"t", "profile", "instruments", "balances", "steps"}
    assert message["steps"] == [{"do": "set_mark_price", "with": PRICE}]
    assert message["balances"] == {"USD": "2000"}
    assert message["profile"]["parameters"]["negative_balance"] == "debt"
    assert valid(message, "run")
    sent = json.dumps(message)
    for secret in (case.id, case.why, *case.rules, "expect", "1900", "family"):
        assert secret not in sent


@pytest.mark.parametrize(
    ("declared", "feature"),
    [
        ({"operations": ("quote",)}, "operation run"),
        ({"profiles": ("binance/usdm",)}, "profile textbook/linear"),
        ({"profiles": ("textbook/linear",)}, "parameter negative_balance"),
        ({"contracts": ("inverse",)}, "contract linear"),
        ({"actions": ("trade",)}, "action set_mark_price"),
    ],
)
def test_what_a_scenario_needs_and_a_subject_does_not_declare_is_a_gap(
    new: SimpleNamespace, asked: Asked, declared: dict[str, Any], feature: str
) -> None:
    case = new.scenario(
        ("set_mark_price", PRICE), overrides={"negative_balance": "debt"}
    )
    assert asked(case, **declared) == Gap(feature)


@pytest.mark.parametrize(
    ("declared", "feature"),
    [
        ({"operations": ("run",)}, "operation quote"),
        ({"profiles": ()}, "profile textbook/linear"),
        ({"contracts": ()}, "contract linear"),
        ({"quantities": ("margin_ratio",)}, "quantity liquidation_price"),
    ],
)
def test_what_a_quote_needs_and_a_subject_does_not_declare_is_a_gap(
    new: SimpleNamespace, asked: Asked, declared: dict[str, Any], feature: str
) -> None:
    case = new.quoted({"liquidation_price": "9036", "initial_margin": "1"})
    assert asked(case, **declared) == Gap(feature)


def test_the_contract_of_another_cross_position_is_needed_as_well(
    new: SimpleNamespace, asked: Asked
) -> None:
    position = {"side": "long", "quantity": "1", "entry_price": "1"}
    inverse = {"symbol": "BTC", "contract": "inverse", "settle": "BTC"}
    others = [{"position": position}, {"instrument": inverse, "position": position}]
    case = new.quoted({"initial_margin": "1"}, quote={"cross_positions": others})
    assert asked(case, contracts=("linear",)) == Gap("contract inverse")


def test_a_parameter_set_to_what_it_is_anyway_is_no_gap(
    new: SimpleNamespace, asked: Asked
) -> None:
    case = new.scenario(
        ("set_mark_price", PRICE), overrides={"negative_balance": "absorbed"}
    )
    assert isinstance(asked(case, profiles=("textbook/linear",)), dict)
