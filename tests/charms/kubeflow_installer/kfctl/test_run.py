"""A run of kfctl: steps, time limits, repetitions, and what it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.kubeflow.kfctl_jobs import HASH, job, run


def test_job_has_no_password(tmp_path: Path) -> None:
    """The hash is enough; and everything in it is JSON."""
    text = json.dumps(job(tmp_path, ""))
    assert HASH in text
    assert "the-password" not in text


def test_successful_run_keeps_objects_and_removes_its_work(tmp_path: Path) -> None:
    """The files that remain are private."""
    directory = tmp_path / "run"
    state, result = run(directory, job(tmp_path, 'echo "$@"; echo $KUBECONFIG'))
    assert (state.has_ended, state.succeeded, state.message) == (True, True, "")
    assert {key: result[key] for key in ("ok", "objects", "foreign")} == {
        "ok": True, "objects": 0, "foreign": [],
    }  # fmt: skip
    assert (directory / "objects.jsonl").read_text() == ""
    app = directory / "work/kubeflow"
    assert (directory / "kfctl.log").read_text().splitlines() == [
        f"apply -V -f {app}/kfdef.yaml", f"{directory}/work/home/kubeconfig",
    ]  # fmt: skip
    assert {path.name for path in directory.iterdir()} == {
        "kfctl.log", "lock", "objects.jsonl", "progress.json", "result.json", "runner.log",
    }  # fmt: skip
    assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}


def test_three_steps_run_in_the_directories_of_kfctl_0_6(tmp_path: Path) -> None:
    """They are the ones that kfctl 0.6 expects."""
    script = 'echo "$1 in $PWD"; [ "$1" = init ] && mkdir kubeflow; exit 0'
    state, _ = run(tmp_path / "run", job(tmp_path, script, "0.6.2"))
    assert state.succeeded, state
    work = tmp_path / "run/work"
    assert (tmp_path / "run/kfctl.log").read_text().splitlines() == [
        f"init in {work}", f"generate in {work}/kubeflow", f"apply in {work}/kubeflow",
    ]  # fmt: skip


def test_kfctl_gets_the_first_user(tmp_path: Path) -> None:
    """Whoever is the user now: kfctl names the Profile after the user that it gets."""
    script = "mkdir -p kubeflow; echo $KUBEFLOW_USER_EMAIL; cat ../kfdef.yaml | tr -d ' ,'; true"
    definition = job(tmp_path, script, "0.6.2", user="admin@lab.example")
    assert definition["fitting"]["user"] == "jo@lab"
    assert run(tmp_path / "run", definition)[0].succeeded
    log = (tmp_path / "run/kfctl.log").read_text()
    assert log.count("admin@lab.example\n") == 3
    assert '"email":"admin@lab.example"' in log
    assert "jo@lab" not in log


def test_apply_is_repeated_then_reports_its_reason(tmp_path: Path) -> None:
    """It is repeated once for each pause, and another run may help."""
    script = "echo once; echo Error: no matches for kind Application; echo Usage:; exit 1"
    state, result = run(tmp_path / "run", job(tmp_path, script))
    assert (state.succeeded, state.may_retry, state.step) == (False, True, "apply")
    assert state.message == "Error: no matches for kind Application"
    assert (tmp_path / "run/kfctl.log").read_text().count("once") == 3
    assert result["step"] == "apply"


def test_apply_may_succeed_after_failures(tmp_path: Path) -> None:
    """The earlier failures do not count."""
    script = f"echo once >> {tmp_path}/tries; [ $(wc -l < {tmp_path}/tries) = 3 ]"
    assert run(tmp_path / "run", job(tmp_path, script))[0].succeeded


@pytest.mark.parametrize("step", ["init", "generate"])
def test_init_and_generate_are_not_repeated(tmp_path: Path, step: str) -> None:
    """They depend on nothing that may start later."""
    script = f'echo Error: $1; mkdir -p kubeflow; [ "$1" != {step} ]'
    state, _ = run(tmp_path / "run", job(tmp_path, script, "0.6.2"))
    assert (state.succeeded, state.may_retry) == (False, False)
    assert (state.step, state.message) == (step, f"Error: {step}")
    assert (tmp_path / "run/kfctl.log").read_text().count(f"Error: {step}") == 1


def test_step_that_takes_too_long_fails(tmp_path: Path) -> None:
    """Another run may help."""
    state, result = run(tmp_path / "run", job(tmp_path, "exec sleep 300", seconds={"apply": 1}))
    assert (state.succeeded, state.may_retry) == (False, True)
    assert state.message == "kfctl apply did not end within 1 s"
    assert result["seconds"] < 15


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("kfctl", "no archive", "kfctl cannot be unpacked"),
        ("manifests", "no archive", "manifests is not a .tar.gz, the only format kfctl reads"),
        ("manifests", "", "manifests is not a .tar.gz, the only format kfctl reads"),
    ],
)
def test_unusable_files_are_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    """Nothing is tried again."""
    definition = job(tmp_path, "true")
    (tmp_path / name).write_text(text)
    definition["files"][name] = str(tmp_path / name)
    state, _ = run(tmp_path / "run", definition)
    assert (state.succeeded, state.may_retry, state.step) == (False, False, "unpack")
    assert state.message.startswith(message)


def test_secrets_are_in_no_log_and_no_command_line(tmp_path: Path) -> None:
    """The secret path of the run's proxy is hidden too."""
    script = "cat $KUBECONFIG $5; tr '\\0' ' ' < /proc/$PPID/cmdline; env; exit 0"
    state, _ = run(tmp_path / "run", job(tmp_path, script.replace("$5", '"$4"')))
    assert state.succeeded, state
    log = (tmp_path / "run/kfctl.log").read_text()
    assert f"jobs/runner.py {tmp_path}/run" in log
    assert "***" in log
    for secret in ("token-of-the-admin", HASH, "the-password"):
        assert secret not in log
    server = next(line for line in log.splitlines() if '"server"' in line)
    assert '"http://127.0.0.1:' in server
    assert "/***" in server
