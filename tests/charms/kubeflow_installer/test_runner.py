"""The program that runs kfctl: steps, time limits, tries, and what it leaves."""

from __future__ import annotations

import fcntl
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpers.processes import is_gone, until
from kubeflow_installer.jobs import child as child_module
from kubeflow_installer.jobs import launcher
from kubeflow_installer.kfctl import run as run_module
from kubeflow_installer.kfctl.program import Kfctl, why
from kubeflow_installer.transform.transform import Fitting, Toleration
from labkube.client.access import Access

SRC = Path(launcher.__file__).parents[2]
HASH = "$2a$10$" + "h" * 53


def shell(
    script: str, folder: Path, seconds: float = 20, stop: Callable[[], bool] = lambda: False
) -> tuple[child_module.Ended, str]:
    """Run a shell's script as kfctl is run; return how it ended and its log."""
    with io.StringIO() as log:
        command = ["/bin/sh", "-c", script]
        ended = child_module.run(
            command, str(folder), {"A": "b"}, log, ["s3cret", ""], seconds, stop
        )
        return ended, log.getvalue()


# A child.


def test_a_child_ends(tmp_path: Path) -> None:
    """Its code and its words come back; secrets are in neither words nor log."""
    ended, log = shell("env; pwd; echo the s3cret >&2; exit 3", tmp_path)
    assert (ended.code, ended.late) == (3, False)
    assert {"A=b", "the ***", str(tmp_path)} <= set(ended.words)
    assert not any(word.startswith(("HOME", "PYTHON", "http")) for word in ended.words)
    assert log.endswith(f"{tmp_path}\nthe ***\n")


def test_a_child_that_takes_too_long_goes_with_all_it_started(tmp_path: Path) -> None:
    """Its group is killed."""
    ended, _ = shell(f"sleep 300 & echo $! > {tmp_path}/pid; wait", tmp_path, seconds=0.5)
    assert (ended.code, ended.late) == (-signal.SIGKILL, True)
    assert is_gone(int((tmp_path / "pid").read_text()))


def test_a_child_is_stopped(tmp_path: Path) -> None:
    """When it is not wanted any longer."""
    ended, _ = shell("sleep 300", tmp_path, stop=lambda: True)
    assert (ended.code, ended.late) == (-signal.SIGKILL, False)


def test_what_a_child_left_running_goes_too(tmp_path: Path) -> None:
    """Also where it ended by itself."""
    ended, _ = shell(f"sleep 300 & echo $! > {tmp_path}/pid", tmp_path)
    assert ended.code == 0
    until(lambda: is_gone(int((tmp_path / "pid").read_text())))


def test_no_child_survives_us(tmp_path: Path) -> None:
    """Killed without a word, we take it along."""
    program = f"""\
        import sys
        sys.path.insert(0, {str(SRC)!r})
        from kubeflow_installer.jobs import child
        script = "echo $$ > {tmp_path}/pid; exec sleep 300"
        command = ["/bin/sh", "-c", script]
        jobs.child.run(command, "/", {{}}, sys.stderr, [], 300, lambda: False)
    """
    ours = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)])
    until(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text().strip()))
    child = int((tmp_path / "pid").read_text())
    assert not is_gone(child)
    ours.kill()
    ours.wait()
    until(lambda: is_gone(child))


def test_a_child_without_us_does_not_start() -> None:
    """It looks whether its parent is still there."""
    command = [
        sys.executable,
        str(SRC / "kubeflow_installer/jobs/child.py"),
        "1",
        "/bin/echo",
        "started",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "1 is gone\n")


# kfctl.


def test_one_step(tmp_path: Path) -> None:
    """1.0 applies a file; what a try before it left half done is gone."""
    kfctl = Kfctl("1.0.2", str(tmp_path), "the kfdef", "http://api")
    (step,) = kfctl.steps()
    app = tmp_path / "kubeflow"
    assert step == ("apply", str(app), ["apply", "-V", "-f", f"{app}/kfdef.yaml"], True)
    for _ in range(2):
        kfctl.prepare(step)
        assert [one.name for one in app.iterdir()] == ["kfdef.yaml"]
        assert (app / "kfdef.yaml").stat().st_mode & 0o777 == 0o600
        (app / "kustomize").mkdir()


def test_three_steps(tmp_path: Path) -> None:
    """0.6 makes its folder itself, and applies what it generated, again and again."""
    kfctl = Kfctl("0.6.2", str(tmp_path), "the kfdef", "http://api")
    init, generate, apply = kfctl.steps()
    assert init.args == ["init", "kubeflow", f"--config={tmp_path}/kfdef.yaml", "-V"]
    assert (generate.args, apply.args) == (["generate", "all", "-V"], ["apply", "all", "-V"])
    assert [step.again for step in (init, generate, apply)] == [False, False, True]
    (tmp_path / "kubeflow").mkdir()
    kfctl.prepare(init)
    assert [one.name for one in tmp_path.iterdir()] == ["kfdef.yaml"]
    (tmp_path / "kubeflow").mkdir()
    for step in (generate, apply):
        kfctl.prepare(step)
        assert (tmp_path / "kubeflow").is_dir()


