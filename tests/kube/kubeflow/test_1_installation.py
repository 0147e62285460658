"""The installation: preflight checks, objects, address, certificate, and the status active."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator
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

# What has the secrets of the login, which earlier revisions derived from the password.
LOGIN_OBJECTS = [
    "ConfigMap auth/dex",
    "Deployment auth/dex",
    "Deployment oauth2-proxy/oauth2-proxy",
    "Secret auth/dex-oidc-client",
    "Secret oauth2-proxy/oauth2-proxy-h675gf55ht",
]


def test_first_status_names_the_missing_relation(lab: Lab) -> None:
    status = run(lab.unit, "install")
    assert status.startswith("blocked: ")
    assert "kube-control" in status


def test_failed_checks_are_reported_together(lab: Lab) -> None:
    """Each with its fix. Nothing is written but the probe service, which is deleted again."""
    lab.relate(lab.unit, "today")
    status = run(lab.unit, "kube-control-relation-changed")

    assert status == (
        "blocked: 3 checks failed: storage-class, load-balancer, nodes; the log has their fixes"
    )
    for problem in (
        "storage-class: there is no StorageClass; deploy nfs-server",
        "load-balancer: no LoadBalancer address within 15 s: nothing assigns addresses; deploy",
        "nodes: ",
    ):
        assert problem in lab.unit.log(), lab.unit.log()
    assert lab.owned_versions() == {}
    assert lab.names() == lab.before


def test_foreign_objects_block_and_are_not_changed(lab: Lab) -> None:
    lab.create_node()
    lab.create_storage_class()
    lab.before = lab.names()
    lab.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "istio-system"}})
    with LoadBalancer(lab.server):
        status = lab.hook()
    assert status == (
        "blocked: foreign-objects: others made 1 objects of its names; remove them, or install"
        " adopt=true"
    )
    assert "Namespace istio-system" in lab.unit.log()
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


@contextlib.contextmanager
def leading(unit: Unit, lab: Lab, built: dict[str, Path]) -> Iterator[Unit]:
    """Let another unit of the application lead while this lasts."""
    unit.configure({"version": EARLIER})
    attach(unit, manifests=built[EARLIER])
    lab.relate(unit, "today")
    peers = lab.unit.get("relations")["installers:9"]
    unit.put("relations", {**unit.get("relations"), "installers:9": peers})
    unit.put("secrets", lab.unit.get("secrets"))
    lab.unit.put("leader", False)
    yield unit
    lab.unit.put("leader", True)


def test_another_leader_continues_without_writing(
    lab: Lab, charms: Path, tmp_path: Path, built: dict[str, Path]
) -> None:
    """It has the same password, although its machine has no files of the first one."""
    before = lab.owned_versions()
    second = make_charm_unit(charms, tmp_path, "kubeflow-installer/1")
    with leading(second, lab, built):
        assert lab.hook() == "active: the leader unit manages Kubeflow"
        with gateway(lab):
            assert run(second, "leader-elected").startswith("active: https://")
        assert lab.owned_versions() == before
        answer = second.action("get-credentials")
        assert second.action("get-url")["results"] == {"url": f"https://{ADDRESS}"}
        # The other units have no credentials for the cluster.
        for action in ("get-credentials", "get-url"):
            assert "only the leader" in lab.unit.action(action)["failed"]
    assert lab.unit.action("get-credentials")["results"] == answer["results"]


def test_refresh_from_the_previous_release_changes_the_login_alone(
    lab: Lab, cluster: ApiServer, charms: Path, tmp_path: Path, built: dict[str, Path]
) -> None:
    """Its pods restart once. Afterwards nothing is written to the cluster, or into the peer data.

    The previous release reconciles first: what it would write differently, it writes then.
    """
    previous = previous_archive("kubeflow-installer", "jammy-noble")
    unit = make_charm_unit(previous.parent, tmp_path, "kubeflow-installer/2")
    with (
        leading(unit, lab, built),
        gateway(lab),
        FaultProxy(cluster, lambda number: 0) as proxy,
    ):
        connect(unit, proxy.url, proxy.ca)
        become_active(lab, unit, "leader-elected")
        versions = lab.owned_versions()
        refresh(unit, charms / previous.name)
        run(unit, "upgrade-charm")
        changed = changed_objects(versions, lab.owned_versions())
        assert changed == LOGIN_OBJECTS, "; ".join(changed)

        become_active(lab, unit, "config-changed")
        versions, files, writes = lab.owned_versions(), machine_files(unit), proxy.writes
        relations, secrets = unit.get("relations"), unit.get("secrets")
        assert run(unit, "update-status") == active_status(lab)
        assert proxy.writes == writes
        assert lab.owned_versions() == versions
        assert machine_files(unit) == files
        assert (unit.get("relations"), unit.get("secrets")) == (relations, secrets)
    lab.unit.put(
        "relations", {**lab.unit.get("relations"), "installers:9": relations["installers:9"]}
    )
    lab.unit.put("secrets", {**lab.unit.get("secrets"), **secrets})


def become_active(lab: Lab, unit: Unit, hook: str) -> None:
    """Run a hook, report the pods that it restarted as ready, and require that the unit serves."""
    run(unit, hook)
    lab.report_pods_ready()
    assert run(unit, "update-status").startswith("active: https://"), unit.log()


def changed_objects(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the names of the objects that were created, changed or deleted."""
    return sorted({name for name, _ in before.items() ^ after.items()})
