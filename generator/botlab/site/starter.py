"""The commented site file to start from, out of the model's own descriptions."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from .base import Part
from .kubeflow import Kubeflow
from .kubernetes import Kubernetes, Lan
from .machines import Machine
from .model import Site
from .parts import Metallb, Nfs, Nvidia, Pool

_MACHINES = """\
  node0:
    tags: [node0]
    roles: [easyrsa, etcd, load-balancer, control-plane]
    addresses: [192.168.1.10]
  node1:
    tags: [node1]
    roles: [etcd, worker]
    addresses: [192.168.1.11]
  node2:
    tags: [node2]
    roles: [etcd, worker]
    gpu: true
    addresses: [192.168.1.12]
  node3:
    tags: [node3]
    roles: [control-plane, worker]
    addresses: [192.168.1.13]
"""
_WIDTH = 96
# Juju 3 and later cannot reach the Charm Store that the 2019 charms come from.
_PROFILE_2019 = "k8s-1.13"
_PROFILE_TODAY = "charmed-k8s"


@dataclass(frozen=True, slots=True)
class Start:
    """What a starter is filled with: the guide's four machines, or those of an inventory.

    Attributes:
        machines: The lines below ``machines:``.
        server: Machine that serves NFS.
        cidr: The LAN.
        gateway: Its gateway; empty leaves the key out.
        dhcp: Range of its DHCP server; empty asks for it in a comment.
        pool: Range of addresses for LoadBalancer services.
        todo: What to look at in the networks; empty says nothing.
    """

    machines: str = _MACHINES
    server: str = "node0"
    cidr: str = "192.168.1.0/24"
    gateway: str = "192.168.1.1"
    dhcp: str = "192.168.1.100-192.168.1.199"
    pool: str = "192.168.1.240-192.168.1.250"
    todo: str = ""


def starter(name: str, juju: str, start: Start = Start()) -> str:
    """Return a commented site file, valid as it stands.

    Args:
        name: Name of the site.
        juju: Juju release line, such as ``2.9``.
        start: What it is filled with.
    """
    return "\n".join(_lines(name, juju, start))


def _lines(name: str, juju: str, start: Start) -> Iterator[str]:
    yield from _comment("A site file of botlab. Lines behind # are explanations and defaults.", "")
    yield from _told(Site, "site", "")
    yield f"site: {name}"
    yield from _told(Site, "juju", "")
    yield f'juju: "{juju}"'
    yield ""
    yield "kubernetes:"
    yield f"  profile: {_PROFILE_2019 if juju[0] == '2' else _PROFILE_TODAY}"
    yield from _optional(Kubernetes, {"profile"})
    yield ""
    yield from _told(Site, "machines", "")
    yield from _key_help(Machine)
    yield "machines:"
    yield start.machines
    if start.todo:
        yield f"# TODO: {start.todo}"
    yield "networks:"
    yield "  lan:"
    yield from _told(Lan, "cidr", "    ")
    yield f"    cidr: {start.cidr}"
    yield from _told(Lan, "gateway", "    ")
    yield f"    gateway: {start.gateway}" if start.gateway else "    # gateway:"
    yield from _told(Lan, "dhcp", "    ")
    yield f"    dhcp: [{start.dhcp}]" if start.dhcp else "    # dhcp: []"
    yield ""
    yield "metallb:"
    yield from _optional(Metallb, {"pools", "peers"})
    yield from _told(Metallb, "pools", "  ")
    yield "  pools:"
    yield "    default:"
    yield from _told(Pool, "addresses", "      ")
    yield f"      addresses: [{start.pool}]"
    yield from _optional(Pool, {"addresses"}, "      ")
    yield ""
    yield "nfs:"
    yield f"  server: {start.server}"
    yield from _optional(Nfs, {"server"})
    yield ""
    yield "kubeflow:"
    yield "  user: admin@kubeflow.org"
    yield from _optional(Kubeflow, {"user"})
    yield ""
    yield from _comment("How GPU machines get driver and runtime; as it stands:", "")
    yield "# nvidia:"
    yield from (f"# {line}" for line in _optional(Nvidia, set()))
    yield ""


def _fields(model: type[Part]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _key_help(model: type[Part]) -> Iterator[str]:
    for key, field in _fields(model).items():
        yield from _comment(f"{key}: {field.description}", "  ")


def _told(model: type[Part], key: str, indent: str) -> Iterator[str]:
    yield from _comment(_fields(model)[key].description or "", indent)


def _optional(model: type[Part], without: set[str], indent: str = "  ") -> Iterator[str]:
    """Yield each further key as a comment, with its default or an example."""
    for key, field in _fields(model).items():
        if key not in without:
            yield from _comment(field.description or "", indent)
            yield f"{indent}# {key}: {_shown(field)}"


def _shown(field: FieldInfo) -> str:
    value: object = field.get_default()
    if value in ("", None, [], {}) and field.examples:
        value = field.examples[0]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if value else '""'
    return str(value).replace("'", "")


def _comment(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# "
    )
