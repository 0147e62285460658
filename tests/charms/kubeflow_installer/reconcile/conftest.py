"""Clusters in memory with an installed release."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.kubeflow.memory_lab import (
    BASE,
    LEFTOVERS,
    KfctlStandin,
    MemoryLab,
    kfctl_files,
    whole_release,
)


@pytest.fixture
def kfctl(monkeypatch: pytest.MonkeyPatch) -> KfctlStandin:
    """Play kfctl."""
    return KfctlStandin(monkeypatch)


@pytest.fixture
def old_lab(tmp_path: Path, kfctl: KfctlStandin) -> MemoryLab:
    """Install 0.6.2 on a cluster of 1.13."""
    lab = MemoryLab(tmp_path, (1, 13), kfctl_files(tmp_path))
    assert lab.hook().endswith("the gateway has no address yet")
    assert len(kfctl.jobs) == 1
    return lab


@pytest.fixture
def new_lab(tmp_path: Path) -> MemoryLab:
    """Install 1.8.1 on a cluster of 1.25."""
    lab = MemoryLab(tmp_path, (1, 25), version="1.8.1")
    lab.attach(BASE + LEFTOVERS)
    assert lab.hook().endswith("the gateway has no address yet")
    return lab


@pytest.fixture
def current_lab(tmp_path: Path) -> MemoryLab:
    """Install all of 1.10.2 on a cluster of 1.33."""
    lab = MemoryLab(tmp_path, (1, 33), version="1.10.2")
    lab.attach(whole_release("1.10.2"))
    assert lab.hook().endswith("the gateway has no address yet")
    return lab
