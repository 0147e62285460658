"""labkube against real API servers."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.kube.api_server import ApiServer
from helpers.kube.fault_proxy import FaultProxy
from labkube.apply.objects import ForeignObjectError, Objects
from labkube.client.access import Access
from labkube.client.api import Api, ApiError, UnknownKindError

ROOT = Path(__file__).resolve().parents[2]
KINDS = [
    ("v1", "Namespace"), ("v1", "ConfigMap"), ("v1", "Secret"), ("apps/v1", "Deployment"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"), ("storage.k8s.io/v1", "StorageClass"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"), ("lab.example/v1", "Pool"),
    ("no.such/v1", "Thing"),
]  # fmt: skip


@pytest.fixture
def api(server: ApiServer) -> Iterator[Api]:
    """Return a client of the server."""
    client = Api(Access(server.url, server.ca, server.token), patience=3)
    yield client
    client.close()


@pytest.fixture(params=[(1, 22), (1, 16)], ids=["merged", "applied"])
def objects(api: Api, request: pytest.FixtureRequest) -> Iterator[Objects]:
    """Return an application's objects, with either strategy; they are removed after the test.

    Server-side apply exists from 1.16 on, as a beta; labkube uses it from 1.22 on.
    """
    name = f"app-{uuid.uuid4().hex[:8]}"
    application = Objects(api, name, "test", KINDS, server_side=request.param)
    yield application
    assert application.remove(20) == []


@pytest.fixture
def namespace(server: ApiServer) -> str:
    """Create a namespace for a test; it stays, because no controller runs that could empty it."""
    name = f"ns-{uuid.uuid4().hex[:8]}"
    server.kubectl("create", "namespace", name)
    return name


def config(namespace: str, name: str = "config", **entries: str) -> dict[str, Any]:
    """Return a ConfigMap."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": entries}


def deployment(namespace: str, image: str = "a:1") -> dict[str, Any]:
    """Return a Deployment; the server fills in many fields."""
    labels = {"app": "a"}
    container = {
        "name": "a", "image": image, "args": ["--x"], "resources": {"limits": {"cpu": "100m"}},
        "env": [{"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
        "ports": [{"containerPort": 7472, "name": "monitoring"}],
    }  # fmt: skip
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a", "namespace": namespace, "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels, "annotations": {}},
                "spec": {"containers": [container], "nodeSelector": {"os": "linux"}},
            },
        },
    }


def test_server_tells_its_version_and_kinds(api: Api) -> None:
    """A kind that the server does not have is another error than a failed request."""
    assert api.version() >= (1, 13)
    assert api.kind("apps/v1", "DaemonSet").namespaced
    with pytest.raises(UnknownKindError, match=r"no Pod of apps/v1"):
        api.kind("apps/v1", "Pod")


def test_tls_is_verified(server: ApiServer) -> None:
    """With another CA no request reaches the server, and the token is in no message."""
    other_ca = (ROOT / "tests/kube/other-ca.pem").read_text()
    client = Api(Access(server.url, other_ca, server.token), patience=0)
    with pytest.raises(ApiError, match="unable to get local issuer certificate") as raised:
        client.version()
    assert server.token not in str(raised.value)
    client.close()


def test_wrong_token_is_refused_without_a_retry(server: ApiServer) -> None:
    """The message does not show the token."""
    client = Api(Access(server.url, server.ca, "wrong-token"), patience=30)
    start = time.monotonic()
    with pytest.raises(ApiError) as raised:
        client.list("v1", "Namespace")
    assert raised.value.status == 401
    assert time.monotonic() - start < 2
    assert "wrong-token" not in str(raised.value)
    client.close()


def test_second_run_writes_nothing(api: Api, objects: Objects, namespace: str) -> None:
    """The fields that the server filled in are no difference."""
    desired = [deployment(namespace), config(namespace, a="1")]
    first = objects.apply(desired)
    assert first.created == [f"ConfigMap {namespace}/config", f"Deployment {namespace}/a"]

    writes = api.writes
    second = objects.apply(desired)
    assert (second.created, second.changed, second.same, second.pruned) == ([], [], 2, [])
    assert api.writes == writes


def test_change_keeps_what_others_set(api: Api, objects: Objects, namespace: str) -> None:
    """Entries that are no longer desired are removed."""
    objects.apply([config(namespace, a="1", b="2")])
    foreign = {"data": {"theirs": "x"}, "metadata": {"labels": {"l": "x"}}}
    api.patch(config(namespace), foreign)

    applied = objects.apply([config(namespace, a="3")])

    live = api.get(config(namespace)) or {}
    assert applied.changed == [f"ConfigMap {namespace}/config"]
    assert live["data"] == {"a": "3", "theirs": "x"}
    assert live["metadata"]["labels"]["l"] == "x"


