"""Which objects an application owns: those it applied, not those that controllers derive."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from labkube.apply.last_applied import LAST_APPLIED
from labkube.apply.objects import Applied, ForeignObjectError, Objects
from labkube.apply.owned import APPLICATION_LABEL, CHARM_LABEL, OwnedObjects
from labkube.client.api import ApiError, UnknownKindError
from labkube.client.references import name_of, ref_of

LABELS = {APPLICATION_LABEL: "app", CHARM_LABEL: "lab"}
KINDS = [
    ("v1", "Service"), ("v1", "Endpoints"), ("v1", "Secret"), ("v1", "ConfigMap"),
    ("discovery.k8s.io/v1", "EndpointSlice"), ("cert-manager.io/v1", "Certificate"),
    ("cert-manager.io/v1", "CertificateRequest"), ("extensions/v1beta1", "Deployment"),
    ("apps/v1", "Deployment"), ("no.such/v1", "Thing"),
    ("node.k8s.io/v1", "RuntimeClass"), ("node.k8s.io/v1beta1", "RuntimeClass"),
]  # fmt: skip


class Server:
    """An API of dictionaries that shows a Deployment in two groups, as those up to 1.15 do."""

    def __init__(self, *objects: Any) -> None:
        self.objects = list(objects)
        self.deleted: list[str] = []

    def list(self, api_version: str, kind: str, selector: str, _: str) -> list[Any]:
        """Return the objects of a kind."""
        assert selector == f"{APPLICATION_LABEL}=app,{CHARM_LABEL}=lab"
        if kind == "Thing":
            raise UnknownKindError("no Thing")
        return [
            {**copy.deepcopy(live), "apiVersion": api_version}
            for live in self.objects
            if live["kind"] == kind
        ]

    def get(self, manifest: Any) -> Any:
        """Return an object."""
        matches = [live for live in self.objects if name_of(live) == name_of(manifest)]
        return copy.deepcopy(matches[0]) if matches else None

    def delete(self, manifest: Any) -> bool:
        """Delete an object."""
        self.deleted.append(name_of(manifest))
        self.objects = [live for live in self.objects if name_of(live) != name_of(manifest)]
        return True


def desired(api_version: str, kind: str, name: str = "web", namespace: str = "ns") -> Any:
    """Return an object as a charm passes it."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def applied(manifest: Any, annotation: str = "") -> Any:
    """Return the live object of an object that was applied."""
    labelled = {**manifest, "metadata": {**manifest["metadata"], "labels": LABELS}}
    text = annotation or json.dumps(labelled, sort_keys=True, separators=(",", ":"))
    metadata = {"annotations": {LAST_APPLIED: text}, "uid": name_of(manifest)}
    return {**labelled, "metadata": {**labelled["metadata"], **metadata}}


def derived(manifest: Any, source: Any, has_owner: bool) -> Any:
    """Return an object that a controller derived, with its source's labels and annotations."""
    source_metadata = applied(source)["metadata"]
    metadata = {**source_metadata, **manifest["metadata"], "uid": name_of(manifest)}
    owner = {"kind": source["kind"], "controller": True}
    metadata["ownerReferences"] = [owner] if has_owner else []
    return {**manifest, "metadata": metadata}


def objects_of(server: Server) -> Objects:
    """Return the application's objects on a server."""
    return Objects(server, "app", "lab", KINDS, lambda _: None, foreign_fix="remove it")  # type: ignore[arg-type]


SERVICE = desired("v1", "Service")
CERTIFICATE = desired("cert-manager.io/v1", "Certificate")
ENDPOINTS = derived(desired("v1", "Endpoints"), SERVICE, has_owner=False)
del ENDPOINTS["metadata"]["annotations"]
SLICE = derived(desired("discovery.k8s.io/v1", "EndpointSlice", "web-x1"), SERVICE, has_owner=True)
del SLICE["metadata"]["annotations"]
REQUEST = derived(
    desired("cert-manager.io/v1", "CertificateRequest", "web-1"), CERTIFICATE, has_owner=True
)
SECRET = desired("v1", "Secret")
COPY = derived(desired("v1", "Secret", "copy"), SECRET, has_owner=True)
COPY["metadata"]["annotations"] = {LAST_APPLIED: "sha256:00"}
ELSEWHERE = derived(
    desired("v1", "ConfigMap", namespace="other"), desired("v1", "ConfigMap"), has_owner=False
)


@pytest.mark.parametrize(
    "derivative", [ENDPOINTS, SLICE, REQUEST, COPY, ELSEWHERE], ids=lambda live: str(live["kind"])
)
def test_derived_object_is_not_owned(derivative: Any) -> None:
    """It is neither extra nor pruned nor removed, and removal does not wait for it."""
    sources = [SERVICE, CERTIFICATE, desired("v1", "ConfigMap")]
    server = Server(*map(applied, sources), applied(SECRET, "sha256:11"), derivative)
    objects = objects_of(server)
    keep = [*sources, SECRET]

    assert objects.compare(keep).extra == []
    assert objects.prune(keep) == []
    assert sorted(map(name_of, objects.owned())) == sorted(map(name_of, keep))
    assert objects.remove(0) == []
    assert server.objects == [derivative]
    assert name_of(derivative) not in server.deleted


