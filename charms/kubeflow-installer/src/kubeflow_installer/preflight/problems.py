"""The names of the preflight checks, and the problems that they report."""

from typing import Iterable, NamedTuple

from labcharm.errors import BlockedError, CharmError, WaitingError

# The checks of the cluster and the host, in the order in which their problems are reported.
CLUSTER_CHECKS = (
    "admin", "storage-class", "load-balancer", "privileged", "token-projection", "nodes",
    "architecture", "node-limits", "foreign-objects",
)  # fmt: skip
# Every check that the option `skipped-checks` accepts.
SKIPPABLE_CHECKS = (*CLUSTER_CHECKS, "manifests", "images")


class Message(str):
    """What is wrong, and how to fix it: a string that knows its short form.

    Args:
        text: The whole message.
        short: The cause and the fix in 90 characters, for a status.
    """

    short: str

    def __new__(cls, text: str, short: str) -> "Message":
        """Return the whole message as a string."""
        message = super().__new__(cls, text)
        message.short = short
        return message


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


class FailedChecksError(CharmError):
    """Failed checks as an error; one of the two classes below says what it means.

    Attributes:
        problems: All of them. The error's text describes each.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(describe(self.problems))

    @property
    def summary(self) -> str:
        """The names of all failed checks, or the message of the only one, for a status."""
        names = list(dict.fromkeys(problem.name for problem in self.problems))
        if len(names) == 1:
            short = getattr(self.problems[0].message, "short", self.problems[0].message)
            return f"{names[0]}: {short}"
        return f"{len(names)} checks failed: {', '.join(names)}; the log has their fixes"


class BlockingChecksError(FailedChecksError, BlockedError):
    """Failed checks of which at least one does not clear by itself."""


class PassingChecksError(FailedChecksError, WaitingError):
    """Failed checks that may clear by themselves."""


def describe(problems: Iterable[Problem]) -> str:
    """Return all problems in one line."""
    return "; ".join(str(problem) for problem in problems)
