"""The machine of a unit: its commands and its files."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labcharm.machine import CommandError, CommandResult, Machine


def test_command_gets_the_environment_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the charm's own paths. The machine's variables win, and messages are in English."""
    for name in ("PYTHONPATH", "LD_LIBRARY_PATH", "LAB_A", "LC_ALL", "http_proxy"):
        monkeypatch.setenv(name, "of-the-hook")
    machine = Machine()
    machine.environment = {"http_proxy": "http://proxy", "LC_ALL": "de_DE"}
    lines = machine.check(["env"]).splitlines()

    assert "LAB_A=of-the-hook" in lines
    assert "http_proxy=http://proxy" in lines
    assert "LC_ALL=C" in lines
    assert [line for line in lines if line.startswith(("PYTHONPATH=", "LD_LIBRARY_PATH="))] == []


def test_result_has_the_code_and_both_outputs() -> None:
    machine = Machine()

    assert machine.run(["sh", "-c", "echo out; echo err >&2; exit 3"]) == CommandResult(
        3, "out\n", "err\n"
    )
    assert machine.run(["sh", "-c", "printf '\\377'"]) == CommandResult(0, "\ufffd", "")
    assert machine.run(["cat"]) == CommandResult(0, "", "")  # there is no input
    assert machine.run(["/absent/tool"]) == CommandResult(127, "", "/absent/tool: not found")
    assert machine.run(["/etc"]) == CommandResult(126, "", "/etc: Permission denied")
    assert machine.run([sys.executable, "-c", "import time; time.sleep(9)"], 0.2) == CommandResult(
        124, "", f"{sys.executable}: did not end within 0 s"
    )


def test_failed_command_is_an_error_with_its_name_and_last_line() -> None:
    machine = Machine()

    assert machine.check(["echo", "a"]) == "a\n"
    with pytest.raises(CommandError) as raised:
        machine.check(["/bin/sh", "-c", "echo first; echo why >&2; exit 2"])
    assert str(raised.value) == "sh ended with 2: why"


@pytest.mark.parametrize(
    ("command", "program"),
    [
        (["env", "LAB_A=1", "LAB_B=2", "false"], "false"),
        (["/bin/false", "a=b"], "false"),
        (["env", "LAB_A=1", "sh", "-c", "exit 1"], "sh"),
    ],
)
def test_failed_command_behind_env_is_named(command: list[str], program: str) -> None:
    """Nobody looks for the fault of apt-get in the program env."""
    with pytest.raises(CommandError) as raised:
        Machine().check(command)

    assert str(raised.value) == f"{program} ended with 1: no output"


@pytest.mark.parametrize("is_killed", [False, True])
def test_command_runs_after_the_block_also_when_the_process_is_killed(
    tmp_path: Path, is_killed: bool
) -> None:
    """And only once. The whole process group is killed, as by a terminal."""
    last_step = "os.killpg(0, signal.SIGKILL)" if is_killed else "pass"
    program = f"""
import os, signal
from labcharm.machine import Machine
with Machine().run_afterwards(["sh", "-c", "echo ran >> {tmp_path}/record"]):
    assert not os.path.exists("{tmp_path}/record")
    {last_step}
"""
    process = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
        check=False,
    )
    assert process.returncode == (-signal.SIGKILL if is_killed else 0)
    record = tmp_path / "record"
    deadline = time.monotonic() + 20
    while not (record.exists() and record.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert record.read_text() == "ran\n"


def test_paths_are_below_the_root(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path))

    assert machine.path("/etc/x") == f"{tmp_path}/etc/x"
    assert Machine().path("/etc/x") == "/etc/x"
    assert not machine.exists("/etc/x")
    assert machine.write("/etc/x", "a") is True
    assert machine.exists("/etc/x")
    assert (tmp_path / "etc/x").read_text() == "a"


def test_missing_file_has_no_text(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path))
    machine.write("/file", "")

    assert [machine.read(path) for path in ("/absent", "/file/below", "/", "/file")] == [
        None, None, None, "",
    ]  # fmt: skip


