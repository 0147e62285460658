"""What charms' options have in common, and what is wrong with them, told all at once."""

import re
from typing import List, NamedTuple, Optional, Sequence, Tuple

from labcharm.errors import BlockedError

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
LABEL_KEY = re.compile(r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([\w.-]{0,61}\w)?$")
LABEL_VALUE = re.compile(r"^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$")
_REGISTRY = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$")
_PINNED = re.compile(r"^(https?://\S+)#sha256=([0-9a-f]{64})$")
# `value` is None where there is no `=`, `effect` empty where there is none.
Taint = NamedTuple("Taint", [("key", str), ("value", Optional[str]), ("effect", str)])


class OptionProblem(str):
    """The description of one option that cannot be used: a string that knows its parts.

    Args:
        option: The option's name.
        rule: What is wrong with it, as the rest of a sentence that begins with the option's name.
        fix: What to write instead, as an imperative.
    """

    option: str
    rule: str
    fix: str

    def __new__(cls, option: str, rule: str, fix: str = "") -> "OptionProblem":
        """Put the parts together to a sentence."""
        text = f"{option} {rule}"
        problem = super().__new__(cls, f"{text}; {fix}" if fix else text)
        problem.option, problem.rule, problem.fix = option, rule, fix
        return problem


class OptionsError(BlockedError):
    """The options that cannot be used, all of them at once.

    Attributes:
        problems: A description of each problem; an OptionProblem also knows its option.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


def registry(text: str, problems: List[str]) -> str:
    """Read the option `image-registry`: HOST:PORT/PATH, without the slash at its end."""
    value = text.strip().rstrip("/")
    if value and ("://" in value or not _REGISTRY.match(value)):
        fix = "write HOST:PORT/PATH without a scheme"
        problems.append(OptionProblem("image-registry", f"is {value!r}", fix))
    return value


def pinned(option: str, text: str, problems: List[str]) -> Tuple[str, str]:
    """Read an option that holds URL#sha256=DIGEST; return URL and digest, both empty if it is."""
    value = text.strip()
    found = _PINNED.match(value)
    if value and found is None:
        fix = "write URL#sha256=DIGEST (64 hex digits)"
        problems.append(OptionProblem(option, f"is {value!r}", fix))
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
