"""Every fault of the texts, and the whole of what is said about it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from isomargin.errors import RulebookError
from isomargin.text.catalogue import load_catalogues
from isomargin.text.check import Subjects, problems

LaidOut = Callable[..., Path]
BAD = Path(__file__).with_name("bad")
FAULTS = sorted(path.name for path in BAD.iterdir() if path.is_dir())


def test_a_sound_rulebook_has_no_problems(
    laid_out: LaidOut, kinds: Mapping[str, str], subjects: Subjects
) -> None:
    assert problems(load_catalogues(laid_out(), kinds), subjects) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_full(
    fault: str, laid_out: LaidOut, kinds: Mapping[str, str], subjects: Subjects
) -> None:
    catalogues = load_catalogues(laid_out(BAD / fault), kinds)
    told = "".join(f"{problem}\n" for problem in problems(catalogues, subjects))
    assert told == (BAD / f"{fault}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        (
            "text/nb/rules.yaml",
            "margin.lost:\n  title: Hva\n  statement: Alt.\n",
            (
                "spec/text/nb/rules.yaml:1: rules.margin.lost: "
                "'rationale' is a required property"
            ),
        ),
        (
            "text/nb/labels.yaml",
            "quantity:\n  leverage: giring\n",
            (
                "spec/text/nb/labels.yaml:2: labels.quantity.leverage: "
                "'giring' is not of type 'object'"
            ),
        ),
    ],
)
def test_a_file_of_another_shape_is_refused_with_its_line(
    file: str, content: str, message: str, laid_out: LaidOut, kinds: Mapping[str, str]
) -> None:
    spec = laid_out()
    (spec / file).write_text(content, encoding="utf-8")
    with pytest.raises(RulebookError) as error:
        load_catalogues(spec, kinds)
    assert str(error.value) == message
