"""The least engine in Python: it answers every quote with fixed figures."""

import json
import sys

READY = {
    "t": "ready",
    "protocol": 1,
    "subject": {"name": "fixed", "version": "1", "language": "python"},
    "operations": ["quote"],
    "profiles": "any",
    "contracts": ["linear"],
    "actions": [],
    "quantities": [
        "notional_value",
        "initial_margin",
        "liquidation_price",
        "bankruptcy_price",
    ],
    "arithmetic": "decimal",
    "window": 1,
}
VALUES = {
    "notional_value": "1000",
    "initial_margin": "100",
    "liquidation_price": "9036.144578313253012048",
    "bankruptcy_price": "9000",
}

for line in sys.stdin:
    message = json.loads(line)
    if message["t"] == "bye":
        break
    answer = {"t": "quantities", "seq": message.get("seq"), "values": VALUES}
    sys.stdout.write(json.dumps(READY if message["t"] == "hello" else answer) + "\n")
    sys.stdout.flush()
