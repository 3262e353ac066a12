"""A run as one page: no network, no file beside it, every language in it.

What the page does, it does without a script, too; the script searches, switches
and copies. A content security policy names style and script by their digests, so
that nothing else can run, whatever an engine says of itself.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from isomargin.judge import STATUSES
from isomargin.log import LogFile
from isomargin.report.diagnosis import Diagnosis, diagnosed, shown_number
from isomargin.report.ladder import HEIGHT
from isomargin.report.library import Library
from isomargin.report.safe import cleaned
from isomargin.report.summary import Failure, Summary, summary_of
from isomargin.report.tree import rule_tree, tone

__all__ = ["html"]

DEEP = 100
"""How many failures are derived and drawn; the rest say where to find it."""

_GLYPHS = {
    "passed": "✓",
    "failed": "✗",
    "errored": "!",
    "unsupported": "–",
    "skipped": "→",
    "unjudged": "?",
    "none": "·",
}
_BAR = 1000


def html(log: LogFile, library: Library) -> str:
    """Return a run as one HTML page.

    Args:
        log: the log of the run.
        library: the rulebook and its texts; where it is another rulebook than the
            run was judged by, nothing is derived.
    """
    log = cleaned(log)
    summary = summary_of(log)
    templates = _templates(library, summary)
    style = _source(templates, "page.css") + _one_language_at_a_time(library)
    script = _source(templates, "page.js")
    return templates.get_template("page.html").render(
        header=log.header,
        footer=log.footer or {},
        summary=summary,
        counts=_figures(summary),
        bar=_bar(summary.counts),
        diagnoses=_diagnoses(log, summary.failures, library),
        known=_diagnoses(log, summary.known, library),
        branches=rule_tree(log, summary, library),
        cases=log.cases,
        same_rulebook=library.holds(log),
        deep=DEEP,
        languages=_languages(library),
        style=style,
        script=script,
        policy=_policy(style, script),
    )


def _templates(library: Library, summary: Summary) -> Environment:
    templates = Environment(
        loader=PackageLoader("isomargin.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {
        "word": library.word,
        "verdicts": {status: _verdict(status, library) for status in STATUSES},
        "statuses": summary.statuses,
        "glyphs": _GLYPHS,
        "tone": tone,
        "anchor": _anchor,
        "label": lambda section, name: library.told(
            lambda texts: texts.label(section, name)
        ),
        "number": lambda text: library.told(lambda texts: shown_number(text, texts)),
        "ladder_height": HEIGHT,
    }
    return templates


def _verdict(status: str, library: Library) -> dict[str, str]:
    return library.told(lambda texts: texts.label("verdict", status))


def _languages(library: Library) -> dict[str, str]:
    """Return each language and what it calls itself, the reader's first."""
    return library.word("language")


def _figures(summary: Summary) -> dict[str, str]:
    counts = summary.counts
    wrong = counts["failed"] + counts["errored"]
    judged = counts["passed"] + wrong
    left_out = counts["unsupported"] + counts["skipped"] + counts["unjudged"]
    figures = {"judged": judged, "left_out": left_out, "wrong": wrong}
    return {name: str(number) for name, number in {**counts, **figures}.items()}


def _bar(counts: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """Return status, start and width of each part of a bar a thousand wide."""
    total = sum(counts.values())
    ends, done = [0], 0
    for status in STATUSES:
        done += counts[status]
        ends.append(done * _BAR // total if total else 0)
    spans = zip(STATUSES, ends[:-1], ends[1:], strict=True)
    return [(status, start, end - start) for status, start, end in spans if end > start]


def _diagnoses(
    log: LogFile, failures: Sequence[Failure], library: Library
) -> list[Diagnosis]:
    lines: dict[str, Mapping[str, Any]] = {line["id"]: line for line in log.cases}
    same = library.holds(log)
    return [
        diagnosed(failure, lines[failure.id], library, deep=same and index < DEEP)
        for index, failure in enumerate(failures)
    ]


def _anchor(identity: str) -> str:
    """Return an id as a fragment of an address."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", identity)


def _source(templates: Environment, name: str) -> Markup:
    """Return a file of the page as it is; it is ours, and holds no end tag."""
    loader = templates.loader
    if loader is None:
        raise AssertionError("the templates were made with a loader")
    return Markup(loader.get_source(templates, name)[0])  # noqa: S704 - our own file


def _one_language_at_a_time(library: Library) -> Markup:
    rule = Markup(':root[lang="{0}"] .t:not([lang="{0}"]) {{ display: none; }}\n')
    return Markup("").join(rule.format(tag) for tag in library.languages)


def _policy(style: str, script: str) -> str:
    style, script = (_digest(source) for source in (style, script))
    return f"default-src 'none'; style-src {style}; script-src {script}"


def _digest(source: str) -> str:
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    return f"'sha256-{digest}'"
