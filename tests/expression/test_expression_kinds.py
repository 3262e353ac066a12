import pytest

from isomargin.expression import KindError, KindScope, kind_of, parse
from isomargin.expression.kinds import assignable

SCOPE = KindScope(
    {
        "size": "quantity",
        "entry_price": "price",
        "mark_price": "price",
        "leverage": "leverage",
        "margin": "amount",
        "rate": "rate",
        "margin_ratio": "ratio",
        "side": "side",
        "long": "side",
        "contract": "word",
        "open": "flag",
        "contract_size": "count",
    },
    {"value": (("quantity", "price"), "amount"), "nothing": ((), "amount")},
    {"tiers": {"floor": "amount", "rate": "rate"}},
)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("size * entry_price", "amount"),
        ("size * entry_price / leverage", "amount"),
        ("margin / size", "price"),
        ("margin / entry_price", "quantity"),
        ("size / entry_price", "amount"),
        ("margin / margin", "number"),
        ("margin * rate", "amount"),
        ("margin * (size / size)", "amount"),
        ("entry_price * (1 - side / leverage)", "price"),
        ("side * size * (mark_price - entry_price)", "amount"),
        ("1 + side * rate", "rate"),
        ("margin / (1 - side * rate)", "amount"),
        ("size * contract_size", "quantity"),
        ("0 * margin", "zero"),
        ("0 / margin", "zero"),
        ("max(0, margin)", "amount"),
        ("abs(margin)", "amount"),
        ("margin if open else None", "amount"),
        ("value(size, entry_price) + nothing()", "amount"),
        ("margin < 0 or margin >= margin", "flag"),
        ("side == long and contract == 'linear' and margin is not None", "flag"),
        ("last(t.rate for t in tiers if t.floor < margin)", "rate"),
        ("all(t.floor > 0 for t in tiers)", "flag"),
        ("sum(t.floor for t in tiers)", "amount"),
        ("not open", "flag"),
        ("-margin", "amount"),
    ],
)
def test_a_formula_has_the_kind_its_parts_make(source: str, kind: str) -> None:
    assert kind_of(parse(source, "x:1"), SCOPE) == kind


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("margin * margin_ratio", "an amount cannot be multiplied by a ratio"),
        ("margin + entry_price", "an amount cannot be added to a price"),
        ("rate + margin_ratio", "a rate cannot be added to a ratio"),
        ("rate < margin_ratio", "a rate cannot be compared with a ratio"),
        ("margin / contract", "an amount cannot be divided by a word"),
        ("side == 1", "a side cannot be compared with a number"),
        (
            "margin if open else entry_price",
            "an amount cannot be an alternative to a price",
        ),
        ("margin and open", "margin is an amount, not a flag"),
        ("not margin", "margin is an amount, not a flag"),
        ("value(size, rate)", "rate is a rate, not a price"),
        ("value(size)", "value() takes 2 values"),
        ("valeu(size, entry_price)", "unknown function 'valeu'"),
        ("margn", "unknown quantity 'margn'"),
        ("open is open", "`is` compares with None only"),
        ("sum(p.x for p in somewhere)", "nothing to go through under 'somewhere'"),
        ("sum(t.size for t in tiers)", "unknown quantity 't.size'"),
        ("max(margin, rate)", "an amount cannot be compared with a rate"),
        ("contract * margin", "a word cannot be multiplied by an amount"),
    ],
)
def test_kinds_that_do_not_go_together_are_named(source: str, fault: str) -> None:
    with pytest.raises(KindError) as caught:
        kind_of(parse(source, "rules.yaml:7"), SCOPE)
    assert str(caught.value).startswith(f"rules.yaml:7: {fault}")


def test_a_misspelt_name_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(KindError) as caught:
        kind_of(parse("entry_prise * size", "rules.yaml:7"), SCOPE)
    assert str(caught.value) == (
        "rules.yaml:7: unknown quantity 'entry_prise', in: entry_prise * size; "
        "did you mean 'entry_price'?"
    )


@pytest.mark.parametrize(
    ("kind", "to", "fits"),
    [
        ("amount", "amount", True),
        ("zero", "amount", True),
        ("null", "price", True),
        ("number", "ratio", True),
        ("number", "amount", False),
        ("rate", "ratio", False),
    ],
)
def test_a_plain_number_may_stand_for_a_ratio_and_not_for_an_amount(
    kind: str, to: str, *, fits: bool
) -> None:
    assert assignable(kind, to) is fits
