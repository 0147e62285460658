"""Machines, and the charm packed and run on them as Juju runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from machines import Machine, UnavailableError, base, why_not

ROOT = Path(__file__).resolve().parents[2]
DRIVER = ROOT / "tests/charms/driver"


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the charms."""
    folder = tmp_path_factory.mktemp("charms")
    command = [sys.executable, str(ROOT / "charms/packing/pack.py"), "--output", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(params=["bookworm", "trixie"])
def release(request: pytest.FixtureRequest) -> str:
    """Name the releases that the tests run on."""
    return str(request.param)


@pytest.fixture
def machine(release: str, tmp_path: Path) -> Iterator[Machine]:
    """Boot a machine of its own for a test."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    number = abs(hash(str(tmp_path))) % 10**6
    try:
        booted = Machine(f"lab{number}", tmp_path / "machine", base(release))
        booted.boot()
    except UnavailableError as error:
        pytest.skip(str(error))
    yield booted
    booted.remove()


class UnitOn:
    """A charm's unit on a machine: its hooks run there as real processes."""

    def __init__(self, machine: Machine, archive: Path, name: str, env: dict[str, str]) -> None:
        self.machine = machine
        self._env = [word for key, value in env.items() for word in ("--env", f"{key}={value}")]
        self._name = name
        shutil.copytree(DRIVER, machine.folder / "lab/driver", dirs_exist_ok=True)
        shutil.copy(archive, machine.folder / "lab/charm.zip")
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
        path = self.machine.folder / "lab/unit/state" / f"{name}.json"
        return json.loads(path.read_text()) if path.exists() else None

    def log(self) -> str:
        """Return what the charm logged."""
        path = self.machine.folder / "lab/unit/state/log"
        return path.read_text()[-3000:] if path.exists() else ""


@pytest.fixture
def place(machine: Machine, archives: Path) -> Callable[..., UnitOn]:
    """Return what puts a charm's unit on the machine."""

    def placed(charm: str, **env: str) -> UnitOn:
        return UnitOn(machine, archives / f"{charm}_jammy-noble.charm", f"{charm}/0", env)

    return placed
