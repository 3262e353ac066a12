"""The page: everything in one file, in every language, and nothing that can run."""

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest

from isomargin.log import LogFile
from isomargin.report import html as page_module
from isomargin.report.html import html
from isomargin.report.library import Library

# What a browser would fetch, run or go to.
FETCHED = {"src", "srcset", "href", "data", "action", "formaction", "poster", "style"}
ELEMENTS_WITHOUT_END = {"meta", "input", "link", "br", "hr", "img"}


class Parts(HTMLParser):
    """The elements of a page, their attributes, and what stands in each."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.sources: dict[str, str] = {}
        self.unclosed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ELEMENTS_WITHOUT_END:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if self.open.pop() != tag:
            self.unclosed.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in {"style", "script"}:
            self.sources[self.open[-1]] = data


def parts(page: str) -> Parts:
    found = Parts()
    found.feed(page)
    found.close()
    return found


@pytest.fixture(scope="module")
def page(log: LogFile, library: Library) -> str:
    return html(log, library)


def test_every_element_is_closed(page: str) -> None:
    found = parts(page)
    assert (found.open, found.unclosed) == ([], [])


def test_no_id_is_given_twice(page: str) -> None:
    ids = [
        attributes["id"] for _, attributes in parts(page).elements if "id" in attributes
    ]
    assert sorted(set(ids), key=str) == sorted(ids, key=str)


@pytest.mark.parametrize("name", ["log", "attack"])
def test_the_page_fetches_nothing(
    request: pytest.FixtureRequest, library: Library, name: str
) -> None:
    found = parts(html(request.getfixturevalue(name), library))
    for tag, attributes in found.elements:
        for attribute in FETCHED & attributes.keys():
            value = attributes[attribute] or ""
            assert re.fullmatch(r"#[A-Za-z0-9._-]+", value), (tag, attribute)
        assert not [key for key in attributes if key.startswith("on")]
    assert "url(" not in found.sources["style"]
    assert "@import" not in found.sources["style"]


@pytest.mark.parametrize("name", ["log", "attack"])
def test_only_the_pages_own_style_and_script_may_run(
    request: pytest.FixtureRequest, library: Library, name: str
) -> None:
    found = parts(html(request.getfixturevalue(name), library))
    [policy] = [
        attributes["content"]
        for tag, attributes in found.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    digests = {
        tag: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for tag, text in found.sources.items()
    }
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digests['style']}';"
        f" script-src 'sha256-{digests['script']}'"
    )
    tags = [tag for tag, _ in found.elements]
    assert tags.count("script") == tags.count("style") == 1


def test_what_an_engine_says_adds_no_element(attack: LogFile, library: Library) -> None:
    harmless = LogFile(*map(_harmless, (attack.header, attack.cases, attack.footer)))
    found, expected = (parts(html(log, library)) for log in (attack, harmless))
    assert tags_of(found) == tags_of(expected)
    assert not {tag for tag, _ in found.elements} & {"img", "textarea", "x", "iframe"}


def tags_of(found: Parts) -> Counter[str]:
    return Counter(tag for tag, _ in found.elements)


def _harmless(value: Any) -> Any:
    """Return the same data, every sign of harm made a letter."""
    if isinstance(value, dict):
        return {_harmless(key): _harmless(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_harmless(one) for one in value]
    return re.sub(r"""[<>"'&`{}]""", "x", value) if isinstance(value, str) else value


def test_the_page_is_the_same_every_time(log: LogFile, library: Library) -> None:
    assert html(log, library) == html(log, library)


@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_page_opens_in_the_readers_language(
    log: LogFile, library: Library, language: str
) -> None:
    reader = Library(
        rulebook=library.rulebook, catalogues=library.catalogues, language=language
    )
    page = html(log, reader)
    assert f'<html lang="{language}">' in page
    for tag in ("en", "nb"):
        text = library.catalogues[tag].rule("value.linear").statement
        assert text in page
        assert (
            f':root[lang="{tag}"] .t:not([lang="{tag}"]) {{ display: none; }}' in page
        )


