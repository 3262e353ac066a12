"""What adapters in JavaScript share: numbers as the wire writes them, and gaps."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

INTERFACE = Path(__file__).parents[2] / "adapters" / "isomargin_adapter_node"


def evaluated(expression: str) -> object:
    """Return what an expression over the interface comes to, as JSON says it."""
    if not (node := shutil.which("node")):
        pytest.skip("there is no node")
    address = (INTERFACE / "serve.mjs").as_uri()
    program = (
        f'import * as i from "{address}"; console.log(JSON.stringify({expression}))'
    )
    command = [node, "--input-type=module", "--eval", program]
    return json.loads(subprocess.check_output(command, encoding="utf-8"))


def test_a_number_is_written_in_full() -> None:
    numbers = "[0, -0, 1.5, -7, 1e-7, -2.5e-9, 1e21, 1.25e22, 9036.144578313253]"
    assert evaluated(f"{numbers}.map(i.decimalString)") == [
        *("0", "0", "1.5", "-7", "0.0000001", "-0.0000000025"),
        *("1" + "0" * 21, "125" + "0" * 20, "9036.144578313253"),
    ]


def test_nothing_is_null_and_what_is_no_number_is_refused() -> None:
    assert evaluated("[null, undefined].map(i.decimalString)") == [None, None]
    caught = "(() => { try { i.decimalString(NaN) } catch (e) { return e.message } })()"
    assert evaluated(caught) == "NaN is not a finite number"


def test_a_decimal_is_an_integer_of_so_many_decimals_and_back() -> None:
    texts = '["0", "1.5", "-0.25", "12"]'
    back = f"{texts}.map((text) => i.unscaled(i.scaled(text, 2), 2))"
    assert evaluated(back) == ["0", "1.5", "-0.25", "12"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ('i.scaled("0.123", 2)', "decimals"),
        ('i.follows({parameters: {a: "x"}}, {a: "y"})', "parameter a"),
        ("i.unrounded({parameters: {rounding: {a: {}}}})", "parameter rounding"),
        ('i.plainTier({instrument: {contract: "inverse"}, position: {}})', "inverse"),
        ('i.plainTier({instrument: {contract_size: "2"}, position: {}})', "contract_size"),
        ('i.plainTier({instrument: {}, position: {margin_mode: "cross"}})', "cross"),
        ("i.plainTier({instrument: {tiers: [{}, {}]}, position: {}})", "tiers"),
    ],
)  # fmt: skip
def test_a_gap_names_what_is_missing(asked: str, said: str) -> None:
    caught = f"(() => {{ try {{ {asked} }} catch (e) {{ return [e instanceof i.Unsupported, e.message] }} }})()"
    assert evaluated(caught) == [True, said]
