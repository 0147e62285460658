"""A container engine as a service: configured, started, checked and restored."""

import os
import re
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from labcharm.machine import Machine
from labcharm.polling import wait_until
from nvidia_runtime.engine.program import PROGRAM_DIRECTORY, Program
from nvidia_runtime.engine.reloads import Reloads
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
# What dockerd puts before the cause of a failed start (moby, cmd/dockerd and daemon/config), and
# what remains of it in a status.
_WRAPPINGS = (
    (re.compile(r"unable to configure the Docker daemon with file \S+: "), ""),
    (
        re.compile(r"the following directives are specified both as a flag and in the \w+ file: "),
        "in flags and in the file: ",
    ),
    (re.compile(r"the following directives don't match any configuration option: "), "unknown: "),
)
_FAILURE_WORDS = ("unable to", "failed to", "error", "invalid", "fatal", "cannot")
_PASSING_STATES = ("activating", "deactivating", "reloading")
# The texts of files by their paths; None for a file that does not exist.
Snapshot = Dict[str, Optional[str]]


class Applied(NamedTuple):
    """The result of applying the settings to an engine.

    Attributes:
        problems: What the administrator must fix.
        pending: Why the settings are not in effect yet; empty when they are.
    """

    problems: List[str]
    pending: str = ""


