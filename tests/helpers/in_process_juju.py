"""The scripted `juju` client without processes, for tests of what commands do to a model."""

from __future__ import annotations

import contextlib
import io
import threading

from botlab.live.client.controllers import Controller, Model
from botlab.live.client.installation import Installation
from botlab.live.client.model import ClientModel, Connection
from botlab.live.client.program import JujuProgram
from botlab.live.process import ProcessResult, ProcessRunner, Program

from .scripted_juju import ScriptedJuju
from .scripted_juju.client.main import main


class InProcessRunner(ProcessRunner):
    """Answers the calls of a scripted client in this process.

    Args:
        juju: The scripted client. It stands for one that is no snap.
    """

    def __init__(self, juju: ScriptedJuju) -> None:
        super().__init__()
        self._directory = str(juju.directory / "state")
        self._lock = threading.Lock()
        with juju.state() as state:
            state["has_strict_snap"] = False

    def run(self, program: Program, seconds: float) -> ProcessResult:
        """Answer one call. Calls of other threads wait."""
        del seconds
        stdout, stderr = io.StringIO(), io.StringIO()
        with (
            self._lock,
            contextlib.redirect_stdout(stdout),
            contextlib.redirect_stderr(stderr),
        ):
            status = main(self._directory, list(program.arguments[1:]))
        return ProcessResult(status, stdout.getvalue(), stderr.getvalue())


def open_in_process(juju: ScriptedJuju) -> ClientModel:
    """Open the current model of a scripted client without starting processes."""
    runner = InProcessRunner(juju)
    installation = Installation(str(juju.binary), juju.environment)
    program = JujuProgram(installation, runner, "maas:admin/botlab")
    controller = Controller("maas", program.client_version, "admin/botlab")
    model = Model("admin/botlab", "maas", program.client_version)
    connection = Connection(program, runner, controller, model, False, juju.home)
    return ClientModel(connection)
