"""The reference engine, whose account is falsified in the way its instrument names.

Every scenario is answered rightly but for what FAULTS makes of the answer. The steps are
those of `test_trace_faults`: the third opens a position, the fourth is refused and the
last liquidates.
"""

import io
import json
import sys
from collections.abc import Callable
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "adapters" / "reference"))

from adapter import Account

from isomargin_adapter import Ready, serve
from isomargin_reference import ACTIONS, QUANTITIES

READY = Ready(
    name="hostile account",
    version="1",
    actions=tuple(ACTIONS),
    quantities=tuple(QUANTITIES),
    window=8,
)
OPENED, REFUSED, LIQUIDATED = 2, 3, 4
ESCAPES = "=cmd|'/C calc'!A0 <script>alert(1)</script> \u202e | `x`"
_asked = count(1)

Message = dict[str, Any]
Falsify = Callable[[Message], None]


def figure(value: object) -> Falsify:
    """Show a free balance after the opening that is this."""

    def falsify(answer: Message) -> None:
        state(answer)["balances"]["USD"]["free_balance"] = value

    return falsify


def amount(value: object) -> Falsify:
    """Report a liquidation of this amount."""

    def falsify(answer: Message) -> None:
        liquidation(answer)["amount"] = value

    return falsify


def shown(part: str, value: object) -> Falsify:
    """Show this in place of a part of the state after the opening."""
    return lambda answer: state(answer).update({part: value})


def hidden(part: str) -> Falsify:
    """Leave a part of every state out."""

    def falsify(answer: Message) -> None:
        for step in answer["steps"]:
            del step["state"][part]

    return falsify


def without(name: str) -> Falsify:
    """Leave a figure of the position after the opening out."""
    return lambda answer: position(answer).pop(name)


def opened_with(**fields: object) -> Falsify:
    """Put fields into the step that opens."""
    return lambda answer: answer["steps"][OPENED].update(fields)


def refused_with(**fields: object) -> Falsify:
    """Put fields into the step that is refused."""
    return lambda answer: answer["steps"][REFUSED].update(fields)


def events(*reported: object) -> Falsify:
    """Report these events at the liquidation, in place of its own."""
    return lambda answer: answer["steps"][LIQUIDATED].update(events=list(reported))


def also(*reported: object) -> Falsify:
    """Report these events at the opening too."""
    return lambda answer: answer["steps"][OPENED]["events"].extend(reported)


def steps(change: Callable[[list[Any]], None]) -> Falsify:
    return lambda answer: change(answer["steps"])


def state(answer: Message) -> Message:
    part: Message = answer["steps"][OPENED]["state"]
    return part


def position(answer: Message) -> Message:
    held: Message = state(answer)["positions"][0]
    return held


def liquidation(answer: Message) -> Message:
    reported = answer["steps"][LIQUIDATED]["events"]
    return next(one for one in reported if one["event"] == "liquidation")  # type: ignore[no-any-return]


def position_twice(answer: Message) -> None:
    state(answer)["positions"].append(deepcopy(position(answer)))


def position_elsewhere(answer: Message) -> None:
    state(answer)["positions"].append({**position(answer), "instrument": "NO-SUCH"})


def positions(number: int) -> Falsify:
    def falsify(answer: Message) -> None:
        state(answer)["positions"] = [
            {"instrument": f"I{index}", "side": "long"} for index in range(number)
        ]

    return falsify


def refused_and_changed(answer: Message) -> None:
    answer["steps"][REFUSED]["state"] = deepcopy(answer["steps"][0]["state"])


def unsteady(answer: Message) -> None:
    state(answer)["balances"]["EUR"] = {"free_balance": str(next(_asked))}


def nested(answer: Message) -> None:
    deep: Any = "1"
    for _ in range(40):
        deep = {"a": deep}
    state(answer)["balances"]["USD"]["more"] = deep


