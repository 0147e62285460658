"""The files of a client, in which a key may lie: they go with it, also where it was killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from labkube.client.access import Access
from labkube.client.api import Api
from labkube.client.key_directories import clear_remains

LIB = Path(__file__).resolve().parents[3] / "charms/shared/lib"
ACCESS = Access("https://127.0.0.1:9", "CA", certificate="CERTIFICATE", key="KEY")
_CLIENT = """\
import sys
from labkube.client.access import Access
from labkube.client.api import Api
client = Api(Access("https://127.0.0.1:9", "CA", certificate="CERTIFICATE", key="KEY"))
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that temporary files are in."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def client(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run another process that has a client."""
    command = [sys.executable, "-c", _CLIENT]
    environment = {"TMPDIR": str(folder), "PYTHONPATH": str(LIB)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, text=True, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def keys(folder: Path) -> list[Path]:
    """Return the files that hold the key."""
    return [path for path in folder.rglob("*") if path.is_file() and path.read_text() == "KEY"]


def test_a_clients_files_go_with_it(folder: Path) -> None:
    """Nobody else may read them meanwhile."""
    with closing(Api(ACCESS)):
        (key,) = keys(folder)
        assert key.stat().st_mode & 0o777 == 0o600
        assert key.parent.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


def test_what_a_killed_client_left_goes(folder: Path) -> None:
    """The next client of any charm on the machine takes it away, or who killed it."""
    with client(folder) as process:
        process.kill()
        process.wait()
        assert process.returncode == -signal.SIGKILL
        assert len(keys(folder)) == 1
        with closing(Api(ACCESS)):
            assert len(keys(folder)) == 1  # its own
    assert list(folder.iterdir()) == []


def test_a_killed_client_that_is_not_reaped_yet(folder: Path) -> None:
    """Its number is still taken; it runs no more."""
    with client(folder) as process:
        process.kill()
        while "Z" not in Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2]:
            pass
        clear_remains()
        assert keys(folder) == []


def test_what_others_have_in_use_stays(folder: Path) -> None:
    """Another hook that runs, and whatever is not of this kind."""
    with client(folder) as process:
        (key,) = keys(folder)
        for name, mode in (("labkube-notes", 0o700), ("labkube-1-1-open", 0o755)):
            (folder / name).mkdir(mode)
        (folder / "labkube-1-1-link").symlink_to(folder / "labkube-notes")
        clear_remains()
        assert key.exists()
        process.stdin.close()
        process.wait()
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["labkube-1-1-link", "labkube-1-1-open", "labkube-notes"]


def test_a_number_that_came_again_is_another_process(folder: Path) -> None:
    """The time tells."""
    with client(folder) as process:
        (key,) = keys(folder)
        late = folder / f"labkube-{process.pid}-1-x"
        late.mkdir(0o700)
        clear_remains()
        assert key.exists()
        assert not late.exists()
