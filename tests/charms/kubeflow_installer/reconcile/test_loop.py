"""What stops a reconcile step: an unsupported server, or manifests of another release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.kubeflow.memory_lab import BASE, MemoryLab, skipped_except, whole_release
from kubeflow_installer.methods import objects
from kubeflow_installer.verify import verify
from kubeflow_installer.verify.verify import VerifyParams
from labcharm.errors import BlockedError, WaitingError


def reconcile_after_server_upgrade(directory: Path) -> None:
    """Install a release that can be upgraded, and upgrade the server beyond it."""
    directory.joinpath("1.7").mkdir()
    lab = MemoryLab(directory / "1.7", (1, 25), version="1.7.0")
    lab.attach(BASE)
    lab.hook()
    lab.api.set_version(1, 26)
    lab.reconcile()


def test_server_that_is_too_new_blocks(old_lab: MemoryLab, tmp_path: Path) -> None:
    """Nothing is written. After a downgrade the charm continues."""
    old_lab.api.set_version(1, 16)
    old_lab.api.writes.clear()
    with pytest.raises(BlockedError) as error:
        old_lab.reconcile()
    assert str(error.value) == (
        "Kubeflow 0.6.2 fits Kubernetes 1.11 to 1.15, not 1.16; downgrade Kubernetes, or uninstall"
        " and install 1.0.2, 1.2.0"
    )
    with pytest.raises(BlockedError, match=r"Kubeflow 0\.6\.2 fits Kubernetes"):
        old_lab.require_changeable_credentials()
    assert old_lab.api.writes == []
    with pytest.raises(BlockedError, match=r", or upgrade Kubeflow to 1\.8\.1"):
        reconcile_after_server_upgrade(tmp_path)
    old_lab.api.set_version(1, 15)
    assert old_lab.hook().endswith("the gateway has no address yet")


def test_part_of_a_release_is_not_installed(tmp_path: Path) -> None:
    """Nothing is written, unless the site excludes the missing components."""
    lab = MemoryLab(tmp_path, (1, 25), version="1.8.1")
    release = whole_release("1.8.1")
    lab.attach([entry for entry in release if "katib" not in entry["metadata"]["name"]])
    with pytest.raises(
        BlockedError, match=r"^manifests: objects of Kubeflow 1\.8\.1 are missing: D"
    ):
        lab.reconcile()
    assert lab.api.writes == []

    lab.config["excluded-components"] = "spartakus katib"
    with pytest.raises(WaitingError, match="the gateway has no address yet"):
        lab.reconcile()
    assert lab.kubeflow().store.read().release == "1.8.1"


def test_fresh_installation_produces_its_objects_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The objects that were checked are the ones that are applied."""
    lab = MemoryLab(tmp_path, (1, 25), version="1.8.1")
    lab.attach(whole_release("1.8.1"))
    produced: list[int] = []
    produce = objects.produce

    def counted(*arguments: Any) -> Any:
        manifests = produce(*arguments)
        produced.append(len(manifests))
        return manifests

    monkeypatch.setattr(objects, "produce", counted)
    with pytest.raises(WaitingError, match="the gateway has no address yet"):
        lab.reconcile()
    assert len(produced) == 1


def verify_checks(lab: MemoryLab) -> dict[str, tuple[bool, str]]:
    """Return the checks of verify by name, without a login and a notebook."""
    params = VerifyParams(False, "", "", 0.0)
    checks = verify.checks(lab.kubeflow(), params)
    return {check.name: (check.ok, check.message) for check in checks}


def test_skipped_check_installs_part_of_a_release(tmp_path: Path) -> None:
    """Verify then expects what was applied, and otherwise the whole release."""
    lab = MemoryLab(tmp_path, (1, 25), version="1.8.1")
    lab.attach(BASE)
    lab.config["skipped-checks"] = skipped_except()
    with pytest.raises(WaitingError, match="the gateway has no address yet"):
        lab.reconcile()
    checks = verify_checks(lab)
    assert "release" not in checks
    assert checks["namespaces"] == (True, "2 exist")

    lab.config["skipped-checks"] = skipped_except("manifests")
    checks = verify_checks(lab)
    assert not checks["release"][0]
    assert checks["namespaces"][0] is False
    assert "cert-manager is missing" in checks["namespaces"][1]
