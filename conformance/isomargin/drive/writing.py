"""Writing what is sent: members of a JSON object, those that are shared only once.

Most of a message is its profile and its instruments, which it has from the rulebook
and has in common with thousands of others.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from json import JSONEncoder
from typing import Any

__all__ = [
    "members",
    "written",
    "written_instruments",
    "written_profile",
    "written_words",
]

_ENCODE = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SHARED_LIMIT = 1024
_shared: dict[int, tuple[Any, str]] = {}


def members(message: Mapping[str, Any]) -> str:
    """Return a message as JSON without its braces; what is shared comes last."""
    own = {name: part for name, part in message.items() if name not in _SHARED}
    texts = [_ENCODE(own)[1:-1]] if own else []
    texts += [
        f'"{name}":{write(message[name])}'
        for name, write in _SHARED.items()
        if name in message
    ]
    return ",".join(texts)


def written(part: Any) -> str:
    """Return a part as JSON, written once for all messages that share the object.

    The table holds the object, so that its identity is no other's.
    """
    held = _shared.get(id(part))
    if held is None:
        if len(_shared) >= _SHARED_LIMIT:
            _shared.clear()
        held = _shared[id(part)] = (part, _ENCODE(part))
    return held[1]


def written_profile(name: str, parameters: Mapping[str, Any]) -> str:
    """Return a profile as JSON."""
    return f'{{"id":{_word(name)},"parameters":{written(parameters)}}}'


def written_instruments(instruments: Sequence[Any]) -> str:
    """Return a list of instruments as JSON."""
    return f"[{','.join(map(written, instruments))}]"


@lru_cache(maxsize=_SHARED_LIMIT)
def written_words(words: tuple[str, ...]) -> str:
    """Return a list of words as JSON."""
    return _ENCODE(words)


@lru_cache(maxsize=_SHARED_LIMIT)
def _word(text: str) -> str:
    return _ENCODE(text)


def _profile(profile: Mapping[str, Any]) -> str:
    if profile.keys() != {"id", "parameters"}:
        return _ENCODE(profile)
    return written_profile(profile["id"], profile["parameters"])


# The members that messages have in common, and how they are written.
_SHARED: Mapping[str, Callable[[Any], str]] = {
    "profile": _profile,
    "instrument": written,
    "instruments": written_instruments,
}
