"""The old archive on the Pythons of 18.04 and 20.04."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.old_archive import run_harness

DIRECTORY = Path(__file__).resolve().parent


@pytest.mark.parametrize("version", ["3.6", "3.8"])
def test_charm_runs_under_ops_1_5(version: str, archives: Path, tmp_path: Path) -> None:
    """The archive brings its own ops, and the harness checks a few transitions."""
    output = run_harness(
        "kubeflow-installer", DIRECTORY / "harness_on_36.py", version, archives, tmp_path
    )
    assert "Ran 4 tests" in output
