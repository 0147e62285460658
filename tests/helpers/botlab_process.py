"""The program ``botlab`` as a process that uses a scripted `juju` client."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .scripted_juju import ScriptedJuju

_GENERATOR = Path(__file__).resolve().parents[2] / "generator"


def run_botlab(
    juju: ScriptedJuju, directory: Path, *arguments: str, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run botlab without a terminal, and return what it printed.

    Args:
        juju: The scripted client, which botlab finds in PATH.
        directory: The working directory.
        arguments: The arguments of botlab.
        timeout: The time limit in seconds.
    """
    return subprocess.run(
        [sys.executable, "-m", "botlab", *arguments],
        cwd=directory,
        env=_environment(juju),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=timeout,
        check=False,
    )


def start_botlab(juju: ScriptedJuju, directory: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start botlab without a terminal, in a process group of its own, so that Ctrl-C ends it."""
    return subprocess.Popen(
        [sys.executable, "-m", "botlab", *arguments],
        cwd=directory,
        env=_environment(juju),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def run_shell(
    juju: ScriptedJuju, directory: Path, command: str
) -> subprocess.CompletedProcess[str]:
    """Run a command that botlab printed, in a shell."""
    return subprocess.run(
        ["sh", "-c", command],
        cwd=directory,
        env=_environment(juju),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


def _environment(juju: ScriptedJuju) -> dict[str, str]:
    return {**os.environ, **juju.environment, "PYTHONPATH": str(_GENERATOR)}
