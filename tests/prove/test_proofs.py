"""What the rules claim of prices and margins holds for all figures, or is said not to."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

pytest.importorskip("z3", reason="proofs need the extra `proof`")

from isomargin.expression import parse
from isomargin.prove import Proof, ProofReport, prove
from isomargin.prove.claims import CLAIMS
from isomargin.rulebook.load import load
from isomargin.rulebook.model import Definition, Rulebook
from isomargin.rulebook.places import places

RULEBOOK = load(places())
TEXTBOOK = replace(
    RULEBOOK, profiles={"textbook/linear": RULEBOOK.profiles["textbook/linear"]}
)


@pytest.fixture(scope="module")
def report() -> ProofReport:
    return prove(RULEBOOK)


def with_formula(rulebook: Rulebook, rule: str, formula: str) -> Rulebook:
    """Return a rulebook in which one definition is another."""

    def definitions() -> Iterator[Definition]:
        for each in rulebook.definitions:
            other = replace(each, formula=parse(formula, "test"))
            yield other if each.id == rule else each

    return replace(rulebook, definitions=tuple(definitions()))


def refuted(report: ProofReport) -> set[str]:
    return {each.claim for each in report.unexplained}


def test_every_claim_is_proved_for_the_textbook() -> None:
    proofs = prove(TEXTBOOK).proofs
    assert {each.status for each in proofs} == {"proved"}
    assert len(proofs) == 2 * len(CLAIMS)


def test_what_is_refuted_for_a_venue_is_known_to_be(report: ProofReport) -> None:
    assert [(each.claim, each.profiles) for each in report.unexplained] == []


def test_every_exemption_is_needed(report: ProofReport) -> None:
    given = {exempt.reason for claim in CLAIMS for exempt in claim.exempt}
    met = {each.reason for each in report.proofs if each.status == "refuted"}
    assert met == given


def test_every_profile_has_an_answer_to_every_claim(report: ProofReport) -> None:
    answered = {(name, each.claim) for each in report.proofs for name in each.profiles}
    wanted = {(name, claim.name) for name in RULEBOOK.profiles for claim in CLAIMS}
    assert answered == wanted


def test_what_is_undecided_says_why(report: ProofReport) -> None:
    undecided = [each for each in report.proofs if each.status == "undecided"]
    assert all(each.reason for each in undecided)
    rounded = {
        name for each in undecided for name in each.profiles if "rounded" in each.reason
    }
    assert rounded == {
        profile.id
        for profile in RULEBOOK.profiles.values()
        if profile.parameters["contract_value_rounding"] != "none"
    }


def test_proofs_take_less_than_two_minutes(report: ProofReport) -> None:
    whole, _, _ = report.seconds.partition(".")
    assert int(whole) < 120


def test_a_wrong_liquidation_price_is_refuted_with_figures() -> None:
    wrong = with_formula(
        TEXTBOOK,
        "liquidation_price.linear.maintenance_at_mark",
        "entry_price - side * isolated_margin / size",
    )
    proofs = [
        each
        for each in prove(wrong).unexplained
        if each.claim == "liquidation_price.solves"
    ]
    assert [each.side for each in proofs] == ["long", "short"]
    assert all("isolated_margin" in each.counterexample for each in proofs)


def test_a_bankruptcy_price_on_the_near_side_is_refuted() -> None:
    wrong = with_formula(
        TEXTBOOK, "bankruptcy_price.linear", "pnl_base_price + 0 * margin / size"
    )
    assert refuted(prove(wrong)) >= {
        "bankruptcy_price.solves",
        "bankruptcy_price.beyond_liquidation",
    }


def test_a_collateral_that_ignores_margin_is_refuted() -> None:
    wrong = with_formula(TEXTBOOK, "collateral.isolated", "0 * isolated_margin")
    assert "add_margin.moves_liquidation_price_away" in refuted(prove(wrong))


def test_a_proof_is_no_more_than_its_domain() -> None:
    proof = next(iter(prove(TEXTBOOK).proofs))
    assert isinstance(proof, Proof)
    assert (proof.contract, proof.side, proof.counterexample) == ("linear", "long", {})
