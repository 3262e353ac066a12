"""A run as a badge: an image, or the data that a badge service draws one from.

The text says no more than was shown: the profiles judged by, how many of the judged
cases passed, and how many were not judged.
"""

import json
from xml.sax.saxutils import escape

from isomargin.log import LogFile
from isomargin.report.library import Library
from isomargin.report.safe import cleaned, xml_text
from isomargin.report.summary import Summary, summary_of

__all__ = ["badge", "shields"]

_LABEL = "isolated margin"
_COLOURS = {
    "conformant": "#17704a",
    "known failures": "#8a5606",
    "incomplete": "#5b606c",
    "nothing passed": "#5b606c",
}
_BAD = "#b32d17"
_MOST_PROFILES = 2
_PAD = 10
_QUOTES = {'"': "&quot;"}

# Tenths of a pixel of a character of Verdana at 11 pixels; a fair guess is enough,
# for the image says how wide its text is to be drawn.
_NARROW, _WIDE, _USUAL = 40, 95, 69


def badge(log: LogFile, _: Library) -> str:
    """Return a run as a badge in SVG.

    Args:
        log: the log of the run.
    """
    summary = summary_of(cleaned(log))
    label, message = xml_text(_LABEL), xml_text(_message(summary))
    left, right = (_width(text) + 2 * _PAD for text in (label, message))
    return _SVG.format(
        width=left + right,
        left=left,
        right=right,
        label=escape(label, _QUOTES),
        message=escape(message, _QUOTES),
        label_width=left - 2 * _PAD,
        message_width=right - 2 * _PAD,
        label_at=_PAD,
        message_at=left + _PAD,
        colour=_colour(summary),
    )


def shields(log: LogFile, _: Library) -> str:
    """Return a run as the JSON that a shields endpoint serves.

    Args:
        log: the log of the run.
    """
    summary = summary_of(cleaned(log))
    data = {
        "schemaVersion": 1,
        "label": _LABEL,
        "message": _message(summary),
        "color": _colour(summary),
    }
    return json.dumps(data, ensure_ascii=False) + "\n"


def _message(summary: Summary) -> str:
    counts = summary.counts
    judged = sum(counts[status] for status in ("passed", "failed", "errored"))
    left_out = counts["unsupported"] + counts["skipped"] + counts["unjudged"]
    shown = list(summary.profiles[:_MOST_PROFILES])
    more = len(summary.profiles) - len(shown)
    profiles = [*shown, *([f"{more} more"] if more else [])]
    parts = [summary.verdict, ", ".join(profiles), f"{counts['passed']}/{judged}"]
    if left_out:
        parts.append(f"{left_out} not judged")
    return " · ".join(parts)


def _colour(summary: Summary) -> str:
    return _COLOURS.get(summary.verdict, _BAD)


def _width(text: str) -> int:
    return sum(map(_tenths, text)) // 10 + 1


def _tenths(character: str) -> int:
    if character in "ijltfr.,:;|!'()[]/ ·1":
        return _NARROW
    return _WIDE if character in "mwMW@%" or ord(character) > 0x2E7F else _USUAL  # noqa: PLR2004 - where ideographs begin


_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" \
aria-label="{label}: {message}">
<title>{label}: {message}</title>
<clipPath id="r"><rect width="{width}" height="20" rx="4"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#33363d"/>\
<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{label_at}" y="14" textLength="{label_width}">{label}</text>
<text x="{message_at}" y="14" textLength="{message_width}">{message}</text>
</g>
</svg>
"""