def test_applied_object_is_owned() -> None:
    """Also where the annotation is a digest, and where it was applied without its namespace."""
    live = desired("v1", "ConfigMap", "settings", "default")
    without_namespace = applied(desired("v1", "ConfigMap", "settings", ""))
    annotation = without_namespace["metadata"]["annotations"][LAST_APPLIED]
    server = Server(applied(SERVICE), applied(SECRET, "sha256:11"), applied(live, annotation))

    names = ["Service ns/web", "Secret ns/web", "ConfigMap default/settings"]
    assert sorted(objects_of(server).compare([]).extra) == sorted(names)
    assert sorted(objects_of(server).prune([])) == sorted(names)
    assert server.objects == []


def test_object_in_two_api_groups_is_one_object() -> None:
    """It is shown in the group that it was applied in, and kept when either group is kept."""
    deployment = desired("apps/v1", "Deployment")
    server = Server(applied(deployment))

    assert objects_of(server).compare([deployment]).extra == []
    assert objects_of(server).prune([deployment]) == []
    assert [ref_of(live) for live in objects_of(server).owned()] == [ref_of(deployment)]
    assert objects_of(server).prune([desired("extensions/v1beta1", "Deployment")]) == []
    assert objects_of(server).prune([]) == ["Deployment ns/web"]
    assert server.deleted == ["Deployment ns/web"]


@pytest.mark.parametrize("api_version", ["node.k8s.io/v1", "node.k8s.io/v1beta1"])
def test_object_in_two_versions_is_compared_in_the_desired_one(api_version: str) -> None:
    """Otherwise every hook would write it, for which the narrow identity has no right."""
    runtime_class = desired(api_version, "RuntimeClass", "nvidia", "")
    server = Server(applied(runtime_class))

    assert objects_of(server).compare([runtime_class]).correct == ["RuntimeClass nvidia"]
    assert objects_of(server).apply([runtime_class]) == Applied([], [], 1, [])


def test_foreign_objects_are_refused_with_the_charms_advice() -> None:
    server = Server(SERVICE, SECRET)
    with pytest.raises(ForeignObjectError) as raised:
        objects_of(server).refuse_foreign([SERVICE, SECRET, CERTIFICATE])
    assert raised.value.names == ["Service ns/web", "Secret ns/web"]
    assert str(raised.value) == (
        "not made by this application: Service ns/web, Secret ns/web; remove it"
    )


class NamespacedApi:
    """A server that lets the user list one namespace alone, as long as that exists.

    Args:
        namespace: The live namespace; None without it.
    """

    def __init__(self, namespace: dict[str, Any] | None) -> None:
        self._namespace = namespace
        self.places: list[str] = []

    def list(self, _: str, __: str, ___: str, namespace: str) -> list[Any]:
        """Refuse what the user may not list."""
        self.places.append(namespace)
        raise ApiError(403, "Forbidden", 'secrets is forbidden: User "u" cannot list resource')

    def get(self, _: Any) -> dict[str, Any] | None:
        """Return the namespace."""
        return self._namespace


@pytest.mark.parametrize(
    "namespace", [None, {"metadata": {"name": "n", "deletionTimestamp": "2026-01-01T00:00:00Z"}}]
)
def test_rights_may_go_with_the_namespace(namespace: dict[str, Any] | None) -> None:
    """The bindings in a namespace are deleted with it, and so is every object there."""
    api: Any = NamespacedApi(namespace)
    owned = OwnedObjects(api, "app", "charm", [("v1", "Secret")], namespace="n")

    assert owned.read().applied() == []
    assert api.places == ["n"]


def test_refused_list_of_a_live_namespace_is_an_error() -> None:
    api: Any = NamespacedApi({"metadata": {"name": "n"}})
    owned = OwnedObjects(api, "app", "charm", [("v1", "Secret")], namespace="n")

    with pytest.raises(ApiError, match="cannot list"):
        owned.read().applied()


class OldServer(Server):
    """A server that has none of the kinds of an API version.

    Attributes:
        asked: The kinds that were asked for.
    """

    def __init__(self, *objects: Any, served: set[str]) -> None:
        super().__init__(*objects)
        self._served, self.asked = served, list[str]()

    def list(self, api_version: str, kind: str, selector: str, namespace: str = "") -> list[Any]:
        """Return the objects of a kind."""
        self.asked.append(kind)
        if api_version == "lab/v1" and kind not in self._served:
            raise UnknownKindError(f"no {kind}", self._served)
        return super().list(api_version, kind, selector, namespace)


@pytest.mark.parametrize(
    ("served", "asked"), [(set[str](), ["Pool"]), ({"Peer"}, ["Pool", "Peer"])]
)
def test_kinds_that_a_server_is_known_to_lack_are_not_asked_for(
    served: set[str], asked: list[str]
) -> None:
    """Each would be discovered anew: before MetalLB 0.13, these were eight requests."""
    server: Any = OldServer(served=served)
    kinds = [("lab/v1", kind) for kind in ("Pool", "Peer", "Advertisement", "Community")]
    Objects(server, "app", "lab", kinds).read()

    assert server.asked == asked
