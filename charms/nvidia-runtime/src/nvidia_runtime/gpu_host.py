"""The machine of a unit: set up, verified and restored as a whole."""

from typing import Callable, List, Mapping, Optional

from labcharm.errors import BlockedError, CharmError, WaitingError
from labcharm.machine import Machine
from labcharm.verify import Check
from nvidia_runtime import status, verify
from nvidia_runtime.engine.base import Engine
from nvidia_runtime.engine.detect import find_engine
from nvidia_runtime.host.driver import reconcile_driver
from nvidia_runtime.host.gpus import Gpu, find_gpus
from nvidia_runtime.host.packages import Apt
from nvidia_runtime.host.toolkit import Toolkit, ToolkitInstaller
from nvidia_runtime.options import Options
from reconciler.settings import (
    RUNTIME_PROGRAM,
    STATE_DIRECTORY,
    RuntimeSettings,
    find_program,
)


class GpuHost:
    """A machine with its GPUs, driver, container toolkit and engine.

    Args:
        machine: The machine.
        source: The directory that holds the package `reconciler`.
        sysfs: The directory where sysfs is mounted on the machine.
        proxies: The model's proxies.
        fetch_resource: Returns the path of the attached resource `toolkit`; empty without one.
    """

    def __init__(
        self,
        machine: Machine,
        source: str,
        sysfs: str,
        proxies: Mapping[str, str],
        fetch_resource: Callable[[], str],
    ) -> None:
        self._machine, self._source, self._sysfs = machine, source, sysfs
        self._proxies, self._fetch_resource = proxies, fetch_resource
        self._apt = Apt(machine)

    def gpus(self) -> List[Gpu]:
        """Return the machine's GPUs."""
        return find_gpus(self._machine, self._sysfs)

    def set_up(self, gpus: List[Gpu], options: Options, allow_restart: bool) -> str:
        """Reconcile driver, toolkit and engine, and return the message of the active unit.

        Args:
            gpus: The machine's GPUs.
            options: The charm's options.
            allow_restart: Whether the engine may be restarted.

        Raises:
            BlockedError: When the administrator must act.
            WaitingError: When the rest is to be done by a later hook.
        """
        driver = reconcile_driver(self._machine, self._apt, options)
        toolkit = ToolkitInstaller(
            self._machine, self._apt, options, self._fetch_resource, self._proxies
        ).reconcile()
        engine = self._engine()
        engine_errors = _apply(engine, toolkit, options, allow_restart)
        error = status.combine([driver.error, toolkit.error, *engine_errors])
        if error is not None:
            raise error
        return status.active_message(gpus, driver, engine.name if engine else "", options)

    def verify(self, options: Options, params: verify.VerifyParams) -> List[Check]:
        """Check that containers can use the GPUs."""
        name = options.path or RUNTIME_PROGRAM
        settings = _settings(options, find_program(self._machine, name) or name)
        subject = verify.Subject(
            self._machine, self.gpus(), self._engine(), settings, options.driver
        )
        return verify.run_checks(subject, params)

    def restore(self, allow_restart: bool) -> str:
        """Remove the charm's configuration from the machine; return a message for the log."""
        engine = self._engine()
        message = ""
        if engine is not None and engine.is_installed():
            message = engine.restore(allow_restart)
        self._apt.restore()
        return message

    def remove_state(self) -> None:
        """Remove the charm's state directory if it is empty."""
        self._machine.remove_empty_directory(STATE_DIRECTORY)

    def _engine(self) -> Optional[Engine]:
        return find_engine(self._machine, self._source)


def _apply(
    engine: Optional[Engine], toolkit: Toolkit, options: Options, allow_restart: bool
) -> List[CharmError]:
    """Apply the settings to the engine if there is a runtime; return what prevents that."""
    if engine is None:
        return [WaitingError("neither docker nor containerd is installed yet")]
    if not toolkit.path:
        return []
    applied = engine.apply(_settings(options, toolkit.path), allow_restart)
    errors: List[CharmError] = [BlockedError(problem) for problem in applied.problems]
    return errors + ([WaitingError(applied.pending)] if applied.pending else [])


def _settings(options: Options, path: str) -> RuntimeSettings:
    return RuntimeSettings(path, options.args, options.default_runtime)
