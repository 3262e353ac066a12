import pytest

from isomargin.errors import RulebookError
from isomargin.expression import parse, written

REFUSED = [
    (
        "__import__('os').system('true')",
        "a call other than name(value, …) is not allowed",
    ),
    ("__import__", "the name '__import__' is not allowed"),
    ("size.__class__", "the name 'size.__class__' is not allowed"),
    ("(lambda: 1)()", "a call other than name(value, …) is not allowed"),
    ("lambda: 1", "Lambda is not allowed"),
    ("[1, 2]", "List is not allowed"),
    ("{'a': 1}", "Dict is not allowed"),
    ("size[0]", "Subscript is not allowed"),
    ("size ** 2", "Pow is not allowed"),
    ("size // 2", "FloorDiv is not allowed"),
    ("f'{size}'", "JoinedStr is not allowed"),
    ("(x := 1)", "NamedExpr is not allowed"),
    ("1e5", "the number 1e5 is not allowed"),
    ("1_000", "the number 1_000 is not allowed"),
    ("0x10", "the number 0x10 is not allowed"),
    ("1j", "the number 1j is not allowed"),
    ("b'x'", "the number b'x' is not allowed"),
    ("f(x=1)", "a call other than name(value, …) is not allowed"),
    ("size(t for t in tiers)", "a comprehension in size() is not allowed"),
    ("max((t for t in tiers), 1)", "a comprehension in max() is not allowed"),
    ("sum(a for t in tiers for u in tiers)", "over more than one thing is not allowed"),
    (
        "sum(a for a, b in tiers)",
        "a comprehension without one plain variable is not allowed",
    ),
    ("sum(a for t in f(x))", "a comprehension over no name is not allowed"),
    ("f(x).y", "an attribute of something that is no name is not allowed"),
]


@pytest.mark.parametrize(("source", "fault"), REFUSED)
def test_what_the_language_lacks_is_refused_with_its_name(
    source: str, fault: str
) -> None:
    with pytest.raises(RulebookError) as caught:
        parse(source, "rules.yaml:3")
    assert fault in str(caught.value)
    assert str(caught.value).startswith("rules.yaml:3: ")


def test_text_that_is_no_expression_is_refused_with_the_reason() -> None:
    with pytest.raises(RulebookError) as caught:
        parse("size *", "rules.yaml:3")
    assert (
        str(caught.value) == "rules.yaml:3: not an expression (invalid syntax): size *"
    )


@pytest.mark.parametrize("source", ["+".join(["size"] * 300), "-" * 50 + "1"])
def test_an_expression_has_a_bounded_size_and_depth(source: str) -> None:
    with pytest.raises(RulebookError) as caught:
        parse(source, "x:1")
    assert str(caught.value) == (
        "x:1: an expression that is too complex; split it into named definitions"
    )


def test_brackets_add_nothing_to_an_expression() -> None:
    assert written(parse("(" * 60 + "size" + ")" * 60, "x:1")) == "size"


def test_an_expression_has_a_bounded_length() -> None:
    with pytest.raises(RulebookError) as caught:
        parse("size + " * 400 + "1", "x:1")
    assert str(caught.value) == (
        "x:1: an expression longer than 2000 characters; split it into named definitions"
    )


def test_nesting_that_the_parser_cannot_follow_is_refused_and_does_not_crash() -> None:
    with pytest.raises(RulebookError):
        parse("(" * 900 + "1" + ")" * 900, "x:1")


def test_the_names_of_an_expression_leave_its_own_variables_out() -> None:
    expression = parse(
        "max(t.rate + side for t in tiers if t.floor < value(size))", "x:1"
    )
    assert expression.names() == {"max", "side", "tiers", "value", "size"}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a * (b + c) / d", "a × (b + c) / d"),
        ("a - (b - c)", "a − (b − c)"),
        ("-(a + b)", "−(a + b)"),
        ("a if b else c", "a if b else c"),
        ("not a or b and c", "not a or b and c"),
        ("a <= b and c is None", "a ≤ b and c is None"),
        ("f()", "f()"),
        ("max(a, b)", "max(a, b)"),
        ("max(t.a for t in tiers)", "max(t.a for t in tiers)"),
        ("(a if b else c) * d", "(a if b else c) × d"),
    ],
)
def test_an_expression_is_written_in_ordinary_notation(source: str, text: str) -> None:
    assert written(parse(source, "x:1")) == text
