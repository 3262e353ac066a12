"""The checks written by hand and the schema say the same of every message."""

import json
from pathlib import Path
from typing import Any

import pytest
from hostility import quote, run
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from isomargin.drive import Quantities, Question, Step, Trace
from isomargin.drive.printable import printable
from isomargin.drive.protocol import (
    Malformed,
    claimed_seq,
    read_answer,
    read_introduction,
)

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "spec/schema/protocol.json").read_text("utf-8")
)

READY: dict[str, Any] = {
    "t": "ready",
    "protocol": 1,
    "subject": {"name": "acme", "version": "7.2", "language": "rust"},
    "operations": ["quote", "run"],
    "profiles": ["textbook/linear"],
    "contracts": ["linear"],
    "actions": ["trade"],
    "quantities": ["liquidation_price"],
    "arithmetic": "decimal",
    "window": 32,
}
QUANTITIES = {"t": "quantities", "seq": 1, "values": {"initial_margin": "100"}}
POSITION = {"instrument": "BTC-USDT", "side": "long", "quantity": "0.1"}


def values(**changes: object) -> dict[str, Any]:
    return {**QUANTITIES, "values": changes}


def trace(**step: object) -> dict[str, Any]:
    return {"t": "trace", "seq": 2, "steps": [{"outcome": "accepted", **step}]}


def state(**parts: object) -> dict[str, Any]:
    return trace(state=parts)


def ready(**changes: object) -> dict[str, Any]:
    return {key: part for key, part in {**READY, **changes}.items() if part is not ...}


GOOD_ANSWERS = [
    QUANTITIES,
    values(),
    values(liquidation_price=None),
    values(a="-0.5", b="0", c="-0", d="1" * 200),
    {**QUANTITIES, "steps": {"notional_value": "1", "tiers": [{"rate": "0.1"}, None]}},
    {**QUANTITIES, "steps": None},
    {**QUANTITIES, "comment": {"unknown": 1}},
    {**QUANTITIES, "seq": 0},
    {"t": "trace", "seq": 1, "steps": []},
    trace(),
    trace(reason=None),
    trace(outcome="rejected", reason="MARGIN_MODE_LOCKED"),
    trace(events=[{"event": "fee", "amount": "0.1", "asset": "USDT", "maker": False}]),
    state(balances={"USDT": {"wallet_balance": "1", "free_balance": None}}),
    trace(events=[{"event": "fee", "instrument": None}]),
    state(positions=[POSITION], insurance_fund={"USDT": "0"}),
    state(positions=[{**POSITION, "margin_mode": "isolated", "auto_add": True}]),
    {"t": "unsupported", "seq": 3, "feature": "inverse"},
    {"t": "skip", "seq": 3, "reason": "slow"},
    {"t": "skip", "seq": 3, "reason": "slow", "issue": None},
    {"t": "error", "seq": 3, "message": "\x1b[2J"},
]
BAD_ANSWERS = [
    {},
    {"t": "answer", "seq": 1},
    {"t": ["quantities"], "seq": 1},
    {"t": "quantities", "values": {}},
    {"t": "quantities", "seq": 1},
    {**QUANTITIES, "seq": -1},
    {**QUANTITIES, "seq": 2**60},
    {**QUANTITIES, "seq": "1"},
    {**QUANTITIES, "seq": True},
    {**QUANTITIES, "values": ["1"]},
    {**QUANTITIES, "steps": ["1"]},
    {**QUANTITIES, "steps": {"a": "one"}},
    *(
        values(initial_margin=bad)
        for bad in (1, True, [], {}, "", "+1", "1.", ".1", "01", "1e5", " 1", "1\n")
    ),
    *(values(initial_margin=bad) for bad in ("NaN", "１", "1_000", "--1", "1" * 201)),
    values(**{"initial margin": "1"}),
    values(**{"": "1"}),
    values(**{"initial_margin\n": "1"}),
    {"t": "trace", "seq": 1},
    {"t": "trace", "seq": 1, "steps": {}},
    {"t": "trace", "seq": 1, "steps": ["accepted"]},
    trace(outcome="filled"),
    trace(outcome=None),
    trace(reason="FORCED"),
    trace(outcome="rejected"),
    trace(outcome="rejected", reason=""),
    trace(outcome="rejected", reason="A\nB"),
    trace(events=None),
    trace(events={}),
    trace(events=["liquidation"]),
    trace(events=[{"amount": "1"}]),
    trace(events=[{"event": "liqui\u0007dation"}]),
    trace(events=[{"event": None}]),
    trace(events=[{"event": "fee", "amount": 1}]),
    *(
        trace(events=[{"event": "fee", "instrument": bad}])
        for bad in (["BTC-USDT"], {}, True)
    ),
    trace(state=None),
    trace(state=[]),
    state(balances=[]),
    state(balances={"USDT": "1"}),
    state(balances={"USDT": {"free_balance": 1}}),
    state(balances={"US\nDT": {"free_balance": "1"}}),
    state(positions={}),
    state(positions=["BTC-USDT"]),
    state(positions=[{"side": "long"}]),
    state(positions=[{**POSITION, "side": "buy"}]),
    state(positions=[{**POSITION, "quantity": "many"}]),
    state(positions=[{**POSITION, "margin_mode": 1}]),
    state(positions=[{**POSITION, "margin_mode": "\ud800"}]),
    {"t": "unsupported", "seq": 3},
    {"t": "unsupported", "seq": 3, "feature": ""},
    {"t": "skip", "seq": 3},
    {"t": "skip", "seq": 3, "reason": 1},
    {"t": "skip", "seq": 3, "reason": "slow", "issue": ""},
    {"t": "error", "seq": 3, "message": None},
]
GOOD_GREETINGS = [
    READY,
    ready(window=...),
    ready(profiles="any"),
    ready(subject={"name": "a", "version": "1"}),
    ready(subject={"name": "a", "version": "1", "language": ""}),
    ready(actions=[], quantities=[], contracts=[], operations=["run"]),
    ready(homepage=1),
]
BAD_GREETINGS = [
    *(ready(**{key: ...}) for key in READY if key != "window"),
    *(ready(window=window) for window in (0, 1025, "1", None, True)),
    ready(protocol=2),
    ready(protocol=True),
    ready(subject="acme"),
    ready(subject={"name": "acme"}),
    ready(subject={"name": "a\n", "version": "1"}),
    ready(subject={"name": "a", "version": "1", "language": None}),
    ready(operations=[]),
    ready(operations=["guess"]),
    ready(profiles="all"),
    ready(contracts="linear"),
    ready(actions=[1]),
    ready(quantities=["x" * 201]),
    ready(arithmetic="float"),
]


