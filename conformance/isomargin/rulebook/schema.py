"""Checking files against their JSON Schema, with the line a fault stands on."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from isomargin.errors import RulebookError
from isomargin.rulebook.strict_yaml import Document

__all__ = ["check", "schema"]

_SHOWN = 300
_REFERENCE = re.compile(r'"\$ref": "([^"]*)"')


@cache
def schema(folder: Path, name: str) -> Any:
    """Return the JSON Schema of a kind of file or message.

    Raises:
        RulebookError: it is not there, or is no JSON.
    """
    path = folder / f"{name}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RulebookError(error.strerror or str(error), str(path)) from error
    except (ValueError, RecursionError) as error:
        raise RulebookError("the schema is not JSON", str(path)) from error


@cache
def _validator(folder: Path, name: str) -> Any:
    # Imported here: a rulebook from the cache needs no validator.
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.validators import extend  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415

    kind: Any = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"pattern": _unmatched}
    )
    # A registry of its own: nothing that a schema refers to is fetched.
    return kind(schema(folder, name), registry=Registry())


@cache
def _quick(folder: Path, name: str) -> Callable[[Any], bool]:
    """Return a look at data that is quick where it keeps to the schema.

    It takes a hundredth of the time, and cannot say what is wrong: what it does not
    accept is looked at again. Without the extra `fast` it accepts nothing, nor where a
    schema refers to anything but its own definitions.
    """
    written = json.dumps(schema(folder, name))
    if not all(to.startswith("#/$defs/") for to in _REFERENCE.findall(written)):
        return lambda _: False
    try:
        from jsonschema_rs import Draft202012Validator  # noqa: PLC0415 - an extra
    except ImportError:
        return lambda _: False
    try:
        look = Draft202012Validator(schema(folder, name), retriever=_unreachable)
    except ValueError:
        return lambda _: False
    return look.is_valid


def _unreachable(address: str) -> Any:
    raise ValueError(f"nothing that a schema refers to is fetched, nor is {address}")


def _unmatched(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[Any]:
    """Yield the fault of a text that a pattern does not match, as JSON Schema has it.

    Its `$` is the end of the text; Python's also stands before a last line feed, so
    that an id or a number with one behind it would pass.
    """
    if isinstance(instance, str) and not re.search(_ends(pattern), instance):
        from jsonschema import ValidationError  # noqa: PLC0415 - see above

        yield ValidationError(f"{instance!r} does not match {pattern!r}")


@cache
def _ends(pattern: str) -> str:
    return re.sub(r"(?<!\\)\$", r"\\Z", pattern)


def check(document: Document, folder: Path, name: str) -> None:
    """Check a document against a schema.

    Raises:
        RulebookError: the first fault, on its line; or the schema makes no sense.
    """
    if _quick(folder, name)(document.data):
        return
    validator = _validator(folder, name)
    try:
        faults = list(validator.iter_errors(document.data))
    except Exception as error:  # a schema of somebody else's can break anything
        what = f"the schema cannot be used: {type(error).__name__}"
        raise RulebookError(what, str(folder / f"{name}.json")) from error
    worst = min(faults, key=lambda fault: -len(fault.absolute_path), default=None)
    if worst is not None:
        where = document.where(*worst.absolute_path)
        raise RulebookError(_message(worst), where)


def _message(fault: Any) -> str:
    path = ".".join(str(part) for part in fault.absolute_path) or "the file"
    reason = _reason(fault)
    if len(reason) > _SHOWN:
        reason = f"{reason[: _SHOWN // 2]} … {reason[-_SHOWN // 2 :]}"
    return f"{path}: {reason}"


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
