"""The passwords of the object store and the databases on a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.kubeflow.manifests import deployment, manifest
from helpers.kubeflow.memory_lab import BASE, KfctlStandin, MemoryLab, kfctl_files
from kubeflow_installer.reconcile import loop
from kubeflow_installer.transform.normalize import decode_secret
from kubeflow_installer.transform.transform import SETTINGS_ANNOTATION

KEYS = {
    "mlpipeline-minio-artifact": "secretkey", "mysql-secret": "password",
    "katib-mysql-secrets": "MYSQL_ROOT_PASSWORD",
}  # fmt: skip
SHIPPED = {"mlpipeline-minio-artifact": "minio123", "mysql-secret": "",
           "katib-mysql-secrets": "test"}  # fmt: skip
SECRETS = [
    manifest("v1", "Secret", name, "kubeflow", stringData={key: SHIPPED[name]})
    for name, key in KEYS.items()
]
RELEASE = [entry for entry in BASE if entry["metadata"]["name"] != "mysql-secret"]


def lab_with(directory: Path, *more: object) -> MemoryLab:
    """Return a cluster without Kubeflow, whose release has the Secrets."""
    lab = MemoryLab(directory, (1, 25), version="1.8.1")
    lab.attach([*RELEASE, *SECRETS, *more])  # type: ignore[list-item]
    return lab


def passwords(lab: MemoryLab) -> dict[str, str]:
    """Return the passwords on the cluster."""
    return {
        name: decode_secret(lab.require("Secret", name, "kubeflow")["data"][key])
        for name, key in KEYS.items()
    }


def test_new_installation_gets_generated_passwords(tmp_path: Path) -> None:
    """They stay the same in every later hook, whatever Juju has stored."""
    lab = lab_with(tmp_path)
    lab.hook()
    first = passwords(lab)
    assert len(set(first.values())) == 3
    assert all(len(password) == 32 for password in first.values())
    lab.api.writes.clear()
    lab.hook()
    assert passwords(lab) == first
    assert lab.api.writes == []


def test_database_without_its_secret_stays_as_upstream_has_it(tmp_path: Path) -> None:
    """No password is generated for it: every hook would generate another one."""
    lab = MemoryLab(tmp_path, (1, 25), version="1.8.1")
    lab.attach([*RELEASE, *SECRETS[:2], deployment("katib-mysql")])
    lab.hook()
    database = lab.require("Deployment", "katib-mysql", "kubeflow")
    pod = database["spec"]["template"]
    assert pod["spec"] == deployment("katib-mysql")["spec"]["template"]["spec"]
    assert SETTINGS_ANNOTATION not in pod["metadata"].get("annotations", {})
    lab.api.writes.clear()
    lab.hook()
    assert lab.api.writes == []


def test_existing_installation_keeps_its_passwords_until_they_are_rotated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was installed by an earlier revision of the charm."""
    lab = lab_with(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("kubeflow_installer.reconcile.requests.storage_passwords.read", lambda _: ())
        lab.hook()
    assert passwords(lab) == SHIPPED
    lab.hook()
    assert passwords(lab) == SHIPPED
    assert loop.rotate_storage_passwords(lab.kubeflow()) == list(KEYS)
    rotated = passwords(lab)
    lab.hook()
    assert passwords(lab) == rotated
    assert not set(rotated.values()) & set(SHIPPED.values())


@pytest.mark.parametrize(
    ("image", "is_rotated"),
    [
        ("gcr.io/ml-pipeline/minio:RELEASE.2019-08-14T20-37-41Z-license-compliance", True),
        ("reg.lab:5000/minio:RELEASE.2019-08-14T20-37-41Z", True),
        ("minio/minio:RELEASE.2019-11-14T00-00-00Z", False),
        ("minio/minio:RELEASE.2025-04-22T22-12-26Z", False),
        ("minio/minio:latest", False),
        ("minio/minio:RELEASE.2019-08-14T20-37-41Z@sha256:00", False),
    ],
)
def test_key_of_minio_is_rotated_where_nothing_depends_on_it(
    tmp_path: Path, image: str, is_rotated: bool
) -> None:
    """Later releases, which a site can set by image-overrides, encrypt with it."""
    minio = deployment("minio")
    minio["spec"]["template"]["spec"]["containers"][0]["image"] = image
    lab = lab_with(tmp_path, minio)
    lab.hook()
    before = passwords(lab)
    changed = loop.rotate_storage_passwords(lab.kubeflow())
    key = "mlpipeline-minio-artifact"
    assert changed == [*([key] if is_rotated else []), "mysql-secret", "katib-mysql-secrets"]
    assert (passwords(lab)[key] != before[key]) == is_rotated


def test_releases_of_kfctl_keep_upstreams_passwords(tmp_path: Path, kfctl: KfctlStandin) -> None:
    """Their programs have them built in."""
    lab = MemoryLab(tmp_path, (1, 13), kfctl_files(tmp_path))
    lab.hook()
    assert len(kfctl.jobs) == 1
    before = lab.require("Secret", "mysql-secret", "kubeflow")
    assert loop.rotate_storage_passwords(lab.kubeflow()) == []
    lab.hook()
    assert lab.require("Secret", "mysql-secret", "kubeflow") == before


def test_nothing_is_rotated_where_nothing_is_installed(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    assert loop.rotate_storage_passwords(lab.kubeflow()) == []
    assert lab.api.writes == []
