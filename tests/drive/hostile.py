"""A subject that misbehaves on command: hostile.py FAULT PIDS [OPTIONS as JSON].

It answers every quote with the quantity of its position as initial margin, and
every run with one step each; when the symbol is GUILTY it does FAULT. PIDS is a
file to which it adds the id of every process it starts.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Message = dict[str, Any]
Fault = Callable[[Message], None]

FAULT, PIDS = sys.argv[1], Path(sys.argv[2])
OPTIONS = json.loads(sys.argv[3]) if len(sys.argv) > 3 else {}


def record(pid: int) -> None:
    with PIDS.open("a") as pids:
        pids.write(f"{pid}\n")


def out(data: bytes | str) -> None:
    data = data if isinstance(data, bytes) else data.encode()
    while data:
        data = data[os.write(1, data) :]


def line(message: Message) -> None:
    out(json.dumps(message) + "\n")


def ready(**changes: object) -> Message:
    return {
        "t": "ready",
        "protocol": 1,
        "subject": {"name": "hostile", "version": "1", "language": "python"},
        "operations": ["quote", "run"],
        "profiles": "any",
        "contracts": ["linear"],
        "actions": [],
        "quantities": ["initial_margin"],
        "arithmetic": "decimal",
        "window": 8,
        **changes,
    }


def honest(message: Message) -> Message:
    if message["t"] == "run":
        state = {"balances": {}, "positions": []}
        steps = [{"outcome": "accepted", "events": [], "state": state}]
        return {"t": "trace", "seq": message["seq"], "steps": steps}
    values = {"initial_margin": message["position"]["quantity"]}
    return {"t": "quantities", "seq": message["seq"], "values": values}


def symbol(message: Message) -> str:
    return (message.get("instrument") or message["instruments"][0])["symbol"]


def raw_value(text: str) -> Fault:
    def fault(message: Message) -> None:
        seq = message["seq"]
        out(f'{{"t":"quantities","seq":{seq},"values":{{"initial_margin":{text}}}}}\n')

    return fault


def changed(**fields: object) -> Fault:
    return lambda message: line({**honest(message), **fields})


def shifted(by: int) -> Fault:
    return lambda message: line({**honest(message), "seq": message["seq"] + by})


def hang(_message: Message | None = None) -> None:
    time.sleep(60)


def hang_ignoring_sigterm(_message: Message) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hang()


def leave(_message: Message | None = None) -> None:
    os._exit(3)


def segfault(_message: Message) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)
    hang()


def left_behind() -> None:
    sleeper = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); time.sleep(60)"
    record(subprocess.Popen([sys.executable, "-c", sleeper]).pid)


def daemon(_message: Message | None = None) -> None:
    """Start a process that leaves the group, as daemons do, and keeps the pipes."""
    if os.fork():
        os.wait()
        return
    os.setsid()
    if not os.fork():
        record(os.getpid())
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        hang()
    os._exit(0)


def daemon_and_leave(_message: Message) -> None:
    daemon()
    leave()


def daemon_and_answer(message: Message) -> None:
    daemon()
    line(honest(message))


def daemon_and_hang(_message: Message) -> None:
    daemon()
    hang()


def leave_quietly(_message: Message) -> None:
    os._exit(0)


def leave_once(message: Message) -> None:
    if lives() == 1:
        leave()
    line(honest(message))


def hang_once(message: Message) -> None:
    if lives() == 1:
        hang()
    line(honest(message))


def stop(message: Message) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)
    line(honest(message))


def encoded(encoding: str, end: str = "\n") -> Fault:
    return lambda message: out((json.dumps(honest(message)) + end).encode(encoding))


def drip_slowly(message: Message) -> None:
    for byte in json.dumps(honest(message)).encode():
        os.write(1, bytes([byte]))
        time.sleep(0.1)
    out("\n")


def never_ending(message: Message) -> None:
    answer = json.dumps(honest(message)) + "\n"
    while True:
        out(answer * 1000)


def unterminated_stderr(message: Message) -> None:
    for _ in range(64):
        os.write(2, b"\xff" * 65536)
    line(honest(message))


def beforehand(message: Message) -> None:
    line({**honest(message), "seq": message["seq"] + 1})
    line(honest(message))


def many_values(message: Message) -> None:
    values = {f"figure_{number}": "1" for number in range(10_000)}
    line({**honest(message), "values": {**honest(message)["values"], **values}})


def fork_and_leave(_message: Message) -> None:
    left_behind()
    leave()


def fork_and_answer(message: Message) -> None:
    left_behind()
    line(honest(message))


def fork_and_hang(_message: Message) -> None:
    left_behind()
    hang()


def half_line_and_leave(message: Message) -> None:
    out(json.dumps(honest(message))[:20])
    leave()


def half_line_and_hang(message: Message) -> None:
    out(json.dumps(honest(message))[:20])
    hang()


def drip(_message: Message) -> None:
    while True:
        out(" ")
        time.sleep(0.01)


def endless_line(_message: Message) -> None:
    for _ in range(100):
        out(b"x" * 1024 * 1024)
    hang()


def long_line(message: Message) -> None:
    answer = honest(message)
    answer["note"] = "x" * 5 * 1024 * 1024
    line(answer)


def late(message: Message) -> None:
    time.sleep(1.2)
    line(honest(message))


def twice(message: Message) -> None:
    line(honest(message))
    line(honest(message))


def babble_after(message: Message) -> None:
    out(json.dumps(honest(message)) + "\n" + "by the way\n")


def die_after(message: Message) -> None:
    line(honest(message))
    os._exit(5)


def flood_stderr(message: Message) -> None:
    for _ in range(64):
        os.write(2, b"e" * 65536 + b"\n")
    line(honest(message))


def flood_stderr_and_leave(_message: Message) -> None:
    for _ in range(8):
        os.write(2, b"e" * 65536 + b"\n")
    os.write(2, b"the last words\x1b[2J\n")
    leave()


def close_input(message: Message) -> None:
    os.close(0)
    line(honest(message))
    hang()


def close_output(_message: Message) -> None:
    os.close(1)
    hang()


def invalid_utf8(message: Message) -> None:
    seq = message["seq"]
    out(b'{"t":"quantities","seq":%d,"values":{"initial_margin":"1\xff"}}\n' % seq)


def nested(message: Message) -> None:
    seq = message["seq"]
    deep = '{"a":' * 40 + "null" + "}" * 40
    out(f'{{"t":"quantities","seq":{seq},"values":{{}},"steps":{deep}}}\n')


def bottomless(_message: Message) -> None:
    out("[" * 100_000 + "\n")


def key_twice(message: Message) -> None:
    seq = message["seq"]
    out(f'{{"t":"quantities","seq":{seq},"values":{{"a":"1","a":"2"}}}}\n')


def seq_twice(message: Message) -> None:
    seq = message["seq"]
    out(f'{{"t":"quantities","seq":{seq},"seq":{seq},"values":{{}}}}\n')


def many_events(message: Message) -> None:
    answer = honest(message)
    answer["steps"][0]["events"] = [{"event": "fee"}] * 10_001
    line(answer)


def steps(count: int) -> Fault:
    def fault(message: Message) -> None:
        answer = honest(message)
        line({**answer, "steps": answer["steps"] * count})

    return fault


def differently(message: Message) -> None:
    values = {"initial_margin": str(time.monotonic_ns())}
    line({**honest(message), "values": values})


FAULTS: dict[str, Fault] = {
    "none": lambda message: line(honest(message)),
    "hang": hang,
    "hang_ignoring_sigterm": hang_ignoring_sigterm,
    "leave": leave,
    "segfault": segfault,
    "fork_and_leave": fork_and_leave,
    "fork_and_answer": fork_and_answer,
    "fork_and_hang": fork_and_hang,
    "half_line_and_leave": half_line_and_leave,
    "half_line_and_hang": half_line_and_hang,
    "drip": drip,
    "endless_line": endless_line,
    "long_line": long_line,
    "late": late,
    "twice": twice,
    "babble_after": babble_after,
    "die_after": die_after,
    "flood_stderr": flood_stderr,
    "flood_stderr_and_leave": flood_stderr_and_leave,
    "close_input": close_input,
    "close_output": close_output,
    "daemon_and_leave": daemon_and_leave,
    "daemon_and_answer": daemon_and_answer,
    "daemon_and_hang": daemon_and_hang,
    "leave_quietly": leave_quietly,
    "leave_once": leave_once,
    "hang_once": hang_once,
    "stop": stop,
    "utf16": encoded("utf-16"),
    "byte_order_mark": encoded("utf-8-sig"),
    "carriage_return": encoded("utf-8", "\r"),
    "windows_line": encoded("utf-8", "\r\n"),
    "nul_line": encoded("utf-8", "\0\n"),
    "drip_slowly": drip_slowly,
    "never_ending": never_ending,
    "unterminated_stderr": unterminated_stderr,
    "beforehand": beforehand,
    "many_values": many_values,
    "its_question": line,
    "garbage": lambda _: out("Traceback (most recent call last):\n"),
    "empty_line": lambda _: out("\n"),
    "array": lambda _: out("[1]\n"),
    "invalid_utf8": invalid_utf8,
    "nested": nested,
    "bottomless": bottomless,
    "key_twice": key_twice,
    "seq_twice": seq_twice,
    "seq_unknown": changed(seq=99_999),
    "seq_text": changed(seq="1"),
    "seq_flag": changed(seq=True),
    "seq_missing": changed(seq=None),
    "seq_before": shifted(-1),
    "seq_after": shifted(1),
    "kind_unknown": changed(t="answer"),
    "kind_wrong": changed(t="trace", steps=[]),
    "values_list": changed(values=["1"]),
    "values_missing": changed(values=None),
    "name_bad": changed(values={"initial margin": "1"}),
    "nan": raw_value("NaN"),
    "infinity": raw_value("-Infinity"),
    "huge_exponent": raw_value("1e400"),
    "json_number": raw_value("100"),
    "json_fraction": raw_value("0.1"),
    "flag": raw_value("true"),
    "full_width": raw_value('"１００"'),
    "many_digits": raw_value('"' + "9" * 10_000 + '"'),
    "many_bare_digits": raw_value("9" * 10_000),
    "exponent": raw_value('"1e5"'),
    "underscore": raw_value('"1_000"'),
    "space": raw_value('" 1"'),
    "hexadecimal": raw_value('"0x64"'),
    "point_alone": raw_value('"5."'),
    "minus_sign": raw_value('"−5"'),
    "surrogate": raw_value('"\\ud800"'),
    "member_list": raw_value('["5"]'),
    "member_object": raw_value("{}"),
    "plus": raw_value('"+1"'),
    "leading_zero": raw_value('"01"'),
    "newline": raw_value('"1\\n"'),
    "no_digits": raw_value('"-"'),
    "many_events": many_events,
    "no_steps": steps(0),
    "two_steps": steps(2),
    "error": changed(t="error", message="ValueError: no\x1b such"),
    "unsupported": changed(t="unsupported", feature="inverse"),
    "skip": changed(t="skip", reason="slow", issue="https://example.org/1"),
    "differently": differently,
}

HELLOS: dict[str, Callable[[], object]] = {
    "hello_hang": hang,
    "hello_leave": lambda: (os.write(2, b"no licence\n"), leave()),
    "hello_garbage": lambda: out("welcome\n"),
    "hello_two": lambda: out((json.dumps(ready()) + "\n") * 2),
    "hello_protocol": lambda: line(ready(protocol=2)),
    "hello_window": lambda: line(ready(window=0)),
    "hello_nobody": lambda: line(ready(subject={})),
    "hello_operations": lambda: line(ready(operations=["guess"])),
}


def lives() -> int:
    return len(PIDS.read_text().splitlines())


def greet() -> None:
    if FAULT in HELLOS:
        HELLOS[FAULT]()
    elif OPTIONS.get("moody") and lives() > 1:
        line(ready(subject={"name": "hostile", "version": "2"}))
    elif OPTIONS.get("once") and lives() > 1:
        leave()
    else:
        line(ready(**OPTIONS.get("ready", {})))


def answer(message: Message) -> None:
    guilty = OPTIONS.get("always") or symbol(message) == "GUILTY"
    (FAULTS[FAULT] if guilty else FAULTS["none"])(message)


def read_lines() -> Iterator[bytes]:
    """Read as adapters do, but with no buffer that outlives a closed input."""
    rest = b""
    while chunk := os.read(0, 65536):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole


def main() -> None:
    record(os.getpid())
    backlog = []
    for raw in read_lines():
        message = json.loads(raw)
        if message["t"] == "bye":
            break
        if message["t"] == "hello":
            greet()
        elif OPTIONS.get("backwards"):
            backlog.append(message)
            if len(backlog) == OPTIONS["backwards"]:
                while backlog:
                    answer(backlog.pop())
        else:
            answer(message)


main()
