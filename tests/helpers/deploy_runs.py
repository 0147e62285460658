"""Runs of the deployer with prepared answers, and with records of the other steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field

from botlab.errors import BotlabError
from botlab.live.deploy import (
    Consent,
    Deployer,
    DeployReport,
    DeployRequest,
    LabSteps,
    StepOutcome,
    StepStatus,
)
from botlab.live.live_model import LiveModel
from botlab.live.time_limits import Deadline

from .small_labs import DeployedLab


@dataclass
class Conversation:
    """Records lines, and gives prepared answers."""

    answers: list[bool] = field(default_factory=list[bool])
    lines: list[str] = field(default_factory=list[str])
    questions: list[str] = field(default_factory=list[str])

    def show(self, line: str = "") -> None:
        """Record a line."""
        self.lines.append(line)

    def confirm(self, question: str) -> bool:
        """Give the next answer."""
        self.questions.append(question)
        if not self.answers:
            raise BotlabError("nobody answers")
        return self.answers.pop(0)


@dataclass
class DeployRun:
    """A run of the deployer, with the steps that other packages do as records.

    Attributes:
        lab: The lab.
        conversation: What was shown and asked.
        outcomes: How steps end that do not end well.
        calls: The steps that ran.
    """

    lab: DeployedLab
    conversation: Conversation = field(default_factory=Conversation)
    outcomes: dict[str, StepStatus] = field(default_factory=dict[str, StepStatus])
    calls: list[str] = field(default_factory=list[str])

    def deploy(
        self,
        *,
        yes: bool = True,
        remove: bool = False,
        deadline: Deadline | None = None,
        **fields: object,
    ) -> DeployReport:
        """Run the deployer."""
        request = DeployRequest(self.lab.lab, self.lab.path)
        request = dataclasses.replace(request, **fields)  # pyright: ignore[reportArgumentType]
        consent = Consent(self.conversation, is_given=yes, includes_removals=remove)
        steps = LabSteps(
            self._preflight,
            *(self._step(name) for name in ("wait", "kubeconfig", "verify")),
        )
        return Deployer(self.lab.model, request, steps, consent, deadline or Deadline(None)).run()

    def _preflight(self, model: LiveModel, map_machines: str) -> StepOutcome:
        del model, map_machines
        return self._outcome("preflight")

    def _step(self, name: str) -> Callable[[LiveModel, Deadline], StepOutcome]:
        def run(model: LiveModel, deadline: Deadline) -> StepOutcome:
            del model, deadline
            return self._outcome(name)

        return run

    def _outcome(self, name: str) -> StepOutcome:
        self.calls.append(name)
        return StepOutcome(name, self.outcomes.get(name, StepStatus.DONE))

    def deploys(self) -> list[list[str]]:
        """Return the arguments of the real deployments, without the model and the bundle."""
        calls = [list(call.arguments[4:]) for call in self.lab.juju.calls_of("deploy")]
        return [arguments for arguments in calls if "--dry-run" not in arguments]
