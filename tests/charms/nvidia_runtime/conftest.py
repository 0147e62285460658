"""Fixtures of the tests of nvidia-runtime: machines, the charm and its cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.fake_apt import FakeApt
from helpers.fake_machine import FakeMachine
from helpers.gpu_lab import Cluster, Lab

CHARMS = Path(__file__).resolve().parents[3] / "charms"


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    """Return an empty machine."""
    return FakeMachine(tmp_path)


@pytest.fixture
def packages(machine: FakeMachine) -> FakeApt:
    """Give the machine a scripted dpkg and apt without installed packages, and return them."""
    return FakeApt(machine)


@pytest.fixture
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the directory `src` of an unpacked charm, with the shared library beside it."""
    charm = tmp_path_factory.mktemp("charm")
    (charm / "src").mkdir()
    (charm / "src/reconciler").symlink_to(CHARMS / "nvidia-runtime/src/reconciler")
    (charm / "lib").symlink_to(CHARMS / "shared/lib")
    return str(charm / "src")


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return the charm's machine."""
    lab = Lab(tmp_path)
    monkeypatch.setenv("NVIDIA_RUNTIME_ROOT", str(lab.root))
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    return lab


@pytest.fixture
def cluster() -> Cluster:
    """Return the cluster."""
    return Cluster()


@pytest.fixture
def context(
    lab: Lab, cluster: Cluster, source: str, monkeypatch: pytest.MonkeyPatch
) -> testing.Context[Any]:
    """Return a context of the charm on this machine and this cluster."""
    module = load("nvidia-runtime")
    monkeypatch.setattr(module, "SOURCE", source)
    monkeypatch.setattr("labkube.charm.cluster.Api", cluster.connect)
    monkeypatch.setenv("NVIDIA_RUNTIME_SYSFS", "/sys")
    return testing.Context(module.NvidiaRuntimeCharm, charm_root=CHARMS / "nvidia-runtime")
