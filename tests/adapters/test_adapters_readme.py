"""The conversation printed in the adapters' page is one that takes place."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

README = Path(__file__).parents[2] / "adapters" / "README.md"


def printed_conversation() -> list[tuple[str, Any]]:
    """Return each message printed and who says it; one may take several lines."""
    block = next(part for part in README.read_text("utf-8").split("```") if "→" in part)
    messages = re.split(r"^([→←]) ", block.strip(), flags=re.MULTILINE)[1:]
    return [
        (arrow, json.loads(text))
        for arrow, text in zip(messages[::2], messages[1::2], strict=True)
    ]


def test_the_printed_conversation_is_what_fractal_says(
    converse: Callable[[str, Any], Any],
) -> None:
    said = printed_conversation()
    assert said[-1] == ("→", {"t": "bye"})
    questions, answers = said[:-1:2], said[1::2]
    for (_, question), (_, answer) in zip(questions, answers, strict=True):
        assert converse("fractal", question) == answer