@pytest.mark.parametrize("hostname", ["", "kubeflow.lab.example"])
def test_environment(tmp_path: Path, hostname: str) -> None:
    """It says all that kfctl knows: no proxy, no credentials of ours, a password of no use."""
    kfctl = Kfctl("0.6.2", str(tmp_path), "", "http://127.0.0.1:1/secret")
    found, other = (kfctl.environment("jo@lab.example", hostname) for _ in range(2))
    passwords = {one.pop("KUBEFLOW_PASSWORD") for one in (found, other)}
    assert len(passwords) == 2
    home = f"{tmp_path}/home"
    endpoints = {
        "KUBEFLOW_ENDPOINT": f"https://{hostname}",
        "OIDC_ENDPOINT": f"https://{hostname}:5556/dex",
    }
    assert found == {
        "PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": home, "TMPDIR": home,
        "KUBECONFIG": f"{home}/kubeconfig", "NO_PROXY": "*", "no_proxy": "*",
        "KUBEFLOW_USER_EMAIL": "jo@lab.example", **(endpoints if hostname else {}),
    }  # fmt: skip
    kubeconfig = json.loads(Path(found["KUBECONFIG"]).read_text())
    assert kubeconfig["clusters"][0]["cluster"] == {"server": "http://127.0.0.1:1/secret"}
    assert kubeconfig["users"][0]["user"] == {}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["Error: one", "Usage:", "  kfctl apply", "-V verbose"], "Error: one"),
        (['level=info msg="a"', 'level=error msg="b"', "c"], 'level=error msg="b"'),
        (["panic: no", "goroutine 1"], "goroutine 1"),
        ([], "kfctl said nothing"),
        (["Error: " + "x" * 900], ("Error: " + "x" * 900)[:400]),
    ],
)
def test_why(words: list[str], told: str) -> None:
    """The line that says why is found, not the usage after it."""
    assert why(words) == told


# The program.


def archive(folder: Path, name: str, member: str, body: str) -> str:
    """Write an archive with one file."""
    path = folder / name
    with tarfile.open(path, "w:gz") as tar:
        entry = tarfile.TarInfo(member)
        entry.size, entry.mode = len(body), 0o755
        tar.addfile(entry, io.BytesIO(body.encode()))
    return str(path)


def job(folder: Path, script: str, release: str = "1.0.2", **changed: Any) -> dict[str, Any]:
    """Return a job with a shell's script in the place of kfctl."""
    files = {name: archive(folder, f"{name}.tar.gz", "top/a", "a") for name in ("manifests",)}
    files["platform"] = files["manifests"]
    files["kfctl"] = archive(folder, "kfctl.tar.gz", "./kfctl", f"#!/bin/sh\n{script}\n")
    request = SimpleNamespace(
        release=SimpleNamespace(name=release),
        application="kf",
        access=Access("https://127.0.0.1:9", "", "token-of-the-admin"),
        fitting=Fitting("", "none", (Toleration("a", "b", "NoSchedule"),), "jo@lab", HASH, ""),
        options=SimpleNamespace(excluded=("spartakus",)),
        credentials=SimpleNamespace(password="the-password"),  # noqa: S106
        first_user="jo@lab",
        files=files,
    )
    return {**run_module.job(request), "pauses": [0.1, 0.1], **changed}


def run(folder: Path, wanted: dict[str, Any]) -> tuple[launcher.State, dict[str, Any]]:
    """Run a job to its end; return the state and the result."""
    assert launcher.start(str(folder), wanted)
    until(lambda: not launcher.state(str(folder)).running)
    return launcher.state(str(folder)), json.loads((folder / "result.json").read_text())


def test_a_job_holds_no_password(tmp_path: Path) -> None:
    """Its hash is enough; and it is all JSON."""
    text = json.dumps(job(tmp_path, ""))
    assert HASH in text
    assert "the-password" not in text


