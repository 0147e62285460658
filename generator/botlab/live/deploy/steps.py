"""What the steps of a deployment report, and the steps that other packages do."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..live_model import LiveModel
from ..time_limits import Deadline


class StepStatus(enum.Enum):
    """How a step ended."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    TIMED_OUT = "timed out"


_EXIT_STATUSES = {StepStatus.FAILED: 1, StepStatus.TIMED_OUT: 3}


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """The outcome of a step.

    Attributes:
        name: The name of the step, such as ``preflight``.
        status: How it ended.
        message: One sentence for people; of a failure, what to do.
        details: More for programs, in the step's own JSON form.
    """

    name: str
    status: StepStatus
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def exit_status(self) -> int:
        """The exit status of a command that ends with this step."""
        return _EXIT_STATUSES.get(self.status, 0)

    def as_json(self) -> dict[str, Any]:
        """Return the stable JSON form."""
        report = {"name": self.name, "status": self.status.value, "message": self.message}
        return {**report, "details": dict(self.details)} if self.details else report


# A step of another package. It reports its own progress, and returns its outcome.
LabStep = Callable[[LiveModel, Deadline], StepOutcome]
# The checks before the deployment also get the value of ``--map-machines``.
PreflightStep = Callable[[LiveModel, str], StepOutcome]


@dataclass(frozen=True, slots=True)
class LabSteps:
    """The steps before and after ``juju deploy`` that other packages do.

    Attributes:
        run_preflight: Checks that the model and the machines can take the lab.
        wait: Waits until the lab is ready.
        kubeconfig: Writes the kubeconfig of the lab's cluster.
        verify: Runs the checks of the charms and of the cluster.
    """

    run_preflight: PreflightStep
    wait: LabStep
    kubeconfig: LabStep
    verify: LabStep
