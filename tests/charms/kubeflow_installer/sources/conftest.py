"""Fixtures of the tests of sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.kubeflow import generated
from helpers.kubeflow.kustomize_standin import SMALL, BuildSite


@pytest.fixture
def site(tmp_path: Path) -> BuildSite:
    """Return a site that builds manifests."""
    return BuildSite(tmp_path)


@pytest.fixture
def archive_path(tmp_path: Path) -> Path:
    """Return the path of a small archive of manifests."""
    return generated.as_archive(tmp_path / "manifests.tar.gz", SMALL)
