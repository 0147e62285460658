"""The status of the facade gives the same state as the output of the client."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from botlab.juju import Juju
from botlab.live.status.client import read_status
from botlab.live.status.facade import client_document
from botlab.live.status.model import ModelStatus, StatusInfo
from botlab.plan.model_status import model_of_status

_RECORDS = Path(__file__).parent / "records"


def _record(name: str) -> dict[str, Any]:
    return json.loads((_RECORDS / name).read_text())


def _comparable(status: ModelStatus) -> Any:
    """Return a state without the forms of times, which differ, and without the document."""

    def strip(node: Any) -> Any:
        if isinstance(node, StatusInfo):
            return dataclasses.replace(node, since="")
        if dataclasses.is_dataclass(node) and not isinstance(node, type):
            fields = {f.name: strip(getattr(node, f.name)) for f in dataclasses.fields(node)}
            return {key: value for key, value in fields.items() if key != "document"}
        if isinstance(node, dict):
            return {key: strip(value) for key, value in node.items()}
        return node

    return strip(status)


@pytest.mark.parametrize("release", ["2.9", "3.6"])
def test_facade_and_client_give_the_same_state(release: str) -> None:
    facade = client_document(_record(f"facade-{release}.json"), "maas")
    assert _comparable(read_status(facade)) == _comparable(read_status(_record(f"{release}.json")))


@pytest.mark.parametrize(
    ("release", "control_plane"),
    [("2.9", "kubernetes-master"), ("3.6", "kubernetes-control-plane")],
)
def test_planner_reads_the_relations(release: str, control_plane: str) -> None:
    document = client_document(_record(f"facade-{release}.json"), "maas")
    assert model_of_status(document, Juju(release)).relations == {
        frozenset({"easyrsa:client", f"{control_plane}:certificates"}),
        *(
            frozenset({f"{name}:kube-control", f"{control_plane}:kube-control"})
            for name in ("kubernetes-worker", "metallb", "nfs-server")
        ),
        frozenset({"kubernetes-worker:juju-info", "nvidia-runtime:juju-info"}),
    }


def test_status_that_juju_cannot_determine_keeps_its_error() -> None:
    body = {"workload-status": {"err": {"message": "cannot read"}}, "agent-status": None}
    status = read_status(
        client_document({"applications": {"etcd": {"units": {"etcd/0": body}}}}, "maas")
    )
    assert status.units["etcd/0"].workload == StatusInfo("unknown", "cannot read")


def test_empty_answer_is_an_empty_model() -> None:
    status = read_status(client_document({}, "maas"))
    assert (status.name, status.controller, dict(status.units)) == ("", "maas", {})


UNIT = {
    "workload-status": {"status": "active", "info": "fine", "since": "2026-01-01T00:00:00Z"},
    "agent-status": {"status": "idle", "version": "3.6.11", "life": "alive", "info": ""},
    "leader": True,
    "machine": "0",
    "public-address": "10.0.0.5",
    "workload-version": "1.35.2",
    "charm": "ch:amd64/etcd-42",
    "opened-ports": ["2379/tcp"],
    "address": "10.0.0.5",
}
FACADE = {
    "model": {
        "name": "m", "type": "iaas", "cloud-tag": "cloud-maas", "region": "r", "version": "3.6.11",
        "model-status": {"status": "available"},
    },
    "machines": {
        "0": {
            "agent-status": {"status": "started"},
            "instance-status": {"status": "running", "info": "Deployed"},
            "modification-status": {"status": "idle"},
            "hostname": "node0", "dns-name": "10.0.0.5", "ip-addresses": ["10.0.0.5"],
            "instance-id": "abc", "display-name": "node0", "constraints": "tags=node0",
            "hardware": "arch=amd64", "network-interfaces": {"eth0": {}}, "lxd-profiles": None,
            "base": {"name": "ubuntu", "channel": "22.04/stable"},
            "containers": {"0/lxd/0": {"hostname": "juju-0", "id": "0/lxd/0"}},
        }
    },
    "applications": {
        "etcd": {
            "charm": "ch:amd64/etcd-42", "charm-channel": "latest/stable", "charm-rev": 43,
            "base": {"name": "ubuntu", "channel": "22.04/stable"}, "exposed": True,
            "life": "alive", "status": {"status": "active"}, "workload-version": "3.4",
            "subordinate-to": None, "units": {"etcd/0": {**UNIT, "subordinates": {"sub/0": {}}}},
            "endpoint-bindings": {"": "alpha"},
        },
        "sub": {"charm": "local:focal/my-sub-3", "series": "focal", "subordinate-to": ["etcd"]},
    },
    "relations": [
        {
            "interface": "etcd", "scope": "global",
            "endpoints": [{"application": "etcd", "name": "cluster", "role": "peer"}],
        },
        {
            "interface": "juju-info", "scope": "container",
            "endpoints": [
                {"application": "sub", "name": "host"},
                {"application": "etcd", "name": "juju-info"},
            ],
        },
    ],
    "offers": {"db": {"application-name": "etcd", "charm": "ch:amd64/etcd-42", "offer-url": "x"}},
}  # fmt: skip


def test_document_has_the_keys_of_the_client() -> None:
    """What the client would not print is left out."""

    def link(application: str, interface: str, scope: str) -> dict[str, str]:
        return {"related-application": application, "interface": interface, "scope": scope}

    nothing = {"workload-status": {}, "juju-status": {}, "open-ports": [], "subordinates": {}}
    assert client_document(FACADE, "ctrl") == {
        "model": {
            "name": "m", "type": "iaas", "controller": "ctrl", "cloud": "maas", "region": "r",
            "version": "3.6.11", "model-status": {"current": "available"},
        },
        "machines": {
            "0": {
                "juju-status": {"current": "started"},
                "machine-status": {"current": "running", "message": "Deployed"},
                "modification-status": {"current": "idle"},
                "hostname": "node0", "dns-name": "10.0.0.5", "ip-addresses": ["10.0.0.5"],
                "instance-id": "abc", "display-name": "node0", "constraints": "tags=node0",
                "hardware": "arch=amd64", "network-interfaces": {"eth0": {}},
                "base": {"name": "ubuntu", "channel": "22.04"},
                "containers": {
                    "0/lxd/0": {
                        "juju-status": {}, "machine-status": {}, "modification-status": {},
                        "hostname": "juju-0", "containers": {},
                    }
                },
            }
        },
        "applications": {
            "etcd": {
                "charm": "etcd", "charm-origin": "charmhub", "charm-name": "etcd",
                "charm-rev": 43, "charm-channel": "latest/stable",
                "base": {"name": "ubuntu", "channel": "22.04"}, "exposed": True, "life": "alive",
                "application-status": {"current": "active"}, "version": "3.4",
                "subordinate-to": [],
                "relations": {
                    "cluster": [link("etcd", "etcd", "global")],
                    "juju-info": [link("sub", "juju-info", "container")],
                },
                "units": {
                    "etcd/0": {
                        "workload-status": {
                            "current": "active", "message": "fine",
                            "since": "2026-01-01T00:00:00Z",
                        },
                        "juju-status": {"current": "idle", "version": "3.6.11", "life": "alive"},
                        "leader": True, "machine": "0", "public-address": "10.0.0.5",
                        "workload-version": "1.35.2", "charm": "ch:amd64/etcd-42",
                        "open-ports": ["2379/tcp"], "subordinates": {"sub/0": nothing},
                    }
                },
                "endpoint-bindings": {"": "alpha"},
            },
            "sub": {
                "charm": "local:focal/my-sub-3", "charm-origin": "local", "charm-name": "my-sub",
                "charm-rev": 3, "charm-channel": "", "series": "focal", "exposed": False,
                "application-status": {}, "version": "", "subordinate-to": ["etcd"],
                "relations": {"host": [link("etcd", "juju-info", "container")]},
                "units": {}, "endpoint-bindings": {},
            },
        },
        "offers": {"db": {"application": "etcd", "charm": "ch:amd64/etcd-42"}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "charm", "origin", "name", "revision"),
    [
        ("cs:~containers/etcd-378", "cs:~containers/etcd-378", "charmstore", "etcd", 378),
        ("cs:etcd-1", "cs:etcd-1", "charmstore", "etcd", 1),
        ("local:etcd-0", "local:etcd-0", "local", "etcd", 0),
        ("ch:amd64/jammy/my-app-7", "my-app", "charmhub", "my-app", 7),
    ],
)
def test_charm_of_an_application_is_named_as_the_client_does(
    url: str, charm: str, origin: str, name: str, revision: int
) -> None:
    """The client prints the name alone of a charm from Charmhub."""
    body = client_document({"applications": {"a": {"charm": url}}}, "c")["applications"]["a"]

    assert [body[f"charm{key}"] for key in ("", "-origin", "-name", "-rev")] == [
        charm, origin, name, revision,
    ]  # fmt: skip
