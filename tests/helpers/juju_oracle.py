"""Juju's own packages as an oracle: small Go programs that are built once and cached."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "tests/conformance/oracle"


class UnavailableError(Exception):
    """The program cannot be built. The message gives the reason."""


class Oracle:
    """A program that judges bundles with the code of a Juju release.

    Args:
        name: The directory of the program, such as ``juju29``.

    Raises:
        UnavailableError: When Go is missing, or its modules cannot be downloaded.
    """

    def __init__(self, name: str) -> None:
        self.program = _build(SOURCES / name)

    def judge(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the judgements about some bundles, from a single run of the program.

        Each request names the path of a bundle, the paths of its overlays, and whether it is
        deployed with ``--trust``.
        """
        process = subprocess.run(
            [str(self.program)], input=json.dumps(requests), capture_output=True, text=True
        )
        if process.returncode:
            raise RuntimeError(f"the oracle exited with {process.returncode}: {process.stderr}")
        return json.loads(process.stdout)


def _build(source: Path) -> Path:
    """Return the program of a source directory, and build it if the cache does not have it."""
    go = shutil.which("go")
    if go is None:
        raise UnavailableError("Go is not on the PATH")
    files = sorted([*source.iterdir(), *(SOURCES / "shape").iterdir()])
    key = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    cache = Path(os.environ.get("BOTLAB_CACHE", ROOT / ".cache"))
    program = cache / "oracle" / key / source.name
    if not program.exists():
        command = [go, "build", "-o", str(program), "."]
        process = subprocess.run(command, cwd=source, capture_output=True, text=True)
        if process.returncode:
            last_line = (process.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise UnavailableError(f"the Go program cannot be built: {last_line}")
    return program


def compare(
    bundle: Path, command: list[str], runs: int, measure: Callable[[list[str], int], Any]
) -> None:
    """Print how long Juju's packages and botlab take to check and plan a bundle."""
    try:
        oracle = Oracle("juju29")
    except UnavailableError as reason:
        print(f"          no comparison with Juju's own packages: {reason}")
        return
    request = bundle.with_suffix(".json")
    request.write_text(json.dumps([{"path": str(bundle), "trust": True}]))
    juju = measure(["sh", "-c", f'"{oracle.program}" < "{request}"'], runs)
    botlab = measure([*command, "--juju", "2.9"], runs)
    ratio = botlab.seconds / juju.seconds
    print(
        f"          the bundle alone: Juju's packages {juju.seconds:.3f} s, botlab"
        f" {botlab.seconds:.3f} s, x{ratio:.1f}"
    )
