"""Juju's own packages as an oracle: small Go programs that are built once and cached."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers.go_programs import UnavailableError, built_program

__all__ = ["Oracle", "UnavailableError", "compare"]

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "tests/conformance/oracle"


class Oracle:
    """A program that judges bundles with the code of a Juju release.

    Args:
        name: The directory of the program, such as ``juju29``.

    Raises:
        UnavailableError: When Go is missing, or its modules cannot be downloaded.
    """

    def __init__(self, name: str) -> None:
        self.program = built_program(SOURCES / name, "oracle", [SOURCES / "shape"])

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
