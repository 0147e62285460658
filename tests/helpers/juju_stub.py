"""A program named ``juju`` that gives prepared answers, and records its arguments."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

_SCRIPT = """#!/bin/sh
printf '%s\\0' "$@" >> {calls}
printf '\\n\\0' >> {calls}
cd {answers}
[ -e "$1.run" ] && . "./$1.run"
[ -e "$1.stderr" ] && cat "$1.stderr" >&2
[ -e "$1.stdout" ] && cat "$1.stdout"
[ -e "$1.status" ] && exit "$(cat "$1.status")"
exit 0
"""


class JujuStub:
    """The program.

    Args:
        directory: Where to write it and its answers. The program is in ``bin``.
        version: The version that it prints.
        controller: The version of its controller, ``lab``, whose current model is ``admin/bot``.
    """

    def __init__(self, directory: Path, version: str = "3.6.11", controller: str = "") -> None:
        self.program = directory / "bin/juju"
        self._answers = directory / "answers"
        self._calls = directory / "calls"
        self.program.parent.mkdir(parents=True)
        self._answers.mkdir()
        self.program.write_text(
            _SCRIPT.format(
                calls=shlex.quote(str(self._calls)), answers=shlex.quote(str(self._answers))
            )
        )
        self.program.chmod(0o755)
        self.answer("version", json.dumps(f"{version}-ubuntu-amd64"))
        self.answer("show-controller", json.dumps(_controller(controller or version)))
        self.answer("show-model", json.dumps(_model(controller or version)))

    def answer(self, verb: str, stdout: str = "", stderr: str = "", status: int = 0) -> None:
        """Set what a command prints, and how it ends."""
        (self._answers / f"{verb}.stdout").write_text(stdout)
        (self._answers / f"{verb}.stderr").write_text(stderr)
        (self._answers / f"{verb}.status").write_text(str(status))

    def run(self, verb: str, script: str) -> None:
        """Set the shell commands that run before a command prints its answer."""
        (self._answers / f"{verb}.run").write_text(script)

    @property
    def calls(self) -> list[list[str]]:
        """The arguments of all calls so far, in the order of the calls."""
        if not self._calls.exists():
            return []
        calls = self._calls.read_text().split("\n\0")[:-1]
        return [call.split("\0")[:-1] for call in calls]

    @property
    def last_call(self) -> list[str]:
        """The arguments of the last call."""
        return self.calls[-1]


def _controller(version: str) -> dict[str, object]:
    details = {"agent-version": version, "cloud": "maas"}
    return {"lab": {"details": details, "current-model": "admin/bot"}}


def _model(version: str) -> dict[str, object]:
    facts = {"name": "admin/bot", "short-name": "bot", "controller-name": "lab"}
    return {"bot": {**facts, "agent-version": version}}
