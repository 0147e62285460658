"""Which objects an application owns: those it applied, not those that controllers derive."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from labkube.apply.last_applied import LAST_APPLIED
from labkube.apply.objects import ForeignObjectError, Objects
from labkube.apply.owned import APPLICATION_LABEL, CHARM_LABEL
from labkube.client.api import UnknownKindError
from labkube.client.references import name_of, ref_of

LABELS = {APPLICATION_LABEL: "app", CHARM_LABEL: "lab"}
KINDS = [
    ("v1", "Service"), ("v1", "Endpoints"), ("v1", "Secret"), ("v1", "ConfigMap"),
    ("discovery.k8s.io/v1", "EndpointSlice"), ("cert-manager.io/v1", "Certificate"),
    ("cert-manager.io/v1", "CertificateRequest"), ("extensions/v1beta1", "Deployment"),
    ("apps/v1", "Deployment"), ("no.such/v1", "Thing"),
]  # fmt: skip


class Server:
    """An API of dictionaries that shows a Deployment in two groups, as those up to 1.15 do."""

    def __init__(self, *objects: Any) -> None:
        self.objects = list(objects)
        self.deleted: list[str] = []

    def list(self, api_version: str, kind: str, selector: str) -> list[Any]:
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


def test_foreign_objects_are_refused_with_the_charms_advice() -> None:
    server = Server(SERVICE, SECRET)
    with pytest.raises(ForeignObjectError) as raised:
        objects_of(server).refuse_foreign([SERVICE, SECRET, CERTIFICATE])
    assert raised.value.names == ["Service ns/web", "Secret ns/web"]
    assert str(raised.value) == (
        "not made by this application: Service ns/web, Secret ns/web; remove it"
    )
