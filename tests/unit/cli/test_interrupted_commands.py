"""A command that is interrupted leaves no temporary files behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from helpers.kits import EXAMPLE, ROOT
from helpers.processes import until

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
# The package is a gigabyte without content, which takes seconds to read.
_SIZE = 2**30


def open_files(pid: int) -> set[str]:
    """Return the files that a process has open."""
    names: set[str] = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            names.add(str(descriptor.readlink()))
    return names


def interrupt(
    arguments: list[str],
    number: signal.Signals,
    is_busy: Callable[[int], bool],
    **variables: str,
) -> None:
    """Run a command of botlab, send it a signal, and check how it ends.

    Args:
        arguments: The arguments.
        number: The signal.
        is_busy: Whether the process with a number has come to its long part.
        variables: Further variables of its environment.
    """
    environment: Mapping[str, str] = {
        **os.environ, "PYTHONPATH": str(ROOT / "generator"), **variables,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "botlab", *arguments], env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: is_busy(process.pid))
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (128 + number, "")


@SIGNALS
def test_interrupted_kit_leaves_no_files(tmp_path: Path, number: signal.Signals) -> None:
    source, output = tmp_path / "source", tmp_path / "output"
    (source / "packages").mkdir(parents=True)
    output.mkdir()
    large = source / "packages/large.deb"
    with large.open("wb") as stream:
        stream.truncate(_SIZE)
    arguments = ["kit", str(EXAMPLE), "--partial", "--from", str(source)]
    arguments += ["-o", str(output / "lab.tar")]
    interrupt(arguments, number, lambda pid: str(large) in open_files(pid))
    assert list(output.iterdir()) == []


@SIGNALS
def test_interrupted_picture_leaves_no_files(tmp_path: Path, number: signal.Signals) -> None:
    """The browser is ended, too."""
    output, programs, mark = tmp_path / "output", tmp_path / "bin", tmp_path / "pid"
    output.mkdir()
    programs.mkdir()
    browser = programs / "chromium"
    browser.write_text(f"#!/bin/sh\necho $$ > {mark}.new\nmv {mark}.new {mark}\nexec sleep 60\n")
    browser.chmod(0o755)
    arguments = ["picture", str(EXAMPLE), "-o", str(output / "lab.png")]
    path = f"{programs}:{os.environ['PATH']}"
    interrupt(arguments, number, lambda _: mark.exists(), PATH=path)
    assert list(output.iterdir()) == []
    assert not Path("/proc", mark.read_text().strip()).exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_interrupted_packing_leaves_no_files(tmp_path: Path, number: signal.Signals) -> None:
    """Neither those of botlab nor those of the packer, which waits for the package index."""
    output, temporary, cache = tmp_path / "output", tmp_path / "tmp", tmp_path / "cache"
    temporary.mkdir()
    scratch = cache / "botlab/vendor"

    def is_downloading(pid: int) -> bool:
        del pid
        return any(scratch.glob("*/pip-*"))

    with socket.create_server(("127.0.0.1", 0)) as index:
        interrupt(
            ["charms", str(output)], number, is_downloading,
            TMPDIR=str(temporary), XDG_CACHE_HOME=str(cache), no_proxy="127.0.0.1",
            PIP_CONFIG_FILE=os.devnull, PIP_NO_CACHE_DIR="1", PIP_NO_INDEX="0",
            PIP_INDEX_URL=f"http://127.0.0.1:{index.getsockname()[1]}/",
        )  # fmt: skip
    assert list(temporary.iterdir()) == []
    assert list(scratch.iterdir()) == []
    assert not output.exists()
