"""The machine of a unit: set up, verified and restored as a whole."""

from typing import Callable, List, Optional, Tuple

from labcharm.errors import BlockedError, CharmError, WaitingError, log_on_error
from labcharm.machine import CommandError, Machine
from labcharm.proxies import ProxySettings
from labcharm.verify import Check
from nvidia_runtime import status, verify
from nvidia_runtime.engine.base import Engine
from nvidia_runtime.engine.detect import all_engines, find_engine
from nvidia_runtime.host import reboot_reason
from nvidia_runtime.host.driver import Driver, hold_driver, reconcile_driver
from nvidia_runtime.host.fabric import FabricManager, find_fabric
from nvidia_runtime.host.gpus import Gpu, find_gpus
from nvidia_runtime.host.packages import Apt
from nvidia_runtime.host.toolkit import Toolkit, ToolkitInstaller, remove_debs
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
        proxies: ProxySettings,
        fetch_resource: Callable[[], str],
    ) -> None:
        self._machine, self._source, self._sysfs = machine, source, sysfs
        self._proxies, self._fetch_resource = proxies, fetch_resource
        self._apt = Apt(machine)

    def protect_credentials(self) -> None:
        """Let only root read credentials that earlier revisions of the charm wrote."""
        self._apt.protect_source()

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
        self._resume_installation()
        driver = reconcile_driver(self._machine, self._apt, options, gpus)
        toolkit = ToolkitInstaller(
            self._machine, self._apt, options, self._fetch_resource, self._proxies
        ).reconcile()
        engine, engine_errors = self._apply(toolkit, options, allow_restart)
        fabric_error = self._reconcile_fabric(driver, options)
        hold_error = hold_driver(self._apt, options)
        error = status.combine(
            [driver.error, fabric_error, hold_error, toolkit.error, *engine_errors]
        )
        if error is not None:
            raise error
        return status.active_message(gpus, driver, engine, options)

    def _apply(
        self, toolkit: Toolkit, options: Options, allow_restart: bool
    ) -> Tuple[str, List[CharmError]]:
        """Apply the settings to the engine if there is a runtime.

        Returns:
            The engine's name, and what prevents the settings from taking effect.
        """
        try:
            engine = find_engine(self._machine, self._source)
        except CharmError as error:
            return "", [error]
        if not toolkit.path:
            return engine.name, []
        self._restore_others(allow_restart, engine.service)
        applied = engine.apply(_settings(options, toolkit.path), allow_restart)
        errors: List[CharmError] = [BlockedError(problem) for problem in applied.problems]
        errors += [WaitingError(applied.pending)] if applied.pending else []
        return engine.name, errors

    def _restore_others(self, allow_restart: bool, used: str) -> None:
        """Restore the engines that the charm configured, except the one that is used."""
        for engine in all_engines(self._machine, self._source):
            if engine.service != used and engine.is_configured():
                engine.restore(allow_restart)

    def _resume_installation(self) -> None:
        try:
            self._apt.resume()
        except CommandError as error:
            raise WaitingError(f"interrupted installation: {error}") from None

    def _reconcile_fabric(self, driver: Driver, options: Options) -> Optional[CharmError]:
        """Ensure the fabric manager of the driver, once the GPUs answer."""
        if options.driver == "none" or driver.error is not None:
            return None
        manager = FabricManager(self._machine, self._apt, options.driver != "host")
        return manager.reconcile(find_fabric(self._machine, self._sysfs), driver.versions.module)

    def verify(self, options: Options, params: verify.VerifyParams) -> List[Check]:
        """Check that containers can use the GPUs."""
        name = options.path or RUNTIME_PROGRAM
        settings = _settings(options, find_program(self._machine, name) or name)
        engine: Optional[Engine] = None
        problem = ""
        try:
            engine = find_engine(self._machine, self._source)
        except CharmError as error:
            problem = str(error)
        subject = verify.Subject(
            self._machine,
            self.gpus(),
            engine,
            settings,
            options.driver,
            engine_problem=problem,
            fabric=find_fabric(self._machine, self._sysfs),
        )
        return verify.run_checks(subject, params)

    def restore(self, allow_restart: bool) -> str:
        """Remove the charm's configuration from the machine; return a message for the log.

        The message names a step that failed; the others follow it.
        """
        messages: List[str] = []
        engines = all_engines(self._machine, self._source)
        for engine in engines:
            with log_on_error(messages.append, f"the configuration of {engine.name} remains"):
                if engine.is_configured():
                    messages.append(engine.restore(allow_restart))
        with log_on_error(messages.append, "files of the engines remain"):
            # Again, for a restoration that was killed after the engine's own files.
            engines[0].remove_shared_files()
        with log_on_error(messages.append, "the record of a reboot remains"):
            reboot_reason.forget_reason(self._machine)
        remove_debs(self._machine)
        with log_on_error(messages.append, "apt's source or holds remain"):
            self._apt.restore()
        return "; ".join(messages)

    def remove_state(self) -> None:
        """Remove the charm's state directory if it is empty."""
        self._machine.remove_empty_directory(STATE_DIRECTORY)


def _settings(options: Options, path: str) -> RuntimeSettings:
    return RuntimeSettings(path, options.args, options.default_runtime)
