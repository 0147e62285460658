"""The release that the tests of this directory look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.releases import ROOT, make_release


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of the checkout's release."""
    pytest.importorskip("hatchling", reason="tox -e wheel installs it")
    return make_release(ROOT, tmp_path_factory.mktemp("release"))
