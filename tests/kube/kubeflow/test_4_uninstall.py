"""The uninstall, another installation by kustomize, and the removal of the application."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from helpers.kube.related import run
from helpers.kubeflow import generated
from helpers.kubeflow.installed import (
    OWN_OBJECTS,
    RELEASE,
    gateway,
    machine_root,
    pods_awaited,
)
from helpers.kubeflow.lab import ADDRESS, Lab, LoadBalancer, attach, repeat_until, results
from labkube.client.api import MERGE

UNINSTALLED = 'blocked: uninstalled by action; run the action "install" to reinstall'


def test_uninstall_leaves_only_the_volumes_that_it_names(lab: Lab) -> None:
    volume = bind(lab, "mysql-pv-claim", "kubeflow")
    answer = results(repeat_until(lambda: uninstall(lab), lambda: None, 5))

    assert answer["ok"] is True
    assert answer["left"] == []
    (retained,) = answer["kept"]
    assert retained.startswith(f"PV {volume} ")
    assert lab.get("PersistentVolume", volume)["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    assert lab.unit.status() == UNINSTALLED
    assert lab.names() - {f"PersistentVolume {volume}"} == lab.before
    assert lab.hook() == UNINSTALLED
    finalizers = {"metadata": {"finalizers": None}}
    lab.server.kubectl("delete", "pv", volume, "--wait=false")
    lab.api.request("PATCH", f"/api/v1/persistentvolumes/{volume}", finalizers, MERGE)


def uninstall(lab: Lab) -> Any:
    """Run the action; return its answer once it is complete."""
    answer = lab.unit.action("uninstall", timeout=120)
    return answer if results(answer)["ok"] else None


def bind(lab: Lab, claim: str, namespace: str) -> str:
    """Bind a claim to a volume, as a provisioner and the binder would; return its name."""
    name = f"pvc-{claim}"
    spec = {
        "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "20Gi"},
        "storageClassName": "nfs", "persistentVolumeReclaimPolicy": "Delete",
        "nfs": {"server": "10.0.0.10", "path": f"/nfsroot/{namespace}-{claim}"},
        "claimRef": {"namespace": namespace, "name": claim},
    }  # fmt: skip
    volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}}
    lab.api.create({**volume, "spec": spec})
    path = f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{claim}"
    status = {"status": {"phase": "Bound"}}
    lab.api.request("PATCH", path, {"spec": {"volumeName": name}}, MERGE)
    lab.api.request("PATCH", path + "/status", status, MERGE)
    lab.api.request("PATCH", f"/api/v1/persistentvolumes/{name}/status", status, MERGE)
    return name


def test_killed_hooks_end_in_the_same_installation(lab: Lab, archive: dict[str, Path]) -> None:
    """Install again, now by kustomize, while the hook's process is killed again and again."""
    attach(lab.unit, **archive)
    lab.unit.action("install")
    shutil.rmtree(machine_root(lab.unit))
    with LoadBalancer(lab.server):
        for seconds in ("1.2", "2", "3", "4", "6", "9"):
            code, _ = lab.unit.run("update-status", prefix=("timeout", "-s", "KILL", seconds))
            if code == 0:
                break
        assert code != 0 or seconds != "1.2", "no hook was killed"
        repeat_until(lambda: pods_awaited(lab.unit), lab.hook)
    lab.report_pods_ready()
    with gateway(lab):
        assert lab.hook().startswith(f"active: https://{ADDRESS}")
    assert results(lab.unit.action("list-objects"))["ok"] is True
    assert len(lab.owned_versions()) == len(generated.objects(RELEASE)) + OWN_OBJECTS


def test_excluded_component_is_pruned_except_for_its_claim(
    lab: Lab, archive: dict[str, Path]
) -> None:
    """The manifests are built again without it; result and log name the claim with its data."""
    assert archive
    lab.unit.configure({"version": RELEASE, "excluded-components": "katib"})
    assert "failed" not in lab.unit.action("install")
    assert lab.get("Deployment", "katib-controller", "kubeflow", "apps/v1") is None
    assert lab.get("PersistentVolumeClaim", "katib-mysql", "kubeflow") is not None
    listed = results(lab.unit.action("list-objects"))
    claim = "PersistentVolumeClaim kubeflow/katib-mysql"
    assert (listed["ok"], claim in listed["left"]) == (True, True)
    assert f"no longer desired, kept because it may hold users' data: {claim}" in lab.unit.log()
    lab.unit.configure({"version": RELEASE})
    lab.hook("config-changed")
    assert lab.get("Deployment", "katib-controller", "kubeflow", "apps/v1") is not None
    assert results(lab.unit.action("list-objects"))["left"] == []


def test_removal_of_the_application_deletes_everything(lab: Lab) -> None:
    """With the stored access, and whatever the options are."""
    lab.unit.configure({"user": "nobody"})
    lab.unit.put("leaving", True)
    run(lab.unit, "stop")
    assert lab.names() == lab.before, lab.unit.log()
    root = machine_root(lab.unit)
    assert not (root / "var").exists() or not list(root.rglob("kubeconfig"))
