"""The old archive on the Pythons of 18.04 and 20.04."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.old_archive import run_harness

HARNESS = Path(__file__).resolve().parent / "harness_on_36.py"


@pytest.mark.parametrize("version", ["3.6", "3.8"])
def test_state_transitions_under_ops_1_5(version: str, archives: Path, tmp_path: Path) -> None:
    """The three tests of the harness pass."""
    report = run_harness("nfs-server", HARNESS, version, archives, tmp_path)
    assert "Ran 3 tests" in report