def test_states(tmp_path: Path) -> None:
    """None, running while the lock is held, cut off, ended."""
    folder = str(tmp_path / "run")
    assert launcher.state(folder) == (False, False, False, True, "", "", 0.0)
    Path(folder).mkdir()
    with Path(folder, "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = json.dumps({"since": 5.0, "step": "apply, 7 objects"})
        Path(folder, "progress.json").write_text(told)
        state = launcher.state(folder)
        assert (state.running, state.step, state.since) == (True, "apply, 7 objects", 5.0)
        assert not launcher.start(folder, {})
    state = launcher.state(folder)
    assert (state.ended, state.ok, state.passes) == (True, False, True)
    assert state.message == "it was cut off at apply, 7 objects"


def test_a_run_that_works(tmp_path: Path) -> None:
    """Its objects are there, its working folder is not."""
    folder = tmp_path / "run"
    state, result = run(folder, job(tmp_path, 'echo "$@"; echo $KUBECONFIG'))
    assert (state.ended, state.ok, state.message) == (True, True, "")
    assert {key: result[key] for key in ("ok", "objects", "foreign")} == {
        "ok": True, "objects": 0, "foreign": [],
    }  # fmt: skip
    assert (folder / "objects.jsonl").read_text() == ""
    app = folder / "work/kubeflow"
    assert (folder / "kfctl.log").read_text().splitlines() == [
        f"apply -V -f {app}/kfdef.yaml", f"{folder}/work/home/kubeconfig",
    ]  # fmt: skip
    assert {one.name for one in folder.iterdir()} == {
        "kfctl.log", "lock", "objects.jsonl", "progress.json", "result.json", "runner.log",
    }  # fmt: skip
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}


def test_three_steps_are_run(tmp_path: Path) -> None:
    """In the folders that kfctl 0.6 expects."""
    script = 'echo "$1 in $PWD"; [ "$1" = init ] && mkdir kubeflow; exit 0'
    state, _ = run(tmp_path / "run", job(tmp_path, script, "0.6.2"))
    assert state.ok, state
    work = tmp_path / "run/work"
    assert (tmp_path / "run/kfctl.log").read_text().splitlines() == [
        f"init in {work}", f"generate in {work}/kubeflow", f"apply in {work}/kubeflow",
    ]  # fmt: skip


def test_kfctl_knows_the_first_user(tmp_path: Path) -> None:
    """Whoever is the user now: it names the Profile after whom it knows."""
    script = "mkdir -p kubeflow; echo $KUBEFLOW_USER_EMAIL; cat ../kfdef.yaml | tr -d ' ,'; true"
    wanted = job(tmp_path, script, "0.6.2", user="admin@lab.example")
    assert wanted["fitting"]["user"] == "jo@lab"
    assert run(tmp_path / "run", wanted)[0].ok
    log = (tmp_path / "run/kfctl.log").read_text()
    assert log.count("admin@lab.example\n") == 3
    assert '"email":"admin@lab.example"' in log
    assert "jo@lab" not in log


def test_apply_is_tried_again(tmp_path: Path) -> None:
    """As often as there are pauses; then its reason is told, and another run may help."""
    script = "echo once; echo Error: no matches for kind Application; echo Usage:; exit 1"
    state, result = run(tmp_path / "run", job(tmp_path, script))
    assert (state.ok, state.passes, state.step) == (False, True, "apply")
    assert state.message == "Error: no matches for kind Application"
    assert (tmp_path / "run/kfctl.log").read_text().count("once") == 3
    assert result["step"] == "apply"


def test_apply_works_in_the_end(tmp_path: Path) -> None:
    """What failed before does not count."""
    script = f"echo once >> {tmp_path}/tries; [ $(wc -l < {tmp_path}/tries) = 3 ]"
    assert run(tmp_path / "run", job(tmp_path, script))[0].ok


@pytest.mark.parametrize("step", ["init", "generate"])
def test_what_has_nobody_to_wait_for_is_run_once(tmp_path: Path, step: str) -> None:
    """A failure of theirs stays."""
    script = f'echo Error: $1; mkdir -p kubeflow; [ "$1" != {step} ]'
    state, _ = run(tmp_path / "run", job(tmp_path, script, "0.6.2"))
    assert (state.ok, state.passes) == (False, False)
    assert (state.step, state.message) == (step, f"Error: {step}")
    assert (tmp_path / "run/kfctl.log").read_text().count(f"Error: {step}") == 1


def test_time_limit(tmp_path: Path) -> None:
    """A step that takes too long is ended and told."""
    state, result = run(tmp_path / "run", job(tmp_path, "exec sleep 300", seconds={"apply": 1}))
    assert (state.ok, state.passes) == (False, True)
    assert state.message == "kfctl apply did not end within 1 s"
    assert result["seconds"] < 15


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("kfctl", "no archive", "kfctl cannot be unpacked"),
        ("manifests", "no archive", "manifests is no .tar.gz, which is all that kfctl reads"),
        ("manifests", "", "manifests is no .tar.gz, which is all that kfctl reads"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, name: str, text: str, told: str) -> None:
    """They are named, and nothing is tried again."""
    wanted = job(tmp_path, "true")
    (tmp_path / name).write_text(text)
    wanted["files"][name] = str(tmp_path / name)
    state, _ = run(tmp_path / "run", wanted)
    assert (state.ok, state.passes, state.step) == (False, False, "unpack")
    assert state.message.startswith(told)


