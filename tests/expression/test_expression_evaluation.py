from fractions import Fraction
from typing import Any

import pytest

from isomargin.errors import RulebookError
from isomargin.expression import evaluator, parse


class Names:
    """A scope over a mapping of dotted names."""

    def __init__(self, **given: Any) -> None:
        self.given = given

    def value(self, name: str) -> Any:
        head, _, rest = name.partition(".")
        return self.given[head][rest] if rest else self.given[head]

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        return self.given[name](*arguments)

    def bound(self, name: str, item: Any) -> "Names":
        return Names(**{**self.given, name: item})


def work_out(source: str, **given: Any) -> Any:
    return evaluator(parse(source, "rules.yaml:9"))(Names(**given))


def test_a_decimal_is_the_number_it_says_and_not_its_binary_neighbour() -> None:
    assert work_out("0.1 + 0.2") == Fraction(3, 10)


def test_division_is_exact() -> None:
    assert work_out("a / b", a=Fraction(1), b=Fraction(3)) == Fraction(1, 3)


def test_division_by_zero_gives_what_does_not_exist() -> None:
    assert work_out("a / b", a=Fraction(1), b=Fraction(0)) is None


@pytest.mark.parametrize("source", ["a + 1", "1 - a", "-a", "max(a, 1)", "2 * a / 3"])
def test_what_does_not_exist_makes_what_is_made_of_it_not_exist(source: str) -> None:
    assert work_out(source, a=None) is None


@pytest.mark.parametrize("aggregate", ["sum", "min", "max"])
def test_an_aggregate_of_what_does_not_exist_does_not_exist(aggregate: str) -> None:
    tiers = [{"a": Fraction(1)}, {"a": None}]
    assert work_out(f"{aggregate}(t.a for t in ts)", ts=tiers) is None


def test_an_order_asked_of_what_does_not_exist_is_an_error_of_the_rulebook() -> None:
    with pytest.raises(RulebookError) as caught:
        work_out("a < 1", a=None)
    assert str(caught.value) == (
        "rules.yaml:9: compares what does not exist: a < 1; ask `is None` first"
    )


def test_a_chain_of_comparisons_looks_no_further_than_it_must() -> None:
    assert work_out("0 < a < 3", a=Fraction(2)) is True
    assert work_out("3 < a < b", a=Fraction(2), b=None) is False


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("sum(t.a for t in ts)", Fraction(6)),
        ("max(t.a for t in ts)", Fraction(3)),
        ("min(t.a for t in ts if t.a > 1)", Fraction(2)),
        ("first(t.a for t in ts)", Fraction(1)),
        ("last(t.a for t in ts)", Fraction(3)),
        ("all(t.a > 0 for t in ts)", True),
        ("any(t.a > 3 for t in ts)", False),
        ("max(t.a for t in ts if t.a > 9)", None),
        ("first(t.a for t in ts if t.a > 9)", None),
        ("last(t.a for t in ts if t.a > 9)", None),
        ("sum(t.a for t in ts if t.a > 9)", Fraction(0)),
    ],
)
def test_aggregates_go_through_what_is_chosen(source: str, value: object) -> None:
    tiers = [{"a": Fraction(n)} for n in (1, 2, 3)]
    assert work_out(source, ts=tiers) == value


def test_a_choice_works_out_only_the_side_it_takes() -> None:
    assert work_out("a if a is not None else 7", a=None) == 7
    assert work_out("abs(a) if not b else 0", a=Fraction(-2), b=False) == 2
    assert work_out("a == 1 or a < 0", a=Fraction(1)) is True
    assert work_out("a != 1 and a < 0", a=Fraction(1)) is False


def test_a_function_of_the_rulebook_is_called_with_values() -> None:
    assert work_out("double(a)", a=Fraction(4), double=lambda value: value * 2) == 8
