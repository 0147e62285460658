"""A model in memory, for tests of the commands that use a running model."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import functools
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botlab.assessment import Request, assess
from botlab.bundle.placement import parse_placement
from botlab.juju import Juju
from botlab.live.errors import LiveError, UnsupportedError
from botlab.live.lab import Lab, lab_of
from botlab.live.live_model import DeployOptions, JsonObject
from botlab.live.results import ActionResult, CallOutput, CommandResult
from botlab.live.status.model import (
    ApplicationStatus,
    MachineStatus,
    ModelStatus,
    StatusInfo,
    UnitStatus,
)

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
# What ``FakeModel.status`` returns, raises or computes.
StatusStep = ModelStatus | LiveError | Callable[[], ModelStatus]


@dataclass
class FakeModel:
    """A :class:`~botlab.live.live_model.LiveModel` in memory.

    Attributes:
        statuses: What each call of ``status`` returns or raises; the last one stays.
        calls: The calls, each as the method's name and its arguments.
        actions: The results of actions by unit and action.
        limits: The seconds that actions were allowed, by unit and action.
        commands: The results of commands by unit and first word of the command.
        files: The texts of files by unit and path.
        options: The options of applications, as ``juju config`` prints them.
        applications: What ``juju show-application`` prints, by application.
        outputs: What ``run_client`` and ``deploy`` return, by the first word of the command.
        keys: The SSH keys.
    """

    statuses: list[StatusStep] = field(default_factory=list[StatusStep])
    juju: Juju = Juju.V3_6
    version: str = "3.6.11"
    client_version: str = "3.6.11"
    description: str = "a model in memory"
    actions: dict[tuple[str, str], ActionResult | LiveError] = field(
        default_factory=dict[tuple[str, str], "ActionResult | LiveError"]
    )
    commands: dict[tuple[str, str], CommandResult | LiveError] = field(
        default_factory=dict[tuple[str, str], "CommandResult | LiveError"]
    )
    files: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    options: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    applications: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    outputs: dict[str, CallOutput | LiveError] = field(
        default_factory=dict[str, "CallOutput | LiveError"]
    )
    model_options: dict[str, Any] = field(default_factory=dict[str, Any])
    constraints: dict[str, Any] = field(default_factory=dict[str, Any])
    keys: list[str] = field(default_factory=list[str])
    calls: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    limits: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    is_closed: bool = False

    def close(self) -> None:
        """Record that the connection ended."""
        self.is_closed = True

    def status(self) -> ModelStatus:
        """Return or raise the next status."""
        self.calls.append(("status",))
        step = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if isinstance(step, LiveError):
            raise step
        return step if isinstance(step, ModelStatus) else step()

    def deploy(self, bundle: Path, options: DeployOptions) -> CallOutput:
        """Return the output prepared for ``deploy`` or ``deploy --dry-run``."""
        words = ("deploy", "--dry-run") if options.dry_run else ("deploy",)
        self.calls.append((*words, str(bundle)))
        return _prepared(self.outputs, " ".join(words), CallOutput("", ""))

    def show_applications(self, names: Sequence[str]) -> JsonObject:
        """Return the applications."""
        return {name: self.applications[name] for name in names}

    def config(self, application: str) -> JsonObject:
        """Return the options of an application."""
        return {"application": application, "settings": self.options.get(application, {})}

    def configure(
        self, application: str, values: Mapping[str, str], reset: Sequence[str] = ()
    ) -> None:
        """Record the change."""
        pairs = [f"{key}={value}" for key, value in values.items()]
        self.calls.append(("config", application, *pairs, *(f"--reset={key}" for key in reset)))

    def model_config(self) -> JsonObject:
        """Return the options of the model."""
        return self.model_options

    def configure_model(self, values: Mapping[str, str]) -> None:
        """Record the change."""
        self.calls.append(("model-config", *(f"{key}={value}" for key, value in values.items())))

    def model_constraints(self) -> JsonObject:
        """Return the constraints of the model."""
        return self.constraints

    def integrate(self, first: str, second: str) -> None:
        """Record the relation."""
        self.calls.append(("integrate", first, second))

    def ssh_keys(self) -> Sequence[str]:
        """Return the SSH keys."""
        return self.keys

    def run_action(
        self,
        unit: str,
        action: str,
        parameters: Mapping[str, str] | None = None,
        *,
        seconds: float = 300,
    ) -> ActionResult:
        """Return or raise the result prepared for an action of a unit."""
        self.limits[unit, action] = seconds
        pairs = [f"{key}={value}" for key, value in (parameters or {}).items()]
        self.calls.append(("run", unit, action, *pairs))
        missing = ActionResult(unit, "failed", f"{unit} has no action {action}")
        return _prepared(self.actions, (unit, action), missing)

    def execute(self, unit: str, command: Sequence[str], *, seconds: float = 300) -> CommandResult:
        """Return or raise the result prepared for a command on a unit."""
        del seconds
        self.calls.append(("exec", unit, *command))
        return _prepared(self.commands, (unit, command[0]), CommandResult(unit, 127))

    def read_file(self, unit: str, path: str) -> str:
        """Return the text of a file."""
        self.calls.append(("read", unit, path))
        try:
            return self.files[unit, path]
        except KeyError:
            raise LiveError(f"{unit}: {path}: no such file") from None

    def run_client(self, arguments: Sequence[str], *, seconds: float = 300) -> CallOutput:
        """Return or raise the output prepared for a command."""
        del seconds
        self.calls.append(("juju", *arguments))
        missing = UnsupportedError(f"the fake model has no command {arguments[0]}")
        return _prepared(self.outputs, arguments[0], missing)


def _prepared(prepared: Mapping[Any, Any], key: Any, default: Any) -> Any:
    answer = prepared.get(key, default)
    if isinstance(answer, LiveError):
        raise answer
    return answer


@functools.cache
def example_lab(name: str = "modern") -> Lab:
    """Return the lab of an example."""
    return lab_of(assess(Request(EXAMPLES / name / "site.yaml")), "site")


ACTIVE = StatusInfo("active", "ready")
IDLE = StatusInfo("idle", version="3.6.11")
STARTED = StatusInfo("started", version="3.6.11")
RUNNING = StatusInfo("running", "Deployed")


def ready_status(lab: Lab) -> ModelStatus:
    """Return the status of a model in which everything of a lab is ready.

    Machines have the numbers of the bundle, and each unit the number of its position.
    """
    status = ModelStatus(lab.name, "ctrl", "maas", version="3.6.11")
    units = list(_units(lab))
    names = [*lab.bundle.machines, *(name for unit in units for name in _parents(unit.machine))]
    machines = {
        name: MachineStatus(
            name, STARTED, RUNNING, name.rpartition("/lxd/")[0], f"host-{name}", f"id-{name}"
        )
        for name in sorted(set(names))
    }
    applications = {
        name: ApplicationStatus(
            name,
            charm=lab.charm_name(name),
            status=ACTIVE,
            principals=lab.principals.get(name, ()),
            units=tuple(unit.name for unit in units if unit.application == name),
        )
        for name in lab.applications
    }
    return dataclasses.replace(
        status,
        machines=machines,
        applications=applications,
        units={unit.name: unit for unit in units},
    )


def _parents(machine: str) -> list[str]:
    host = machine.rpartition("/lxd/")[0]
    return [host, machine] if host else [machine]


def _units(lab: Lab) -> Iterable[UnitStatus]:
    containers = 0
    principals: list[UnitStatus] = []
    for name, application in lab.applications.items():
        for number in range(application.num_units):
            placement = parse_placement(application.to[number]) if application.to else None
            machine = placement.machine if placement else str(number)
            if placement and placement.container:
                machine = f"{machine}/{placement.container}/{containers}"
                containers += 1
            unit = UnitStatus(f"{name}/{number}", name, ACTIVE, IDLE, machine, "", number == 0)
            principals.append(unit)
    for name in lab.applications:
        yield from (unit for unit in principals if unit.application == name)
        hosts = lab.principals.get(name, ())
        related = [unit for unit in principals if unit.application in hosts]
        for number, host in enumerate(related):
            yield UnitStatus(
                f"{name}/{number}", name, ACTIVE, IDLE, host.machine, host.name, number == 0
            )


def with_unit(status: ModelStatus, name: str, **changes: Any) -> ModelStatus:
    """Return a status with a changed unit."""
    unit = dataclasses.replace(status.units[name], **changes)
    return dataclasses.replace(status, units={**status.units, name: unit})


def with_machine(status: ModelStatus, name: str, **changes: Any) -> ModelStatus:
    """Return a status with a changed machine."""
    machine = dataclasses.replace(status.machines[name], **changes)
    return dataclasses.replace(status, machines={**status.machines, name: machine})


def without_units(status: ModelStatus, *names: str) -> ModelStatus:
    """Return a status without some units."""
    units = {name: unit for name, unit in status.units.items() if name not in names}
    applications = {
        name: dataclasses.replace(
            application, units=tuple(unit for unit in application.units if unit not in names)
        )
        for name, application in status.applications.items()
    }
    return dataclasses.replace(status, units=units, applications=applications)


def connection_to(
    model: FakeModel,
) -> Callable[[argparse.Namespace], AbstractContextManager[FakeModel]]:
    """Return what a command connects with, to get a model in memory."""

    @contextlib.contextmanager
    def connected(args: argparse.Namespace) -> Generator[FakeModel]:
        del args
        try:
            yield model
        finally:
            model.close()

    return connected
