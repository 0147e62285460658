"""Juju's own packages as a judge: a small Go program of ours, built once and cached."""

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
SOURCES = Path(__file__).resolve().parent / "oracle"


class UnavailableError(Exception):
    """The oracle cannot be had here; the text says why."""


class Oracle:
    """Judges bundles by one Juju release's own code.

    Args:
        name: Folder of the program: ``juju29``.

    Raises:
        UnavailableError: When Go is missing, or its modules cannot be had.
    """

    def __init__(self, name: str) -> None:
        self.binary = _built(SOURCES / name)

    def judge(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Judge bundles, all in one process."""
        done = subprocess.run(
            [str(self.binary)], input=json.dumps(requests), capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"the oracle ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)


def _built(source: Path) -> Path:
    go = shutil.which("go")
    if go is None:
        raise UnavailableError("Go is not on the PATH")
    files = sorted(source.iterdir())
    key = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    cache = Path(os.environ.get("BOTLAB_CACHE", ROOT / ".cache"))
    binary = cache / "oracle" / key / source.name
    if not binary.exists():
        command = [go, "build", "-o", str(binary), "."]
        done = subprocess.run(command, cwd=source, capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise UnavailableError(f"the Go program does not build: {last}")
    return binary


def compare(
    bundle: Path, command: list[str], runs: int, measure: Callable[[list[str], int], Any]
) -> None:
    """Print how long Juju's packages and botlab take to verify and plan one bundle."""
    try:
        oracle = Oracle("juju29")
    except UnavailableError as reason:
        print(f"          no comparison with Juju's own packages: {reason}")
        return
    request = bundle.with_suffix(".json")
    request.write_text(json.dumps([{"bundle": bundle.read_text(), "folder": str(bundle.parent)}]))
    theirs = measure(["sh", "-c", f'"{oracle.binary}" < "{request}"'], runs)
    ours = measure([*command, "--juju", "2.9"], runs)
    ratio = ours.seconds / theirs.seconds
    print(
        f"          the bundle alone: Juju's packages {theirs.seconds:.3f} s, botlab"
        f" {ours.seconds:.3f} s, x{ratio:.1f}"
    )
