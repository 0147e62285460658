"""A kit that is interrupted leaves no files behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.kits import EXAMPLE, ROOT
from helpers.processes import until

# The package is a gigabyte without content, which takes seconds to read.
_SIZE = 2**30


def open_files(pid: int) -> set[str]:
    """Return the files that a process has open."""
    names: set[str] = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            names.add(str(descriptor.readlink()))
    return names


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_kit_leaves_no_files(tmp_path: Path, number: signal.Signals) -> None:
    source, output = tmp_path / "source", tmp_path / "output"
    (source / "packages").mkdir(parents=True)
    output.mkdir()
    large = source / "packages/large.deb"
    with large.open("wb") as stream:
        stream.truncate(_SIZE)
    command = [sys.executable, "-m", "botlab", "kit", str(EXAMPLE), "--partial"]
    command += ["--from", str(source), "-o", str(output / "lab.tar")]
    process = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT / "generator")},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: str(large) in open_files(process.pid))
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (128 + number, "")
    assert list(output.iterdir()) == []