def test_a_failure_shows_where_the_figures_part(page: str) -> None:
    assert (
        '<span class="t" lang="en">9,1<mark>27.896200185356811863</mark></span>' in page
    )
    assert (
        '<span class="t" lang="en">9,1<mark>36.363636363636363636</mark></span>' in page
    )
    assert '<span class="t" lang="en">+8.467436178279551773</span>' in page
    assert '<span class="t" lang="nb">+8,467436178279551773</span>' in page


def test_a_failure_shows_how_to_see_it_again(page: str) -> None:
    assert '<code tabindex="0">isomargin explain glossary.alice</code>' in page
    command = "isomargin run --subject acme -k glossary.alice"
    assert f'<code tabindex="0">{command}</code>' in page


def test_a_failure_shows_the_first_step_that_differs(page: str) -> None:
    steps = re.findall(r'<li class="(agrees|differs|first|unseen)">', page)
    # The quote, then the four steps of the scenario.
    assert steps == ["first", "agrees", "agrees", "agrees", "first"]
    assert "first difference at step 4" in page


def test_every_rule_of_the_rulebook_is_on_the_page(page: str, library: Library) -> None:
    for rule in library.rulebook.rules:
        assert f'id="rule-{rule}"' in page


def test_a_rule_only_the_log_knows_is_shown_apart(
    changed: Any, library: Library
) -> None:
    page = html(changed({"glossary.alice": {"about": ["of.another"]}}), library)
    assert 'id="rule-of.another"' in page
    assert "Not in this rulebook" in page


def test_nothing_is_derived_by_another_rulebook(changed: Any, library: Library) -> None:
    page = html(changed(header={"rulebook": "sha256:0"}), library)
    assert "not the one this run was judged by" in page
    assert 'class="scenes"' not in page
    assert 'class="ladder"' not in page


def test_nothing_is_derived_from_cases_that_were_changed(
    changed: Any, library: Library
) -> None:
    page = html(changed(header={"cases": "sha256:0"}), library)
    assert "not the one this run was judged by" in page


def test_a_run_cut_short_says_so(log: LogFile, library: Library) -> None:
    page = html(LogFile(log.header, log.cases[:2], None), library)
    assert "Cut short" in page
    assert "sha256:" in page


def test_a_known_failure_stands_apart(changed: Any, library: Library) -> None:
    known = {"status": "fail", "reason": "r", "issue": None, "until": "2030-01-01"}
    page = html(changed({"glossary.alice": {"known": known}}), library)
    assert page.index('id="known"') < page.index('id="case-glossary.alice"')
    assert page.index("contracts.inverse.long_tiers_490") < page.index('id="known"')


def test_expectations_that_no_longer_hold_are_named(
    changed: Any, library: Library
) -> None:
    page = html(changed(footer={"stale": ["a.*: expired"]}), library)
    assert "<li>a.*: expired</li>" in page


def test_answers_that_change_are_named(changed: Any, library: Library) -> None:
    page = html(changed(footer={"unstable": ["glossary.alice"]}), library)
    assert "Asked again, the engine gave another answer in:" in page


def test_breakdowns_that_no_case_is_guilty_of_are_shown(
    changed: Any, library: Library
) -> None:
    breakdown = {"kind": "crash", "detail": "crash: it ended"}
    page = html(changed(footer={"breakdowns": [breakdown]}), library)
    assert "so that no case is to blame:</span>" in page
    assert "<li>crash: it ended</li>" in page


def test_why_a_subject_was_given_up_is_said(changed: Any, library: Library) -> None:
    page = html(changed(footer={"aborted": "ten restarts"}), library)
    assert "ten restarts" in page


def test_an_engine_that_passes_has_no_failures(log: LogFile, library: Library) -> None:
    footer = {**(log.footer or {}), "verdict": "conformant", "exit_code": 0}
    page = html(LogFile(log.header, log.cases[-1:], footer), library)
    assert "Conformant as scoped" in page
    assert 'id="failures"' not in page


def test_a_run_without_a_case_is_a_page_all_the_same(
    log: LogFile, library: Library
) -> None:
    assert "<h1>" in html(LogFile(log.header, (), log.footer), library)


def test_past_many_failures_the_page_says_where_figures_are(
    log: LogFile, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_module, "DEEP", 1)
    page = html(log, library)
    assert "Figures are derived for the first 1 failures." in page
    assert page.count('class="scenes"') == 1
