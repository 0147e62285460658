"""A unit of a charm on a machine of the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from helpers.host.machines import Machine
from helpers.host.vms import Vm

# Seconds for the hooks of one call: a virtual machine beside other tests needs five minutes to
# install the NFS server.
TIMEOUT = 900

HELPERS = Path(__file__).resolve().parents[1]


class UnitOn:
    """A unit of a charm on a machine, where its hooks run as real processes.

    Args:
        machine: The machine.
        archive: The packed charm.
        name: The unit's name.
        env: Variables to add to the environment of the charm.
        folder: The directory of the unit on the machine.
        juju: The Juju release, a key of `helpers.juju.unit.VERSIONS`.
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
        self._common += [word for key, text in env.items() for word in ("--env", f"{key}={text}")]
        self._folder = folder
        machine.bring(HELPERS / "juju", "/lab/helpers/juju")
        machine.bring(archive, f"{folder}.zip")
        # What the unit agent sets before the next hook.
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
        done = self.machine.run(*wrap, *command, *self._common, timeout=TIMEOUT)
        if wrap:
            return []
        assert done.code == 0, done.err
        return list(json.loads(done.out))

    def configure(self, **options: object) -> UnitOn:
        """Set options before the next hook."""
        named = {key.replace("_", "-"): option for key, option in options.items()}
        self._next += ["--config", json.dumps(named)]
        return self

    def flush(self) -> None:
        """Set at once what is waiting for the next hook."""
        if self._next:
            self._drive()

    def hooks(self, *names: str) -> str:
        """Run hooks, which must all succeed; return the last status."""
        outcomes = self._drive(*names)
        for entry in outcomes:
            assert entry["code"] == 0, (entry, self.log())
        return str(outcomes[-1]["status"])

    def killed_at(self, number: int, hook: str) -> bool:
        """Run a hook and kill it at its Nth rename or unlink; return whether it got that far."""
        trace = ["strace", "-f", "-qq", "-o", "/lab/trace", "-e", "trace=rename,unlink"]
        trace += ["-e", f"inject=rename,unlink:signal=SIGKILL:when={number}"]
        self._drive(hook, wrap=tuple(trace))
        return "killed by SIGKILL" in self.machine.read("/lab/trace")

    def action(self, name: str, **params: object) -> dict[str, Any]:
        """Run an action."""
        return self._drive("--action", f"{name}={json.dumps(params)}")[0]

    def state(self, name: str) -> Any:
        """Read a part of the unit's state."""
        self.flush()
        path = f"{self._folder}/state/{name}.json"
        return json.loads(self.machine.read(path)) if self.machine.exists(path) else None

    def put(self, **pieces: object) -> UnitOn:
        """Write parts of the unit's state before the next hook."""
        for name, content in pieces.items():
            self._next += ["--put", f"{name}={json.dumps(content)}"]
        return self

    def log(self) -> str:
        """Return the end of the charm's log."""
        path = f"{self._folder}/state/log"
        return self.machine.read(path)[-3000:] if self.machine.exists(path) else ""