def test_a_run_is_stopped(tmp_path: Path, monkeypatch: Any) -> None:
    """With kfctl, and no secret of it stays; where none runs there is nothing to do."""
    folder = str(tmp_path / "run")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    environment = launcher._environment()
    monkeypatch.setattr(
        launcher, "_environment", lambda: {**environment, "TMPDIR": str(tmp_path / "tmp")}
    )
    assert launcher.stop(folder)
    wanted = job(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 300")
    certificate, key = pair(tmp_path)
    wanted["access"].update(certificate=certificate, key=key)
    assert launcher.start(folder, wanted)
    until(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text().strip()))
    secrets = (HASH, key)
    assert [bool(holding(one, tmp_path / "run", tmp_path / "tmp")) for one in secrets] == [
        True
    ] * 2
    assert launcher.stop(folder)
    assert launcher.state(folder).message.startswith("it was cut off at ")
    until(lambda: is_gone(int((tmp_path / "pid").read_text())))
    for secret in secrets:
        assert holding(secret, tmp_path / "run", tmp_path / "tmp") == []


def test_what_a_killed_run_left_goes(tmp_path: Path) -> None:
    """Where it did not end by us: the machine's power was cut."""
    (tmp_path / "run/work").mkdir(parents=True)
    (tmp_path / "run/work/kfdef.yaml").write_text(HASH)
    (tmp_path / "run/kfctl.log").write_text("why")
    assert launcher.stop(str(tmp_path / "run"))
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["kfctl.log"]


def pair(folder: Path) -> tuple[str, str]:
    """Make a client's certificate and key."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout key -out crt"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return (folder / "crt").read_text(), (folder / "key").read_text()


def holding(text: str, *folders: Path) -> list[Path]:
    """Return the files that hold a text."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if text.encode() in path.read_bytes()]


def test_a_run_that_does_not_start(tmp_path: Path, monkeypatch: Any) -> None:
    """Its state says why."""
    monkeypatch.setattr(sys, "path", [])
    wanted = job(tmp_path, "true")
    assert not launcher.start(str(tmp_path / "run"), wanted)
    state = launcher.state(str(tmp_path / "run"))
    assert (state.ended, state.ok, state.passes) == (True, False, True)
    assert state.message.startswith("it did not start: ModuleNotFoundError: ")


def test_an_unknown_fault_is_told_too(tmp_path: Path) -> None:
    """Nothing ends without a word."""
    state, _ = run(tmp_path / "run", job(tmp_path, "true", "9.9"))
    assert (state.ended, state.ok) == (True, False)
    assert state.message.startswith("FileNotFoundError: ")


def test_secrets_stay_where_they_are(tmp_path: Path) -> None:
    """Neither the log nor the command line shows one; the run's proxy is not named either."""
    script = "cat $KUBECONFIG $5; tr '\\0' ' ' < /proc/$PPID/cmdline; env; exit 0"
    state, _ = run(tmp_path / "run", job(tmp_path, script.replace("$5", '"$4"')))
    assert state.ok, state
    log = (tmp_path / "run/kfctl.log").read_text()
    assert f"jobs/runner.py {tmp_path}/run" in log
    assert "***" in log
    for secret in ("token-of-the-admin", HASH, "the-password"):
        assert secret not in log
    server = next(line for line in log.splitlines() if '"server"' in line)
    assert '"http://127.0.0.1:' in server
    assert "/***" in server


def test_the_hooks_proxies_are_not_the_runs(tmp_path: Path, monkeypatch: Any) -> None:
    """The API and kfctl's sources are on no proxy's way."""
    for name in ("http_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    script = "tr '\\0' '\\n' < /proc/$PPID/environ; env; exit 0"
    assert run(tmp_path / "run", job(tmp_path, script))[0].ok
    log = (tmp_path / "run/kfctl.log").read_text().lower()
    assert "http_proxy=" not in log
    assert "https_proxy=" not in log


def test_a_run_outlives_the_hook(tmp_path: Path) -> None:
    """It is in a session of its own, and holds nothing of the hook's open."""
    session = f"cut -d' ' -f6 /proc/$PPID/stat > {tmp_path}/session"
    script = f"{session}; ls -l /proc/$PPID/fd > {tmp_path}/open"
    with subprocess.Popen(["sleep", "0"], stdout=subprocess.PIPE) as other:
        assert run(tmp_path / "run", job(tmp_path, script))[0].ok
        assert other.stdout is not None
        mine = str(Path(f"/proc/self/fd/{other.stdout.fileno()}").readlink())
    assert int((tmp_path / "session").read_text()) != os.getsid(0)
    assert mine not in (tmp_path / "open").read_text()
