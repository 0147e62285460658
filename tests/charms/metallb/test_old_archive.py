"""What the old archive carries, on the Pythons of 18.04 and 20.04."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.old_archive import run_harness

HERE = Path(__file__).resolve().parent


@pytest.mark.parametrize("version", ["3.6", "3.8"])
def test_harness(version: str, archives: Path, tmp_path: Path) -> None:
    """State transitions under ops 1.5."""
    said = run_harness("metallb", HERE / "harness_on_36.py", version, archives, tmp_path)
    assert "Ran 3 tests" in said
