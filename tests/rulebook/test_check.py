"""Bad rulebooks: each fault is one line with its file and line, and exit code 4."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from isomargin.check import problems
from isomargin.rulebook.places import places

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Fault:
    """A rulebook with one thing changed, and the line that tells of it."""

    name: str
    file: str
    old: str
    new: str
    line: str


ALICE = "examples/glossary/alice.yaml"
FAULTS = [
    Fault(
        "duplicate key",
        "parameters.yaml",
        "tier_price: [liquidation, entry, mark]",
        "tier_price: [liquidation, entry, mark]\ntier_price: [entry, mark]",
        "spec/parameters.yaml:{line}: duplicate key 'tier_price'; keep one of them",
    ),
    Fault(
        "number with an exponent",
        ALICE,
        'USD: "2000"',
        'USD: "2e3"',
        "spec/examples/glossary/alice.yaml:{line}: given.balances.USD: "
        "'2e3' is not a decimal number such as 12.5",
    ),
    Fault(
        "number that looks like a float",
        ALICE,
        'price: "30000"',
        "price: 3.0e4",
        "spec/examples/glossary/alice.yaml:{line}: price: "
        "'3.0e4' is not a decimal number such as 12.5",
    ),
    Fault(
        "unknown quantity in a formula",
        "rules/value.yaml",
        "formula: quantity * contract_size",
        "formula: quantity * contract_sise",
        "spec/rules/value.yaml:{line}: unknown quantity 'contract_sise', in: "
        "quantity * contract_sise; did you mean 'contract_size'?",
    ),
    Fault(
        "unknown quantity in an example",
        ALICE,
        'maximum_loss: "100"',
        'maximum_lost: "100"',
        "spec/examples/glossary/alice.yaml:{line}: unknown quantity 'maximum_lost'",
    ),
    Fault(
        "rate in the place of a ratio",
        "rules/maintenance.yaml",
        "formula: notional_value * taker_fee_rate",
        "formula: notional_value * margin_ratio",
        "spec/rules/maintenance.yaml:{line}: an amount cannot be multiplied by a ratio "
        "(notional_value * margin_ratio), in: notional_value * margin_ratio",
    ),
    Fault(
        "formula of another kind than its quantity",
        "rules/value.yaml",
        "formula: value(size, mark_price)",
        "formula: mark_price",
        "spec/rules/value.yaml:{line}: a price where an amount is needed, in: mark_price",
    ),
    Fault(
        "unknown claim",
        "rules/value.yaml",
        "claims: [C24, C31]",
        "claims: [C24, C99]",
        "spec/rules/value.yaml:{line}: unknown claim 'C99'",
    ),
    Fault(
        "rule without a source",
        "rules/value.yaml",
        "  formula: value(size, entry_price)\n  claims: [C27]",
        "  formula: value(size, entry_price)",
        "spec/rules/value.yaml:{line}: the rule entry_value.at_entry has neither a claim "
        "nor a citation; say what it rests on",
    ),
    Fault(
        "cyclic definitions",
        "rules/margin.yaml",
        "formula: isolated_margin - initial_margin",
        "formula: added_margin - initial_margin",
        "spec/rules/margin.yaml:{line}: cyclic definitions: added_margin → added_margin; "
        "break the circle",
    ),
    Fault(
        "unknown rule in an example",
        ALICE,
        "rules: [initial_margin.of_position,",
        "rules: [initial_margin.of_positions,",
        "spec/examples/glossary/alice.yaml:{line}: unknown rule 'initial_margin.of_positions'",
    ),
    Fault(
        "expected value that the formulas contradict",
        ALICE,
        'maximum_loss: "100"',
        'maximum_loss: "101"',
        "spec/examples/glossary/alice.yaml:{line}: glossary.alice: maximum_loss is 101 in "
        "the case, 100 by the formulas",
    ),
    Fault(
        "working that is not true",
        "examples/guide/gap.yaml",
        '"1000 - 100 = 900"',
        '"1000 - 100 = 901"',
        "spec/examples/guide/gap.yaml:{line}: a working that is not true: 1000 - 100 = 901",
    ),
    Fault(
        "unknown action",
        ALICE,
        "do: set_leverage",
        "do: set_lever",
        "spec/examples/glossary/alice.yaml:{line}: unknown action 'set_lever'",
    ),
    Fault(
        "missing argument",
        ALICE,
        'with: {instrument: BTC-USD, leverage: "10"}',
        "with: {instrument: BTC-USD}",
        "spec/examples/glossary/alice.yaml:{line}: set_leverage needs leverage",
    ),
    Fault(
        "unknown event",
        ALICE,
        "events: [liquidation]",
        "events: [liquidated]",
        "spec/examples/glossary/alice.yaml:{line}: unknown event 'liquidated'",
    ),
    Fault(
        "detail of an event that the formulas contradict",
        ALICE,
        "events: [liquidation]",
        'events: [{event: liquidation, amount: "101"}, realised_pnl, insurance_fund_paid]',
        "spec/examples/glossary/alice.yaml:{line}: glossary.alice: amount is 101 in the "
        "case, 100 by the formulas",
    ),
    Fault(
        "events with a detail that are not all there are",
        ALICE,
        "events: [liquidation]",
        'events: [{event: liquidation, amount: "100"}]',
        "spec/examples/glossary/alice.yaml:{line}: glossary.alice: all events is "
        "['liquidation'] in the case, ['liquidation', 'realised_pnl', "
        "'insurance_fund_paid'] by the formulas",
    ),
    Fault(
        "detail of an event not filled in",
        ALICE,
        "events: [liquidation]",
        'events: [{event: liquidation, price: "?"}]',
        "spec/examples/glossary/alice.yaml:{line}: glossary.alice: price is not filled "
        "in; run python -m isomargin.fill",
    ),
    Fault(
        "value not filled in",
        ALICE,
        'maximum_loss: "100"',
        'maximum_loss: "?"',
        "spec/examples/glossary/alice.yaml:{line}: glossary.alice: maximum_loss is not filled "
        "in; run python -m isomargin.fill",
    ),
    Fault(
        "choice that is none",
        "profiles/textbook/linear.yaml",
        "maintenance_margin_price: {value: mark,",
        "maintenance_margin_price: {value: last,",
        "spec/profiles/textbook/linear.yaml:{line}: 'last' is no value of "
        "maintenance_margin_price; use one of mark, entry",
    ),
    Fault(
        "choice that is not made",
        "profiles/textbook/linear.yaml",
        "  tier_price: {value: liquidation, assumed: true}\n",
        "",
        "spec/profiles/textbook/linear.yaml:{line}: the profile textbook/linear does not "
        "choose tier_price; choose, or mark it assumed",
    ),
    Fault(
        "recorded position with an unknown figure",
        "profiles/mexc/linear.yaml",
        'printed: {liquidation_price: "0.03433"}',
        'printed: {liquidation: "0.03433"}',
        "spec/profiles/mexc/linear.yaml:{line}: unknown quantity 'liquidation'",
    ),
    Fault(
        "recorded position with a number that is none",
        "profiles/mexc/linear.yaml",
        'entry_price: "0.03491"',
        'entry_price: "3.5e-2"',
        "spec/profiles/mexc/linear.yaml:{line}: entry_price: "
        "'3.5e-2' is not a decimal number such as 12.5",
    ),
    Fault(
        "unknown bucket",
        "rules/transfer.yaml",
        "{from: free_balance, to: isolated_margin, amount: action.amount, event: margin_added}",
        "{from: free_balance, to: pocket, amount: action.amount, event: margin_added}",
        "spec/rules/transfer.yaml:{line}: unknown bucket 'pocket'",
    ),
    Fault(
        "call of Python",
        "rules/value.yaml",
        "formula: quantity * contract_size",
        "formula: __import__('os').getpid()",
        "spec/rules/value.yaml:{line}: a call other than name(value, …) is not allowed in an "
        "expression: __import__('os').getpid()",
    ),
    Fault(
        "family without a file",
        "machine.yaml",
        "[account, mode,",
        "[account, moods, mode,",
        "spec/machine.yaml:{line}: the families and the files of rules/ differ: moods",
    ),
    Fault(
        "unknown key",
        "rules/value.yaml",
        "- id: value.linear\n",
        "- id: value.linear\n  formulae: 1\n",
        "spec/rules/value.yaml:{line}: 0: unknown key ('formulae' was unexpected)",
    ),
    Fault(
        "refusal that no step states",
        "examples/guide/policy.yaml",
        "outcome: rejected, reason: LEVERAGE_TOO_HIGH",
        "events: []",
        "spec/examples/guide/policy.yaml:{line}: guide.policy: set_leverage is refused with "
        "LEVERAGE_TOO_HIGH, unstated; state its outcome and reason",
    ),
    Fault(
        "liquidation that no step states",
        ALICE,
        "      events: [liquidation]\n",
        "",
        "spec/examples/glossary/alice.yaml:{line}: glossary.alice: set_mark_price "
        "brings liquidation, which no step states; state its events",
    ),
]


def change(rulebook: Path, fault: Fault) -> None:
    path = rulebook / "spec" / fault.file
    before = path.read_text(encoding="utf-8")
    assert fault.old in before
    path.write_text(before.replace(fault.old, fault.new, 1), encoding="utf-8")


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "isomargin",
        "check",
        "--spec",
        str(folder / "spec"),
    ]
    return subprocess.run(
        [*command, "--format", "terminal"], capture_output=True, text=True, check=False
    )


@pytest.fixture
def rulebook(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "spec", tmp_path / "spec")
    return tmp_path


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_told_on_its_line(rulebook: Path, fault: Fault) -> None:
    change(rulebook, fault)
    # The worked examples are enough of cases: what is wrong is in the rulebook.
    alone = replace(places(str(rulebook / "spec")), cases=rulebook / "cases")
    told = [str(problem) for problem in problems(alone)]
    before, _, after = fault.line.partition("{line}")
    pattern = re.escape(before) + "[0-9]+" + re.escape(after)
    assert [line for line in told if re.match(pattern, line)], told


def test_a_fault_is_one_line_and_exit_code_4(rulebook: Path) -> None:
    change(rulebook, FAULTS[0])
    result = checked(rulebook)
    assert result.returncode == 4
    assert (
        "spec/parameters.yaml:8: duplicate key 'tier_price'; keep one of them"
        in (result.stdout + result.stderr).splitlines()
    )
    assert "Traceback" not in result.stderr


def test_the_rulebook_itself_has_no_fault(rulebook: Path) -> None:
    result = checked(rulebook)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_folder_that_is_no_rulebook_is_a_matter_of_usage(tmp_path: Path) -> None:
    result = checked(tmp_path)
    assert result.returncode == 2
    assert (
        "holds no rulebook (no folder rules in it); name a folder like spec/"
        in result.stderr
    )
