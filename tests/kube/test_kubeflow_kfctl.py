"""The packed charm kubeflow-installer of 2019, with kfctl, on a real API server of 1.20.

Python 3.6, Juju 2.6 and its relations. kfctl's place is taken by a stand-in that sends the same
calls (see test_kfctl, which runs upstream's own where they are handed in); its sources are small
ones. The tests build on each other, in this order.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.juju.unit import Unit
from helpers.kube.builds import UnavailableError, binaries
from helpers.kube.related import make_unit, pack, run
from helpers.kube.servers import ApiServer
from helpers.kubeflow import small_release
from helpers.kubeflow.kfctl_program import KEPT, program
from helpers.kubeflow.lab import ADDRESS, Balancer, Lab, attach, results, until
from helpers.kubeflow.lab_gateway import Door, redirect
from kubeflow_installer.kfctl import kfdef

RELEASE = "1.0.2"
DOUBT = f"; upstream names Kubernetes 1.14 to 1.18 for Kubeflow {RELEASE}, not 1.20"
OPTIONS = {
    "version": RELEASE,
    "excluded-components": " ".join(set(kfdef.components(RELEASE)) - set(KEPT)),
}


@pytest.fixture(scope="module")
def charms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the charm."""
    return pack("kubeflow-installer", tmp_path_factory.mktemp("charms"))


