"""Readers for values that several charms have as options.

A reader returns the value that it read, and either appends a description to a list of problems or
returns None where the text cannot be read.
"""

import re
from typing import List, NamedTuple, Optional, Sequence, Tuple

from labcharm.errors import BlockedError
from labcharm.urls import has_credentials, redact, redact_url

TAINT_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
# Kubernetes, "Labels and Selectors": an optional DNS prefix, then 63 characters at most.
LABEL_KEY = re.compile(
    r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$"
)
LABEL_VALUE = re.compile(r"^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$")
_REGISTRY = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$")
_PINNED_URL = re.compile(r"^(https?://\S+)#sha256=([0-9a-f]{64})$")


class Taint(NamedTuple):
    """A taint of a node, or what a toleration names of it.

    Attributes:
        key: Its key.
        value: Its value; None where the text has no `=`.
        effect: One of TAINT_EFFECTS; empty where the text has none.
    """

    key: str
    value: Optional[str]
    effect: str


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
        """Return the parts as one sentence. Secrets of a URL that it quotes are left out."""
        rule = redact(rule)
        sentence = f"{option} {rule}"
        problem = super().__new__(cls, f"{sentence}; {fix}" if fix else sentence)
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


def refuse_credentials(option: str, text: str, fix: str, problems: List[str]) -> bool:
    """Refuse a user or a password in a URL: everybody who may read the model's options reads it.

    Args:
        option: The option's name.
        text: Its value, which the problem does not show.
        fix: How to pass the credentials, as an imperative.
        problems: A description is appended here when the value has credentials.

    Returns:
        Whether it has.
    """
    if not has_credentials(text):
        return False
    problems.append(OptionProblem(option, "contains a user or a password", fix))
    return True


def read_registry(text: str, problems: List[str]) -> str:
    """Return the option `image-registry`, HOST:PORT/PATH, without a slash at its end."""
    registry = text.strip().rstrip("/")
    if "@" in registry:
        fix = "set them in the container engine of each node instead"
        problems.append(OptionProblem("image-registry", "contains a user or a password", fix))
    elif registry and ("://" in registry or not _REGISTRY.match(registry)):
        fix = "write HOST:PORT/PATH without a scheme"
        problems.append(OptionProblem("image-registry", f"is {registry!r}", fix))
    return registry


def read_pinned_url(option: str, text: str, problems: List[str]) -> Tuple[str, str]:
    """Return URL and digest of an option that holds URL#sha256=DIGEST; both empty if it is empty.

    Args:
        option: The option's name.
        text: Its value.
        problems: A description is appended here when the value cannot be used.
    """
    pinned_url = text.strip()
    fix = "attach the file as a resource instead"
    if refuse_credentials(option, pinned_url, fix, problems):
        return "", ""
    match = _PINNED_URL.match(pinned_url)
    if pinned_url and match is None:
        fix = "write URL#sha256=DIGEST (64 hex digits)"
        problems.append(OptionProblem(option, f"is {redact_url(pinned_url)!r}", fix))
    return (match.group(1), match.group(2)) if match else ("", "")


def read_label(word: str) -> Optional[Tuple[str, str]]:
    """Return key and value of a label written as KEY=VALUE; None if the word is not a label."""
    key, equals, label_value = word.partition("=")
    if not equals or not LABEL_KEY.match(key) or not LABEL_VALUE.match(label_value):
        return None
    return key, label_value


def read_taint(word: str) -> Optional[Taint]:
    """Return a taint written as kubectl does: KEY=VALUE:EFFECT, KEY:EFFECT or KEY; else None."""
    label, colon, effect = word.partition(":")
    key, equals, taint_value = label.partition("=")
    is_label = LABEL_KEY.match(key) and LABEL_VALUE.match(taint_value)
    if not is_label or (colon and effect not in TAINT_EFFECTS):
        return None
    return Taint(key, taint_value if equals else None, effect)
