"""The client's own dry run, compared with the plan."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence

from ... import plan
from ...bundle.model import Bundle
from ..comparison.notes import is_unpinned
from .preparation import Preparation

# The numbers of new machines, containers and units, which follow the removed ones.
_NEW_NUMBERS = re.compile(
    r"(?<=new machine )[0-9]+|(?<=/lxd/)[0-9]+|(?<=add unit )[^ ]+/[0-9]+", re.ASCII
)
_ANNOTATIONS = "- set annotations for "
_REVISION = re.compile(r"(\bcs:[^ ]+?)-[0-9]+(?= |$)", re.ASCII)
_CHARM_LINES = ("- upload charm ", "- upgrade ")


def dry_run_difference(preparation: Preparation, bundle: Bundle, output: str) -> list[str]:
    """Return the lines of a unified diff between the plan and the client's dry run.

    The order of the lines does not matter. What no command of Juju prints before the dry run may
    differ: the numbers that follow removed units and machines, annotations of a model, and newer
    revisions of charms that the bundle does not pin.

    Args:
        preparation: The plan.
        bundle: The bundle.
        output: The standard output of ``juju deploy --dry-run``.
    """
    expected = [line.text for line in plan.dry_run(preparation.changes) if line.stream == "stdout"]
    actual = [line.rstrip() for line in output.splitlines() if line.startswith("- ")]
    expected = [line for line in expected if line.startswith("- ")]
    if _is_same(preparation, bundle, expected, actual):
        return []
    return list(
        difflib.unified_diff(
            expected, actual, "the plan of botlab", "juju deploy --dry-run", lineterm=""
        )
    )


def _is_same(
    preparation: Preparation, bundle: Bundle, expected: Sequence[str], actual: Sequence[str]
) -> bool:
    is_used = bool(preparation.observation.status.applications)
    unpinned = [_without_revision(line, expected) for line in actual]
    juju_lines = Counter(_without_numbers(line) if is_used else line for line in unpinned)
    plan_lines = Counter(_without_numbers(line) if is_used else line for line in expected)
    surplus = (juju_lines - plan_lines).elements()
    if plan_lines - juju_lines:
        return False
    return all(is_used and _is_unknowable(line, bundle) for line in surplus)


def _without_revision(line: str, expected: Sequence[str]) -> str:
    """Return a line of 2.6 without the newest revision, which the plan does not know."""
    if line in expected:
        return line
    text = _REVISION.sub(r"\1", line)
    return text if text in expected else line


def _without_numbers(line: str) -> str:
    return _NEW_NUMBERS.sub("N", line)


def _is_unknowable(line: str, bundle: Bundle) -> bool:
    """Return whether a line is about a fact of a model that no command prints."""
    if line.startswith(_ANNOTATIONS):
        return True
    words = {
        word
        for name, application in bundle.applications.items()
        if application and is_unpinned(application)
        for word in (name, application.charm, application.charm.rpartition(":")[2])
    }
    return line.startswith(_CHARM_LINES) and not words.isdisjoint(line.split())
