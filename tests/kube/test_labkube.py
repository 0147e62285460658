"""The shared package labkube against a real API server."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.kube.servers import ApiServer
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
def mine(api: Api, request: pytest.FixtureRequest) -> Iterator[Objects]:
    """Return an application's objects, by either strategy; they are removed after the test.

    Server-side apply is there from 1.16 on, as a beta; the package uses it from 1.22 on.
    """
    name = f"app-{uuid.uuid4().hex[:8]}"
    found = Objects(api, name, "test", KINDS, server_side=request.param)
    yield found
    assert found.remove(20) == []


@pytest.fixture
def namespace(server: ApiServer) -> str:
    """Make a namespace for a test; it stays, since no controller runs that could empty it."""
    name = f"ns-{uuid.uuid4().hex[:8]}"
    server.kubectl("create", "namespace", name)
    return name


def config(namespace: str, name: str = "config", **data: str) -> dict[str, Any]:
    """Return a ConfigMap."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def deployment(namespace: str, image: str = "a:1") -> dict[str, Any]:
    """Return a Deployment, much of which the server fills in."""
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


def test_version_and_discovery(api: Api) -> None:
    """The server says what it is and has; what it does not have is told apart from a failure."""
    assert api.version() >= (1, 13)
    assert api.kind("apps/v1", "DaemonSet").namespaced
    with pytest.raises(UnknownKindError, match=r"no Pod of apps/v1"):
        api.kind("apps/v1", "Pod")


def test_tls_is_verified(server: ApiServer) -> None:
    """Another CA: no request reaches the server, and the token is in no text."""
    other = (ROOT / "tests/kube/other-ca.pem").read_text()
    client = Api(Access(server.url, other, server.token), patience=0)
    with pytest.raises(ApiError, match="certificate verify failed") as raised:
        client.version()
    assert server.token not in str(raised.value)
    client.close()


def test_a_wrong_token_is_refused_at_once(server: ApiServer) -> None:
    """No retry helps, so none is made; the token is not shown."""
    client = Api(Access(server.url, server.ca, "wrong-token"), patience=30)
    start = time.monotonic()
    with pytest.raises(ApiError) as raised:
        client.list("v1", "Namespace")
    assert raised.value.status == 401
    assert time.monotonic() - start < 2
    assert "wrong-token" not in str(raised.value)
    client.close()


def test_a_second_run_writes_nothing(api: Api, mine: Objects, namespace: str) -> None:
    """What the server fills in is no difference."""
    wanted = [deployment(namespace), config(namespace, a="1")]
    first = mine.apply(wanted)
    assert first.created == [f"ConfigMap {namespace}/config", f"Deployment {namespace}/a"]

    writes = api.writes
    second = mine.apply(wanted)
    assert (second.created, second.changed, second.same, second.pruned) == ([], [], 2, [])
    assert api.writes == writes


def test_changes_are_merged_three_ways(api: Api, mine: Objects, namespace: str) -> None:
    """Ours changes and goes, what others set on the same object stays."""
    mine.apply([config(namespace, a="1", b="2")])
    api.patch(config(namespace), {"data": {"theirs": "x"}, "metadata": {"labels": {"l": "x"}}})

    done = mine.apply([config(namespace, a="3")])

    live = api.get(config(namespace)) or {}
    assert done.changed == [f"ConfigMap {namespace}/config"]
    assert live["data"] == {"a": "3", "theirs": "x"}
    assert live["metadata"]["labels"]["l"] == "x"


def test_a_server_that_grew_up_still_removes(api: Api, namespace: str) -> None:
    """Merged while it was old, applied on its side now: what we no longer want goes."""
    name = f"app-{namespace}"
    old = Objects(api, name, "test", KINDS)
    new = Objects(api, name, "test", KINDS, server_side=(1, 16))
    old.apply([config(namespace, a="1", b="2")])
    new.apply([config(namespace, a="1")])

    assert (api.get(config(namespace)) or {})["data"] == {"a": "1"}
    assert new.remove(20) == []


