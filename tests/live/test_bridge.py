"""What is said to a bridge and heard from it, and a bridge that breaks down."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from isomargin.drive import Command
from isomargin.errors import SubjectUnusable
from isomargin.live import Bridge, Greeting
from isomargin.live.bridge import ExchangeFault

SCHEMAS = Path(__file__).parents[2] / "spec" / "schema"
SCHEMA = json.loads((SCHEMAS / "bridge.json").read_text("utf-8"))
READY = {"t": "ready", "bridge": 1, "exchange": "x", "venue": "x", "library": "l"}
NOTHING = {"t": "positions", "positions": []}
FAULT = {"t": "error", "kind": "maintenance", "message": "closed"}
GREETING = Greeting(exchange="x")

# It says what it is told to, one line for each line it hears, and keeps what it hears.
PROGRAM = """
import json, sys
lines, heard = json.loads(sys.argv[1]), open(sys.argv[2], "w")
for said, line in zip(lines, sys.stdin):
    heard.write(line)
    heard.flush()
    sys.stdout.write("".join(one + "\\n" for one in said))
    sys.stdout.flush()
"""

Opened = Callable[..., Bridge]


@pytest.fixture
def heard(tmp_path: Path) -> Path:
    return tmp_path / "heard"


@pytest.fixture
def opened(heard: Path) -> Opened:
    """Give a function that opens a bridge which says given things in turn."""

    def open_one(*said: Any) -> Bridge:
        lines = [
            [one if isinstance(one, str) else json.dumps(one) for one in each]
            for each in said
        ]
        argv = (sys.executable, "-c", PROGRAM, json.dumps(lines), str(heard))
        command = Command(given="a bridge", argv=argv)
        return Bridge(command, GREETING, schemas=SCHEMAS, patience=20)

    return open_one


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_what_is_said_to_a_bridge_is_what_the_schema_has(
    opened: Opened, heard: Path
) -> None:
    done = {"t": "done", "outcome": "accepted"}
    with opened([READY], [NOTHING | {"seq": 1}], [done | {"seq": 2}], []) as bridge:
        bridge.look(["BTC/USDT:USDT"])
        bridge.do("set_leverage", {"instrument": "BTC/USDT:USDT", "leverage": "3"})
    said = [json.loads(line) for line in heard.read_text("utf-8").splitlines()]
    assert [one["t"] for one in said] == ["hello", "look", "do", "bye"]
    for one in said:
        jsonschema.Draft202012Validator(SCHEMA).validate(one)


def test_an_answer_that_nobody_waits_for_any_more_is_passed_over(
    opened: Opened,
) -> None:
    late = {"t": "done", "outcome": "accepted", "seq": 0}
    with opened([READY], [late, NOTHING | {"seq": 1}]) as bridge:
        assert bridge.look()["positions"] == []


def test_an_error_is_told_with_its_kind_and_what_to_do(opened: Opened) -> None:
    bridge = opened([READY], [FAULT | {"seq": 1}])
    with bridge, pytest.raises(ExchangeFault) as fault:
        bridge.read()
    assert fault.value.kind == "maintenance"
    assert str(fault.value) == (
        "x: it is under maintenance: closed; run again when it is back"
    )


def test_a_whole_page_of_an_exchanges_is_cut_short(opened: Opened) -> None:
    page = {"t": "error", "kind": "exchange", "message": "<html>" * 100, "seq": 1}
    bridge = opened([READY], [page])
    with bridge, pytest.raises(ExchangeFault) as fault:
        bridge.read()
    assert len(str(fault.value)) < 500
    assert "…; look up its message" in str(fault.value)


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ([], "it ended before it answered"),
        (["[]"], "its answer is none of a bridge's"),
        (["nonsense"], "its answer is not JSON"),
        ([{"t": "ready", "bridge": 2}], "its answer is none of a bridge's"),
    ],
    ids=["nothing", "no object", "no JSON", "another version"],
)
def test_a_bridge_that_makes_no_sense_is_given_up(
    opened: Opened, said: list[Any], what: str
) -> None:
    with pytest.raises(SubjectUnusable) as fault:
        opened(said)
    assert str(fault.value) == (
        f"the bridge to x: {what}; run: isomargin adapter setup ccxt"
    )


@pytest.mark.parametrize(
    "position",
    [
        {"quantity": 0.1},
        {"quantity": "1e3"},
        {"quantity": "NaN"},
    ],
)
def test_a_figure_that_is_no_decimal_string_is_refused(
    opened: Opened, position: dict[str, Any]
) -> None:
    told = {"instrument": "B", "side": "long", "margin_mode": "isolated"}
    answer = {
        "t": "positions",
        "positions": [{**told, "given": position, "reported": []}],
    }
    bridge = opened([READY], [answer | {"seq": 1}])
    with bridge, pytest.raises(SubjectUnusable, match="none of a bridge's"):
        bridge.look()