def test_text_with_any_bytes_is_written_back_unchanged(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path))
    (tmp_path / "file").write_bytes(b"a\xff\xe4b")
    text = machine.read("/file") or ""

    assert machine.write("/file", text + "c") is True
    assert (tmp_path / "file").read_bytes() == b"a\xff\xe4bc"


def test_new_file_gets_the_mode_and_an_existing_one_keeps_its_own(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path))
    machine.write("/a/plain", "x")
    machine.write("/a/secret", "x", 0o600)
    machine.write("/a/secret", "y")
    (tmp_path / "a/plain").chmod(0o2755)
    machine.write("/a/plain", "y", 0o600)
    modes = {name: (tmp_path / "a" / name).stat().st_mode & 0o7777 for name in ("plain", "secret")}

    assert modes == {"plain": 0o2755, "secret": 0o600}
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["plain", "secret"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files to other users")
@pytest.mark.parametrize(("user", "group"), [(12, 0), (0, 34), (12, 34)])
def test_existing_file_keeps_its_owner_and_its_group(
    tmp_path: Path, user: int, group: int
) -> None:
    machine = Machine(str(tmp_path))
    machine.write("/file", "x")
    os.chown(tmp_path / "file", user, group)
    machine.write("/file", "y")
    status = (tmp_path / "file").stat()

    assert (status.st_uid, status.st_gid) == (user, group)


def test_file_with_the_same_text_is_not_touched(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path))
    machine.write("/file", "x")
    before = (tmp_path / "file").stat()

    assert machine.write("/file", "x", 0o600) is False
    after = (tmp_path / "file").stat()
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)


def test_link_is_followed_and_stays(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path))
    machine.write("/target/file", "x")
    (tmp_path / "link").symlink_to("target/file")
    machine.write("/link", "y")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target/file").read_text() == "y"


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path))
    (tmp_path / "directory/inner").mkdir(parents=True)

    with pytest.raises(OSError, match="directory"):
        machine.write("/directory", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["directory"]


_WRITER = """
import os, signal, sys
from labcharm.machine import Machine
os.fsync = lambda _: os.kill(os.getpid(), getattr(signal, sys.argv[2]))
Machine(sys.argv[1]).write("/etc/kubeconfig", "hunter2", 0o600)
"""


@contextlib.contextmanager
def writer(root: Path, end: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that is killed or stopped while it writes a file."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", _WRITER, str(root), end]
    with subprocess.Popen(command, env=environment) as process:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status) or os.WTERMSIG(status) == signal.SIGKILL
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(
    "next_step",
    [
        lambda machine: machine.write("/etc/kubeconfig", "new"),
        lambda machine: machine.write("/etc/other", "same"),
        lambda machine: machine.remove("/etc/kubeconfig"),
        lambda machine: machine.remove_stale_files("/etc"),
    ],
)
def test_temporary_file_of_a_killed_process_is_removed_by_the_next_step(
    tmp_path: Path, next_step: Callable[[Machine], object]
) -> None:
    """It holds the secret. The file of a process that still writes stays."""
    machine = Machine(str(tmp_path))
    machine.write("/etc/other", "same")
    with writer(tmp_path, "SIGSTOP"), writer(tmp_path, "SIGKILL"):
        leftovers = sorted((tmp_path / "etc").glob(".labcharm-*"))
        assert [path.read_text() for path in leftovers] == ["hunter2", "hunter2"]
        next_step(machine)
        assert len(list((tmp_path / "etc").glob(".labcharm-*"))) == 1
        (tmp_path / "etc/.labcharm-ab_9x1yz").write_text("of an earlier revision")
        next_step(machine)
        assert len(list((tmp_path / "etc").glob(".labcharm-*"))) == 1
    next_step(machine)
    assert list((tmp_path / "etc").glob(".labcharm-*")) == []


def test_removal_says_whether_there_was_a_file(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path))
    machine.write("/d/file", "x")

    machine.remove_empty_directory("/d")
    assert machine.remove("/d/file") is True
    assert machine.remove("/d/file") is False
    machine.remove_empty_directory("/d")
    assert list(tmp_path.iterdir()) == []
    machine.remove_empty_directory("/d")