class Engine:
    """One engine; the subclasses know its files and how its daemon is asked.

    Args:
        machine: The machine on which it runs.
        source: The directory that holds the package `reconciler`, for the program that systemd
            runs.
    """

    name = ""
    sockets: Tuple[str, ...] = ()

    def __init__(self, machine: Machine, source: str) -> None:
        self.machine = machine
        self._program = Program(machine, source)
        self._reloads = Reloads(machine)

    # The part that differs between the engines.

    @property
    def records(self) -> Sequence[str]:
        """The files that hold what the charm has changed or moved."""
        raise NotImplementedError

    def files(self) -> List[str]:
        """Return the files that the charm may change."""
        raise NotImplementedError

    def _reconcile_file(self, settings: RuntimeSettings) -> Outcome:
        raise NotImplementedError

    def _restore_file(self) -> bool:
        raise NotImplementedError

    def difference(self, settings: RuntimeSettings) -> str:
        """Return how the running daemon differs from the settings; empty if it agrees."""
        raise NotImplementedError

    def keeps_containers(self) -> bool:
        """Return whether containers outlive a restart of the daemon."""
        raise NotImplementedError

    def uses_systemd_cgroups(self) -> bool:
        """Return whether systemd manages the cgroups of containers with the runtime."""
        raise NotImplementedError

    def container_command(self, settings: RuntimeSettings, image: str) -> List[str]:
        """Return the command that runs a container with the runtime, without its own command."""
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

    def has_settings(self, settings: RuntimeSettings) -> bool:
        """Return whether the running daemon has the runtime and the default of the settings."""
        return not self.difference(settings)

    @property
    def service(self) -> str:
        """The name of the engine's systemd unit."""
        return f"{self.name}.service"

    @property
    def program_name(self) -> str:
        """The engine's name for the program that systemd runs before each start."""
        return self.name

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
        before = {path: self.machine.read(path) for path in self.files()}
        self.machine.remove(self._restoration)
        self._program.install()
        write_settings(self.machine, settings)
        adopted = self._adopt_override()
        is_changed = self.machine.write(self.drop_in, self._drop_in_text()) or adopted
        is_reloaded = self._reload_systemd(is_changed)
        if adopted:
            self._mark_pending()
        outcome = self._reconcile_file(settings)
        outcome = outcome._replace(problems=[_unwrapped(text) for text in outcome.problems])
        # The command line may contradict the settings; compare the daemon with what is possible.
        settings = settings._replace(is_default=outcome.is_default)
        if outcome.problems and not outcome.changed and not adopted:
            return self._refused(outcome.problems)
        applied = self._put_into_effect(settings, outcome, before, allow_restart)
        if not is_reloaded and not applied.pending:
            applied = applied._replace(pending=self._reloads.problem())
        return applied

    def _reload_systemd(self, is_needed: bool) -> bool:
        """Reload systemd if it has not read the drop-in; return False if it still has not."""
        self._reloads.prepare()
        if is_needed or self._has_stale_unit():
            return self._reloads.reload()
        return True

    def _has_stale_unit(self) -> bool:
        """Return whether systemd has not read the drop-in, or an older version of it."""
        if self.drop_in not in self.unit().fragments:
            return True
        command = ["systemctl", "show", "--property", "NeedDaemonReload", self.service]
        return self.machine.run(command, timeout=10).out.strip() == "NeedDaemonReload=yes"

    def _refused(self, problems: List[str]) -> Applied:
        """Return the problems, with the daemon's own message if it is down."""
        error = "" if self.unit().state == "active" else self.last_error()
        return Applied(problems + ([error] if error and error not in problems else []))

    def _put_into_effect(
        self,
        settings: RuntimeSettings,
        outcome: Outcome,
        before: Snapshot,
        allow_restart: bool,
    ) -> Applied:
        unit = self._steady_unit()
        pending = self.is_pending()
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
        self, settings: RuntimeSettings, outcome: Outcome, before: Snapshot
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

    def _roll_back(self, before: Snapshot) -> None:
        # Without drop-in and settings, or the program would write the same at the next start.
        self.machine.remove(self.drop_in)
        self.machine.remove(SETTINGS_FILE)
        self._forget_drop_in()
        for path, text in before.items():
            if text is None:
                self.machine.remove(path)
            else:
                self.machine.write(path, text)
        self.restart()

    def _forget_drop_in(self) -> None:
        """Make systemd start the daemon without the program from now on.

        systemd may be in the middle of an automatic restart, whose program writes the file. Wait
        for its end, so that it does not overwrite what the charm writes next.
        """
        self._reloads.reload()
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
        return _unwrapped((errors or lines or [""])[-1])[:500]

    def is_configured(self) -> bool:
        """Return whether the charm has configured this engine and has not restored all of it."""
        return any(map(self.machine.exists, (self.drop_in, self._restoration, *self.records)))

    @property
    def _restoration(self) -> str:
        """The file that exists while the engine is being restored."""
        return f"{STATE_DIRECTORY}/{self.program_name}-restoring"

    def is_installed(self) -> bool:
        """Return whether the charm's drop-in is in place."""
        return self.machine.read(self.drop_in) == self._drop_in_text()

    def restore(self, allow_restart: bool = True) -> str:
        """Make the engine run as it would without the charm; return a message for the log.

        A run that is killed leaves a file until the next one has ended. That one cannot see what
        the killed one changed, so it restarts the daemon in any case.
        """
        is_resumed = not self.machine.write(self._restoration, "")
        for path in self.files():
            self.machine.remove_stale_files(os.path.dirname(path))
        self.machine.remove(self.drop_in)
        self.machine.remove_empty_directory(os.path.dirname(self.drop_in))
        override_restored = self._restore_override()
        self._forget_drop_in()
        file_restored = self._restore_file()
        self.remove_shared_files()
        message = f"the configuration of {self.name} needed no change"
        if file_restored or override_restored or is_resumed:
            rest = self._restart_restored(allow_restart)
            message = f"the configuration of {self.name} is restored{rest}"
        self.machine.remove(self._restoration)
        return message

    def remove_shared_files(self) -> None:
        """Remove the charm's files that do not belong to one engine."""
        for path in (SETTINGS_FILE, PENDING):
            self.machine.remove(path)
        self._reloads.restore()
        self._program.remove()

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

    def is_pending(self) -> bool:
        """Return whether a change of the files waits for a restart."""
        return self.machine.exists(PENDING)

    def _mark_pending(self) -> None:
        self.machine.write(PENDING, f"{self.name}\n")

    def _drop_in_text(self) -> str:
        return _DROP_IN.format(program=PROGRAM_DIRECTORY, name=self.program_name)


def _unwrapped(error: str) -> str:
    """Return the daemon's error without what precedes its cause."""
    for pattern, short in _WRAPPINGS:
        error = pattern.sub(short, error)
    return error
