"""An installation by kfctl, on a server in memory: users, host name, leaders, adoption."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.kubeflow.manifests import manifest
from helpers.kubeflow.memory_lab import (
    APPLICATION,
    HASH,
    NAMESPACE,
    KfctlStandin,
    MemoryLab,
    kfctl_files,
)
from kubeflow_installer.reconcile.comparison import compare_installed
from labcharm.errors import BlockedError, WaitingError
from labkube.apply.objects import ForeignObjectError


def test_kfctl_always_gets_the_first_user(old_lab: MemoryLab, kfctl: KfctlStandin) -> None:
    """Kfctl names the Profile after the user; with another name, all data would go.

    The owner of the Profile changes.
    """
    assert old_lab.names("Profile") == ["kubeflow-admin"]
    old_lab.config["user"] = "jo@lab.example"
    old_lab.hook()
    old_lab.config["excluded-components"] = "argo"
    old_lab.hook()

    assert [job["user"] for job in kfctl.jobs] == ["admin@lab.example"] * 2
    assert old_lab.names("Profile") == ["kubeflow-admin"]
    profile = old_lab.require("Profile", "kubeflow-admin")
    assert profile["spec"]["owner"]["name"] == "jo@lab.example"
    assert old_lab.dex_user(NAMESPACE)["email"] == "jo@lab.example"
    assert old_lab.get("ConfigMap", "argo", NAMESPACE) is None


def test_refused_job_leaves_no_directory(tmp_path: Path, kfctl: KfctlStandin) -> None:
    """What kfctl makes contains Secrets, and with the refused options it does not run again."""
    lab = MemoryLab(tmp_path, (1, 13), kfctl_files(tmp_path))
    with pytest.raises(WaitingError, match="kfctl is starting"):
        lab.reconcile(force=True)
    (run,) = tmp_path.rglob("run-*")
    assert "mysql-secret" in (run / "objects.jsonl").read_text()
    lab.config["excluded-components"] = "no-such-component"

    with pytest.raises(BlockedError, match="options: "):
        lab.reconcile(force=True)
    assert list(tmp_path.rglob("run-*")) == []

    del lab.config["excluded-components"]
    lab.hook()
    assert len(kfctl.jobs) == 2


def test_refused_options_keep_a_finished_run(old_lab: MemoryLab, kfctl: KfctlStandin) -> None:
    """The installed objects are compared with it after the correction."""
    old_lab.config["excluded-components"] = "no-such-component"
    with pytest.raises(BlockedError, match="options: "):
        old_lab.reconcile(force=True)
    del old_lab.config["excluded-components"]
    old_lab.hook()
    assert len(kfctl.jobs) == 1


def test_new_host_name_restarts_dex(old_lab: MemoryLab, kfctl: KfctlStandin) -> None:
    """Kfctl 0.6 writes the name into the issuer, which dex reads when it starts."""

    def template() -> Any:
        return old_lab.require("Deployment", "dex", NAMESPACE)["spec"]["template"]

    before = template()
    old_lab.config["hostname"] = "kf.lab.example"
    old_lab.hook()
    assert len(kfctl.jobs) == 2
    config_map = old_lab.require("ConfigMap", "dex", NAMESPACE)
    issuer = yaml.safe_load(config_map["data"]["config.yaml"])["issuer"]
    assert issuer == "https://kf.lab.example:5556/dex"
    assert template() != before


def test_state_of_an_older_charm_is_completed(old_lab: MemoryLab, kfctl: KfctlStandin) -> None:
    """It names no user: the current one is stored, and kfctl does not run for that."""
    name = f"kubeflow-installer-state-{APPLICATION}"
    state = old_lab.require("ConfigMap", name, "kube-system")
    del state["data"]["user"]
    state["metadata"]["annotations"] = {}
    old_lab.hook()
    assert len(kfctl.jobs) == 1
    assert old_lab.kubeflow().store.read().user == "admin@lab.example"


def test_another_leader_knows_all_objects_without_running_kfctl(
    old_lab: MemoryLab, kfctl: KfctlStandin, tmp_path: Path
) -> None:
    """It writes nothing, compares everything, and restores deleted objects."""
    old_lab.change_leader(tmp_path / "other")
    old_lab.api.writes.clear()
    old_lab.hook()
    comparison = compare_installed(old_lab.kubeflow()).comparison
    assert (comparison.changed, comparison.missing, comparison.extra) == ([], [], [])
    assert old_lab.api.writes == []

    definition = ("apiextensions.k8s.io", "CustomResourceDefinition", "", "profiles.kubeflow.org")
    del old_lab.api.objects["", "Secret", NAMESPACE, "mysql-secret"]
    del old_lab.api.objects[definition]
    comparison = compare_installed(old_lab.kubeflow()).comparison
    assert set(comparison.missing) >= {
        f"Secret {NAMESPACE}/mysql-secret",
        "CustomResourceDefinition profiles.kubeflow.org",
    }
    old_lab.hook()
    assert old_lab.get("Secret", "mysql-secret", NAMESPACE) is not None
    assert old_lab.names("CustomResourceDefinition") == ["profiles.kubeflow.org"]
    assert len(kfctl.jobs) == 1


def install_by_hand(lab: MemoryLab, kfctl: KfctlStandin) -> None:
    """Create what a manual kfctl would: its objects, an address, and its certificate."""
    job = {"release": "0.6.2", "user": "admin@lab.example", "excluded": []}
    for entry in kfctl.objects({**job, "fitting": {"hostname": ""}}):
        lab.api.create(entry)
    ingress = {"status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.5"}]}}}
    spec = {"spec": {"type": "LoadBalancer"}}
    lab.api.create(
        manifest("v1", "Service", "istio-ingressgateway", "istio-system", **spec, **ingress)
    )
    content = {"tls.crt": "bm9uZQ==", "tls.key": "bm9uZQ=="}
    name, secret_type = "istio-ingressgateway-certs", "kubernetes.io/tls"
    lab.api.create(manifest("v1", "Secret", name, "istio-system", type=secret_type, data=content))


def test_manual_installation_is_adopted_on_request(tmp_path: Path, kfctl: KfctlStandin) -> None:
    """With the certificate that kfctl 0.6 made; otherwise its objects are foreign."""
    lab = MemoryLab(tmp_path, (1, 13), kfctl_files(tmp_path))
    install_by_hand(lab, kfctl)
    with pytest.raises(WaitingError):
        lab.reconcile(force=True)
    with pytest.raises(ForeignObjectError):
        lab.reconcile(force=True)

    assert "0 of 1 workloads ready" in lab.hook(adopt=True)
    certificate = lab.require("Secret", "istio-ingressgateway-certs", "istio-system")
    assert certificate["metadata"]["labels"]["app.lab-charms/application"] == APPLICATION
    assert certificate["data"]["tls.crt"] != "bm9uZQ=="
    assert lab.dex_user(NAMESPACE) == {"email": "admin@lab.example", "hash": HASH}
