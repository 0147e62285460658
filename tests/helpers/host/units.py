"""A charm's unit on a machine of the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from helpers.host.machines import Machine
from helpers.host.vms import Vm

HELPERS = Path(__file__).resolve().parents[1]


class UnitOn:
    """A charm's unit on a machine: its hooks run there as real processes.

    Args:
        machine: The machine.
        archive: The packed charm.
        name: The unit's name.
        env: What is added to the charm's environment.
        folder: Where the unit lives there.
        juju: Release line of Juju, as the driver knows them.
    """

    def __init__(
        self,
        machine: Machine | Vm,
        archive: Path,
        name: str,
        env: dict[str, str],
        folder: str = "/lab/unit",
        juju: str = "2.9",
    ) -> None:
        self.machine = machine
        self._common = ["--name", name, "--juju", juju]
        self._common += [
            word for key, value in env.items() for word in ("--env", f"{key}={value}")
        ]
        self._folder = folder
        machine.bring(HELPERS / "juju", "/lab/helpers/juju")
        machine.bring(archive, f"{folder}.zip")
        # What is to be set before the next hook.
        self._next = ["--archive", f"{folder}.zip"]

    def _drive(self, *words: str, wrap: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        command = [
            "env",
            "PYTHONPATH=/lab",
            "python3",
            "-m",
            "helpers.juju.unit",
            self._folder,
            *words,
            *self._next,
        ]
        self._next = []
        done = self.machine.run(*wrap, *command, *self._common, timeout=300)
        if wrap:
            return []
        assert done.code == 0, done.err
        return list(json.loads(done.out))

    def configure(self, **options: object) -> UnitOn:
        """Set options, for the next hook."""
        named = {key.replace("_", "-"): value for key, value in options.items()}
        self._next += ["--config", json.dumps(named)]
        return self

    def settle(self) -> None:
        """Set now what is to be set."""
        if self._next:
            self._drive()

    def hooks(self, *names: str) -> str:
        """Run hooks; each must succeed. Return the last status."""
        outcome = self._drive(*names)
        for entry in outcome:
            assert entry["code"] == 0, (entry, self.log())
        return str(outcome[-1]["status"])

    def killed_at(self, number: int, hook: str) -> bool:
        """Run a hook that is killed at its Nth change of a file; tell whether it came that far."""
        trace = ["strace", "-f", "-qq", "-o", "/lab/trace", "-e", "trace=rename,unlink"]
        trace += ["-e", f"inject=rename,unlink:signal=SIGKILL:when={number}"]
        self._drive(hook, wrap=tuple(trace))
        return "killed by SIGKILL" in self.machine.read("/lab/trace")

    def action(self, name: str, **params: object) -> dict[str, Any]:
        """Run an action."""
        return self._drive("--action", f"{name}={json.dumps(params)}")[0]

    def state(self, name: str) -> Any:
        """Read a piece of the unit's state."""
        self.settle()
        path = f"{self._folder}/state/{name}.json"
        return json.loads(self.machine.read(path)) if self.machine.exists(path) else None

    def put(self, **pieces: object) -> UnitOn:
        """Write pieces of the unit's state, for the next hook."""
        for name, value in pieces.items():
            self._next += ["--put", f"{name}={json.dumps(value)}"]
        return self

    def log(self) -> str:
        """Return what the charm logged."""
        path = f"{self._folder}/state/log"
        return self.machine.read(path)[-3000:] if self.machine.exists(path) else ""
