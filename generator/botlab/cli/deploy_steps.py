"""The steps of ``botlab deploy`` that are commands of their own."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ..errors import BotlabError
from ..live.deploy import LabSteps, StepOutcome, StepStatus
from ..live.kubeconfig.fetch import has_control_plane
from ..live.kubeconfig.obtain import kubeconfig_file, obtain_kubeconfig
from ..live.kubeconfig.write import Destination, write_kubeconfig
from ..live.lab import Lab
from ..live.live_model import LiveModel
from ..live.preflight.run import PreflightOptions, preflight
from ..live.time_limits import Deadline
from ..live.verify import verify_lab
from ..live.wait import WaitOutcome, wait_until_ready
from ..shell import command_line
from .maas_input import read_maas
from .output import print_line
from .progress import duration_text, progress_report
from .style import counted

_ENDS = {0: StepStatus.DONE, 1: StepStatus.FAILED, 3: StepStatus.TIMED_OUT}


def lab_steps(args: argparse.Namespace, lab: Lab, stream: TextIO) -> LabSteps:
    """Return the steps before and after ``juju deploy`` for a command's arguments.

    Args:
        args: The parsed arguments.
        lab: The lab.
        stream: Where to show what the steps do.
    """
    steps = _Steps(Path(args.file), tuple(args.maas), args.map_machines, lab, stream)
    return LabSteps(steps.preflight, steps.wait, steps.kubeconfig, steps.verify)


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps.

    Attributes:
        file: The site or bundle.
        maas: What ``--maas`` names.
        map_machines: The value of ``--map-machines``.
        lab: The lab.
        stream: Where to show what the steps do.
    """

    file: Path
    maas: tuple[str, ...]
    map_machines: str
    lab: Lab
    stream: TextIO

    def preflight(self, model: LiveModel, map_machines: str) -> StepOutcome:
        """Check everything that the deployment needs."""
        maas = None if self.map_machines else read_maas(self.maas)
        report = preflight(model, self.lab, PreflightOptions(maas, map_machines))
        for check in report.checks:
            if check.is_skipped or not check.is_ok:
                word = "skipped" if check.is_skipped else "FAILED"
                self._print(f"{word:8}{check.name}: {check.message}", check.fix)
        message = (
            f"{counted(len(report.failures), 'check')} failed; fix the cause and repeat the"
            " command, or deploy anyway with --force"
        )
        if report.is_ok:
            message = "everything is ready for the deployment"
        status = StepStatus.DONE if report.is_ok else StepStatus.FAILED
        return StepOutcome("preflight", status, message, {**report.as_json()})

    def wait(self, model: LiveModel, deadline: Deadline) -> StepOutcome:
        """Wait until the lab is ready."""
        with progress_report(self.stream) as report:
            outcome = wait_until_ready(model, self.lab, deadline, report)
        if not outcome.is_ready:
            for part in outcome.progress.readiness.missing:
                self._print(f"  {part}", part.fix)
        status = _ENDS[outcome.exit_status]
        return StepOutcome("wait", status, _wait_message(outcome), {**outcome.as_json()})

    def kubeconfig(self, model: LiveModel, deadline: Deadline) -> StepOutcome:
        """Write the kubeconfig of the lab's cluster."""
        if not has_control_plane(self.lab):
            message = "skipped, because the lab has no control plane of Kubernetes"
            return StepOutcome("kubeconfig", StepStatus.SKIPPED, message)
        destination = Destination(kubeconfig_file(self.file, self.lab), self.lab.name)
        try:
            kubeconfig, owner = obtain_kubeconfig(model, self.lab, deadline)
            written = write_kubeconfig(destination, kubeconfig, owner)
        except BotlabError as error:
            status = _ENDS.get(error.exit_status, StepStatus.FAILED)
            return StepOutcome("kubeconfig", status, str(error))
        file = str(destination.file)
        use = command_line("kubectl", "--kubeconfig", file, "get", "nodes")
        change = "written" if written.is_changed else "up to date"
        details = {"file": file, "context": destination.context, "changed": written.is_changed}
        message = f"{file} is {change}; use it: {use}"
        return StepOutcome("kubeconfig", StepStatus.DONE, message, details)

    def verify(self, model: LiveModel, deadline: Deadline) -> StepOutcome:
        """Run the checks of the charms and of the cluster."""
        report = verify_lab(model, self.lab, None, deadline)
        for check in report.failures:
            self._print(f"FAILED  {check.unit or 'cluster'} {check.name}: {check.message}")
        message = f"{len(report.checks)} checks, {len(report.failures)} failed"
        status = StepStatus.DONE if report.is_ok else StepStatus.FAILED
        if report.is_out_of_time:
            status = StepStatus.TIMED_OUT
        return StepOutcome("verify", status, message, report.as_json())

    def _print(self, line: str, fix: str = "") -> None:
        print_line(line, stream=self.stream)
        if fix:
            print_line(f"        fix: {fix}", stream=self.stream)


def _wait_message(outcome: WaitOutcome) -> str:
    waited = duration_text(outcome.progress.seconds)
    if outcome.is_ready:
        return f"{outcome.lab} is ready (waited {waited})"
    return f"{outcome.lab} is not ready after {waited}: {outcome.reason}"
