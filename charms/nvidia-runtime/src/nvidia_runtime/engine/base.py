"""A container engine as a service: configured, started, checked and restored."""

import os
import re
from typing import List, NamedTuple, Optional, Tuple

from labcharm.machine import Machine
from labcharm.polling import wait_until
from nvidia_runtime.engine.program import PROGRAM_DIRECTORY, Program
from reconciler.command_line import Unit, read_unit
from reconciler.docker import Outcome
from reconciler.settings import (
    SETTINGS_FILE,
    STATE_DIRECTORY,
    RuntimeSettings,
    write_settings,
)

PENDING = STATE_DIRECTORY + "/restart-pending"
# "-" and `timeout`: neither a failure nor slowness of the program keeps the daemon from starting.
_DROP_IN = """\
# By the charm nvidia-runtime: keeps the runtime registered when the configuration is written anew.
[Service]
ExecStartPre=-/usr/bin/timeout 2 /usr/bin/python3 -I -S -B {program} {name}
"""
# Lines that systemd, and not the daemon, writes into the unit's journal.
_SYSTEMD = re.compile(
    r"^(Main process exited|Failed to start|Scheduled restart|Failed with result|Start request"
    r"|Stopped|Starting|Unit entered|docker\.service|docker\.socket|containerd\.service)",
)
_FAILURE_WORDS = ("unable to", "failed to", "error", "invalid", "fatal", "cannot")
_PASSING_STATES = ("activating", "deactivating", "reloading")


class Applied(NamedTuple):
    """The result of applying the settings to an engine.

    Attributes:
        problems: What the administrator must fix.
        pending: Why the settings are not in effect yet; empty when they are.
    """

    problems: List[str]
    pending: str = ""


