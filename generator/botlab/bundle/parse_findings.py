"""Findings about the text of a bundle: Juju's refusals, and the real causes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..findings import Finding, KeyPath, Severity, path_text, suggest
from .decode import DecodeProblems, KeyProblem, TypeProblem
from .schema import DESCRIPTIVE

_FIXES = {
    "J001": "write at least the key `applications` with one application",
    "J002": "the other findings of this bundle name the key and the line to correct",
    "J004": "move the key into an overlay: a second document, or a file for --overlay",
    "J005": "give the application a body with at least the key `charm`, or remove it",
    "J006": "rename the key `services` of the overlay to `applications`",
    "J007": "create the file; a relative path starts at the file that names it",
}
# The types of go-yaml's tags, for people.
_TYPES = {
    "!!bool": "the boolean",
    "!!float": "the number",
    "!!int": "the number",
    "!!map": "a mapping",
    "!!seq": "a list",
    "!!str": "the string",
    "!!timestamp": "the timestamp",
}


def refusal(rule: str, message: str, path: KeyPath) -> Finding:
    """Return the finding for a fault at which Juju stops reading, with Juju's message."""
    return Finding(rule, Severity.ERROR, "juju", path, message, _FIXES[rule])


def crash(path: KeyPath, cause: str) -> Finding:
    """Return the finding for a null value at which Juju's client crashes."""
    subject = path_text(path) or "the bundle"
    return Finding(
        "BL100",
        Severity.ERROR,
        "lab",
        path,
        f"{subject}: Juju's client crashes (invalid memory address), because {cause}",
        "write the body, or remove the entry",
        when="dry-run",
    )


def type_findings(problems: Iterable[TypeProblem]) -> Iterator[Finding]:
    """Yield a lab finding for each value of a wrong type."""
    for problem in problems:
        tag, space, hint = _tag_and_hint(problem.go_message)
        actual = f"{_TYPES.get(tag, tag)}{space}{hint}"
        yield Finding(
            "BL002",
            Severity.ERROR,
            "lab",
            problem.path,
            f"{path_text(problem.path) or 'the document'} must be {problem.expected}, but is"
            f" {actual}; Juju then ignores the whole document, or stops with another message",
            f"write {problem.expected}",
            problem.line,
        )


def _tag_and_hint(go_message: str) -> tuple[str, str, str]:
    """Return the tag of a value in go-yaml's message, a space, and the quoted value."""
    actual = go_message.partition("cannot unmarshal ")[2].partition(" into ")[0]
    return actual.partition(" ")


def key_findings(problems: DecodeProblems) -> Iterator[Finding]:
    """Yield lab findings for keys that Juju does not know, and for duplicate keys."""
    for problem in problems.unknown_keys:
        if len(problem.path) > 1 or problem.key not in DESCRIPTIVE:
            yield _unknown_key_finding(problem)
    for problem in problems.duplicate_keys:
        yield Finding(
            "BL005",
            Severity.WARNING,
            "lab",
            problem.path,
            f"the key {path_text(problem.path)} is written twice; Juju uses the last one",
            "remove one of the two",
            problem.line,
        )


def _unknown_key_finding(problem: KeyProblem) -> Finding:
    key = problem.key
    fix = suggest(key, problem.valid_keys, f"use one of {', '.join(sorted(problem.valid_keys))}")
    message = (
        f"{key!r} is not a key of this mapping; Juju ignores it, and only a dry run of Juju 2.9 or"
        " later warns about it"
    )
    return Finding("BL001", Severity.WARNING, "lab", problem.path, message, fix, problem.line)
