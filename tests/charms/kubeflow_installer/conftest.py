"""The charm's class and a context to run it in, without a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ops import testing

from helpers.charm_modules import load

CHARM = Path(__file__).resolve().parents[3] / "charms/kubeflow-installer"


@pytest.fixture
def charm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the charm's class; its machine is a directory."""
    monkeypatch.setenv("KUBEFLOW_INSTALLER_ROOT", str(tmp_path / "root"))
    return load("kubeflow-installer").KubeflowInstallerCharm


@pytest.fixture
def context(charm: Any) -> testing.Context:
    """Return a context that runs the charm."""
    return testing.Context(charm, charm_root=CHARM)
