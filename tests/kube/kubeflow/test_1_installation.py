"""The installation: preflight checks, objects, address, certificate, and the status active."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer
from helpers.kube.fault_proxy import FaultProxy
from helpers.kube.related import run
from helpers.kubeflow import generated
from helpers.kubeflow.installed import (
    EARLIER,
    OWN_OBJECTS,
    active_status,
    connect,
    gateway,
    machine_files,
    machine_root,
    make_charm_unit,
    pods_awaited,
    refresh,
)
from helpers.kubeflow.lab import ADDRESS, Lab, LoadBalancer, attach, repeat_until, results
from helpers.previous_release import previous_archive
from kubeflow_installer.ingress import tls
from labcharm.machine import Machine


def test_first_status_names_the_missing_relation(lab: Lab) -> None:
    status = run(lab.unit, "install")
    assert status.startswith("waiting: ")
    assert "kube-control" in status


def test_failed_checks_are_reported_together(lab: Lab) -> None:
    """Each with its fix. Nothing is written but the probe service, which is deleted again."""
    lab.relate(lab.unit, "today")
    status = run(lab.unit, "kube-control-relation-changed")

    assert status.startswith("blocked: ")
    for problem in (
        "storage-class: there is no StorageClass; deploy nfs-server",
        "load-balancer: no LoadBalancer address within 15 s: nothing assigns addresses; deploy",
        "nodes: ",
    ):
        assert problem in status, status
    assert lab.owned_versions() == {}
    assert lab.names() == lab.before


def test_foreign_objects_block_and_are_not_changed(lab: Lab) -> None:
    lab.create_node()
    lab.create_storage_class()
    lab.before = lab.names()
    lab.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "istio-system"}})
    with LoadBalancer(lab.server):
        status = lab.hook()
    assert status.startswith("blocked: foreign-objects: ")
    assert "Namespace istio-system" in status
    assert "install with adopt=true" in status
    assert lab.owned_versions() == {}
    lab.server.kubectl("delete", "ns", "istio-system")


def test_credentials_wait_for_the_peer_relation(lab: Lab) -> None:
    """No secret is made before. A secret whose id was never stored is found by its label."""
    relations, secrets = lab.unit.get("relations"), lab.unit.get("secrets")
    alone = {
        key: relation for key, relation in relations.items() if relation["name"] != "installers"
    }
    lab.unit.put("relations", alone)
    with LoadBalancer(lab.server):
        assert lab.hook() == "waiting: the peer relation installers does not exist yet"
    assert lab.unit.get("secrets") == secrets
    lab.unit.put("secrets", {**secrets, "left": {"password": "x"}})
    lab.unit.put("secret-labels", {"credentials": "left"})
    lab.unit.put("relations", relations)
    with LoadBalancer(lab.server):
        lab.hook()
    peer_data = lab.unit.get("relations")["installers:9"]["local-app"]
    assert peer_data["credentials"].startswith("secret:")
    assert peer_data["credentials"].endswith("left")
    assert sorted(lab.unit.get("secrets")) == sorted([*secrets, "left"])


def test_all_objects_are_applied_before_pods_are_awaited(lab: Lab) -> None:
    """The status counts the workloads that are ready."""
    with LoadBalancer(lab.server):
        status = repeat_until(lambda: pods_awaited(lab.unit), lab.hook)
    assert status.startswith(f"waiting: Kubeflow {EARLIER}: 0 of "), lab.unit.status()
    objects = generated.objects(EARLIER)
    assert len(objects) > 550
    assert len(lab.owned_versions()) == len(objects) + OWN_OBJECTS
    service = lab.get("Service", "istio-ingressgateway", "istio-system")
    assert service["spec"]["type"] == "LoadBalancer"


def test_status_is_active_when_the_gateway_leads_to_dex(lab: Lab) -> None:
    """Until then the unit waits, although the pods run."""
    assert lab.report_pods_ready() >= 40
    assert "waiting: " in lab.hook()  # nothing answers at the address yet
    with gateway(lab):
        assert lab.hook() == active_status(lab)
        answer = lab.unit.action("get-url")
    assert answer["results"] == {"url": f"https://{ADDRESS}"}


def test_host_name_and_certificate_of_the_administrator(lab: Lab) -> None:
    """Both take effect at once, and are checked over HTTPS; without them all is as before."""
    host = "kubeflow.lab.example"
    pair = tls.self_signed(Machine(), [host])
    texts = {"tls.crt": pair.certificate, "tls.key": pair.key}
    source = {
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": {"name": "dashboard", "namespace": "default"},
        "data": {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()},
    }  # fmt: skip
    lab.api.create(source)
    lab.unit.configure({"version": EARLIER, "hostname": host, "tls-secret": "default/dashboard"})
    lab.hook("config-changed")
    assert lab.certificate("kubeflow-gateway-tls") == (pair.certificate, pair.key)
    with gateway(lab):
        assert lab.hook() == active_status(lab, host)
        assert lab.unit.action("get-url")["results"] == {"url": f"https://{host}"}
        verified = results(lab.unit.action("verify", login=False))["checks"]
    checks = {check["name"]: check for check in verified}
    assert all(checks[name]["ok"] for name in ("certificate", "url", "hostname", "objects"))
    assert checks["certificate"]["message"].startswith(f"the certificate is for {host}, ")
    assert checks["hostname"]["message"].endswith(f"points it to {ADDRESS}")
    lab.api.delete(source)
    problem = "option tls-secret: default/dashboard does not exist; create it, or clear the option"
    assert lab.hook() == f"blocked: {problem}"
    lab.unit.configure({"version": EARLIER})
    lab.hook("config-changed")
    assert lab.certificate("kubeflow-gateway-tls")[0] != pair.certificate
    with gateway(lab):
        assert lab.hook() == active_status(lab)


def test_endpoints_of_services_are_not_the_applications(lab: Lab) -> None:
    """They have the services' labels, and are neither extra nor missing."""
    services = [name for name in lab.owned_versions() if name.startswith("Service ")]
    assert len(services) > 30
    assert len(lab.endpoint_uids()) >= 2 * len(services)
    listed = results(lab.unit.action("list-objects"))
    assert listed == {**listed, "ok": True, "changed": [], "missing": [], "extra": []}


