"""Fuzzing of each target for a short time. ``tox -e long`` fuzzes them for ten minutes each."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from helpers.fuzzing.targets import TARGETS

# The seconds for each target. `.ci/run` has eight, which with the start of the processes
# is less than three minutes for all targets.
SECONDS = float(os.environ.get("BOTLAB_FUZZ_SECONDS", "1"))


@pytest.mark.parametrize("target", TARGETS)
def test_fuzzer_finds_no_fault(target: str) -> None:
    """In a process of its own, because a fault may be a crash, a hang or too much memory."""
    command = [sys.executable, "-m", "helpers.fuzzing", target, "--here"]
    path = os.pathsep.join(entry for entry in sys.path if entry)

    done = subprocess.run(
        [*command, "--seconds", str(SECONDS)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        timeout=SECONDS + 300,
    )

    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert done.stdout.endswith(" 0 faults\n")
