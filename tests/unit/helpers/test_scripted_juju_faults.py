"""The scripted juju client fails in every way that a test asks for."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.scripted_juju import Fault, ScriptedJuju
from helpers.scripted_sites import deployed, write_site


@pytest.fixture(name="juju")
def empty_juju(tmp_path: Path) -> Iterator[ScriptedJuju]:
    """Return a scripted client with an empty model; no process of it is left."""
    juju = ScriptedJuju.create(tmp_path, "3.6", has_planner=False)
    yield juju
    for pid in juju.living_processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def start(juju: ScriptedJuju, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a call in a process group of its own, and wait until it is recorded."""
    process = subprocess.Popen(
        [str(juju.binary), *arguments],
        env=juju.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 20
    while not (juju.calls and juju.calls[-1].faults) and time.monotonic() < deadline:
        time.sleep(0.02)
    return process


def wait_for_children(juju: ScriptedJuju) -> None:
    """Wait until the child of a hanging call is recorded."""
    deadline = time.monotonic() + 20
    while not juju.calls[-1].child_pids and time.monotonic() < deadline:
        time.sleep(0.02)


def close(process: subprocess.Popen[bytes]) -> None:
    """Close the pipes of a process."""
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stderr.close()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault.not_logged_in(), "not logged in"),
        (Fault.bad_credentials(), "invalid entity name or password"),
        (
            Fault.connection_refused(),
            "unable to connect to API: dial tcp 192.0.2.5:17070: connect: connection refused",
        ),
        (Fault.connection_lost(), "connection is shut down"),
        (Fault.error("status", "boom"), "boom"),
    ],
)
def test_errors_of_the_controller(fault: Fault, message: str, juju: ScriptedJuju) -> None:
    """They are no violations, and the model does not change."""
    juju.fail(fault)

    done = juju.run("status", "--format", "json")

    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"ERROR {message}\n")
    assert juju.violations == []
    assert juju.calls[-1].faults == ("answer",)


def test_failure_begins_after_some_calls_and_ends(juju: ScriptedJuju) -> None:
    """Only calls of the command count."""
    juju.fail(Fault.connection_refused("status").after_calls(1).for_calls(2))
    juju.run("whoami")

    assert [juju.run("status").returncode for _ in range(5)] == [0, 1, 1, 0, 0]


def test_failure_can_need_words_of_the_call(juju: ScriptedJuju) -> None:
    """A dry run fails, and the deployment does not."""
    juju.fail(Fault.error("deploy", "no").only_with("--dry-run"))
    bundle = str(write_site(juju))

    assert juju.run("deploy", bundle, "--dry-run").returncode == 1
    assert juju.run("deploy", bundle).returncode == 0


def test_command_can_take_effect_before_it_fails(juju: ScriptedJuju) -> None:
    """The connection breaks after the controller has the change."""
    bundle = str(write_site(juju))
    juju.fail(Fault.connection_lost("deploy").after_effect())

    assert juju.run("deploy", bundle).returncode == 1
    assert sorted(juju.snapshot()["models"]["botlab"]["applications"]) == [
        "agent",
        "client",
        "server",
    ]


def test_healed_client_works_again(juju: ScriptedJuju) -> None:
    """One command, or all."""
    juju.fail(Fault.error("status", "a"), Fault.error("whoami", "b"))
    juju.heal("status")
    codes = [juju.run(command).returncode for command in ("status", "whoami")]
    juju.heal()

    assert (codes, juju.run("whoami").returncode) == ([0, 1], 0)


def test_slow_answer(juju: ScriptedJuju) -> None:
    """The answer is complete."""
    juju.fail(Fault.slow("whoami", 0.5))
    begin = time.monotonic()

    done = juju.run("whoami", "--format", "json")

    assert time.monotonic() - begin >= 0.5
    assert json.loads(done.stdout)["controller"] == "maas"


def test_slow_call_does_not_block_others(juju: ScriptedJuju) -> None:
    """The state is not locked while a call waits."""
    juju.fail(Fault.slow("whoami", 30))
    process = start(juju, "whoami")

    assert juju.run("status", timeout=20).returncode == 0
    process.kill()
    process.wait()
    close(process)


def test_hanging_call_ends_by_sigterm(juju: ScriptedJuju) -> None:
    """It prints nothing, and its exit status is not recorded."""
    juju.fail(Fault.hang("status"))
    process = start(juju, "status")

    assert process.poll() is None
    process.terminate()

    assert process.wait(20) == -signal.SIGTERM
    close(process)
    assert (juju.calls[-1].faults, juju.calls[-1].code) == (("hang",), None)
    assert juju.living_processes() == []


