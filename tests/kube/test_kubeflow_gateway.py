"""The gateway's certificate and the checks of `verify`, on real API servers."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from helpers.kube.api_server import ApiServer
from helpers.kubeflow.gateway_standins import USER
from helpers.kubeflow.manifests import JsonObject, manifest
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.gateway import Gateway
from kubeflow_installer.releases import table
from kubeflow_installer.verify import inventory_checks, notebook
from labcharm.machine import Machine
from labkube.apply.objects import Objects
from labkube.client.access import Access
from labkube.client.api import MERGE, Api

KINDS = (("v1", "Secret"), ("apps/v1", "Deployment"))
ADDRESS, HOST = "10.64.0.100", "kubeflow.lab.example"
DAY = 86400


@pytest.fixture
def api(control: ApiServer) -> Iterator[Api]:
    """Connect to a server with a gateway that has an address."""
    api = Api(Access(control.url, control.ca, control.token))
    with contextlib.closing(api):
        for name in ("istio-system", "lab"):
            ensure(api, "v1", "Namespace", name)
        spec = {"type": "LoadBalancer", "ports": [{"port": 443}]}
        service = ensure(api, "v1", "Service", "istio-ingressgateway", "istio-system", spec=spec)
        status = {"status": {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}}}
        api.request("PATCH", api.path_of(service) + "/status", status, MERGE)
        yield api
        for name in ("kubeflow-gateway-tls", "istio-ingressgateway-certs"):
            api.delete(manifest("v1", "Secret", name, "istio-system"))


def ensure(api: Api, *arguments: Any, **fields: Any) -> JsonObject:
    """Return an object; create it if it does not exist."""
    desired = manifest(*arguments, **fields)
    live = api.get(desired) or api.create(desired)
    return {**live, "apiVersion": desired["apiVersion"], "kind": desired["kind"]}


def objects(api: Api) -> Objects:
    """Return the charm's objects."""
    return Objects(api, "kubeflow-installer.00000000", "kubeflow-installer", KINDS)


def apply_certificate(api: Api, gateway: Gateway) -> int:
    """Apply the certificate's Secret; return how many requests wrote."""
    secret = gateway.tls_secret(Machine())
    assert secret is not None
    before = api.writes
    objects(api).apply([secret], prune=False)
    return api.writes - before


def encoded(pair: tls.Pair) -> dict[str, str]:
    """Return the content of a Secret with a certificate."""
    texts = {"tls.crt": pair.certificate, "tls.key": pair.key}
    return {name: base64.b64encode(text.encode()).decode() for name, text in texts.items()}


@pytest.mark.parametrize("release", ["0.6.2", "1.10.2"])
def test_certificate_is_written_once_and_renewed(api: Api, release: str) -> None:
    """A second run writes nothing; thirty days before the end, one request writes."""
    now = [time.time()]
    gateway = Gateway(api, table.find(release), HOST, now=lambda: now[0])
    assert (gateway.address(), gateway.url()) == (ADDRESS, f"https://{HOST}")
    assert apply_certificate(api, gateway) == 1
    first = gateway.ca()
    assert tls.read(Machine(), first).names == (HOST, ADDRESS)
    assert apply_certificate(api, gateway) == 0
    now[0] += 368 * DAY
    assert apply_certificate(api, gateway) == 1
    assert gateway.ca() != first
    now[0] -= 368 * DAY
    assert apply_certificate(api, gateway) == 0


def test_administrators_certificate_is_copied_and_replaced(api: Api) -> None:
    """When the option is cleared, no trace of it remains, however the server applies objects."""
    machine = Machine()
    release = table.find("1.10.2")
    for _ in range(2):
        pair = tls.self_signed(machine, [HOST])
        source = manifest(
            "v1", "Secret", "cert", "lab", type="kubernetes.io/tls", data=encoded(pair)
        )
        api.delete(source)
        api.create(source)
        gateway = Gateway(api, release, HOST, ("lab", "cert"))
        assert apply_certificate(api, gateway) >= 1
        assert gateway.ca() == pair.certificate
        assert apply_certificate(api, gateway) == 0
    own = Gateway(api, release, HOST)
    assert apply_certificate(api, own) >= 1
    live = api.get(manifest("v1", "Secret", own.secret, "istio-system"))
    assert live is not None
    assert own.ca() != pair.certificate
    assert "app.lab-charms/copied-from" not in live["metadata"]["annotations"]
    assert apply_certificate(api, own) == 0