@pytest.fixture(scope="module")
def lab(charms: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start a server of 1.20 and put a unit beside it, with kfctl and its sources attached."""
    try:
        server = ApiServer(binaries(), tmp_path_factory.mktemp("kube"), manager=True).start()
    except UnavailableError as error:
        pytest.skip(str(error))
    unit = unit_of(charms, tmp_path_factory.mktemp("unit"), "kubeflow-installer/0")
    found = Lab(server, unit)
    found.relate(unit, "2019")
    yield found
    found.api.close()
    server.stop()


def unit_of(charms: Path, folder: Path, name: str) -> Unit:
    """Put a unit on a machine of 18.04, its resources attached."""
    environment = {"KUBEFLOW_INSTALLER_ROOT": str(folder / "root")}
    unit = make_unit("2019", charms, "kubeflow-installer", name, folder, environment)
    unit.configure(OPTIONS)
    sources = small_release.pack(RELEASE, folder)
    kfctl = Path(program("standin", RELEASE, folder))
    attach(unit, kfctl=kfctl, manifests=Path(sources["manifests"]))
    return unit


@contextlib.contextmanager
def gateway(lab: Lab) -> Iterator[Door]:
    """Answer at the address as authservice does, with the certificate of the charm."""
    certificate, key = lab.certificate("istio-ingressgateway-certs")
    with Door(certificate, key, host=ADDRESS, ports=(443,)) as door:
        door.answer = lambda ask: redirect("/dex/auth?client_id=kubeflow-oidc-authservice")
        yield door


def test_everything_that_is_missing(lab: Lab) -> None:
    """Together, in the words of a server of its age."""
    status = run(lab.unit, "install")
    assert status.startswith("blocked: ")
    for told in ("storage-class: there is no", "load-balancer: no", "nodes: "):
        assert told in status, status
    assert lab.ours() == {}
    lab.node()
    lab.storage()
    lab.before = lab.listing()


def test_kfctl_runs_beside_the_hooks(lab: Lab) -> None:
    """It is started by one, watched by others, and its objects are taken over by the last."""
    with Balancer(lab.server):
        assert lab.hook() == f"waiting: Kubeflow {RELEASE}: kfctl is started"
        seen = set()

        def look() -> None:
            time.sleep(0.5)
            seen.add(lab.hook().partition(",")[0])

        status = until(lambda: " workloads ready; " in lab.unit.status(), look, 60)
    assert status, lab.unit.status()
    assert f"waiting: Kubeflow {RELEASE}: kfctl: apply" in seen
    assert lab.get("Service", "istio-ingressgateway", "istio-system")["spec"]["type"] == (
        "LoadBalancer"
    )


def test_answers_at_an_address(lab: Lab) -> None:
    """With the doubt that upstream leaves."""
    lab.settle()
    with gateway(lab):
        assert lab.hook() == f"active: https://{ADDRESS}{DOUBT}"
    assert lab.followers()  # endpoints, which bear the labels of our services
    found = results(lab.unit.action("list-objects"))
    assert (found["ok"], found["extra"]) == (True, [])


def test_a_second_run_writes_nothing(lab: Lab) -> None:
    """Not one object has another version, and kfctl is not run."""
    before = lab.ours()
    with gateway(lab):
        assert lab.hook().startswith("active")
    assert lab.ours() == before


def test_the_password_lies_in_the_leaders_settings(lab: Lab) -> None:
    """Juju 2.6 has neither secrets nor bags of applications."""
    shown = lab.unit.action("get-credentials")["results"]
    kept = json.loads(lab.unit.get("leader-settings")["credentials"])
    assert kept["password"] == shown["password"]
    assert shown["password"] not in lab.unit.log()


def test_another_leader_knows_it_all(lab: Lab, charms: Path, tmp_path: Path) -> None:
    """What kfctl made is known by the objects alone: nothing is run, nothing written."""
    other = unit_of(charms, tmp_path, "kubeflow-installer/1")
    lab.relate(other, "2019")
    other.put("leader-settings", lab.unit.get("leader-settings"))
    before = lab.ours()
    with gateway(lab):
        assert run(other, "install", "leader-elected").startswith("active: https://")
        checks = results(other.action("verify", login=False))["checks"]
    assert lab.ours() == before
    assert not list((tmp_path / "root").rglob("objects.jsonl"))
    # Components that are left out here have namespaces of their own, which are not missed.
    assert [one["name"] for one in checks if not one["ok"]] == []
    found = results(other.action("list-objects"))
    assert (found["ok"], found["extra"]) == (True, [])
    assert "Secret kubeflow/katib-mysql-secrets" in found["correct"]

    lab.server.kubectl("-n", "kubeflow", "delete", "secret", "katib-mysql-secrets")
    found = results(other.action("list-objects"))
    assert found["missing"] == ["Secret kubeflow/katib-mysql-secrets"]
    with gateway(lab):
        assert run(other, "update-status").startswith("active: https://")
    assert lab.get("Secret", "katib-mysql-secrets", "kubeflow")["data"]


def test_what_was_deleted_by_hand_comes_back(lab: Lab) -> None:
    """Without kfctl, which would not know."""
    lab.server.kubectl("-n", "kubeflow", "delete", "deploy", "centraldashboard")
    lab.hook()
    assert lab.get("Deployment", "centraldashboard", "kubeflow", "apps/v1")
    lab.settle()


def test_a_new_password_reaches_dex(lab: Lab) -> None:
    """Its hash is in dex's settings, and dex starts anew."""
    before = lab.get("ConfigMap", "dex", "auth")["data"]
    dex = lab.get("Deployment", "dex", "auth", "apps/v1")["spec"]["template"]
    assert "failed" not in lab.unit.action("rotate-credentials")
    assert lab.get("ConfigMap", "dex", "auth")["data"] != before
    assert lab.get("Deployment", "dex", "auth", "apps/v1")["spec"]["template"] != dex


def test_moves_that_upstream_has_not(lab: Lab) -> None:
    """Out of kfctl's releases leads uninstall alone; options are judged by the release to come."""
    with Balancer(lab.server):
        refused = lab.unit.action("upgrade", version="1.2.0")
        assert "excluded-components: Kubeflow 1.2.0 has no " in refused["failed"]
        lab.unit.configure({**OPTIONS, "excluded-components": ""})
        planned = lab.unit.action("upgrade", version="1.2.0")
        lab.unit.configure(OPTIONS)
    assert "failed" not in planned
    assert "not known before it runs" in planned["results"]["note"]
    assert "does not fit Kubernetes 1.20" in lab.unit.action("upgrade", version="1.8.1")["failed"]


def test_kfctl_ends_with_its_leader(lab: Lab) -> None:
    """Another option, another run; the unit that no longer leads, or uninstalls, stops it."""
    options = {**OPTIONS, "excluded-components": OPTIONS["excluded-components"] + " argo"}
    lab.unit.configure(options)
    assert lab.hook() == f"waiting: Kubeflow {RELEASE}: kfctl is started"
    lab.unit.put("leader", False)
    assert lab.hook() == "active: the leader looks after Kubeflow"
    lab.unit.put("leader", True)
    assert lab.hook().startswith("waiting: kfctl ended: it was cut off at ")
    lab.unit.configure(OPTIONS)


def test_uninstall_leaves_the_cluster_as_it_was(lab: Lab) -> None:
    """By labels: what kfctl itself deletes by is never called."""
    answer = until(lambda: _gone(lab), lambda: None, 5)
    assert answer, lab.unit.status()
    assert lab.listing() == lab.before


def test_what_was_made_by_hand_is_taken_over(lab: Lab) -> None:
    """By hand kfctl leaves a certificate, which no inventory names; what was there stays."""
    names = ("Namespace", "istio-system", ""), (
        "Secret", "istio-ingressgateway-certs", "istio-system",
    )  # fmt: skip
    for kind, name, namespace in names:
        metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
        lab.api.create({"apiVersion": "v1", "kind": kind, "metadata": metadata})
    with Balancer(lab.server):
        told = lab.unit.action("install")["failed"]
        assert "foreign-objects: already there and not made by this application: " in told
        assert lab.ours() == {}
        assert "failed" not in lab.unit.action("install", adopt=True)

        def look() -> None:
            time.sleep(0.5)
            lab.hook()

        assert until(lambda: " workloads ready; " in lab.unit.status(), look, 60)
    assert "Secret istio-system/istio-ingressgateway-certs" in lab.ours()
    lab.settle()
    with gateway(lab):
        assert lab.hook() == f"active: https://{ADDRESS}{DOUBT}"
        assert results(lab.unit.action("list-objects"))["ok"] is True

    assert until(lambda: _gone(lab), lambda: None, 5), lab.unit.status()
    assert "Namespace istio-system" in lab.listing()
    assert lab.ours() == {}


def _gone(lab: Lab) -> bool:
    return bool(results(lab.unit.action("uninstall", timeout=100)).get("ok"))
