"""Failed checks as errors: the text for the log, and the summary for the status."""

from __future__ import annotations

import pytest

from kubeflow_installer.preflight.problems import (
    BlockingChecksError,
    FailedChecksError,
    Message,
    PassingChecksError,
    Problem,
)
from labcharm.errors import BlockedError, WaitingError

FILES = Problem("files", "kfctl is missing; attach the resource kfctl")
NODES = Problem("nodes", Message("node a has 2 CPUs; add a worker", "too few CPUs"))


@pytest.mark.parametrize(
    ("problems", "text", "summary"),
    [
        ([FILES], f"files: {FILES.message}", f"files: {FILES.message}"),
        ([NODES], "nodes: node a has 2 CPUs; add a worker", "nodes: too few CPUs"),
        (
            [NODES, FILES],
            f"nodes: node a has 2 CPUs; add a worker; files: {FILES.message}",
            "2 checks failed: nodes, files; the log has their fixes",
        ),
        (
            [NODES, Problem("nodes", "node b is not ready")],
            "nodes: node a has 2 CPUs; add a worker; nodes: node b is not ready",
            "nodes: too few CPUs",
        ),
    ],
)
def test_summary_has_the_short_form_and_the_text_all_of_it(
    problems: list[Problem], text: str, summary: str
) -> None:
    """In the order of the checks."""
    error = BlockingChecksError(problems)

    assert (str(error), error.summary, error.problems) == (text, summary, problems)


@pytest.mark.parametrize(
    ("kind", "is_blocked"), [(BlockingChecksError, True), (PassingChecksError, False)]
)
def test_only_checks_that_pass_by_themselves_wait(
    kind: type[FailedChecksError], is_blocked: bool
) -> None:
    error = kind(iter([FILES]))

    assert isinstance(error, BlockedError) is is_blocked
    assert isinstance(error, WaitingError) is not is_blocked
    assert error.problems == [FILES]
