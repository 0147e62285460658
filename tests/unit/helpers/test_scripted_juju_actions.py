"""Actions and shell commands of the scripted juju client answer in the shapes of each release."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from helpers.scripted_juju import ScriptedJuju
from helpers.scripted_sites import GENERATIONS, deployed

CLOCK = "2026-11-29T11:15:12Z"
MOMENT = "2026-11-29 11:15:12 +0000 UTC"
PROGRESS = (
    "Running operation 1 with 1 task\n  - task 2 on unit-server-0\n\nWaiting for task 2...\n"
)
# The first operation of Juju 4 is 0, as in `actions/run-nfs-server-verify.err`.
PROGRESS_4 = PROGRESS.replace("1", "0", 1).replace("task 2", "task 1")


def verify(juju: ScriptedJuju, *options: str) -> tuple[int, Any, str]:
    """Run the action `verify` as the release wants it; return status, document and errors."""
    is_juju2 = juju.generation in ("2.6", "2.9")
    command = ["run-action", "server/0", "verify", *(options or ["--wait"])]
    if not is_juju2:
        command = ["run", "server/0", "verify", *options]
    done = juju.run(*command, "--format", "json")
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


def test_action_of_2_6_has_a_uuid_and_the_key_of_the_unit_s_tag(tmp_path: Path) -> None:
    """The unit is named by `unit`."""
    juju = deployed(tmp_path, "2.6", clock=CLOCK)
    juju.set_action_result("server", "verify", {"ok": "true"})

    assert verify(juju) == (
        0,
        {
            "unit-server-0": {
                "id": "f00ba400-0000-4000-8000-000000000001",
                "results": {"ok": "true"},
                "status": "completed",
                "timing": {"completed": MOMENT, "enqueued": MOMENT, "started": MOMENT},
                "unit": "server/0",
            }
        },
        "",
    )


def test_action_of_2_9_names_the_unit_by_unit_id(tmp_path: Path) -> None:
    """The id is a number as text, and the log is a list."""
    juju = deployed(tmp_path, "2.9", clock=CLOCK)
    juju.set_action_result("server", "verify", {"ok": "true"}, log=["2026 one"])

    assert verify(juju)[1] == {
        "unit-server-0": {
            "UnitId": "server/0",
            "id": "1",
            "log": ["2026 one"],
            "results": {"ok": "true"},
            "status": "completed",
            "timing": {"completed": MOMENT, "enqueued": MOMENT, "started": MOMENT},
        }
    }


def test_action_of_4_0_is_as_recorded(tmp_path: Path) -> None:
    """As `run-tiny-echo` was recorded: no `completed`, and progress on standard error."""
    juju = deployed(tmp_path, "4.0", clock=CLOCK)
    juju.set_action_result("server", "verify", {"said": "hi"})

    assert verify(juju) == (
        0,
        {
            "server/0": {
                "id": "1",
                "results": {"return-code": 0, "said": "hi"},
                "status": "completed",
                "timing": {"enqueued": MOMENT, "started": MOMENT},
                "unit": "server/0",
            }
        },
        PROGRESS_4,
    )


@pytest.mark.parametrize("generation", GENERATIONS)
def test_failed_action_exits_with_0(generation: str, tmp_path: Path) -> None:
    """A charm's `fail` shows in the status and the message only."""
    juju = deployed(tmp_path, generation)
    juju.set_action_result("server", "verify", status="failed", message="no exports")

    code, document, _ = verify(juju)

    (body,) = document.values()
    assert (code, body["status"], body["message"]) == (0, "failed", "no exports")


@pytest.mark.parametrize(("generation", "code"), [("2.6", 0), ("2.9", 0), ("3.6", 1), ("4.0", 1)])
def test_return_code_above_0_is_an_exit_status_from_3_x_on(
    generation: str, code: int, tmp_path: Path
) -> None:
    """The document is printed in either case."""
    juju = deployed(tmp_path, generation)
    juju.set_action_result("server", "verify", {"return-code": 2})

    status, document, error = verify(juju)

    (body,) = document.values()
    names = {"2.6": {"Code": "2"}, "2.9": {"ReturnCode": 2}}
    assert (status, body["status"]) == (code, "completed")
    assert body["results"] == names.get(generation, {"return-code": 2})
    identifier = "1" if generation == "4.0" else "2"
    expected = (
        f'ERROR the following task failed:\n - id "{identifier}" with return code 2\n\n'
        "use 'juju show-task' to inspect the failure\n\n"
    )
    assert error.endswith(expected) == bool(code)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_dotted_keys_of_results_are_nested(generation: str, tmp_path: Path) -> None:
    """The controller takes the keys apart."""
    juju = deployed(tmp_path, generation)
    juju.set_action_result("server", "verify", {"node.a.ready": "true", "node.b": "x"})

    (body,) = verify(juju)[1].values()

    assert body["results"]["node"] == {"a": {"ready": "true"}, "b": "x"}


