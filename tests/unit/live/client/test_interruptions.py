"""Calls that hang, fail or are ended: each is one error, and no process is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from botlab.errors import BotlabError
from botlab.live.client.json_output import DamagedOutputError
from botlab.live.connect import Target, connect
from botlab.live.errors import (
    CallTimedOutError,
    CommandFailedError,
    LoginError,
    UnreachableError,
)
from helpers.processes import until
from helpers.scripted_juju import Fault, ScriptedJuju

HANGING = [
    Fault.hang("status"),
    Fault.hang("status", ignores_sigterm=True),
    Fault.hang("status", has_child=True),
    Fault.hang("status", has_child=True, ignores_sigterm=True),
    Fault.hang("status", has_child=True, ignores_sigterm=True, is_child_detached=True),
]
# Reads the status until it is ended.
READS_STATUS = """
import sys
from botlab.live.connect import Target, connect
model = connect(Target())
try:
    model.status()
except KeyboardInterrupt:
    sys.exit(130)
finally:
    model.close()
"""


@pytest.fixture(scope="module", params=["2.6", "4.0"])
def juju(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ScriptedJuju:
    return ScriptedJuju.create(tmp_path_factory.mktemp("juju"), request.param)


def call_status(juju: ScriptedJuju, fault: Fault, seconds: float = 30) -> BotlabError | None:
    """Call status with a failure; return the error."""
    model = connect(Target(), juju.environment)
    juju.heal()
    juju.fail(fault)
    try:
        model.run_client(["status", "--format", "json"], seconds=seconds)
        model.status()
    except BotlabError as error:
        return error
    finally:
        model.close()
        juju.heal()
    return None


@pytest.mark.parametrize("fault", HANGING, ids=lambda fault: str(fault.details))
def test_hanging_client_leaves_no_process(juju: ScriptedJuju, fault: Fault) -> None:
    start = time.monotonic()
    assert isinstance(call_status(juju, fault, seconds=2), CallTimedOutError)
    assert time.monotonic() - start < 25
    until(lambda: juju.living_processes() == [], 5)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("fault", [HANGING[0], HANGING[-1]], ids=["plain", "stubborn"])
def test_ended_command_leaves_no_process(
    juju: ScriptedJuju, fault: Fault, number: signal.Signals
) -> None:
    juju.heal()
    juju.fail(fault)
    calls = len(juju.calls_of("status"))
    environment = {**os.environ, **juju.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", READS_STATUS], env=environment) as process:
        until(lambda: len(juju.calls_of("status")) > calls and bool(juju.living_processes()))
        process.send_signal(number)
        assert process.wait(timeout=20) == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    until(lambda: juju.living_processes() == [], 5)
    juju.heal()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.not_logged_in("status"), LoginError),
        (Fault.bad_credentials("status"), LoginError),
        (Fault.connection_refused("status"), UnreachableError),
        (Fault.connection_lost("status"), UnreachableError),
        (Fault.half_written("status"), DamagedOutputError),
        (Fault.half_written("status", 0), DamagedOutputError),
        (Fault.exit_code("status", 3), CommandFailedError),
        (Fault.killed("status"), CommandFailedError),
        (Fault.unknown_fields("status"), type(None)),
        (Fault.long_output("status"), type(None)),
        (Fault.stderr_noise("status"), type(None)),
        (Fault.slow("status", 1), type(None)),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_each_failure_is_one_error(
    juju: ScriptedJuju, fault: Fault, kind: type[BotlabError]
) -> None:
    assert type(call_status(juju, fault)) is kind
