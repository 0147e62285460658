"""The commented site file that ``botlab init`` writes, generated from the model."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from ..yaml_text import yaml_lines
from .fields import section_fields
from .gpu import Nvidia
from .kubeflow import Kubeflow
from .kubernetes import Kubernetes, Lan
from .machines import Machine
from .metallb import Metallb, Pool
from .model import Site
from .nfs import Nfs
from .section import Section

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
# Juju 3 and later cannot reach the Charm Store, which the charms of 2019 come from.
_PROFILE_2019 = "k8s-1.13"
_PROFILE_TODAY = "charmed-k8s"


@dataclass(frozen=True, slots=True)
class StarterValues:
    """The values of a starter file: the four machines of the guide, or those of a MAAS dump.

    Attributes:
        machines: The lines below ``machines:``.
        server: The machine that serves NFS.
        cidr: The network of the machines.
        gateway: The gateway of the network; empty leaves the key out.
        dhcp: The address range of the DHCP server; empty leaves the key as a comment.
        pool: The address range of LoadBalancer services.
        todo: What to check in the networks; empty adds no comment.
    """

    machines: str = _MACHINES
    server: str = "node0"
    cidr: str = "192.168.1.0/24"
    gateway: str = "192.168.1.1"
    dhcp: str = "192.168.1.100-192.168.1.199"
    pool: str = "192.168.1.240-192.168.1.250"
    todo: str = ""


def starter_text(name: str, juju: str, values: StarterValues = StarterValues()) -> str:
    """Return a commented site file, which is valid without changes.

    Args:
        name: Name of the site.
        juju: Juju release line, such as ``2.9``.
        values: The values of the file.
    """
    return "\n".join(
        [
            *_site_lines(name, juju),
            *_machine_lines(values),
            *_network_lines(values),
            *_service_lines(values),
        ]
    )


def _site_lines(name: str, juju: str) -> Iterator[str]:
    yield from _comment("A site file of botlab. Comments explain the keys and show defaults.", "")
    yield from _description(Site, "site", "")
    yield from yaml_lines({"site": name})
    yield from _description(Site, "juju", "")
    yield from yaml_lines({"juju": juju})
    yield ""
    yield "kubernetes:"
    yield f"  profile: {_PROFILE_2019 if juju[0] == '2' else _PROFILE_TODAY}"
    yield from _optional_keys(Kubernetes, {"profile"})
    yield ""


def _machine_lines(values: StarterValues) -> Iterator[str]:
    yield from _description(Site, "machines", "")
    for key, field in section_fields(Machine).items():
        yield from _comment(f"{key}: {field.description}", "  ")
    yield "machines:"
    yield values.machines


def _network_lines(values: StarterValues) -> Iterator[str]:
    if values.todo:
        yield f"# TODO: {values.todo}"
    yield "networks:"
    yield "  lan:"
    yield from _description(Lan, "cidr", "    ")
    yield from yaml_lines({"cidr": values.cidr}, "    ")
    yield from _description(Lan, "gateway", "    ")
    yield from _entry("gateway", values.gateway, values.gateway)
    yield from _description(Lan, "dhcp", "    ")
    yield from _entry("dhcp", [values.dhcp], values.dhcp)
    yield ""


def _entry(key: str, value: object, is_set: object) -> Iterator[str]:
    """Yield a key of the network, or the key as a comment if it has no value."""
    if is_set:
        yield from yaml_lines({key: value}, "    ")
    else:
        yield f"    # {key}:"


def _service_lines(values: StarterValues) -> Iterator[str]:
    yield "metallb:"
    yield from _optional_keys(Metallb, {"pools", "peers"})
    yield from _description(Metallb, "pools", "  ")
    yield "  pools:"
    yield "    default:"
    yield from _description(Pool, "addresses", "      ")
    yield from yaml_lines({"addresses": [values.pool]}, "      ")
    yield from _optional_keys(Pool, {"addresses"}, "      ")
    yield ""
    yield "nfs:"
    yield from yaml_lines({"server": values.server}, "  ")
    yield from _optional_keys(Nfs, {"server"})
    yield ""
    yield "kubeflow:"
    yield "  user: admin@kubeflow.org"
    yield from _optional_keys(Kubeflow, {"user"})
    yield ""
    yield from _comment("Driver and container runtime of the GPU machines, with the defaults:", "")
    yield "# nvidia:"
    yield from (f"# {line}" for line in _optional_keys(Nvidia, set()))
    yield ""


def _description(section: type[Section], key: str, indent: str) -> Iterator[str]:
    yield from _comment(section_fields(section)[key].description or "", indent)


def _optional_keys(
    section: type[Section], excluded: set[str], indent: str = "  "
) -> Iterator[str]:
    """Yield the other keys of a section as comments, with their defaults or examples."""
    for key, field in section_fields(section).items():
        if key not in excluded:
            yield from _comment(field.description or "", indent)
            yield f"{indent}# {key}: {_shown(field)}"


def _shown(field: FieldInfo) -> str:
    shown: object = field.get_default()
    if shown in ("", None, [], {}) and field.examples:
        shown = field.examples[0]
    if isinstance(shown, bool):
        return "true" if shown else "false"
    if isinstance(shown, str):
        return shown if shown else '""'
    return str(shown).replace("'", "")


def _comment(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# "
    )
