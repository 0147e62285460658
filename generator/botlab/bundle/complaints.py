"""What reading a bundle has to say: Juju's refusals, and the real causes in our words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..findings import Finding, KeyPath, Severity, nearest, path_text
from .decode import KeyProblem, Problems, TypeProblem
from .schema import DESCRIPTIVE

_FIXES = {
    "J001": "write at least `applications:` with one application",
    "J002": "see the findings beside this one for the key and the line; mend it there",
    "J004": "move it into an overlay (a second document, or a file given with --overlay)",
    "J005": "give the application a body with at least `charm:`, or take it out",
    "J006": "rename `services:` to `applications:` in the overlay",
    "J007": "put the file there; a relative path starts at the file that names it",
}


def refusal(rule: str, message: str, path: KeyPath) -> Finding:
    """Return the finding that Juju stops at reading, in its own words."""
    return Finding(rule, Severity.ERROR, "juju", path, message, _FIXES[rule])


def type_findings(problems: Iterable[TypeProblem]) -> Iterator[Finding]:
    """Yield one lab finding for each value of the wrong type."""
    for problem in problems:
        seen = problem.go.partition("cannot unmarshal ")[2].partition(" into ")[0]
        yield Finding(
            "BL002",
            Severity.ERROR,
            "lab",
            problem.path,
            f"{path_text(problem.path) or 'the document'} must be {problem.wanted}, not {seen};"
            " Juju drops the whole document for it or stops with another message",
            f"write {problem.wanted} here",
            problem.line,
        )


def key_findings(problems: Problems) -> Iterator[Finding]:
    """Yield lab findings for keys that Juju does not know, and keys that stand twice."""
    for problem in problems.unknown:
        if len(problem.path) > 1 or problem.key not in DESCRIPTIVE:
            yield _unknown(problem)
    for problem in problems.repeated:
        yield Finding(
            "BL005",
            Severity.WARNING,
            "lab",
            problem.path,
            f"{path_text(problem.path)} stands twice; Juju keeps the last one only",
            "keep one of the two",
            problem.line,
        )


def _unknown(problem: KeyProblem) -> Finding:
    key = problem.key
    fix = nearest(key, problem.known, f"known here: {', '.join(sorted(problem.known))}")
    message = f"{key!r} is no key of this mapping; Juju ignores it without a word"
    return Finding("BL001", Severity.WARNING, "lab", problem.path, message, fix, problem.line)