class Engine:
    """One engine; the subclasses know its file and how its daemon is asked.

    Args:
        machine: The machine on which it runs.
        source: The directory that holds the package `reconciler`, for the program that systemd
            runs.
    """

    name = ""
    sockets: Tuple[str, ...] = ()
    file = ""

    def __init__(self, machine: Machine, source: str) -> None:
        self.machine = machine
        self._program = Program(machine, source)

    # The part that differs between the engines.

    def _reconcile_file(self, settings: RuntimeSettings) -> Outcome:
        raise NotImplementedError

    def _restore_file(self) -> bool:
        raise NotImplementedError

    def has_settings(self, settings: RuntimeSettings) -> bool:
        """Return whether the running daemon has the runtime and the default of the settings."""
        raise NotImplementedError

    def keeps_containers(self) -> bool:
        """Return whether containers outlive a restart of the daemon."""
        raise NotImplementedError

    def _reload(self) -> bool:
        """Make the daemon read its file again; return whether it can without a restart."""
        return False

    def _adopt_override(self) -> bool:
        """Put the guide's drop-in aside; return whether there was one."""
        return False

    def _restore_override(self) -> bool:
        """Restore the guide's drop-in; return whether there was one."""
        return False

    # The part that is the same.

    @property
    def service(self) -> str:
        """The name of the engine's systemd unit."""
        return f"{self.name}.service"

    @property
    def drop_in(self) -> str:
        """The path of the charm's drop-in."""
        return f"/etc/systemd/system/{self.service}.d/10-nvidia-runtime.conf"

    def unit(self) -> Unit:
        """Return the unit as systemd sees it."""
        return read_unit(self.machine, self.service, {})

    def apply(self, settings: RuntimeSettings, allow_restart: bool = True) -> Applied:
        """Put the settings into effect; write, reload or restart only where they are not.

        Args:
            settings: The runtime and whether it is the default.
            allow_restart: Whether the daemon may be restarted even if that ends containers.
        """
        before = self.machine.read(self.file)
        self._program.install()
        write_settings(self.machine, settings)
        adopted = self._adopt_override()
        if self.machine.write(self.drop_in, self._drop_in_text()) or adopted:
            self._systemctl("daemon-reload")
        if adopted:
            self._mark_pending()
        outcome = self._reconcile_file(settings)
        # The command line may contradict the settings; compare the daemon with what is possible.
        settings = settings._replace(is_default=outcome.is_default)
        if outcome.problems and not outcome.changed and not adopted:
            return self._refused(outcome.problems)
        return self._put_into_effect(settings, outcome, before, allow_restart)

    def _refused(self, problems: List[str]) -> Applied:
        """Return the problems, with the daemon's own message if it is down."""
        error = "" if self.unit().state == "active" else self.last_error()
        return Applied(problems + ([error] if error else []))

    def _put_into_effect(
        self,
        settings: RuntimeSettings,
        outcome: Outcome,
        before: Optional[str],
        allow_restart: bool,
    ) -> Applied:
        unit = self._steady_unit()
        pending = self.machine.exists(PENDING)
        if unit.state == "inactive" and not outcome.changed and not pending:
            return Applied(outcome.problems, f"{self.name} is stopped; start it")
        if unit.state == "active":
            if not pending and self._has_settings_or_reloads(settings):
                return Applied(outcome.problems)
            if not allow_restart and not self.keeps_containers():
                reason = f"{self.name} must be restarted: run the action reconcile"
                return Applied(outcome.problems, reason)
        return self._restart_or_roll_back(settings, outcome, before)

    def _has_settings_or_reloads(self, settings: RuntimeSettings) -> bool:
        if self.has_settings(settings):
            return True
        return self._reload() and self.has_settings(settings)

    def _restart_or_roll_back(
        self, settings: RuntimeSettings, outcome: Outcome, before: Optional[str]
    ) -> Applied:
        if self.restart() and self.has_settings(settings):
            self.machine.remove(PENDING)
            return Applied(outcome.problems)
        error = self.last_error() or f"{self.name} runs, but without the runtime"
        if outcome.changed:
            self._roll_back(before)
            error = (
                f"{self.name} did not start with the runtime: {error};"
                " the previous configuration is restored"
            )
        return Applied([*outcome.problems, error])

    def _roll_back(self, before: Optional[str]) -> None:
        # Without the drop-in, or the program would write the same content at the next start.
        self.machine.remove(self.drop_in)
        self._forget_drop_in()
        if before is None:
            self.machine.remove(self.file)
        else:
            self.machine.write(self.file, before)
        self.restart()

    def _forget_drop_in(self) -> None:
        """Make systemd start the daemon without the program from now on.

        systemd may be in the middle of an automatic restart, whose program writes the file. Wait
        for its end, so that it does not overwrite what the charm writes next.
        """
        self._systemctl("daemon-reload")
        self._steady_unit()

    def restart(self) -> bool:
        """Start or restart the daemon; return whether it runs afterwards.

        After several failed starts systemd refuses further starts of the service and the socket
        until their counts are reset.
        """
        self._systemctl("reset-failed", self.service, *self.sockets)
        self._systemctl("restart", self.service)
        return self._steady_unit().state == "active"

    def _steady_unit(self, seconds: float = 20.0) -> Unit:
        """Return the unit once it is neither starting nor stopping, or at the deadline."""
        return wait_until(self._unit_if_steady, seconds, interval=0.2) or self.unit()

    def _unit_if_steady(self) -> Optional[Unit]:
        unit = self.unit()
        is_passing = unit.state in _PASSING_STATES
        if unit.state == "activating":
            is_passing = not self._is_between_restarts()
        return None if is_passing else unit

    def _is_between_restarts(self) -> bool:
        command = ["systemctl", "show", "--property", "SubState", self.service]
        return self.machine.run(command).out.strip() == "SubState=auto-restart"

    def last_error(self) -> str:
        """Return the last error that the daemon itself logged; empty when it logged none."""
        command = ["journalctl", "--unit", self.service, "--lines", "60", "--output", "cat"]
        output = self.machine.run([*command, "--no-pager", "--boot"], timeout=20).out
        stripped = [line.strip() for line in output.splitlines()]
        lines = [line for line in stripped if line and not _SYSTEMD.match(line)]
        errors = [line for line in lines if any(word in line.lower() for word in _FAILURE_WORDS)]
        return (errors or lines or [""])[-1][:500]

    def is_installed(self) -> bool:
        """Return whether the charm's drop-in is in place."""
        return self.machine.read(self.drop_in) == self._drop_in_text()

    def restore(self, allow_restart: bool = True) -> str:
        """Make the engine run as it would without the charm; return a message for the log."""
        self.machine.remove(self.drop_in)
        self.machine.remove_empty_directory(os.path.dirname(self.drop_in))
        override_restored = self._restore_override()
        self._forget_drop_in()
        file_restored = self._restore_file()
        for path in (SETTINGS_FILE, PENDING):
            self.machine.remove(path)
        self._program.remove()
        if not file_restored and not override_restored:
            return f"the configuration of {self.name} needed no change"
        return (
            f"the configuration of {self.name} is restored{self._restart_restored(allow_restart)}"
        )

    def _restart_restored(self, allow_restart: bool) -> str:
        """Restart the daemon if it may be; return what else there is to report.

        A reload is not enough: it adds new runtimes, but keeps those that left the file.
        """
        state = self.unit().state
        if state == "inactive":
            return f"; {self.name} is stopped"
        if state == "active" and not allow_restart and not self.keeps_containers():
            return f"; {self.name} keeps the runtime until it is restarted"
        self.restart()
        return ""

    def _systemctl(self, *words: str) -> bool:
        return self.machine.run(["systemctl", *words], timeout=120).code == 0

    def _mark_pending(self) -> None:
        self.machine.write(PENDING, f"{self.name}\n")

    def _drop_in_text(self) -> str:
        return _DROP_IN.format(program=PROGRAM_DIRECTORY, name=self.name)