def test_certificate_of_kfctl_is_kept_and_renewed(api: Api) -> None:
    """The Secret's type cannot be changed, and is not."""
    pair = tls.self_signed(Machine(), [ADDRESS])
    secret = manifest(
        "v1", "Secret", "istio-ingressgateway-certs", "istio-system", data=encoded(pair)
    )
    objects(api).apply([secret], prune=False)
    now = [time.time()]
    gateway = Gateway(api, table.find("0.6.2"), now=lambda: now[0])
    assert apply_certificate(api, gateway) <= 1
    assert gateway.ca() == pair.certificate
    assert apply_certificate(api, gateway) == 0
    now[0] += 368 * DAY
    assert apply_certificate(api, gateway) >= 1
    assert gateway.ca() != pair.certificate
    live = api.get(secret)
    assert live is not None
    assert live["type"] == "Opaque"


def mounting(name: str, secret: str) -> JsonObject:
    """Return a Deployment that mounts a Secret."""
    labels = {"app": name}
    volumes = [{"name": "certs", "secret": {"secretName": secret, "optional": True}}]
    containers = [{"name": "main", "image": "lab/none"}]
    pod = {"metadata": {"labels": labels}, "spec": {"containers": containers, "volumes": volumes}}
    spec = {"selector": {"matchLabels": labels}, "template": pod}
    return manifest("apps/v1", "Deployment", name, "istio-system", spec=spec)


def test_readers_of_the_certificate_restart_once(api: Api) -> None:
    """After that, the applier still considers them correct."""
    reader, applier = mounting("istio-ingressgateway", "istio-ingressgateway-certs"), objects(api)
    foreign = mounting("foreign", "istio-ingressgateway-certs")
    api.create(foreign)
    gateway = Gateway(api, table.find("0.6.2"))
    assert gateway.restart_readers(applier.owns) == []
    apply_certificate(api, gateway)
    applier.apply([reader], prune=False)
    name = "Deployment istio-system/istio-ingressgateway"
    assert gateway.restart_readers(applier.owns) == [name]
    live = api.get(reader)
    assert live is not None
    assert live["metadata"]["generation"] == 2
    assert gateway.restart_readers(applier.owns) == []
    assert applier.compare([reader]).correct == [name]
    before = api.writes
    applier.apply([reader], prune=False)
    assert api.writes == before
    for deployment in (reader, foreign):
        api.delete(deployment)


def definition(kind: str, scope: str) -> JsonObject:
    """Return the definition of a kind of kubeflow.org in v1beta1, with any content."""
    plural = kind.lower() + "s"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1beta1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema},
    }  # fmt: skip
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": kind + "List"}
    spec = {"group": "kubeflow.org", "scope": scope, "names": names, "versions": [version]}
    name = f"{plural}.kubeflow.org"
    return manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition", name, spec=spec)


def test_notebook_is_created_and_deleted(api: Api) -> None:
    """In the server's version. It does not start, because no controller runs here."""
    trial = notebook.Trial("lab/none", "nvidia.com/gpu", (), 1.0)
    without_profile = notebook.Notebook(api, trial).check(USER)
    assert without_profile.message == f"the user {USER} has no profile yet"
    definitions = [definition("Profile", "Cluster"), definition("Notebook", "Namespaced")]
    objects(api).apply(definitions, prune=False)
    owner = {"owner": {"kind": "User", "name": USER}}
    ensure(api, "kubeflow.org/v1beta1", "Profile", "lab", spec=owner)
    check = notebook.Notebook(api, trial).check(USER)
    assert (check.ok, check.message) == (
        False,
        "a notebook with one nvidia.com/gpu does not run after 1 s: there is no event about it",
    )
    assert api.list("kubeflow.org/v1beta1", "Notebook") == []
    for entry in definitions:
        api.delete(entry)


def test_workloads_and_claims_are_read_as_the_server_lists_them(api: Api) -> None:
    """Without controllers, a workload is not ready and a claim is pending."""
    deployment = mounting("alone", "none")
    api.create(deployment)
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
    ensure(api, "v1", "PersistentVolumeClaim", "mysql", "lab", spec=spec)
    keys = [("Deployment", "istio-system", "alone"), ("StatefulSet", "lab", "none")]
    assert inventory_checks.workloads_check(api, keys).message == (
        "Deployment istio-system/alone is not observed by its controller yet,"
        " StatefulSet lab/none is missing"
    )
    status = {"status": {"observedGeneration": 1, "replicas": 1, "readyReplicas": 1}}
    api.request("PATCH", api.path_of(deployment) + "/status", status, MERGE)
    assert inventory_checks.workloads_check(api, keys[:1]).ok
    assert inventory_checks.claims_check(api, [("lab", "mysql")]).message == (
        "lab/mysql is Pending; there is no event about it"
    )
    assert inventory_checks.namespaces_check(api, ["lab", "istio-system"]).ok
    for entry in (deployment, manifest("v1", "PersistentVolumeClaim", "mysql", "lab")):
        api.delete(entry)