def line(message: object) -> bytes:
    return json.dumps(message).encode()


def is_in_schema(message: object, part: str) -> bool:
    return Draft202012Validator(
        {"$ref": f"#/$defs/{part}", "$defs": SCHEMA["$defs"]}
    ).is_valid(message)


def reads(message: object) -> bool:
    try:
        read_answer(line(message))
    except Malformed:
        return False
    return True


def greets(message: object) -> bool:
    try:
        read_introduction(line(message))
    except Malformed:
        return False
    return True


def test_an_engine_without_actions_learns_how_to_say_so() -> None:
    said = r"actions is missing or null; it must be a list of words \(\[\] for none\)"
    with pytest.raises(Malformed, match=said):
        read_introduction(line(ready(actions=...)))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("message", GOOD_ANSWERS, ids=json.dumps)
def test_a_good_answer_is_good_to_both(message: object) -> None:
    assert reads(message)
    assert is_in_schema(message, "answer")


@pytest.mark.parametrize("message", BAD_ANSWERS, ids=lambda m: json.dumps(m)[:80])
def test_a_bad_answer_is_bad_to_both(message: object) -> None:
    assert not reads(message)
    assert not is_in_schema(message, "answer")


@pytest.mark.parametrize("message", GOOD_GREETINGS, ids=json.dumps)
def test_a_good_introduction_is_good_to_both(message: object) -> None:
    assert greets(message)
    assert is_in_schema(message, "ready")


@pytest.mark.parametrize("message", BAD_GREETINGS, ids=lambda m: json.dumps(m)[:80])
def test_a_bad_introduction_is_bad_to_both(message: object) -> None:
    assert not greets(message)
    assert not is_in_schema(message, "ready")


_texts = st.sampled_from(["1", "-0.5", "01", "", "a", "a\n", "USDT", "long", "fee"])
_leaves = st.none() | st.booleans() | st.integers(-1, 2) | _texts
_keys = st.sampled_from(
    ["side", "event", "instrument", "amount", "x\n", "reason", "outcome", "balances"]
)
_trees = st.recursive(
    _leaves,
    lambda parts: (
        st.lists(parts, max_size=3) | st.dictionaries(_keys, parts, max_size=4)
    ),
    max_leaves=8,
)


