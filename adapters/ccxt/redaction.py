"""What the bridge must never say: keys, signatures, and addresses that carry them."""  # noqa: INP001 - beside a program

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

HIDDEN = "[hidden]"
SHORTEST = 4
NAMES = "signature|sign|api-?key|access-?key|secret|pass(?:word|phrase)|token|auth"
# The query of an address, a header or field named for a secret, and a bare digest.
PATTERNS = (
    re.compile(r"(?<=\?)[^\s\"'<>]*=[^\s\"'<>]*"),
    re.compile(rf"(?i)([\w-]*(?:{NAMES})[\w-]*[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,}}]+"),
    re.compile(r"(?i)\b[0-9a-f]{40,}\b"),
)
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Redaction:
    """Takes secrets out of whatever is about to be said."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Hide `secrets`, however they are written.

        One too short to be a key is left out: hiding it would hide figures too.
        """
        forms = {
            form for one in secrets if len(one) >= SHORTEST for form in _forms(one)
        }
        self._forms = sorted(forms, key=len, reverse=True)

    def cleaned(self, message: Any) -> Any:
        """Return a message with every text in it cleaned; figures stay as they are."""
        if isinstance(message, Mapping):
            return {self.text(key): self.cleaned(one) for key, one in message.items()}
        if isinstance(message, (list, tuple)):
            return [self.cleaned(one) for one in message]
        return self.text(message) if isinstance(message, str) else message

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        if NUMBER.fullmatch(text):
            return text
        query, named, digest = PATTERNS
        text = query.sub(HIDDEN, text)
        text = named.sub(lambda found: found[1] + HIDDEN, text)
        return digest.sub(HIDDEN, text)


def _forms(secret: str) -> set[str]:
    """Return a secret as it may stand in an address, a body or a header."""
    lines = [line for line in secret.splitlines() if len(line) >= SHORTEST]
    parts = {secret, secret.strip(), *lines}
    written = {json.dumps(one)[1:-1] for one in parts}
    encoded = {quote(one, safe="") for one in parts} | {quote(one) for one in parts}
    based = {b64encode(one.encode()).decode() for one in parts}
    return parts | written | encoded | based
