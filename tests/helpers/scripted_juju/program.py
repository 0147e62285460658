"""Create a scripted `juju` program, set it up, and read back how it was called."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .calls import Call, read_calls, runs_client
from .changes import Change
from .client import new_state
from .client.charm_facts import facts_from_files
from .client.phases import apply_change
from .client.store import JsonObject, Store
from .faults import Fault
from .status_import import import_status

_RUN_CLIENT = Path(__file__).with_name("run_client.py")
_PLANNER = Path(__file__).with_name("planner.py")
_GENERATOR = Path(__file__).resolve().parents[3] / "generator"


@dataclass
class ScriptedJuju:
    """A scripted `juju` program in a directory of a test.

    Attributes:
        directory: The directory of the program and its state.
        generation: The release of Juju: 2.6, 2.9, 3.6 or 4.0.
        binary: The program.
        home: The home directory of the caller; bundles must lie below it.
        environment: The variables with which a test calls the program.
    """

    directory: Path
    generation: str
    binary: Path = field(init=False)
    home: Path = field(init=False)
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.binary = self.directory / "bin/juju"
        self.home = self.directory / "home"
        self.environment = {
            "HOME": str(self.home),
            "JUJU_DATA": str(self.home / ".local/share/juju"),
            "PATH": f"{self.binary.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }
        self._store = Store(str(self.directory / "state"))

    @classmethod
    def create(
        cls,
        directory: Path,
        generation: str,
        *,
        controller: str = "maas",
        model: str = "botlab",
        clock: str = "",
        has_planner: bool = True,
    ) -> ScriptedJuju:
        """Write the program and its first state.

        Args:
            directory: A directory of the test, such as ``tmp_path``.
            generation: The release of Juju: 2.6, 2.9, 3.6 or 4.0.
            controller: The name of the controller; empty for a client without one.
            model: The name of the model; empty for a controller without one.
            clock: The fixed time of all calls, ``YYYY-MM-DDTHH:MM:SSZ``; empty for the real time.
            has_planner: Whether `deploy` prints the plan of botlab's planner, which takes about
                half a second; otherwise a test queues the output of dry runs.
        """
        program = cls(directory, generation)
        for path in (program.binary.parent, program.home, directory / "state"):
            path.mkdir(parents=True, exist_ok=True)
        stamp = clock or time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        state = new_state.new_state(generation, controller=controller, model=model, stamp=stamp)
        state.update(
            clock=clock,
            yaml=yaml.__file__,
            directory=str(directory / "state"),
            planner=_planner() if has_planner else {},
        )
        program._store.create(state)
        program._write_binary()
        return program

    def enable_planner(self) -> None:
        """Let `deploy` print the plan of botlab's planner from now on."""
        with self.state() as state:
            state["planner"] = _planner()

    def _write_binary(self) -> None:
        command = f"{sys.executable} -S -E {_RUN_CLIENT} {self.directory / 'state'}"
        self.binary.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        self.binary.chmod(0o755)

    @contextmanager
    def state(self) -> Iterator[JsonObject]:
        """Yield the whole state for changes that no other method makes."""
        with self._store.locked() as state:
            yield state

    @contextmanager
    def model(self, name: str = "") -> Iterator[JsonObject]:
        """Yield the state of a model for changes; the current model if it is not named."""
        with self.state() as state:
            yield state["models"][name or state["current_model"]]

    def snapshot(self) -> JsonObject:
        """Return a copy of the state."""
        return copy.deepcopy(self._store.read())

    def run(self, *arguments: str, timeout: float = 30) -> subprocess.CompletedProcess[str]:
        """Call the program as the live layer does, and return what it printed.

        Args:
            *arguments: The arguments.
            timeout: The time limit in seconds.
        """
        return subprocess.run(
            [str(self.binary), *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env=self.environment,
            cwd=self.home,
        )

    def require_known_names(self) -> None:
        """Refuse actions, parameters and options that no charm defines, in each release.

        Without this, an application whose charm has no definitions accepts all of them.
        """
        with self.state() as state:
            state["knows_all_names"] = True

    # What the model is.

    def load_status(self, document: Mapping[str, Any], *, model: str = "") -> None:
        """Replace a model by the one that a document of `juju status --format json` describes.

        Args:
            document: The document, of any release.
            model: The name of the model; that of the document if it is empty.
        """
        with self.state() as state:
            import_status(state, document, model)

    def add_charm(self, name: str, directory: Path | None = None, **facts: Any) -> None:
        """Define a charm of the store, so that bundles can use it with its endpoints and options.

        Args:
            name: The charm's name.
            directory: A directory with its `metadata.yaml`, `config.yaml` and `actions.yaml`.
            **facts: Facts that replace those of the directory: `subordinate`, `endpoints`,
                `options`, `actions`, `resources`, `bases`.
        """
        files = _charm_files(directory) if directory else {}
        charm = facts_from_files({"name": name, **files.get("metadata.yaml", {})}, files)
        with self.state() as state:
            state["charms"][name] = {**charm, **facts}

    def deploy(self, bundle: Path, *options: str) -> None:
        """Deploy a bundle as part of the set-up; the call is recorded like any other.

        Raises:
            AssertionError: The deployment failed.
        """
        done = self.run("deploy", str(bundle), *options)
        assert done.returncode == 0, done.stderr

    def change(self, *changes: Change) -> None:
        """Change machines, units, applications or the model now."""
        with self.state() as state:
            for change in changes:
                apply_change(state, change.document())

    def after_status_calls(self, count: int, *changes: Change) -> None:
        """Change the model when `status` has been called some more times.

        Args:
            count: The number of calls from now on that still see the model without the changes.
            *changes: The changes.
        """
        with self.state() as state:
            due = state["status_calls"] + count
            documents = [change.document() for change in changes]
            state["phases"].append({"status_calls": due, "changes": documents})

    def after_seconds(self, seconds: float, *changes: Change) -> None:
        """Change the model when some time has passed; the next call of `status` sees it."""
        with self.state() as state:
            documents = [change.document() for change in changes]
            state["phases"].append({"at": time.time() + seconds, "changes": documents})

    def set_progress(
        self, status_calls: int | None = 1, ends: Mapping[str, tuple[str, str]] | None = None
    ) -> None:
        """Say how a deployed model comes up: machines, installation, waiting, then the end.

        Args:
            status_calls: The calls of `status` in each of the four stages; None for a model that
                stays as `deploy` leaves it.
            ends: The last status and message by application or unit; `active` and `Ready` without.
        """
        progress = None
        if status_calls is not None:
            progress = {
                "status_calls": status_calls,
                "ends": {k: list(v) for k, v in (ends or {}).items()},
            }
        with self.state() as state:
            state["progress"] = progress

    # What commands answer.

    def set_action_result(
        self,
        target: str,
        action: str,
        results: Mapping[str, Any] | None = None,
        *,
        status: str = "completed",
        message: str = "",
        log: Sequence[str] = (),
        seconds: float = 0.0,
        times: int | None = None,
    ) -> None:
        """Say what an action ends with.

        Args:
            target: A unit, an application, or ``*``.
            action: The action.
            results: The results; keys with dots become nested mappings, and `return-code` above 0
                makes the client of 3.x and 4 exit with 1.
            status: `completed`, `failed` (the charm called `fail`) or another status.
            message: The message of a failure.
            log: The lines of the action's log.
            seconds: How long the action takes; longer than the call waits means a timeout.
            times: How many calls get this answer; None for all calls.
        """
        script = {
            "target": target,
            "action": action,
            "results": dict(results or {}),
            "status": status,
            "message": message,
            "log": list(log),
            "seconds": seconds,
            "times": times,
        }
        with self.model() as model:
            rest = [old for old in model["action_results"] if not _is_replaced(old, script)]
            model["action_results"] = [*rest, script]

    def set_command_result(
        self,
        target: str,
        contains: str,
        stdout: str = "",
        *,
        stderr: str = "",
        return_code: int = 0,
        seconds: float = 0.0,
    ) -> None:
        """Say what a shell command prints that `exec`, `run` of 2.x, or `ssh` runs.

        Args:
            target: A unit, an application, a machine, or ``*``.
            contains: A part of the command.
            stdout: What it prints.
            stderr: What it prints as errors.
            return_code: Its exit status.
            seconds: How long it takes.
        """
        script = {
            "target": target,
            "contains": contains,
            "stdout": stdout,
            "stderr": stderr,
            "return_code": return_code,
            "seconds": seconds,
        }
        with self.model() as model:
            model["command_results"].append(script)

    def put_file(self, unit: str, path: str, content: str) -> None:
        """Put a file on a unit, for `scp` and for `cat` by `ssh` and `exec`."""
        with self.model() as model:
            model["files"].setdefault(unit, {})[path] = content

    def queue_dry_run(self, stdout: str, stderr: str = "", code: int = 0) -> None:
        """Let the next `deploy --dry-run` print recorded output instead of botlab's plan."""
        answer = Fault.answer("deploy", stdout=stdout, stderr=stderr, code=code)
        self.fail(answer.only_with("--dry-run").for_calls(1))

    # Failures.

    def fail(self, *faults: Fault) -> None:
        """Switch failures on; the first that fits a call applies."""
        with self.state() as state:
            state["faults"] += [fault.document() for fault in faults]

    def heal(self, command: str = "*") -> None:
        """Switch the failures of a command off, or all failures."""
        with self.state() as state:
            state["faults"] = [
                fault for fault in state["faults"] if command not in ("*", fault["command"])
            ]

    def fail_deploy_at(self, application: str, message: str) -> None:
        """Let `deploy` stop half way: the changes before an application stay."""
        with self.state() as state:
            state["deploy_failure"] = {"application": application, "message": message}

    # What was called.

    @property
    def calls(self) -> list[Call]:
        """All calls, the oldest first."""
        return read_calls(self._store.call_events())

    def calls_of(self, command: str) -> list[Call]:
        """Return the calls of one command."""
        return [call for call in self.calls if call.command == command]

    @property
    def violations(self) -> list[str]:
        """The rules that calls broke, with the calls; a test asserts that this is empty."""
        return [
            f"juju {' '.join(call.arguments)}: {call.violation}"
            for call in self.calls
            if call.violation
        ]

    def living_processes(self) -> list[int]:
        """Return the processes of calls that still run, hanging children included."""
        pids = [pid for call in self.calls for pid in (call.pid, *call.child_pids)]
        return [pid for pid in pids if runs_client(pid, str(self.directory))]


def _planner() -> JsonObject:
    """Return the command of botlab's planner, and the path of its packages."""
    return {"command": [sys.executable, str(_PLANNER)], "path": str(_GENERATOR)}


def _charm_files(directory: Path) -> JsonObject:
    names = ("metadata.yaml", "config.yaml", "actions.yaml", "manifest.yaml")
    paths = [directory / name for name in names]
    return {path.name: yaml.safe_load(path.read_text()) or {} for path in paths if path.exists()}


def _is_replaced(old: JsonObject, new: JsonObject) -> bool:
    same = (old["target"], old["action"]) == (new["target"], new["action"])
    return same and old["times"] is None and new["times"] is None
