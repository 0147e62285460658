"""A charm's unit on a machine of the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from machines import Machine
from vms import Vm

ROOT = Path(__file__).resolve().parents[2]
DRIVER = ROOT / "tests/charms/driver"


class UnitOn:
    """A charm's unit on a machine: its hooks run there as real processes."""

    def __init__(
        self, machine: Machine | Vm, archive: Path, name: str, env: dict[str, str]
    ) -> None:
        self.machine = machine
        self._env = [word for key, value in env.items() for word in ("--env", f"{key}={value}")]
        self._name = name
        machine.bring(DRIVER, "/lab/driver")
        machine.bring(archive, "/lab/charm.zip")
        self._drive("--archive", "/lab/charm.zip")

    def _drive(self, *words: str, wrap: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        command = ["python3", "/lab/driver/unit.py", "/lab/unit", *words, "--name", self._name]
        done = self.machine.run(*wrap, *command, *self._env, timeout=300)
        if wrap:
            return []
        assert done.code == 0, done.err
        return list(json.loads(done.out))

    def configure(self, **options: object) -> UnitOn:
        """Set options."""
        named = {key.replace("_", "-"): value for key, value in options.items()}
        self._drive("--config", json.dumps(named))
        return self

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
        path = f"/lab/unit/state/{name}.json"
        return json.loads(self.machine.read(path)) if self.machine.exists(path) else None

    def put(self, **pieces: object) -> UnitOn:
        """Write pieces of the unit's state."""
        words = [f"{name}={json.dumps(value)}" for name, value in pieces.items()]
        self._drive(*(word for item in words for word in ("--put", item)))
        return self

    def log(self) -> str:
        """Return what the charm logged."""
        path = "/lab/unit/state/log"
        return self.machine.read(path)[-3000:] if self.machine.exists(path) else ""
