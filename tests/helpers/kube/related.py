"""Units of packed charms that are related to the control plane of a real API server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from helpers.archives import archive_in, pack_charms
from helpers.interpreters import find_python, missing
from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer
from labkube.client.identity import ADMIN_GROUP, Identity, admin_identity, narrow_identity

# What is deployed together: the archive, the machine's Python, and the Juju release. They decide
# the form of the relation data.
AGES = {
    "2019": ("bionic-focal", "3.6", "2.6"),
    "today": ("jammy-noble", "3.12", "3.6"),
    "secrets": ("jammy-noble", "3.12", "4.0"),
}


def pack(charm: str, folder: Path) -> Path:
    """Pack a charm for all platforms into a directory, and return it."""
    pack_charms(folder, charm)
    return folder


def make_unit(
    age: str, archives: Path, charm: str, name: str, folder: Path, environment: dict[str, str]
) -> Unit:
    """Unpack a charm for an age, on a machine with its Python; skip the test without it."""
    platform, version, juju = AGES[age]
    python = find_python(version)
    if not python:
        pytest.skip(missing(version))
    tools = folder / "bin"
    tools.mkdir(parents=True, exist_ok=True)
    (tools / "python3").symlink_to(python)
    path = {"PATH": f"{tools}:/usr/bin:/bin"}
    unit = Unit(str(folder / "unit"), name, juju, {**path, **environment})
    return unit.unpack(str(archive_in(archives, charm, platform)))


def relate(unit: Unit, server: ApiServer, age: str) -> None:
    """Relate a unit to the control plane of a server, with the relation data of an age."""
    bags, secrets = relations(server, age, unit.name)
    unit.put("relations", bags)
    unit.put("secrets", secrets)


def relate_unanswered(unit: Unit, server: ApiServer, age: str) -> None:
    """Relate a unit to the control plane of an age that has not answered yet.

    Its other relations stay, such as the one to its peers.
    """
    bags, secrets = _unanswered_relations(server, age)
    unit.put("relations", {**unit.get("relations", {}), **bags})
    unit.put("secrets", secrets)


def answer(unit: Unit, server: ApiServer, age: str) -> None:
    """Answer a unit's request, as the control plane of an age does; earlier answers stay."""
    bags, secrets = unit.get("relations"), unit.get("secrets")
    _answer(server, age, unit.name, request_of(unit), bags, secrets)
    unit.put("relations", bags)
    unit.put("secrets", secrets)


def request_of(unit: Unit) -> Identity:
    """Return the identity that a unit requests."""
    published = unit.get("relations")["kube-control:1"].get("local", {})
    return Identity(published.get("kubelet_user", ""), published.get("auth_group", ""))


def identities_of(unit: str) -> tuple[Identity, Identity]:
    """Return the identity of a unit's work, and that of a leader who grants roles."""
    # `compat.identity` in the model of helpers.juju.unit.
    application = f"{unit.partition('/')[0]}.00000000"
    return narrow_identity(application, unit), admin_identity(application, unit)


def relations(server: ApiServer, age: str, unit: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the relation data that a control plane of an age publishes, and its secrets.

    It has answered each request that the unit may make: for the identity of its work, for that of
    a leader, and for that of earlier revisions.
    """
    bags, secrets = _unanswered_relations(server, age)
    for identity in (*identities_of(unit), Identity(unit, ADMIN_GROUP)):
        _answer(server, age, unit, identity, bags, secrets)
    return bags, secrets


def _answer(
    server: ApiServer,
    age: str,
    unit: str,
    identity: Identity,
    bags: dict[str, Any],
    secrets: dict[str, Any],
) -> None:
    token = server.token_of(*identity)
    bag = bags["kube-control:1"]["units"]["kubernetes-master/0"]
    creds = json.loads(bag.get("creds", "{}"))
    if age == "secrets":  # as Canonical Kubernetes
        secret_id = f"s{len(secrets)}"
        creds[identity.user] = {"client_token": "", "secret-id": secret_id}
        secrets[secret_id] = {"client-token": token}
    else:  # as Charmed Kubernetes
        tokens = {"client_token": server.token, "kubelet_token": token}
        creds[identity.user] = {**tokens, "scope": unit}
    bag["creds"] = json.dumps(creds)


def _unanswered_relations(server: ApiServer, age: str) -> tuple[dict[str, Any], dict[str, Any]]:
    url = urlsplit(server.url)
    control: dict[str, str] = {"port": "53"}
    secrets: dict[str, Any] = {}
    if age != "2019":
        control["api-endpoints"] = json.dumps([server.url])
    if age == "secrets":
        control["ca-certificate-secret-id"] = "ca"
        secrets = {"ca": {"ca-certificate": server.ca}}
    bags = {"kube-control:1": _relation("kube-control", "kubernetes-master", control)}
    if age != "secrets":
        bags["certificates:2"] = _relation("certificates", "easyrsa", {"ca": server.ca})
    if age == "2019":
        http = {"hostname": url.hostname, "port": str(url.port)}
        bags["kube-api-endpoint:3"] = _relation("kube-api-endpoint", "lb", http)
    return bags, secrets


def _relation(name: str, remote: str, bag: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "remote": remote, "units": {f"{remote}/0": bag}}


def run(unit: Unit, *hooks: str) -> str:
    """Run hooks, which must all succeed, and return the status."""
    for hook in hooks:
        extra = {}
        if "relation" in hook:
            extra = {
                "JUJU_RELATION": "kube-control",
                "JUJU_RELATION_ID": "kube-control:1",
                "JUJU_REMOTE_UNIT": "kubernetes-master/0",
                "JUJU_REMOTE_APP": "kubernetes-master",
            }
        code, output = unit.run(hook, extra)
        assert code == 0, (hook, output, unit.log())
    return unit.status()


def leave(unit: Unit) -> None:
    """Remove the unit together with its application."""
    unit.put("leaving", True)
    run(unit, "stop")
