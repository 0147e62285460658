"""The desired state without the files it was made from, and what is not applied then."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.kubeflow.manifests import deployment, manifest
from helpers.kubeflow.memory_lab import (
    BASE,
    LEFTOVERS,
    NAMESPACE,
    OTHER_HASH,
    MemoryLab,
)
from kubeflow_installer.reconcile import desired, requests
from kubeflow_installer.reconcile.comparison import compare_installed
from kubeflow_installer.reconcile.upgrade import plan, start
from labcharm.errors import BlockedError


def images(lab: MemoryLab) -> set[str]:
    """Return the images of all Deployments."""
    return {
        live["spec"]["template"]["spec"]["containers"][0]["image"]
        for key, live in lab.api.objects.items()
        if key[1] == "Deployment"
    }


def test_leftovers_that_may_hold_data_are_not_pruned(new_lab: MemoryLab) -> None:
    """Namespaces, claims, Profiles, and definitions with a foreign object.

    The plan names them beforehand, and list-objects afterwards.
    """
    assert LEFTOVERS
    notebook = manifest("kubeflow.org/v1", "Notebook", "mine", "team", spec={})
    new_lab.api.create(notebook)
    new_lab.attach(BASE)
    planned = plan(new_lab.kubeflow(), "1.8.1").report
    assert planned is not None
    retained = {
        "Namespace knative", f"PersistentVolumeClaim {NAMESPACE}/minio", "Profile team",
        "CustomResourceDefinition notebooks.kubeflow.org",
    }  # fmt: skip
    pruned = {
        "CustomResourceDefinition studies.kubeflow.org", f"Study {NAMESPACE}/own",
        f"Deployment {NAMESPACE}/minio",
    }  # fmt: skip
    assert set(planned.comparison.extra) == pruned
    assert set(planned.retained) == retained

    start(new_lab.kubeflow(), "1.8.1")
    new_lab.api.writes.clear()
    new_lab.lines.clear()
    new_lab.hook()
    deleted = {line.partition(" ")[2] for line in new_lab.api.writes if line.startswith("DELETE")}
    assert deleted == {name.replace(f"{NAMESPACE}/", "") for name in pruned}
    assert {line.partition(": ")[2] for line in new_lab.lines} == retained
    report = compare_installed(new_lab.kubeflow())
    comparison = report.comparison
    assert (comparison.changed, comparison.missing, comparison.extra) == ([], [], [])
    assert set(report.retained) == retained


def test_credentials_and_options_are_applied_without_the_files(
    new_lab: MemoryLab, tmp_path: Path
) -> None:
    """On another leader that cannot download them."""
    new_lab.change_leader(tmp_path / "other")
    new_lab.detach_files()
    new_lab.hash = OTHER_HASH
    new_lab.config.update({"user": "jo@lab.example", "image-registry": "reg.lab:5000"})
    new_lab.require_changeable_credentials()
    new_lab.hook()

    assert new_lab.dex_user("auth") == {"email": "jo@lab.example", "hash": OTHER_HASH}
    assert all(image.startswith("reg.lab:5000/") for image in images(new_lab))
    new_lab.config["image-registry"] = ""
    new_lab.hook()
    assert "gcr.io/kubeflow/centraldashboard:v1" in images(new_lab)


def test_credentials_are_applied_while_other_files_are_attached(new_lab: MemoryLab) -> None:
    """Only the action upgrade applies the other files."""
    new_lab.attach([*BASE, deployment("later")])
    new_lab.hash = OTHER_HASH
    new_lab.require_changeable_credentials()
    new_lab.hook()
    assert new_lab.dex_user("auth")["hash"] == OTHER_HASH
    assert new_lab.get("Deployment", "later", NAMESPACE) is None
    assert new_lab.get("Deployment", "minio", NAMESPACE) is not None


def pending_changes(lab: MemoryLab) -> str:
    """Run a hook; return the remark that it would add to the dashboard's address."""
    lab.hook()
    kubeflow = lab.kubeflow()
    state = kubeflow.store.read()
    release = kubeflow.release(state)
    request = requests.make(kubeflow, release, state, is_checked=False)
    target = desired.desired_state(kubeflow, request, state)
    return desired.pending_changes(request, state, target.upstream is None)


def test_options_that_need_the_files_are_named(new_lab: MemoryLab) -> None:
    """Options that only change the objects are applied, so they are not named."""
    assert pending_changes(new_lab) == ""
    new_lab.config["gpu-vendor"] = "amd.com/gpu"
    new_lab.detach_files()
    assert pending_changes(new_lab) == ""
    new_lab.config["excluded-components"] = "katib"
    assert pending_changes(new_lab).startswith(
        "not applied: excluded-components; fix this first: files: manifests: "
    )
    new_lab.attach(BASE)
    assert pending_changes(new_lab) == (
        "the files are not those that Kubeflow 1.8.1 was installed from; the action upgrade"
        " applies them, and excluded-components"
    )


def snapshot_names(lab: MemoryLab) -> list[str]:
    """Return the names of the Secrets with the snapshot."""
    return [name for name in lab.names("Secret") if name.startswith("kubeflow-installer-objects-")]


def test_lost_snapshot_keeps_the_password(new_lab: MemoryLab) -> None:
    """New credentials are refused before they are generated; the files restore the snapshot."""
    (name,) = snapshot_names(new_lab)
    attached = new_lab.files["manifests"]
    del new_lab.api.objects["", "Secret", "kube-system", name]
    new_lab.detach_files()
    with pytest.raises(BlockedError, match="are gone, so options and credentials are not applied"):
        new_lab.require_changeable_credentials()
    assert pending_changes(new_lab).startswith(
        "the stored objects are gone, so options and credentials are not applied; attach "
    )
    new_lab.config["manifests-url"] = ""
    new_lab.files["manifests"] = attached
    new_lab.require_changeable_credentials()
    new_lab.hook()
    assert snapshot_names(new_lab) == [name]


def test_blocked_installation_keeps_the_password(new_lab: MemoryLab) -> None:
    """What blocks the next hook would keep a new password from dex."""
    new_lab.config["excluded-components"] = "no-such-thing"
    with pytest.raises(BlockedError, match="no-such-thing"):
        new_lab.require_changeable_credentials()


def test_adoption_after_the_installation_needs_no_files(new_lab: MemoryLab) -> None:
    """The release stays installed."""
    new_lab.detach_files()
    new_lab.hook(adopt=True)
    state = new_lab.kubeflow().store.read()
    assert (state.phase, state.adopt) == ("installed", True)


def test_certificate_of_the_gateway_is_never_pruned(new_lab: MemoryLab) -> None:
    """The charm made it after the release's objects, which do not have it."""
    kubeflow = new_lab.kubeflow()
    certificate = {**kubeflow.certificate(kubeflow.release(kubeflow.store.read())), "data": {}}
    extra = manifest("v1", "ConfigMap", "no-longer-desired", NAMESPACE)
    kubeflow.objects.apply([certificate, extra], prune=False)
    new_lab.attach(BASE)
    start(new_lab.kubeflow(), "1.8.1")
    new_lab.hook()

    assert new_lab.get("ConfigMap", "no-longer-desired", NAMESPACE) is None
    assert new_lab.get("Secret", certificate["metadata"]["name"], "istio-system") is not None