def test_entry_that_was_merged_is_removed_by_server_side_apply(api: Api, namespace: str) -> None:
    """The server was upgraded between the two runs."""
    name = f"app-{namespace}"
    merged = Objects(api, name, "test", KINDS)
    applied = Objects(api, name, "test", KINDS, server_side=(1, 16))
    merged.apply([config(namespace, a="1", b="2")])
    applied.apply([config(namespace, a="1")])

    assert (api.get(config(namespace)) or {})["data"] == {"a": "1"}
    assert applied.remove(20) == []


def test_drift_is_reported_and_repaired(api: Api, objects: Objects, namespace: str) -> None:
    """The comparison has four parts, and the next run repairs all."""
    desired = [config(namespace, a="1"), deployment(namespace)]
    objects.apply([*desired, config(namespace, "old", x="y")])
    api.patch(config(namespace), {"data": {"a": "drifted"}})
    api.delete(deployment(namespace))

    comparison = objects.compare(desired)
    assert comparison.correct == []
    assert comparison.changed == [f"ConfigMap {namespace}/config"]
    assert comparison.missing == [f"Deployment {namespace}/a"]
    assert comparison.extra == [f"ConfigMap {namespace}/old"]

    objects.apply(desired)
    assert (api.get(config(namespace)) or {})["data"] == {"a": "1"}
    assert len(objects.compare(desired).correct) == 2


def test_objects_that_controllers_derive_are_not_owned(control: ApiServer) -> None:
    """Endpoints carry their Service's labels; an Ingress is in two groups at 1.20."""
    access = Access(control.url, control.ca, control.token)
    with contextlib.closing(Api(access, patience=3)) as client:
        objects = Objects(client, "app", "test", client.kinds())
        desired = [service("default"), ingress("default")]
        objects.apply(desired, prune=False)
        derived = derived_uids(client)

        assert objects.compare(desired).extra == []
        assert objects.prune(desired) == []
        assert [live["kind"] for live in objects.owned()] == ["Service", "Ingress"]
        time.sleep(1)
        assert derived_uids(client) == derived
        assert objects.prune([desired[1]]) == ["Service default/web"]
        assert objects.remove(20) == []


def service(namespace: str) -> dict[str, Any]:
    """Return a Service."""
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80}]}
    metadata = {"name": "web", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def ingress(namespace: str) -> dict[str, Any]:
    """Return an Ingress."""
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    metadata = {"name": "web", "namespace": namespace}
    return {
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": metadata, "spec": {"defaultBackend": backend},
    }  # fmt: skip


def derived_uids(api: Api) -> dict[str, str]:
    """Return the uid of each object that was derived from the Service, once there are both."""
    kinds = [kind for kind in api.kinds() if kind[1] in ("Endpoints", "EndpointSlice")]
    for _ in range(100):
        uids = {
            kind: live["metadata"]["uid"]
            for version, kind in kinds
            for live in api.list(version, kind, "app.lab-charms/application=app")
        }
        if len(uids) == 2:
            return uids
        time.sleep(0.1)
    raise AssertionError(f"the controllers made {sorted(uids)} alone")


def foreign_versions(api: Api) -> dict[str, str]:
    """Return the resource version of each foreign ConfigMap by its name."""
    metadata = [live["metadata"] for live in api.list("v1", "ConfigMap")]
    return {
        entry["name"]: entry["resourceVersion"]
        for entry in metadata
        if entry["name"].startswith("foreign-")
    }


def test_only_owned_objects_are_pruned(api: Api, objects: Objects, namespace: str) -> None:
    """Five hundred foreign objects are not touched."""
    objects.apply([config(namespace, "old"), config(namespace, "new")])
    for number in range(500):
        api.create(config(namespace, f"foreign-{number}"))
    before = foreign_versions(api)

    applied = objects.apply([config(namespace, "new")])

    after = foreign_versions(api)
    assert applied.pruned == [f"ConfigMap {namespace}/old"]
    assert len(before) == 500
    assert after == before


def test_foreign_object_stops_the_run_unless_adopted(
    api: Api, objects: Objects, namespace: str
) -> None:
    """Without adoption nothing at all is written."""
    api.create(config(namespace, theirs="x"))
    writes = api.writes
    with pytest.raises(ForeignObjectError, match=f"ConfigMap {namespace}/config"):
        objects.apply([config(namespace, a="1"), config(namespace, "more")])
    assert api.writes == writes

    objects.apply([config(namespace, a="1")], adopt=True)
    assert (api.get(config(namespace)) or {})["data"] == {"a": "1", "theirs": "x"}


def test_immutable_field_is_changed_by_recreating_the_object(
    api: Api, objects: Objects, namespace: str
) -> None:
    """A StorageClass's parameters cannot be changed otherwise; that does no harm to volumes."""
    name = f"class-{namespace}"
    desired = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name},
        "provisioner": "lab.example/nfs",
        "parameters": {"archiveOnDelete": "true"},
    }
    objects.apply([desired])
    objects.apply([{**desired, "parameters": {"archiveOnDelete": "false"}}])

    assert (api.get(desired) or {})["parameters"] == {"archiveOnDelete": "false"}