@given(
    message=st.fixed_dictionaries(
        {
            "t": st.sampled_from(
                ["quantities", "trace", "unsupported", "skip", "error", "ready"]
            ),
            "seq": _leaves,
        },
        optional={
            "values": _trees,
            "steps": _trees
            | st.lists(
                st.fixed_dictionaries(
                    {"outcome": st.sampled_from(["accepted", "rejected", "1"])},
                    optional={
                        "reason": _leaves,
                        "events": st.lists(_trees, max_size=2),
                        "state": st.dictionaries(
                            st.sampled_from(["balances", "positions", "fund"]), _trees
                        ),
                    },
                ),
                max_size=2,
            ),
            "reason": _leaves,
            "feature": _leaves,
            "message": _leaves,
            "issue": _leaves,
        },
    )
)
def test_no_message_divides_the_checks_and_the_schema(message: dict[str, Any]) -> None:
    if message["t"] == "ready":
        assert not reads(message)
    else:
        assert reads(message) == is_in_schema(message, "answer")


@pytest.mark.parametrize("question", [quote(1), run(1)], ids=["quote", "run"])
def test_questions_keep_to_the_schema(question: Question) -> None:
    sent = json.loads(question.line(7))
    assert sent["seq"] == 7
    assert is_in_schema(sent, "question")
    assert not is_in_schema({**sent, "expect": {}}, "question")


def test_a_question_carries_no_expected_values() -> None:
    sent = json.loads(run(1).line(7))
    sent["steps"][0]["expect"] = {}
    assert not is_in_schema(sent, "question")


def test_an_answer_is_returned_as_plain_data() -> None:
    event = {"event": "fee", "amount": "0.1"}
    parts = {"balances": {"USDT": {"free_balance": "1"}}, "positions": [POSITION]}
    assert read_answer(line(trace(events=[event], state=parts))) == (
        2,
        Trace((Step("accepted", None, (event,), parts),)),
    )
    message = {**QUANTITIES, "steps": {"notional_value": "1"}}
    assert read_answer(line(message)) == (
        1,
        Quantities({"initial_margin": "100"}, {"notional_value": "1"}),
    )


@pytest.mark.parametrize(
    ("bad", "seq"),
    [
        (b'{"seq":5,"a":1,"a":2}', 5),
        (b'{"seq":5,"a":NaN}', 5),
        (b'{"seq":5,"a":"\xff"}', 5),
        (b'{"seq":5,"seq":6}', None),
        (b'{"seq":"5"}', None),
        (b'{"seq":true}', None),
        (b'{"a":{"seq":5}}', None),
        (b'[["seq",5]]', None),
        (b'{"seq":5', None),
        (b"[" * 100_000, None),
    ],
)
def test_a_bad_line_is_laid_at_the_door_of_the_one_number_it_claims(
    bad: bytes, seq: int | None
) -> None:
    assert claimed_seq(bad) == seq


def test_a_complaint_names_the_place() -> None:
    bad = state(positions=[POSITION, {**POSITION, "tiers": [{"rate": "x"}]}])
    with pytest.raises(Malformed) as complaint:
        read_answer(line(bad))
    assert str(complaint.value) == (
        'steps.0.state.positions.1.tiers.0.rate is "x"; '
        "it must be a decimal string or null"
    )


def test_lists_of_figures_are_bounded() -> None:
    bad = {**QUANTITIES, "steps": {"tiers": ["1"] * 10_001}}
    with pytest.raises(Malformed) as complaint:
        read_answer(line(bad))
    assert str(complaint.value) == "steps.tiers has more than 10000 members"


def test_lists_of_figures_are_bounded_in_depth() -> None:
    deep: object = None
    for _ in range(40):
        deep = [deep]
    with pytest.raises(Malformed) as complaint:
        read_answer(line({**QUANTITIES, "steps": {"tiers": deep}}))
    assert str(complaint.value).endswith(" is nested deeper than 32")


def test_what_is_shown_fits_one_line_and_moves_no_cursor() -> None:
    text = "a\n\x1b[2J\u202eb\ud800" + "x" * 1000
    assert printable(text, limit=30) == "a\\x0a\\x1b[2J\\u202eb\\ud800xxxx…"
    assert printable("a\nb\r", newlines=True) == "a\nb\\x0d"
    assert printable("x" * 500) == "x" * 500
