"""The key files of a client: they are removed with it, even after it was killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from labkube.client.access import Access
from labkube.client.key_directories import create, remove_stale
from labkube.client.tls import tls_context

LIB = Path(__file__).resolve().parents[3] / "charms/shared/lib"
_PROCESS = """\
import os, sys
from labkube.client import key_directories
with key_directories.create() as directory:
    open(os.path.join(directory, "key"), "w").write("KEY")
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory that temporary files are in."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def client(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """Run another process that has a key directory."""
    command = [sys.executable, "-c", _PROCESS]
    environment = {"TMPDIR": str(directory), "PYTHONPATH": str(LIB)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, text=True, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def key_files(directory: Path) -> list[Path]:
    """Return the files that hold the key."""
    return [path for path in directory.rglob("*") if path.is_file() and path.read_text() == "KEY"]


def test_directory_is_private_and_removed_after_its_use(directory: Path) -> None:
    with create() as name:
        assert Path(name).parent == directory
        assert Path(name).stat().st_mode & 0o777 == 0o700
    assert list(directory.iterdir()) == []


def test_files_of_a_killed_client_are_removed_by_the_next_one(directory: Path) -> None:
    """The next client of any charm on the machine does that, also one without a certificate."""
    with client(directory) as process:
        process.kill()
        process.wait()
        assert process.returncode == -signal.SIGKILL
        assert len(key_files(directory)) == 1
        with suppress(ValueError, OSError):
            tls_context(Access("https://127.0.0.1:9", "no certificate", "token"))
    assert list(directory.iterdir()) == []


def test_killed_client_that_is_still_a_zombie_counts_as_gone(directory: Path) -> None:
    """Its process number is still taken."""
    with client(directory) as process:
        process.kill()
        while "Z" not in Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2]:
            pass
        remove_stale()
        assert key_files(directory) == []


def test_directories_in_use_and_those_of_another_kind_stay(directory: Path) -> None:
    with client(directory) as process:
        (key,) = key_files(directory)
        for name, mode in (("labkube-notes", 0o700), ("labkube-1-1-open", 0o755)):
            (directory / name).mkdir(mode)
        (directory / "labkube-1-1-link").symlink_to(directory / "labkube-notes")
        remove_stale()
        assert key.exists()
        process.stdin.close()
        process.wait()
    names = sorted(path.name for path in directory.iterdir())
    assert names == ["labkube-1-1-link", "labkube-1-1-open", "labkube-notes"]


def test_process_number_that_came_again_is_another_process(directory: Path) -> None:
    """The start time in the directory's name shows it."""
    with client(directory) as process:
        (key,) = key_files(directory)
        stale = directory / f"labkube-{process.pid}-1-x"
        stale.mkdir(0o700)
        remove_stale()
        assert key.exists()
        assert not stale.exists()