FAULTS: dict[str, Falsify] = {
    "balance_number": figure(1900),
    "balance_nan": figure(float("nan")),
    "balance_infinite": figure(float("inf")),
    "balance_flag": figure(value=True),
    "balance_null": figure(None),
    "balance_list": figure(["1900"]),
    "balance_full_width": figure("１９００"),
    "balance_exponent": figure("1.9e3"),
    "balance_digits": figure("9" * 10_000),
    "balance_escapes": figure(ESCAPES),
    "balance_nested": nested,
    "state_missing": lambda answer: [step.pop("state") for step in answer["steps"]],
    "state_null": opened_with(state=None),
    "state_list": opened_with(state=[]),
    "balances_missing": hidden("balances"),
    "balances_list": shown("balances", []),
    "balances_null": shown("balances", None),
    "positions_missing": hidden("positions"),
    "positions_mapping": shown("positions", {"BTC-USD": {}}),
    "positions_none": shown("positions", []),
    "positions_many": positions(10_000),
    "positions_too_many": positions(10_001),
    "position_word": shown("positions", ["long"]),
    "position_twice": position_twice,
    "position_elsewhere": position_elsewhere,
    "position_no_side": without("side"),
    "position_no_margin": without("isolated_margin"),
    "position_unknown_field": lambda answer: position(answer).update(lot="1"),
    "position_mode_list": lambda answer: position(answer).update(margin_mode=["x"]),
    "step_number": steps(lambda listed: listed.__setitem__(OPENED, 5)),
    "step_list": steps(lambda listed: listed.__setitem__(OPENED, [])),
    "steps_mapping": lambda answer: answer.update(steps={}),
    "steps_reversed": steps(lambda listed: listed.reverse()),
    "steps_more": steps(lambda listed: listed.append(listed[-1])),
    "steps_fewer": steps(lambda listed: listed.pop()),
    "outcome_other": opened_with(outcome="filled"),
    "outcome_missing": steps(lambda listed: listed[OPENED].pop("outcome")),
    "reason_missing": steps(lambda listed: listed[REFUSED].pop("reason")),
    "reason_null": refused_with(reason=None),
    "reason_unknown": refused_with(reason="NO_LUCK"),
    "reason_escapes": refused_with(reason=ESCAPES),
    "reason_control": refused_with(reason="\x1b[2J"),
    "reason_when_accepted": opened_with(reason="NO_LUCK"),
    "accepted_instead": refused_with(outcome="accepted", reason=None),
    "rejected_instead": opened_with(outcome="rejected", reason="NO_LUCK"),
    "rejected_and_changed": refused_and_changed,
    "event_word": events("liquidation"),
    "event_unknown": also({"event": "rain"}),
    "event_escapes": also({"event": ESCAPES, "instrument": ESCAPES}),
    "event_instrument_list": also({"event": "fee", "instrument": ["BTC-USD"]}),
    "event_elsewhere": also({"event": "margin_added", "instrument": "NO-SUCH"}),
    "event_no_amount": lambda answer: liquidation(answer).pop("amount", None),
    "event_amount_null": amount(None),
    "event_amount_flag": amount(value=True),
    "event_amount_list": amount(["100"]),
    "event_asset_other": lambda answer: liquidation(answer).update(asset="EUR"),
    "events_none": events(),
    "events_null": opened_with(events=None),
    "events_twice": also({"event": "liquidation"}, {"event": "liquidation"}),
    "events_many": also(*[{"event": "fee", "amount": "0"}] * 9_000),
    "events_too_many": also(*[{"event": "fee", "amount": "0"}] * 100_000),
    "unsteady": unsteady,
}


def doubled(answer: Message) -> str:
    """Write the key of the balances twice."""
    return json.dumps(answer).replace('"balances"', '"balances": {}, "balances"', 1)


def written(answer: Message, fault: str) -> str:
    if fault == "key_twice":
        return doubled(answer)
    FAULTS.get(fault, lambda _: None)(answer)
    return json.dumps(answer)


def main() -> None:
    for line in sys.stdin:
        output = io.StringIO()
        serve(READY, engine=Account, lines=[line], output=output)
        if not output.getvalue():
            return
        answer, question = json.loads(output.getvalue()), json.loads(line)
        listed = question.get("instruments", [{"symbol": ""}])
        fault = listed[0]["symbol"].partition(".")[2]
        print(written(answer, fault), flush=True)  # noqa: T201 - the wire


main()
