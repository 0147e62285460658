"""All steps of a deployment, in their order."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ... import plan
from ..comparison import JujuCommand
from ..comparison.report import comparison_json, difference_lines
from ..errors import CommandFailedError, UnsupportedError
from ..live_model import DeployOptions, LiveModel
from ..time_limits import Deadline, require_time
from .consent import Consent
from .dry_run import dry_run_difference
from .preparation import Preparation, plan_lines, prepare, progress_line
from .request import DeployRequest
from .steps import LabSteps, StepOutcome, StepStatus

_FURTHER_ROUNDS = 2
_CONTINUES = "correct the cause, and repeat the command: it continues where it ended"
_REMOVED = "; if units are being removed, wait until juju status does not show them any more"
_REMOVAL_QUESTION = "Run these commands, which REMOVE parts of the model?"


@dataclass(slots=True)
class DeployReport:
    """The outcome of a deployment.

    Attributes:
        steps: The outcomes of the steps, in their order.
        plan: The plan and the differences at the start, in the JSON forms of ``botlab plan`` and
            ``botlab diff``.
        remaining: The commands that were not run, because nobody confirmed them.
    """

    steps: list[StepOutcome] = field(default_factory=list[StepOutcome])
    plan: dict[str, Any] = field(default_factory=dict[str, Any])
    remaining: list[str] = field(default_factory=list[str])

    @property
    def exit_status(self) -> int:
        """The exit status of the command: that of the first step that failed."""
        return next((step.exit_status for step in self.steps if step.exit_status), 0)

    def as_json(self) -> dict[str, Any]:
        """Return the stable JSON form."""
        return {
            "ok": self.exit_status == 0,
            **self.plan,
            "steps": [step.as_json() for step in self.steps],
            "remaining": self.remaining,
        }


class _StoppedError(Exception):
    """The deployment ends with the last step of the report."""


class Deployer:
    """Deploys a lab into a model.

    Args:
        live: The model.
        request: What to deploy.
        steps: The steps that other packages do.
        consent: Who agrees to which changes.
        deadline: The end of the time that the user allowed.
    """

    def __init__(
        self,
        live: LiveModel,
        request: DeployRequest,
        steps: LabSteps,
        consent: Consent,
        deadline: Deadline,
    ) -> None:
        self._live = live
        self._request = request
        self._steps = steps
        self._consent = consent
        self._deadline = deadline
        self._report = DeployReport()
        self._model_name = ""

    def run(self) -> DeployReport:
        """Run all steps, and stop at the first that fails.

        Raises:
            LiveError: When the controller or the model cannot be used, or the time is over.
        """
        try:
            self._change_model()
            if self._request.waits:
                self._follow_up()
        except _StoppedError:
            pass
        return self._report

    def _change_model(self) -> None:
        preparation = self._prepare()
        self._show_plan(preparation)
        if not _is_needed(preparation):
            self._finish("plan", StepStatus.DONE, "the model is what the site says")
            self._compare_dry_run(preparation)
            return
        self._confirm()
        self._run_preflight(preparation)
        preparation = self._run_early_commands(preparation)
        if preparation.refusal:
            message = f"Juju refuses the plan: {preparation.refusal}; {_CONTINUES}{_REMOVED}"
            self._finish("plan", StepStatus.FAILED, message)
        self._compare_dry_run(preparation)
        self._deploy(preparation)
        if preparation.needed_grants:
            self._run_commands("grant", preparation.needed_grants)
        self._run_late_commands()

    def _prepare(self, *, has_contents: bool = True) -> Preparation:
        self._check_time()
        preparation = prepare(self._live, self._request, self._deadline, has_contents=has_contents)
        status = preparation.observation.status
        self._model_name = f"{status.controller}:{status.name}"
        return preparation

    def _show_plan(self, preparation: Preparation) -> None:
        show = self._consent.show
        show([progress_line(preparation, self._request)])
        if preparation.comparison.differences and preparation.observation.status.applications:
            show(difference_lines(preparation.comparison))
        show(plan_lines(preparation))
        heading = "before juju deploy, these commands are run:"
        show(self._command_lines(heading, preparation.commands(before_deploy=True)))
        heading = "juju deploy does not do the following; these commands come after it:"
        late = [*preparation.needed_grants, *preparation.commands(before_deploy=False)]
        show(self._command_lines(heading, late))
        show(f"note: {note}" for note in preparation.notes)
        self._report.plan = self._plan_json(preparation)

    def _confirm(self) -> None:
        if not self._consent.to(f"Change the model {self._model_name} as shown?"):
            self._finish("confirm", StepStatus.FAILED, "nothing was changed")

    def _run_preflight(self, preparation: Preparation) -> None:
        machines = preparation.map_machines
        if self._request.machine_map.uses_existing:
            machines = f"existing,{machines}"
        outcome = self._steps.run_preflight(self._live, machines)
        if outcome.status is StepStatus.FAILED and self._request.force:
            message = "checks failed; deployed because of --force"
            outcome = dataclasses.replace(outcome, status=StepStatus.DONE, message=message)
        self._add(outcome)

    def _run_early_commands(self, preparation: Preparation) -> Preparation:
        """Run the commands that come before the deployment, and look at the model again."""
        changes, removals = _split(preparation.commands(before_deploy=True))
        if not changes and not removals:
            return preparation
        preparation = self._prepared_by(changes) if changes else preparation
        self._offer("replace", _REMOVAL_QUESTION, removals, self._consent.to_removals)
        preparation = self._prepare(has_contents=False) if removals else preparation
        # First machines can follow removed units, and first units follow their machines.
        for _ in range(_FURTHER_ROUNDS):
            changes, _removals = _split(preparation.commands(before_deploy=True))
            preparation = self._prepared_by(changes) if changes else preparation
        return preparation

    def _prepared_by(self, changes: Sequence[JujuCommand]) -> Preparation:
        self._run_commands("prepare", changes)
        return self._prepare(has_contents=False)

    def _compare_dry_run(self, preparation: Preparation) -> None:
        self._check_time()
        try:
            output = self._live.deploy(
                self._request.bundle, self._options(preparation, dry_run=True)
            )
        except UnsupportedError as error:
            self._finish("dry run", StepStatus.SKIPPED, f"the dry run was skipped: {error}")
            return
        except CommandFailedError as error:
            self._finish("dry run", StepStatus.FAILED, f"{error}; {_CONTINUES}")
            return
        lines = dry_run_difference(preparation, self._request.lab.bundle, output.stdout)
        self._consent.show(lines)
        if not lines:
            self._finish("dry run", StepStatus.DONE, "the dry run of juju agrees with the plan")
        elif self._request.force:
            message = "the dry run of juju differs from the plan; deployed because of --force"
            self._finish("dry run", StepStatus.DONE, message, {"diff": lines})
        else:
            message = (
                "the dry run of juju differs from the plan, so nothing was deployed; read the"
                " lines above (- botlab, + juju), and add --force if those of juju are right"
            )
            self._finish("dry run", StepStatus.FAILED, message, {"diff": lines})

    def _deploy(self, preparation: Preparation) -> None:
        if not preparation.has_effect:
            message = "juju deploy was skipped, because it would change nothing"
            self._finish("deploy", StepStatus.SKIPPED, message)
            return
        self._check_time()
        try:
            self._live.deploy(self._request.bundle, self._options(preparation, dry_run=False))
        except (CommandFailedError, UnsupportedError) as error:
            message = f"{error}; the model keeps what was deployed so far; {_CONTINUES}"
            self._finish("deploy", StepStatus.FAILED, message)
        self._finish("deploy", StepStatus.DONE, "juju deploy has ended")

    def _options(self, preparation: Preparation, *, dry_run: bool) -> DeployOptions:
        request = self._request
        return DeployOptions(
            overlays=request.overlays,
            dry_run=dry_run,
            map_machines=preparation.map_machines,
            trust=request.trust,
        )

    def _run_late_commands(self) -> None:
        """Run the confirmed commands for what ``juju deploy`` has not done."""
        changes, removals = _split(self._prepare(has_contents=False).commands(before_deploy=False))
        self._offer("change", "Run these commands?", changes, self._consent.to)
        self._offer("remove", _REMOVAL_QUESTION, removals, self._consent.to_removals)

    def _offer(
        self,
        name: str,
        question: str,
        commands: Sequence[JujuCommand],
        agrees: Callable[[str], bool],
    ) -> None:
        """Show a group of commands, and run it if the user agrees."""
        if not commands:
            return
        self._consent.show(self._command_lines("", commands))
        if agrees(question):
            self._run_commands(name, commands)
            return
        self._report.remaining += [self._text(command) for command in commands]
        message = "not confirmed, so these commands were not run; run them to finish the change"
        details = {"commands": [self._text(command) for command in commands]}
        self._finish(name, StepStatus.SKIPPED, message, details)

    def _run_commands(self, name: str, commands: Sequence[JujuCommand]) -> None:
        for command in commands:
            self._check_time()
            self._consent.show([f"running {self._text(command)}"])
            try:
                self._run_command(command)
            except (CommandFailedError, UnsupportedError) as error:
                self._finish(name, StepStatus.FAILED, f"{error}; {_CONTINUES}")
        texts = [self._text(command) for command in commands]
        message = f"ran {len(texts)} command{'s' if len(texts) > 1 else ''}"
        self._finish(name, StepStatus.DONE, message, {"commands": texts})

    def _run_command(self, command: JujuCommand) -> None:
        if command.values:
            self._live.configure(command.operands[0], dict(command.values))
        else:
            self._live.run_client(command.arguments)

    def _command_lines(self, heading: str, commands: Sequence[JujuCommand]) -> Iterator[str]:
        if commands:
            yield heading
            yield from (f"  {self._text(command)}  # {command.why}" for command in commands)

    def _text(self, command: JujuCommand) -> str:
        return command.text(self._model_name if self._request.names_model else "")

    def _plan_json(self, preparation: Preparation) -> dict[str, Any]:
        name = self._model_name if self._request.names_model else ""
        return {
            "model": self._model_name,
            **plan.as_json(preparation.changes),
            "ineffective": [change.id for change in preparation.ineffective],
            "differences": comparison_json(preparation.comparison, "juju deploy", name),
        }

    def _follow_up(self) -> None:
        """Wait for the lab and verify it. A lab that is not ready is not verified."""
        self._add(self._steps.wait(self._live, self._deadline))
        for step in (self._steps.kubeconfig, self._steps.verify):
            self._check_time()
            self._report_outcome(step(self._live, self._deadline))

    def _finish(
        self, name: str, status: StepStatus, message: str, details: dict[str, Any] | None = None
    ) -> None:
        self._add(StepOutcome(name, status, message, details or {}))

    def _add(self, outcome: StepOutcome) -> None:
        """Report the outcome of a step.

        Raises:
            _StoppedError: When the step failed.
        """
        self._report_outcome(outcome)
        if outcome.exit_status:
            raise _StoppedError

    def _report_outcome(self, outcome: StepOutcome) -> None:
        self._report.steps.append(outcome)
        if outcome.message:
            self._consent.show([f"{outcome.name}: {outcome.message}"])

    def _check_time(self) -> None:
        require_time(self._deadline)


def _is_needed(preparation: Preparation) -> bool:
    """Return whether there is something to do before the lab can be waited for."""
    commands = [*preparation.comparison.commands_beside_deploy(), *preparation.needed_grants]
    return bool(preparation.has_effect or preparation.refusal or commands)


def _split(commands: Sequence[JujuCommand]) -> tuple[list[JujuCommand], list[JujuCommand]]:
    """Return the commands that remove nothing, and those that remove something."""
    changes = [command for command in commands if not command.stage.is_removal]
    return changes, [command for command in commands if command.stage.is_removal]
