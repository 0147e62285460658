"""docker or containerd under systemd, scripted on a fake machine."""

from __future__ import annotations

import json
from pathlib import Path

from helpers.fake_machine import FakeMachine
from labcharm.machine import CommandResult

_FAILURE = CommandResult(1, "", "Job failed.\n")


def _not_found(_: list[str]) -> str:
    return "LoadState=not-found\nActiveState=inactive\n"


def units(*loaded: str) -> str:
    """Return what `systemctl show --property Id,LoadState` prints for these installed units."""
    return "\n".join(f"LoadState=loaded\nId={name}\n" for name in loaded)


class ScriptedEngine:
    """A daemon that reads its file when it starts or reloads, and shows what it has read.

    Args:
        machine: The machine on which it runs.
        name: The name of the engine.
        file: The path of its configuration.

    Attributes:
        states: The states of its unit, one for each question; the last one stays.
        substate: The substate of its unit.
        arguments: The arguments of its command line.
        state_after_start: The state in which a start or restart ends.
        can_reload: Whether `systemctl reload` succeeds.
        containers: How many containers run.
        live_restore: Whether they outlive a restart.
        journal: What journalctl prints.
        configuration: The text that the daemon has read.
    """

    def __init__(self, machine: FakeMachine, name: str, file: str) -> None:
        self._machine, self._name, self._file = machine, name, file
        self.states, self.substate, self.arguments = ["active"], "running", "-H fd://"
        self.state_after_start, self.can_reload = "active", True
        self.containers, self.live_restore = 0, False
        self.journal, self.configuration = "", ""
        service = f"{name}.service"
        others = machine.answers.get("systemctl show --property LoadState")
        self._others = others if callable(others) else _not_found
        machine.answers.update(
            {
                f"systemctl show --property SubState {service}": self._substate,
                "systemctl show --property LoadState": self._unit,
                "systemctl show --property Id,LoadState": units(service),
                "systemctl show --property KillMode": "KillMode=process\n",
                f"systemctl restart {service}": self._restart,
                f"systemctl reload {service}": self._reload,
                f"{name} info": self._info,
                f"{name} --config": lambda _: self.configuration,
                f"journalctl --unit {service}": lambda _: self.journal,
            }
        )

    @property
    def changes(self) -> list[str]:
        """The commands of systemctl that change something, without the name `systemctl`."""
        texts = [text.partition(" ")[2] for text in self._machine.ran("systemctl ")]
        return [text for text in texts if not text.startswith("show ")]

    def _unit(self, words: list[str]) -> str | CommandResult:
        if words[-1] != f"{self._name}.service":
            return self._others(words)
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        program = f"/usr/bin/{self._name}"
        command = f"{{ path={program} ; argv[]={program} {self.arguments} ; ignore_errors=no ; }}"
        unit = f"LoadState=loaded\nActiveState={state}\nExecStart={command}\n"
        return f"{unit}DropInPaths={self._drop_ins()}\n"

    def _drop_ins(self) -> str:
        """Return the drop-ins that systemd has read, once it was asked to."""
        directory = f"/etc/systemd/system/{self._name}.service.d"
        if not self._machine.ran("systemctl daemon-reload"):
            return ""
        paths = sorted(Path(self._machine.path(directory)).glob("*.conf"))
        return " ".join(f"{directory}/{path.name}" for path in paths)

    def _substate(self, _: list[str]) -> str:
        return f"SubState={self.substate}\n"

    def _restart(self, _: list[str]) -> str | CommandResult:
        self.states = [self.state_after_start]
        if self.state_after_start != "active":
            return _FAILURE
        self.configuration = self._machine.read(self._file) or ""
        return ""

    def _reload(self, _: list[str]) -> str | CommandResult:
        if not self.can_reload:
            return _FAILURE
        self.configuration = self._machine.read(self._file) or ""
        return ""

    def _info(self, _: list[str]) -> str:
        document = json.loads(self.configuration or "{}")
        info = {
            "Runtimes": document.get("runtimes"),
            "DefaultRuntime": document.get("default-runtime", "runc"),
            "ContainersRunning": self.containers,
            "LiveRestoreEnabled": self.live_restore,
        }
        return json.dumps(info)
