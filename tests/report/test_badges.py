"""Badges: an image and the data of one, saying no more than was shown."""

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from isomargin.log import LogFile
from isomargin.report.badge import badge, shields
from isomargin.report.library import Library

SVG = "{http://www.w3.org/2000/svg}"


def test_a_badge_says_what_was_judged_and_what_was_not(
    log: LogFile, library: Library
) -> None:
    assert json.loads(shields(log, library)) == {
        "schemaVersion": 1,
        "label": "isolated margin",
        "message": "nonconformant · textbook/linear · 1/4 · 1 not judged",
        "color": "#b32d17",
    }


def test_the_image_says_the_same_as_the_data(log: LogFile, library: Library) -> None:
    root = ET.fromstring(badge(log, library))  # noqa: S314 - our own document
    data = json.loads(shields(log, library))
    assert root.get("aria-label") == f"{data['label']}: {data['message']}"
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert texts == [data["label"], data["message"]]
    assert data["color"] in {rect.get("fill") for rect in root.iter(f"{SVG}rect")}


def test_the_text_lies_within_the_image(log: LogFile, library: Library) -> None:
    root = ET.fromstring(badge(log, library))  # noqa: S314 - our own document
    ends = [
        int(text.attrib["x"]) + int(text.attrib["textLength"])
        for text in root.iter(f"{SVG}text")
    ]
    assert max(ends) < int(root.attrib["width"])


@pytest.mark.parametrize(
    ("verdict", "colour"),
    [
        ("conformant", "#17704a"),
        ("known failures", "#8a5606"),
        ("nothing passed", "#5b606c"),
        ("unusable", "#b32d17"),
        ("stale expectations", "#b32d17"),
    ],
)
def test_only_a_conformant_engine_has_a_green_badge(
    changed: Any, library: Library, verdict: str, colour: str
) -> None:
    data = json.loads(shields(changed(footer={"verdict": verdict}), library))
    assert data["color"] == colour
    assert data["message"].startswith(f"{verdict} · ")


def test_many_profiles_are_counted(changed: Any, library: Library) -> None:
    log = changed(header={"profiles": ["a/1", "b/2", "c/3", "d/4"]})
    assert "a/1, b/2, 2 more · " in json.loads(shields(log, library))["message"]


def test_a_run_that_judged_everything_leaves_nothing_out(
    log: LogFile, library: Library
) -> None:
    judged = tuple(one for one in log.cases if one["status"] != "unsupported")
    data = json.loads(shields(LogFile(log.header, judged, log.footer), library))
    assert data["message"] == "nonconformant · textbook/linear · 1/4"


def test_what_an_engine_says_stays_text(attack: LogFile, library: Library) -> None:
    root = ET.fromstring(badge(attack, library))  # noqa: S314 - our own document
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "title", "clipPath", "rect", "g", "text"}