def test_drift_is_seen_and_repaired(api: Api, mine: Objects, namespace: str) -> None:
    """The report names it in four parts, and the next run puts it right."""
    wanted = [config(namespace, a="1"), deployment(namespace)]
    mine.apply([*wanted, config(namespace, "old", x="y")])
    api.patch(config(namespace), {"data": {"a": "drifted"}})
    api.delete(deployment(namespace))

    found = mine.compare(wanted)
    assert found.correct == []
    assert found.changed == [f"ConfigMap {namespace}/config"]
    assert found.missing == [f"Deployment {namespace}/a"]
    assert found.extra == [f"ConfigMap {namespace}/old"]

    mine.apply(wanted)
    assert (api.get(config(namespace)) or {})["data"] == {"a": "1"}
    assert len(mine.compare(wanted).correct) == 2


def test_what_controllers_make_of_ours_is_not_ours(control: ApiServer) -> None:
    """Endpoints bear their Service's labels; an Ingress is in two groups at 1.20. Each is left."""
    access = Access(control.url, control.ca, control.token)
    with contextlib.closing(Api(access, patience=3)) as client:
        found = Objects(client, "app", "test", client.kinds())
        found.apply(wanted := [service("default"), ingress("default")], prune=False)
        before = followers(client)

        assert found.compare(wanted).extra == []
        assert found.prune(wanted) == []
        assert [one["kind"] for one in found.owned()] == ["Service", "Ingress"]
        time.sleep(1)
        assert followers(client) == before
        assert found.prune([wanted[1]]) == ["Service default/web"]
        assert found.remove(20) == []


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


def followers(api: Api) -> dict[str, str]:
    """Return the uid of what was made for the Service, once both kinds are there."""
    kinds = [one for one in api.kinds() if one[1] in ("Endpoints", "EndpointSlice")]
    for _ in range(100):
        found = {
            kind: one["metadata"]["uid"]
            for version, kind in kinds
            for one in api.list(version, kind, "app.lab-charms/application=app")
        }
        if len(found) == 2:
            return found
        time.sleep(0.1)
    raise AssertionError(f"the controllers made {sorted(found)} alone")


def versions(api: Api) -> dict[str, str]:
    """Return the resource version of each foreign ConfigMap by its name."""
    found = [item["metadata"] for item in api.list("v1", "ConfigMap")]
    return {m["name"]: m["resourceVersion"] for m in found if m["name"].startswith("foreign-")}


def test_what_a_version_no_longer_makes_is_pruned(api: Api, mine: Objects, namespace: str) -> None:
    """Of ours alone, and five hundred foreign objects are not touched."""
    mine.apply([config(namespace, "old"), config(namespace, "new")])
    for number in range(500):
        api.create(config(namespace, f"foreign-{number}"))
    before = versions(api)

    done = mine.apply([config(namespace, "new")])

    after = versions(api)
    assert done.pruned == [f"ConfigMap {namespace}/old"]
    assert len(before) == 500
    assert after == before


def test_what_somebody_else_made_is_not_taken(api: Api, mine: Objects, namespace: str) -> None:
    """Nothing at all is written, until adoption is asked for."""
    api.create(config(namespace, theirs="x"))
    writes = api.writes
    with pytest.raises(ForeignObjectError, match=f"ConfigMap {namespace}/config"):
        mine.apply([config(namespace, a="1"), config(namespace, "more")])
    assert api.writes == writes

    mine.apply([config(namespace, a="1")], adopt=True)
    assert (api.get(config(namespace)) or {})["data"] == {"a": "1", "theirs": "x"}


def test_an_immutable_field_is_changed_by_making_the_object_anew(
    api: Api, mine: Objects, namespace: str
) -> None:
    """A StorageClass's parameters cannot be changed otherwise; its volumes do not mind."""
    name = f"class-{namespace}"
    wanted = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name},
        "provisioner": "lab.example/nfs",
        "parameters": {"archiveOnDelete": "true"},
    }
    mine.apply([wanted])
    mine.apply([{**wanted, "parameters": {"archiveOnDelete": "false"}}])

    assert (api.get(wanted) or {})["parameters"] == {"archiveOnDelete": "false"}


