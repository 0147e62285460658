"""What actions and commands on units return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..json_values import mapping_of

# The states of an action that has not ended.
UNFINISHED = frozenset(("pending", "running", "aborting"))
# Results that Juju adds to those of the charm.
_JUJU_RESULTS = frozenset(
    ("return-code", "stdout", "stderr", "Code", "ReturnCode", "Stdout", "Stderr", "StdoutEncoding",
     "StderrEncoding", "stdout-encoding", "stderr-encoding")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ActionResult:
    """The result of an action, the same for every Juju release.

    An action is judged by ``status`` alone: in Juju 3 and later the client exits with 0 for an
    action that failed.

    Attributes:
        unit: The unit that ran the action.
        status: ``completed``, ``failed``, ``error``, ``cancelled`` or ``aborted``.
        message: The message of a failure; empty for none.
        results: The results of the charm, with dotted keys as nested mappings. Juju's own
            results (the exit code and the streams) are not among them.
        log: The lines that the action logged.
    """

    unit: str
    status: str
    message: str = ""
    results: Mapping[str, Any] = field(default_factory=dict[str, Any])
    log: tuple[str, ...] = ()

    @property
    def is_successful(self) -> bool:
        """Whether the action ended well."""
        return self.status == "completed"


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The result of a command on a unit.

    Attributes:
        unit: The unit that ran the command.
        status: Its exit status.
        stdout: Its standard output.
        stderr: Its standard error.
    """

    unit: str
    status: int
    stdout: str = ""
    stderr: str = ""


@dataclass(frozen=True, slots=True)
class CallOutput:
    """What a command of the Juju client printed.

    Attributes:
        stdout: Standard output.
        stderr: Standard error, where Juju prints progress and warnings.
    """

    stdout: str
    stderr: str


def charm_results(results: object) -> dict[str, Any]:
    """Return the results of the charm, without Juju's own.

    Args:
        results: All results of an action.
    """
    entries = mapping_of(results)
    return {key: value for key, value in entries.items() if key not in _JUJU_RESULTS}
