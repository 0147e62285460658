"""Which objects count as ours: what we applied, and not what controllers derived from it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from labkube.apply.last_applied import APPLIED
from labkube.apply.objects import Objects
from labkube.apply.owned import APPLICATION, CHARM
from labkube.apply.references import name_of, ref_of
from labkube.client.api import UnknownKindError

LABELS = {APPLICATION: "app", CHARM: "lab"}
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
        assert selector == f"{APPLICATION}=app,{CHARM}=lab"
        if kind == "Thing":
            raise UnknownKindError("no Thing")
        found = [one for one in self.objects if one["kind"] == kind]
        return [{**copy.deepcopy(one), "apiVersion": api_version} for one in found]

    def get(self, sought: Any) -> Any:
        """Return an object."""
        found = [one for one in self.objects if name_of(one) == name_of(sought)]
        return copy.deepcopy(found[0]) if found else None

    def delete(self, sought: Any) -> bool:
        """Delete an object."""
        self.deleted.append(name_of(sought))
        self.objects = [one for one in self.objects if name_of(one) != name_of(sought)]
        return True


def wanted(api_version: str, kind: str, name: str = "web", namespace: str = "ns") -> Any:
    """Return an object as it is handed to us."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def applied(found: Any, note: str = "") -> Any:
    """Return an object as it stands when we applied it."""
    labelled = {**found, "metadata": {**found["metadata"], "labels": LABELS}}
    text = note or json.dumps(labelled, sort_keys=True, separators=(",", ":"))
    more = {"annotations": {APPLIED: text}, "uid": name_of(found)}
    return {**labelled, "metadata": {**labelled["metadata"], **more}}


def derived(found: Any, source: Any, owned: bool) -> Any:
    """Return what a controller makes of an object: its labels and annotations are the source's."""
    metadata = {**applied(source)["metadata"], **found["metadata"], "uid": name_of(found)}
    metadata["ownerReferences"] = [{"kind": source["kind"], "controller": True}] if owned else []
    return {**found, "metadata": metadata}


def mine(server: Server) -> Objects:
    """Return our objects there."""
    return Objects(server, "app", "lab", KINDS, lambda _: None)  # type: ignore[arg-type]


SERVICE = wanted("v1", "Service")
CERTIFICATE = wanted("cert-manager.io/v1", "Certificate")
ENDPOINTS = derived(wanted("v1", "Endpoints"), SERVICE, owned=False)
del ENDPOINTS["metadata"]["annotations"]
SLICE = derived(wanted("discovery.k8s.io/v1", "EndpointSlice", "web-x1"), SERVICE, owned=True)
del SLICE["metadata"]["annotations"]
REQUEST = derived(wanted("cert-manager.io/v1", "CertificateRequest", "web-1"), CERTIFICATE, True)
SECRET = wanted("v1", "Secret")
COPY = derived(wanted("v1", "Secret", "copy"), SECRET, owned=True)
COPY["metadata"]["annotations"] = {APPLIED: "sha256:00"}
ELSEWHERE = derived(wanted("v1", "ConfigMap", namespace="other"), wanted("v1", "ConfigMap"), False)


@pytest.mark.parametrize(
    "follower", [ENDPOINTS, SLICE, REQUEST, COPY, ELSEWHERE], ids=lambda one: str(one["kind"])
)
def test_what_follows_ours_is_none_of_ours(follower: Any) -> None:
    """Neither told as extra nor pruned nor removed, nor waited for as it stays for a while."""
    sources = [SERVICE, CERTIFICATE, wanted("v1", "ConfigMap")]
    server = Server(*(applied(one) for one in sources), applied(SECRET, "sha256:11"), follower)
    objects = mine(server)
    keep = [*sources, SECRET]

    assert objects.compare(keep).extra == []
    assert objects.prune(keep) == []
    assert sorted(map(name_of, objects.owned())) == sorted(map(name_of, keep))
    assert objects.remove(0) == []
    assert server.objects == [follower]
    assert name_of(follower) not in server.deleted


def test_what_we_applied_is_ours() -> None:
    """Also where a digest stands for it, and where it was applied without its namespace."""
    everywhere = wanted("v1", "ConfigMap", "here", "default")
    noted = applied(wanted("v1", "ConfigMap", "here", ""))["metadata"]["annotations"][APPLIED]
    server = Server(applied(SERVICE), applied(SECRET, "sha256:11"), applied(everywhere, noted))

    told = ["Service ns/web", "Secret ns/web", "ConfigMap default/here"]
    assert sorted(mine(server).compare([]).extra) == sorted(told)
    assert sorted(mine(server).prune([])) == sorted(told)
    assert server.objects == []


def test_a_kind_of_two_groups_is_one_object() -> None:
    """It is known by the group that it was applied in, and kept by either."""
    deployment = wanted("apps/v1", "Deployment")
    server = Server(applied(deployment))

    assert mine(server).compare([deployment]).extra == []
    assert mine(server).prune([deployment]) == []
    assert [ref_of(one) for one in mine(server).owned()] == [ref_of(deployment)]
    assert mine(server).prune([wanted("extensions/v1beta1", "Deployment")]) == []
    assert mine(server).prune([]) == ["Deployment ns/web"]
    assert server.deleted == ["Deployment ns/web"]