def test_second_run_writes_nothing(lab: Lab) -> None:
    """No object gets another version."""
    before = lab.owned_versions()
    with gateway(lab), FaultProxy(lab.server, lambda number: 0) as proxy:
        connect(lab.unit, proxy.url, proxy.ca)
        assert lab.hook().startswith("active")
        assert proxy.writes == 0
    assert lab.owned_versions() == before
    lab.relate(lab.unit, "today")


def test_password_is_only_in_the_results_of_its_action(lab: Lab) -> None:
    credentials = lab.unit.action("get-credentials")["results"]
    assert credentials["user"] == "admin@kubeflow.org"
    password = credentials["password"]
    assert password not in lab.unit.log()
    assert password not in lab.unit.status()
    assert password not in json.dumps(lab.unit.get("relations"))
    for path in machine_root(lab.unit).rglob("*"):
        assert not path.is_file() or password.encode() not in path.read_bytes(), path
    live = lab.get("Secret", "dex-passwords", "auth")
    assert password not in json.dumps(live)


def lead(unit: Unit, lab: Lab, built: dict[str, Path]) -> None:
    """Make another unit of the application the leader."""
    unit.configure({"version": EARLIER})
    attach(unit, manifests=built[EARLIER])
    lab.relate(unit, "today")
    peers = lab.unit.get("relations")["installers:9"]
    unit.put("relations", {**unit.get("relations"), "installers:9": peers})
    unit.put("secrets", lab.unit.get("secrets"))
    lab.unit.put("leader", False)


def test_another_leader_continues_without_writing(
    lab: Lab, charms: Path, tmp_path: Path, built: dict[str, Path]
) -> None:
    """It has the same password, although its machine has no files of the first one."""
    second = make_charm_unit(charms, tmp_path, "kubeflow-installer/1")
    lead(second, lab, built)
    assert lab.hook() == "active: the leader unit manages Kubeflow"

    before = lab.owned_versions()
    with gateway(lab):
        assert run(second, "leader-elected").startswith("active: https://")
    assert lab.owned_versions() == before
    answers = [unit.action("get-credentials") for unit in (lab.unit, second)]
    assert "only the leader" in answers[0]["failed"]
    # Every unit knows the address.
    assert lab.unit.action("get-url")["results"] == {"url": f"https://{ADDRESS}"}
    lab.unit.put("leader", True)
    assert lab.unit.action("get-credentials")["results"] == answers[1]["results"]


def test_refresh_from_the_previous_release_writes_nothing(
    lab: Lab, cluster: ApiServer, charms: Path, tmp_path: Path, built: dict[str, Path]
) -> None:
    """Neither on the cluster, nor on the machine, nor into the peer data.

    The previous release reconciles first: what it would write differently, it writes then.
    """
    previous = previous_archive("kubeflow-installer", "jammy-noble")
    unit = make_charm_unit(previous.parent, tmp_path, "kubeflow-installer/2")
    lead(unit, lab, built)
    with gateway(lab), FaultProxy(cluster, lambda number: 0) as proxy:
        connect(unit, proxy.url, proxy.ca)
        for hook in ("leader-elected", "update-status"):
            assert run(unit, hook).startswith("active: https://")
        versions, files = lab.owned_versions(), machine_files(unit)
        relations, secrets = unit.get("relations"), unit.get("secrets")
        writes = proxy.writes
        assert files

        refresh(unit, charms / previous.name)
        for hook in ("upgrade-charm", "config-changed", "update-status"):
            assert run(unit, hook) == active_status(lab)
        assert proxy.writes == writes
    assert lab.owned_versions() == versions
    assert machine_files(unit) == files
    assert (unit.get("relations"), unit.get("secrets")) == (relations, secrets)
    lab.unit.put("leader", True)
