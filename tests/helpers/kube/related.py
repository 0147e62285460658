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


def relations(server: ApiServer, age: str, unit: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the relation data that a control plane of an age publishes, and its secrets."""
    url = urlsplit(server.url)
    creds = {unit: {"client_token": server.token, "kubelet_token": "k", "scope": unit}}
    control: dict[str, str] = {"port": "53", "creds": json.dumps(creds)}
    secrets: dict[str, Any] = {}
    if age != "2019":
        control["api-endpoints"] = json.dumps([server.url])
    if age == "secrets":
        control["creds"] = json.dumps({unit: {"client_token": "", "secret-id": "abc"}})
        control["ca-certificate-secret-id"] = "ca"
        secrets = {"abc": {"client-token": server.token}, "ca": {"ca-certificate": server.ca}}
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
