"""What charms' options have in common, and what is wrong with them, told all at once."""

import re
from typing import List, NamedTuple, Optional, Tuple

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
LABEL_KEY = re.compile(r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([\w.-]{0,61}\w)?$")
LABEL_VALUE = re.compile(r"^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$")
_REGISTRY = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$")
_PINNED = re.compile(r"^(https?://\S+)#sha256=([0-9a-f]{64})$")
# `value` is None where there is no `=`, `effect` empty where there is none.
Taint = NamedTuple("Taint", [("key", str), ("value", Optional[str]), ("effect", str)])


class OptionsError(Exception):
    """Everything that is wrong with the options: option, value and mend."""

    def __init__(self, problems: List[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def registry(text: str, problems: List[str]) -> str:
    """Read the option `image-registry`: HOST:PORT/PATH, without the slash at its end."""
    value = text.strip().rstrip("/")
    if value and ("://" in value or not _REGISTRY.match(value)):
        problems.append("image-registry is %r; write HOST:PORT/PATH without a scheme" % value)
    return value


def pinned(option: str, text: str, problems: List[str]) -> Tuple[str, str]:
    """Read an option that holds URL#sha256=DIGEST; return URL and digest, both empty if it is."""
    value = text.strip()
    found = _PINNED.match(value)
    if value and found is None:
        problems.append("%s is %r; write URL#sha256=DIGEST (64 hex digits)" % (option, value))
    return (found.group(1), found.group(2)) if found else ("", "")


def taint(word: str) -> Optional[Taint]:
    """Read a taint as kubectl writes it: KEY=VALUE:EFFECT, KEY:EFFECT or KEY; None if it is none.

    Kubernetes, "Labels and Selectors": an optional DNS prefix, then 63 characters at most.
    """
    left, colon, effect = word.partition(":")
    key, equals, value = left.partition("=")
    good = LABEL_KEY.match(key) and LABEL_VALUE.match(value)
    if not good or (colon and effect not in EFFECTS):
        return None
    return Taint(key, value if equals else None, effect)