def test_hanging_call_ends_by_ctrl_c_without_a_trace(juju: ScriptedJuju) -> None:
    """As the real client does."""
    juju.fail(Fault.hang("status"))
    process = start(juju, "status")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (-signal.SIGINT, b"")


def test_hanging_call_can_ignore_sigterm(juju: ScriptedJuju) -> None:
    """Only SIGKILL ends it."""
    juju.fail(Fault.hang("status", ignores_sigterm=True))
    process = start(juju, "status")
    time.sleep(0.3)
    process.terminate()
    time.sleep(0.5)

    assert process.poll() is None
    process.kill()
    process.wait(20)
    close(process)


@pytest.mark.parametrize("is_detached", [False, True])
def test_child_of_a_hanging_call_holds_the_pipes(is_detached: bool, juju: ScriptedJuju) -> None:
    """Killing the process is not enough; killing its group is, unless the child has left it."""
    juju.fail(Fault.hang("status", has_child=True, is_child_detached=is_detached))
    process = start(juju, "status")
    wait_for_children(juju)
    (child,) = juju.calls[-1].child_pids
    process.kill()
    process.wait(20)

    assert juju.living_processes() == [child]
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=0.5)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    time.sleep(0.3)
    assert juju.living_processes() == ([child] if is_detached else [])
    close(process)


def test_hang_has_a_limit_that_protects_the_machine(juju: ScriptedJuju) -> None:
    """The processes end by themselves."""
    juju.fail(Fault.hang("status", has_child=True, limit=0.3))

    assert juju.run("status").returncode == 124
    assert juju.living_processes() == []


def test_half_written_document(juju: ScriptedJuju) -> None:
    """The JSON ends in the middle, with exit status 0."""
    whole = juju.run("status", "--format", "json").stdout
    juju.fail(Fault.half_written("status"))

    done = juju.run("status", "--format", "json")

    assert done.returncode == 0
    assert done.stdout[:40] == whole[:40]
    assert len(done.stdout) == len(whole) // 2


def test_unknown_fields_stand_in_objects_but_not_in_maps_of_objects(tmp_path: Path) -> None:
    """A reader that iterates over units must not see a unit that is not there."""
    juju = deployed(tmp_path, "3.6")
    before = json.loads(juju.run("status", "--format", "json").stdout)
    juju.fail(Fault.unknown_fields("status"))

    document = json.loads(juju.run("status", "--format", "json").stdout)

    unit = document["applications"]["server"]["units"]["server/0"]
    assert "x-unknown-field" in unit
    assert "x-unknown-field" in unit["workload-status"]
    assert "x-unknown-field" in document["machines"]["0"]
    assert list(document["machines"]) == list(before["machines"])
    assert list(document["applications"]) == list(before["applications"])


def test_long_output_and_noise(juju: ScriptedJuju) -> None:
    """Both streams are long at once; the document is still valid."""
    juju.fail(Fault.long_output("status", 300_000), Fault.stderr_noise("whoami"))

    done = juju.run("status", "--format", "json")
    noisy = subprocess.run(
        [juju.binary, "whoami"], env=juju.environment, capture_output=True, check=True
    )

    assert len(done.stderr) == 300_000
    assert len(done.stdout) > 300_000
    assert json.loads(done.stdout)["model"]["name"] == "botlab"
    assert noisy.stderr == b"\xff\xfe\x00garbage\x1b[31m\n"


def test_exit_status_and_death_by_a_signal(juju: ScriptedJuju) -> None:
    """The answer itself is complete."""
    juju.fail(Fault.exit_code("status", 3), Fault.killed("whoami"))

    done = juju.run("status", "--format", "json")
    killed = juju.run("whoami", "--format", "json")

    assert (done.returncode, json.loads(done.stdout)["model"]["name"]) == (3, "botlab")
    assert (killed.returncode, json.loads(killed.stdout)["controller"]) == (-9, "maas")


def test_client_without_controllers(tmp_path: Path) -> None:
    """A new machine has none."""
    juju = ScriptedJuju.create(tmp_path, "3.6", controller="", model="")

    done = juju.run("controllers", "--format", "json")

    assert done.returncode == 1
    assert done.stderr.startswith("ERROR No controllers registered.\n")


def test_controller_without_a_model(tmp_path: Path) -> None:
    """No model is selected; adding one selects it."""
    juju = ScriptedJuju.create(tmp_path, "3.6", model="")

    before = juju.run("status")
    added = juju.run("add-model", "lab")

    assert before.stderr.startswith("ERROR No model in focus.\n")
    assert added.stderr == (
        "Added 'lab' model on maas/default with credential 'default' for user 'admin'\n"
    )
    assert json.loads(juju.run("whoami", "--format", "json").stdout)["model"] == "admin/lab"