@pytest.mark.parametrize(
    ("generation", "message"),
    [
        ("2.6", "ERROR timeout reached\n"),
        ("2.9", "ERROR timeout reached\n"),
        ("3.6", f"{PROGRESS}ERROR timed out waiting for results from: unit server/0\n"),
        ("4.0", f"{PROGRESS_4}ERROR timed out waiting for results from: unit server/0\n"),
    ],
)
def test_action_that_takes_longer_than_the_wait_times_out(
    generation: str, message: str, tmp_path: Path
) -> None:
    """The call takes as long as it waits, and prints no document."""
    juju = deployed(tmp_path, generation)
    juju.set_action_result("server", "verify", seconds=30)
    begin = time.monotonic()

    assert verify(juju, "--wait=300ms") == (1, None, message)
    assert 0.3 <= time.monotonic() - begin < 10


def test_action_without_wait_is_queued_by_2_x(tmp_path: Path) -> None:
    """The id can be shown later."""
    juju = deployed(tmp_path, "2.9")
    juju.set_action_result("server", "verify", {"ok": "true"})

    queued = json.loads(juju.run("run-action", "server/0", "verify", "--format", "json").stdout)
    shown = json.loads(juju.run("show-action-output", "1", "--format", "json").stdout)

    assert queued == {"Action queued with id": "1"}
    assert shown["results"] == {"ok": "true"}


@pytest.mark.parametrize(
    ("generation", "code", "message"),
    [
        ("2.6", 1, 'ERROR action "nosuch" not defined on unit "server/0"\n'),
        (
            "3.6",
            0,
            "\nOperation 1 failed to schedule any tasks:\n"
            'action "nosuch" not defined on unit "server/0"\n',
        ),
        ("4.0", 1, 'ERROR action "nosuch" not defined for unit "server/0". (not found)\n'),
    ],
)
def test_unknown_action(generation: str, code: int, message: str, tmp_path: Path) -> None:
    """The text of 4.0 is recorded in `actions/run-unknown-action.txt`."""
    juju = deployed(tmp_path, generation)
    command = ["run-action", "--wait"] if generation == "2.6" else ["run"]

    done = juju.run(*command, "server/0", "nosuch")

    assert (done.returncode, done.stdout, done.stderr) == (code, "", message)


def test_unknown_action_of_2_9_is_in_the_document(tmp_path: Path) -> None:
    """With --wait the errors stand beside the results, by their position."""
    juju = deployed(tmp_path, "2.9")

    done = juju.run("run-action", "server/0", "nosuch", "--wait", "--format", "json")

    assert json.loads(done.stdout) == {
        "errors": {"0": 'action "nosuch" not defined on unit "server/0"'}
    }


def test_unknown_unit_of_4_0_is_as_recorded(tmp_path: Path) -> None:
    """Standard output is empty, and the exit status is 0."""
    juju = deployed(tmp_path, "4.0")

    done = juju.run("run", "server/9", "verify")

    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "",
        "\nOperation 0 failed to schedule any tasks:\nlinking task to unit: getting unit UUID for "
        '"server/9": unit "server/9" not found\n',
    )


def test_unknown_parameter_is_an_error_of_4_0_only(tmp_path: Path) -> None:
    """The document is recorded in `actions/run-unknown-param.txt`."""
    statuses = {}
    for generation in ("3.6", "4.0"):
        juju = deployed(tmp_path / generation, generation)
        done = juju.run("run", "server/0", "verify", "bogus=1", "--format", "json")
        statuses[generation] = json.loads(done.stdout)["server/0"]

    assert statuses["3.6"]["status"] == "completed"
    assert "results" not in statuses["4.0"]
    assert statuses["4.0"]["status"] == "error"
    assert statuses["4.0"]["message"] == (
        'cannot run "verify" action: validation failed: (root) : additional property "bogus" is '
        'not allowed, given {"bogus":1}'
    )