def test_custom_resources_come_after_their_definition(
    api: Api, mine: Objects, namespace: str
) -> None:
    """One call brings the definition, waits until it is established, then its objects."""
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
    wanted = [pool, definition]
    assert len(mine.apply(wanted).created) == 2
    assert mine.apply(wanted).same == 2


def test_a_secret_is_not_kept_in_an_annotation(api: Api, mine: Objects, namespace: str) -> None:
    """A digest stands for it; a change is seen all the same."""
    secret = {
        "apiVersion": "v1", "kind": "Secret", "data": {"key": "aHVudGVyMg=="},
        "metadata": {"name": "s", "namespace": namespace},
    }  # fmt: skip
    mine.apply([secret])
    live = api.get(secret) or {}
    assert "aHVudGVyMg" not in str(live["metadata"])

    done = mine.apply([{**secret, "data": {"key": "b3RoZXI="}}])
    assert done.changed == [f"Secret {namespace}/s"]
    assert (api.get(secret) or {})["data"] == {"key": "b3RoZXI="}


def test_a_stuck_object_is_named_with_its_finalizers(
    api: Api, mine: Objects, namespace: str
) -> None:
    """It is never forced; once the finalizer is gone, so is the object."""
    held = config(namespace)
    held["metadata"]["finalizers"] = ["lab.example/hold"]
    mine.apply([held])

    told = mine.remove(1)

    assert f"ConfigMap {namespace}/config is held by its finalizers lab.example/hold" in told
    api.patch(held, {"metadata": {"finalizers": None}})


def test_what_is_not_ready_is_said(mine: Objects, namespace: str) -> None:
    """No controller runs here, so the Deployment never is."""
    wanted = [deployment(namespace)]
    mine.apply(wanted)

    assert mine.wait(wanted, 0.2) == [
        f"Deployment {namespace}/a is not observed by its controller yet"
    ]


@contextlib.contextmanager
def proxied(
    server: ApiServer, answers: Callable[[int], int]
) -> Iterator[tuple[Access, list[int]]]:
    """Put a TLS proxy before the server that answers some requests with a status of its own."""
    from helpers.kube.fault_proxy import FaultProxy

    with FaultProxy(server, answers) as proxy:
        yield Access(proxy.url, proxy.ca, server.token), proxy.seen


@pytest.mark.parametrize("status", [429, 500, 503])
def test_later_is_tried_again(server: ApiServer, namespace: str, status: int) -> None:
    """Every second request fails; all objects come, and the second run writes nothing."""
    with proxied(server, lambda number: status if number % 2 else 0) as (access, seen):
        client = Api(access, patience=10)
        found = Objects(client, f"app-{namespace}", "test", KINDS)
        wanted = [config(namespace, a="1"), deployment(namespace)]
        found.apply(wanted)
        assert found.apply(wanted).same == 2
        assert found.remove(20) == []
        client.close()
    assert len(seen) > 10


def test_a_server_that_is_gone_in_the_middle_and_comes_back(
    programs: Path, tmp_path: Path
) -> None:
    """What was done stays, the failure is told, and the next run goes on."""
    own = ApiServer(programs, tmp_path).start()
    try:
        client = Api(Access(own.url, own.ca, own.token), patience=0.5)
        found = Objects(client, "app", "test", KINDS)
        wanted = [config("default", f"c{n}") for n in range(5)]
        found.apply(wanted[:3])
        own.stop()
        with pytest.raises(ApiError, match="cannot be reached"):
            found.apply(wanted)
        client.close()

        own.start()
        client = Api(Access(own.url, own.ca, own.token))
        done = Objects(client, "app", "test", KINDS).apply(wanted)
        assert (done.same, len(done.created)) == (3, 2)
        client.close()
    finally:
        own.stop()
