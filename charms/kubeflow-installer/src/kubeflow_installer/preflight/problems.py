"""The names of the preflight checks, and the problems that they report."""

from typing import Iterable, NamedTuple

# The checks of the cluster and the host, in the order in which their problems are reported.
CLUSTER_CHECKS = (
    "admin", "storage-class", "load-balancer", "privileged", "token-projection", "nodes",
    "node-limits", "foreign-objects",
)  # fmt: skip
# Every check that the option `skipped-checks` accepts.
SKIPPABLE_CHECKS = (*CLUSTER_CHECKS, "manifests")


class Problem(NamedTuple):
    """A failed check.

    Attributes:
        name: The check's name. "files" and "options" are names too, but cannot be skipped.
        message: What is wrong, and how to fix it.
    """

    name: str
    message: str

    def __str__(self) -> str:
        """Return the problem as the status shows it."""
        return f"{self.name}: {self.message}"


def describe(problems: Iterable[Problem]) -> str:
    """Return all problems in one line."""
    return "; ".join(str(problem) for problem in problems)
