"""Checking files against their JSON Schema, with the line a fault stands on."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from isomargin.errors import RulebookError
from isomargin.rulebook.strict_yaml import Document

__all__ = ["check", "schema"]


@cache
def schema(folder: Path, name: str) -> Any:
    """Return the JSON Schema of a kind of file or message."""
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


@cache
def _validator(folder: Path, name: str) -> Any:
    # Imported here: a rulebook from the cache needs no validator.
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    return Draft202012Validator(schema(folder, name))


def check(document: Document, folder: Path, name: str) -> None:
    """Check a document against a schema.

    Raises:
        RulebookError: the first fault, on its line.
    """
    faults = _validator(folder, name).iter_errors(document.data)
    worst = min(faults, key=lambda fault: -len(fault.absolute_path), default=None)
    if worst is not None:
        where = document.where(*worst.absolute_path)
        raise RulebookError(_message(worst), where)


def _message(fault: Any) -> str:
    path = ".".join(str(part) for part in fault.absolute_path) or "the file"
    return f"{path}: {_reason(fault)}"


def _reason(fault: Any) -> str:
    if fault.validator == "pattern" and "[1-9][0-9]*)(" in fault.validator_value:
        return f"{fault.instance!r} is not a decimal number such as 12.5"
    if fault.validator == "enum":
        allowed = ", ".join(map(str, fault.validator_value))
        return f"{fault.instance!r} is none of {allowed}"
    if fault.validator == "oneOf":
        return "needs either given and steps, or quote"
    reason: str = fault.message
    return reason.replace("Additional properties are not allowed", "unknown key")
