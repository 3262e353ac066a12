"""A strict reading of YAML: what is written is what is meant.

Every plain scalar stays a string, save `true`, `false` and `null`, so that a
country code, a date or a decimal is never turned into something else. Duplicate
keys, anchors, aliases, merges and tags are refused, and so are files, scalars
and nestings larger than any rulebook needs.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from isomargin.bounded import content_within
from isomargin.errors import RulebookError

__all__ = ["Document", "load_document", "load_file"]

Path_ = tuple[str | int, ...]

_LIMIT_BYTES = 4 * 1024 * 1024
_LIMIT_SCALAR = 64 * 1024
_LIMIT_DEPTH = 32
_PLAIN = {"true": True, "false": False, "null": None}
_Parser: Any = getattr(yaml, "CLoader", yaml.Loader)


@dataclass(frozen=True)
class Document:
    """A file as data, with the line every part of it stands on.

    Attributes:
        path: the file, as it is named in messages.
        data: dicts, lists, strings, booleans and None.
        lines: path of keys and indexes to line number.
    """

    path: str
    data: Any
    lines: dict[Path_, int]

    def where(self, *path: str | int) -> str:
        """Return `file:line` of the part at `path`, or of its nearest parent."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.path}:{self.lines.get(path, 1)}"


def load_file(path: Path, *, name: str | None = None) -> Any:
    """Return the data of a YAML file; see `load_document`."""
    return load_document(path, name=name).data


def load_document(path: Path, *, name: str | None = None) -> Document:
    """Read a YAML file strictly.

    Args:
        path: the file.
        name: how messages name it; the path when absent.

    Returns:
        The data and the line of each part.

    Raises:
        RulebookError: the file cannot be read, is no YAML, or uses what is refused.
    """
    name = name or str(path)
    try:
        content = content_within(path, _LIMIT_BYTES)
    except OSError as error:
        raise RulebookError(error.strerror or str(error), name) from error
    if content is None:
        raise RulebookError(f"the file is larger than {_LIMIT_BYTES} bytes", name)
    return _parse(content, name)


def _parse(content: bytes, name: str) -> Document:
    reader = _Reader(name)
    try:
        text = content.decode("utf-8")
        data = reader.document(yaml.parse(text, Loader=_Parser))
    except UnicodeDecodeError as error:
        raise RulebookError("the file is not UTF-8", name) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        raise RulebookError(f"not YAML: {error.problem}", where) from error
    except yaml.YAMLError as error:
        raise RulebookError(f"not YAML: {error}".split("\n")[0], name) from error
    return Document(name, data, reader.lines)


class _Reader:
    """Builds the data of one document from the parser's events."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Path_, int] = {}

    def document(self, events: Iterator[Any]) -> Any:
        data, documents = None, 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse(event, "a second document in one file")
            elif isinstance(event, yaml.NodeEvent):
                data = self.node(event, events, ())
        if not documents:
            raise RulebookError("the file is empty", self.name)
        return data

    def node(self, event: Any, events: Iterator[Any], path: Path_) -> Any:
        if isinstance(event, yaml.AliasEvent):
            self.refuse(event, f"an alias (*{event.anchor})", "write the value out")
        if event.anchor:
            self.refuse(event, f"an anchor (&{event.anchor})", "write the value out")
        if event.tag:
            self.refuse(event, f"a tag ({event.tag})", "write a plain value")
        self.lines.setdefault(path, event.start_mark.line + 1)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event)
        if len(path) >= _LIMIT_DEPTH:
            self.refuse(event, f"nesting deeper than {_LIMIT_DEPTH}")
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(events, path)
        return self.mapping(events, path)

    def scalar(self, event: Any) -> str | bool | None:
        # A rulebook has the same few words and numbers thousands of times.
        value = sys.intern(event.value)
        if len(value) > _LIMIT_SCALAR:
            self.refuse(event, f"a scalar longer than {_LIMIT_SCALAR} characters")
        if event.style:
            return value
        if not value:
            self.refuse(event, "a key without a value", "write null if that is meant")
        return _PLAIN.get(value, value)

    def sequence(self, events: Iterator[Any], path: Path_) -> list[Any]:
        result: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            result.append(self.node(event, events, (*path, len(result))))
        return result

    def mapping(self, events: Iterator[Any], path: Path_) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self.key(event, result)
            self.lines[(*path, key)] = event.start_mark.line + 1
            result[key] = self.node(next(events), events, (*path, key))
        return result

    def key(self, event: Any, seen: dict[str, Any]) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self.refuse(event, "a key that is no scalar")
        key = sys.intern(event.value)
        if event.anchor or event.tag:
            self.refuse(event, "a key with an anchor or a tag", "write a plain key")
        if len(key) > _LIMIT_SCALAR:
            self.refuse(event, f"a key longer than {_LIMIT_SCALAR} characters")
        if key == "<<":
            self.refuse(event, "a merge (<<)", "write the values out")
        if key in seen:
            self.refuse(event, f"duplicate key {key!r}", "keep one of them")
        return key

    def refuse(self, event: Any, what: str, remedy: str | None = None) -> None:
        raise RulebookError(what, f"{self.name}:{event.start_mark.line + 1}", remedy)
