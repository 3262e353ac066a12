from decimal import Decimal
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from isomargin.errors import RulebookError
from isomargin.text.numbers import (
    VIEWS,
    NumberForm,
    UnreadableNumberError,
    load_number_forms,
    read,
    written,
)

SPEC = Path(__file__).parents[2] / "spec"
FORMS = load_number_forms(SPEC / "number_forms.yaml")
NBSP = "\u00a0"

numbers = st.from_regex(
    r"-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,18})?", fullmatch=True, alphabet="-.0123456789"
)
forms = st.sampled_from(sorted(FORMS)).map(FORMS.__getitem__)


@given(numbers, forms, st.sampled_from(["plain", "times", "with_asset"]))
def test_what_is_written_reads_back_digit_for_digit(
    number: str, form: NumberForm, view: str
) -> None:
    text = written(number, form, view, asset="USDT")
    assert read(text, form, view, asset="USDT") == number


@given(numbers, forms)
def test_a_percentage_reads_back_as_the_same_number(
    number: str, form: NumberForm
) -> None:
    reading = read(written(number, form, "percent"), form, "percent")
    assert Decimal(reading) == Decimal(number)
    if Decimal(number).as_tuple().exponent <= -2:
        assert reading == number


@given(numbers, forms, st.sampled_from(VIEWS))
def test_no_digit_is_lost_or_added(number: str, form: NumberForm, view: str) -> None:
    digits = [mark for mark in written(number, form, view) if mark.isdecimal()]
    expected = number.replace(".", "").removeprefix("-")
    if view == "percent":
        expected = expected.rstrip("0").lstrip("0")
        assert expected in "".join(str(int(mark)) for mark in digits)
    else:
        assert "".join(str(int(mark)) for mark in digits) == expected


@pytest.mark.parametrize(
    ("language", "view", "text"),
    [
        ("en", "plain", "-1,234,567.50"),
        ("en", "percent", "-123,456,750%"),
        ("en", "times", "-1,234,567.50x"),
        ("en", "with_asset", "-1,234,567.50 USD"),
        ("nb", "plain", f"−1{NBSP}234{NBSP}567,50"),
        ("nb", "percent", f"−123{NBSP}456{NBSP}750{NBSP}%"),
        ("nb", "with_asset", f"−1{NBSP}234{NBSP}567,50{NBSP}USD"),
        ("hi", "plain", "-12,34,567.50"),
        ("de", "plain", "-1.234.567,50"),
        ("tr", "percent", "%-123.456.750"),
        ("de-CH", "plain", "-1’234’567.50"),
        ("fa", "plain", "\u200e−۱٬۲۳۴٬۵۶۷٫۵۰"),
    ],
)
def test_each_language_writes_its_own_marks(
    language: str, view: str, text: str
) -> None:
    assert written("-1234567.50", FORMS[language], view, asset="USD") == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [("0.004", "0.4%"), ("0.0040", "0.40%"), ("1", "100%"), ("0", "0%")],
)
def test_a_percentage_is_exactly_a_hundredfold(rate: str, text: str) -> None:
    assert written(rate, FORMS["en"], "percent") == text


@pytest.mark.parametrize(("number", "text"), [("1234", "1234"), ("12345", "12.345")])
def test_spanish_does_not_group_four_digits(number: str, text: str) -> None:
    assert written(number, FORMS["es"]) == text
    assert read("1.234", FORMS["es"]) == "1234"


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u2009"])
@pytest.mark.parametrize("minus", ["-", "−"])
def test_norwegian_reads_any_space_and_either_minus(space: str, minus: str) -> None:
    assert read(f"{minus}1{space}000,50", FORMS["nb"]) == "-1000.50"


def test_norwegian_reads_a_percentage_with_an_ordinary_space() -> None:
    assert read("0,40 %", FORMS["nb"], "percent") == "0.0040"


def test_hindi_also_reads_groups_of_three() -> None:
    assert read("1,234,567", FORMS["hi"]) == "1234567"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1,00"),
        ("en", "12.34.5"),
        ("en", "0,004"),
        ("en", "1 000"),
        ("en", "1,0000"),
        ("en", "1,000,00"),
        ("en", ""),
        ("en", "-"),
        ("en", "1."),
        ("en", ".5"),
        ("en", "00"),
        ("en", "--1"),
        ("en", "1e3"),
        ("en", "1\n"),
        ("de", "0.004"),
        ("de", "8548,650.96"),
        ("nb", "1.000"),
        ("nb", "10, 20"),
        ("hi", "1,23,4567"),
    ],
)
def test_what_a_form_would_not_write_has_no_reading(language: str, text: str) -> None:
    with pytest.raises(UnreadableNumberError) as error:
        read(text, FORMS[language])
    assert str(error.value) == (
        f"{text!r} is no number as {language} writes one (plain)"
    )


def test_another_asset_is_not_read_as_the_one_expected() -> None:
    with pytest.raises(UnreadableNumberError):
        read("100 EUR", FORMS["en"], "with_asset", asset="USD")


@pytest.mark.parametrize("number", ["1e3", "01", "+1", "NaN", "1.", "１", "1\n", ""])
def test_only_canonical_numbers_are_written(number: str) -> None:
    with pytest.raises(UnreadableNumberError) as error:
        written(number, FORMS["en"])
    assert str(error.value) == f"{number!r} is not a canonical decimal string"


@pytest.mark.parametrize("language", sorted(FORMS))
def test_the_table_agrees_with_cldr(language: str) -> None:
    form = FORMS[language]
    locale = Locale.parse(language, sep="-")
    symbols = locale.number_symbols[locale.default_numbering_system]
    percent = locale.percent_formats[None].pattern
    mark = percent.replace("#,##,##0", "{number}").replace("#,##0", "{number}")
    assert form.decimal == symbols["decimal"]
    assert form.group == symbols["group"]
    assert form.minus == symbols["minusSign"]
    assert form.percent == mark.replace("%", symbols["percentSign"])
    assert (form.group_sizes == (3, 2)) == ("#,##,##0" in percent)


def test_a_malformed_table_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "spec"
    folder.mkdir()
    (folder / "schema").symlink_to(SPEC / "schema")
    path = folder / "number_forms.yaml"
    path.write_text('forms:\n  en:\n    decimal: ".."\n    group: ","\n')
    with pytest.raises(RulebookError) as error:
        load_number_forms(path)
    assert error.value.where == "spec/number_forms.yaml:3"
