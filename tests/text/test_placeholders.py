import pytest

from isomargin.errors import RulebookError
from isomargin.text.placeholders import (
    Placeholder,
    bidi_controls,
    digits_outside,
    parse,
)


def test_a_text_is_words_and_placeholders_in_order() -> None:
    template = parse("At {steps.1.with.price} she has {given.balances.USD:plain}.")
    assert template.placeholders == (
        Placeholder(("steps", "1", "with", "price")),
        Placeholder(("given", "balances", "USD"), "plain"),
    )
    assert template.words == ("At ", " she has ", ".")


def test_a_template_is_filled_in_place() -> None:
    assert parse("{a} and {b:plain}").filled(str) == ("{a} and {b:plain}")


@pytest.mark.parametrize("text", ["{", "a } b", "{a", "{a}}"])
def test_a_brace_without_its_partner_is_refused(text: str) -> None:
    brace = "}" if text.count("}") > text.count("{") else "{"
    with pytest.raises(RulebookError) as error:
        parse(text)
    assert str(error.value) == (
        f"a brace {brace!r} without its partner; write {{path}} or {{path:view}}"
    )


@pytest.mark.parametrize("inside", ["", "a b", "a:", ":plain", "a..b", "a[0]", "a:B"])
def test_what_is_no_path_is_refused(inside: str) -> None:
    with pytest.raises(RulebookError) as error:
        parse("{" + inside + "}")
    assert str(error.value) == (
        f"{{{inside}}} is no placeholder; write {{path}} or {{path:view}}"
    )


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("no figure", ""),
        ("{steps.0.with.price}", ""),
        ("100 and {a}", "100"),
        ("full-width １", "１"),
        ("Arabic ١", "١"),
        ("a half ½, squared ²", "½²"),
        ("Roman Ⅳ", "Ⅳ"),
    ],
)
def test_digits_of_any_script_are_found_outside_placeholders(
    text: str, digits: str
) -> None:
    assert digits_outside(parse(text)) == digits


def test_controls_of_direction_are_named() -> None:
    assert bidi_controls("a\u202eb\u2066") == (
        "RIGHT-TO-LEFT OVERRIDE",
        "LEFT-TO-RIGHT ISOLATE",
    )