def test_results_can_change_from_call_to_call(tmp_path: Path) -> None:
    """An answer for one call comes before the one for all calls; a unit is more than others."""
    juju = deployed(tmp_path, "3.6")
    juju.set_action_result("server", "verify", status="failed", message="not yet", times=2)
    juju.set_action_result("*", "verify", {"ok": "true"})

    statuses = [verify(juju)[1]["server/0"]["status"] for _ in range(3)]

    assert statuses == ["failed", "failed", "completed"]


def test_leader_stands_for_the_leading_unit(tmp_path: Path) -> None:
    """The document has the unit's own name."""
    juju = deployed(tmp_path, "3.6")

    done = juju.run("run", "server/leader", "verify", "--format", "json")

    assert list(json.loads(done.stdout)) == ["server/0"]


def test_shell_commands_of_2_x_return_a_list(tmp_path: Path) -> None:
    """One command without --format is printed as if it had run here."""
    juju = deployed(tmp_path, "2.9")
    juju.set_command_result("server/1", "uptime", "2 days\n")
    juju.set_command_result("server", "uptime", "", stderr="no\n", return_code=3)

    done = juju.run("run", "--application", "server", "uptime", "--format", "json")
    plain = juju.run("exec", "--unit", "server/0", "--", "uptime", "-p")

    assert json.loads(done.stdout) == [
        {"ReturnCode": 3, "Stderr": "no\n", "Stdout": "", "UnitId": "server/0"},
        {"Stdout": "2 days\n", "UnitId": "server/1"},
    ]
    assert (plain.returncode, plain.stdout, plain.stderr) == (3, "\n", "no\n")


def test_exec_of_2_9_has_the_names_of_3_x_in_a_list(tmp_path: Path) -> None:
    """Its `run` is an older form of the same command."""
    juju = deployed(tmp_path, "2.9")
    juju.set_command_result("server", "uptime", "2 days\n")

    done = juju.run("exec", "--unit", "server/0", "--format", "json", "--", "uptime")

    assert json.loads(done.stdout) == [
        {"return-code": 0, "stdout": "2 days\n", "unit": "server/0"}
    ]


def test_exec_of_3_x_returns_tasks(tmp_path: Path) -> None:
    """A return code above 0 ends the call with 1."""
    juju = deployed(tmp_path, "3.6", clock=CLOCK)
    juju.set_command_result("server/0", "uptime", "2 days\n")

    done = juju.run("exec", "--unit", "server/0", "--format", "json", "--", "uptime")
    failed = juju.run("exec", "--unit", "server/0", "--", "nosuch")

    body = json.loads(done.stdout)["server/0"]
    assert (done.returncode, body["results"]) == (0, {"return-code": 0, "stdout": "2 days\n"})
    assert (failed.returncode, failed.stdout) == (1, "bash: line 1: nosuch: command not found\n")


def test_files_are_read_by_ssh_and_scp(tmp_path: Path) -> None:
    """A file of a unit, and one that does not exist."""
    juju = deployed(tmp_path, "2.6")
    juju.put_file("server/0", "/root/config", "kind: Config\n")

    read = juju.run("ssh", "server/0", "sudo cat /root/config")
    copied = juju.run("scp", "server/0:/root/config", str(juju.home / "config"))
    missing = juju.run("scp", "server/0:/nosuch", str(juju.home / "nosuch"))

    assert (read.returncode, read.stdout) == (0, "kind: Config\n")
    assert (copied.returncode, (juju.home / "config").read_text()) == (0, "kind: Config\n")
    assert (missing.returncode, missing.stderr) == (
        1,
        "scp: /nosuch: No such file or directory\n",
    )


def test_juju_4_needs_a_key_in_the_model_for_ssh(tmp_path: Path) -> None:
    """Keys are not added to models by themselves."""
    juju = deployed(tmp_path, "4.0")
    juju.set_command_result("server/0", "true", "")

    refused = juju.run("ssh", "server/0", "true")
    juju.run("add-ssh-key", "ssh-ed25519 AAAA me@host")
    taken = juju.run("ssh", "server/0", "true")

    assert (refused.returncode, refused.stderr) == (
        255,
        "ubuntu@192.0.2.10: Permission denied (publickey).\n",
    )
    assert taken.returncode == 0
    assert "(me@host)" in juju.run("ssh-keys").stdout
