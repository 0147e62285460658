"""What a command prints, and how values are formatted."""

from __future__ import annotations

import json
from typing import Any

from .arguments import Arguments


class Output:
    """The answer of a command.

    This is not a dataclass, because the import of `dataclasses` would double the time of a call.

    Attributes:
        stdout: The text for standard output.
        stderr: The text for standard error.
        code: The exit status.
        delay: Seconds that pass before the answer.
    """

    def __init__(
        self, stdout: str = "", stderr: str = "", code: int = 0, delay: float = 0.0
    ) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self.code = code
        self.delay = delay


def formatted(arguments: Arguments, value: Any, default: str | None = None) -> Output:
    """Return a value in the format that the call asks for.

    Args:
        arguments: The call.
        value: The value.
        default: The text without ``--format``; YAML if it is None.
    """
    kind = arguments.value("format")
    if kind == "json":
        text = compact_json(value)
    elif kind == "yaml" or default is None:
        text = yaml_text(value)
    else:
        text = default
    path = arguments.value("output")
    if path:
        with open(path, "w") as file:
            file.write(text)
        return Output()
    return Output(text if text.endswith("\n") or not text else f"{text}\n")


def compact_json(value: Any) -> str:
    """Return JSON as Go writes it: on one line, with the characters of HTML escaped."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def yaml_text(value: Any) -> str:
    """Return simple YAML in block style; scalars are written as JSON, which YAML includes."""
    if not isinstance(value, (dict, list)):
        return f"{_scalar(value)}\n"
    return "".join(f"{line}\n" for line in _block(value))


def _block(value: Any) -> list[str]:
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    lines: list[str] = []
    for key, member in entries:
        head = f"{_scalar(key)}:" if isinstance(value, dict) else "-"
        if isinstance(member, (dict, list)) and member:
            inner = _block(member)
            lines += [head, *(f"  {line}" for line in inner)]
        else:
            lines.append(f"{head} {_scalar(member)}")
    return lines


def _scalar(value: Any) -> str:
    if isinstance(value, str) and value.replace("-", "").replace("_", "").isalpha():
        return (
            value
            if value not in ("true", "false", "null", "yes", "no", "on", "off")
            else repr(value)
        )
    return json.dumps(value, ensure_ascii=False)
