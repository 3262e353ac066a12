"""An expected or observed value as one short text, the same in every form."""

from collections.abc import Mapping
from typing import Any

__all__ = ["value_text"]

_LONGEST = 160


def value_text(value: Any) -> str:
    """Return a value of a log as text: `null`, `1000`, `[liquidation]`, `{side long}`.

    A whole position is cut short: the log has it in full.
    """
    text = _text(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name} {_text(one)}' for name, one in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_text, value))}]"
    return str(value)
