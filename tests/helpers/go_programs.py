"""Small Go programs of the tests that are built once and cached."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class UnavailableError(Exception):
    """The program cannot be built. The message gives the reason."""


def built_program(source: Path, group: str, shared: Sequence[Path] = ()) -> Path:
    """Return the program of a source directory, and build it if the cache does not have it.

    Args:
        source: The directory, which names the program.
        group: The directory of the cache.
        shared: Further directories whose files are part of the program.

    Raises:
        UnavailableError: When Go is missing, or its modules cannot be downloaded.
    """
    go = shutil.which("go")
    if go is None:
        raise UnavailableError("Go is not on the PATH")
    files = sorted(file for directory in (source, *shared) for file in directory.iterdir())
    key = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    cache = Path(os.environ.get("BOTLAB_CACHE", ROOT / ".cache"))
    program = cache / group / key / source.name
    if not program.exists():
        command = [go, "build", "-o", str(program), "."]
        process = subprocess.run(command, cwd=source, capture_output=True, text=True)
        if process.returncode:
            last_line = (process.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise UnavailableError(f"the Go program cannot be built: {last_line}")
    return program