def test_definition_and_its_objects_are_applied_in_one_call(
    objects: Objects, namespace: str
) -> None:
    """The call waits until the definition is served."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "pools.lab.example"},
        "spec": {
            "group": "lab.example", "scope": "Namespaced", "versions": versions,
            "names": {"kind": "Pool", "plural": "pools", "listKind": "PoolList"},
        },
    }  # fmt: skip
    pool = {
        "apiVersion": "lab.example/v1", "kind": "Pool",
        "metadata": {"name": "p", "namespace": namespace}, "spec": {"addresses": ["a"]},
    }  # fmt: skip
    desired = [pool, definition]
    assert len(objects.apply(desired).created) == 2
    assert objects.apply(desired).same == 2


def test_secret_is_not_repeated_in_an_annotation(
    api: Api, objects: Objects, namespace: str
) -> None:
    """The annotation holds a digest; a change is recognized all the same."""
    secret = {
        "apiVersion": "v1", "kind": "Secret", "data": {"key": "aHVudGVyMg=="},
        "metadata": {"name": "s", "namespace": namespace},
    }  # fmt: skip
    objects.apply([secret])
    live = api.get(secret) or {}
    assert "aHVudGVyMg" not in str(live["metadata"])

    applied = objects.apply([{**secret, "data": {"key": "b3RoZXI="}}])
    assert applied.changed == [f"Secret {namespace}/s"]
    assert (api.get(secret) or {})["data"] == {"key": "b3RoZXI="}


def test_object_that_is_not_deleted_is_named_with_its_finalizers(
    api: Api, objects: Objects, namespace: str
) -> None:
    """Nothing is forced; once the finalizer is removed, the object is gone."""
    held = config(namespace)
    held["metadata"]["finalizers"] = ["lab.example/hold"]
    objects.apply([held])

    remaining = objects.remove(1)

    message = f"ConfigMap {namespace}/config is held by its finalizers lab.example/hold"
    assert message in remaining
    api.patch(held, {"metadata": {"finalizers": None}})


def test_workload_without_a_controller_is_not_ready(objects: Objects, namespace: str) -> None:
    desired = [deployment(namespace)]
    objects.apply(desired)

    assert objects.wait_until_ready(desired, 0.2) == [
        f"Deployment {namespace}/a is not observed by its controller yet"
    ]


@contextlib.contextmanager
def fault_proxy(
    server: ApiServer, faults: Callable[[int], int]
) -> Iterator[tuple[Access, FaultProxy]]:
    """Put a TLS proxy before the server that answers some requests with a status of its own."""
    with FaultProxy(server, faults) as proxy:
        yield Access(proxy.url, proxy.ca, server.token), proxy


@pytest.mark.parametrize("status", [429, 500, 503])
def test_request_is_repeated_after_a_temporary_failure(
    server: ApiServer, namespace: str, status: int
) -> None:
    """Every second request fails; all objects are created, and the second run writes nothing."""
    with fault_proxy(server, lambda number: status if number % 2 else 0) as (access, proxy):
        client = Api(access, patience=10)
        objects = Objects(client, f"app-{namespace}", "test", KINDS)
        desired = [config(namespace, a="1"), deployment(namespace)]
        objects.apply(desired)
        assert objects.apply(desired).same == 2
        assert objects.remove(20) == []
        client.close()
        assert proxy.requests > 10


def test_run_continues_after_the_server_was_away(programs: Path, tmp_path: Path) -> None:
    """What was done stays, and the failed run reports the failure."""
    server = ApiServer(programs, tmp_path).start()
    try:
        client = Api(Access(server.url, server.ca, server.token), patience=0.5)
        objects = Objects(client, "app", "test", KINDS)
        desired = [config("default", f"c{number}") for number in range(5)]
        objects.apply(desired[:3])
        server.stop()
        with pytest.raises(ApiError, match="cannot be reached"):
            objects.apply(desired)
        client.close()

        server.start()
        client = Api(Access(server.url, server.ca, server.token))
        applied = Objects(client, "app", "test", KINDS).apply(desired)
        assert (applied.same, len(applied.created)) == (3, 2)
        client.close()
    finally:
        server.stop()
