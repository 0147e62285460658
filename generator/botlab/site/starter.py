"""The commented site file that ``botlab init`` writes, generated from the model."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from pydantic.fields import FieldInfo

from ..yaml_text import yaml_lines
from .defaults import PROFILE_OF_TODAY
from .fields import section_fields
from .gpu import Nvidia
from .kubeflow import Kubeflow
from .kubernetes import Kubernetes
from .machines import Machine
from .metallb import Metallb, Pool
from .model import Site
from .networks import Lan, Networks
from .nfs import Nfs
from .section import Section

MACHINES = """\
  node0:
    tags: [node0]
    roles: [easyrsa, etcd, load-balancer, control-plane]
    addresses: [192.168.1.10]
  node1:
    tags: [node1]
    roles: [etcd, control-plane]
    addresses: [192.168.1.11]
  node2:
    tags: [node2]
    roles: [etcd, worker]
    gpu: true
    addresses: [192.168.1.12]
  node3:
    tags: [node3]
    roles: [worker]
    addresses: [192.168.1.13]
"""
# For a profile whose control planes contain etcd and the other services.
MACHINES_WITHOUT_SERVICES = """\
  node0:
    tags: [node0]
    roles: [control-plane]
    addresses: [192.168.1.10]
  node1:
    tags: [node1]
    roles: [control-plane]
    addresses: [192.168.1.11]
  node2:
    tags: [node2]
    roles: [control-plane]
    addresses: [192.168.1.12]
  node3:
    tags: [node3]
    roles: [worker]
    gpu: true
    addresses: [192.168.1.13]
"""
# For a cluster without Juju: one machine for containers, and one for the storage.
MACHINES_BESIDE_CLUSTER = """\
  services0:
    tags: [services0]
    addresses: [192.168.1.10]
  storage0:
    tags: [storage0]
    addresses: [192.168.1.11]
"""
SERVER_BESIDE_CLUSTER = "storage0"
_KUBECONFIG = """\
  # TODO: A secret of the model keeps the kubeconfig. Create both, and write the id that the last
  # command prints:
  #   kubectl config view --raw --flatten --minify > kubeconfig
  #   juju add-model {site}
  #   juju add-secret {site}-kubeconfig kubeconfig#file=./kubeconfig
  kubeconfig: secret:ID
"""
_GROUPS = """\
# groups:
#   gpu[0-7]:
#     tags: ["gpu[0-7]"]
#     roles: [worker]
#     gpu: true
#     addresses: ["192.168.1.[20-27]"]

"""
_WORKERS = """\
# workers:
#   a100:
#     gpu-model: A100
#   t4:
#     gpu-model: T4
#     driver: nvidia-headless-535-server

"""
_WIDTH = 96


# The keys that have no effect where Juju deploys the cluster.
WITHOUT_EFFECT = frozenset(("kubernetes.kubeconfig",))


@dataclass(frozen=True, slots=True)
class StarterProfile:
    """The profile of a starter file.

    Attributes:
        name: Its name.
        examples: Examples in place of those of the models, by key with its sections.
        unused: The keys that have no effect with the profile, and are left out.
        machines: The lines below ``machines:`` of a file that is not made for given machines.
        server: The machine among them that serves NFS.
        is_existing: Whether the cluster exists without Juju, and the file needs its kubeconfig.
    """

    name: str = PROFILE_OF_TODAY
    examples: Mapping[str, object] = dataclass_field(default_factory=dict[str, object])
    unused: frozenset[str] = WITHOUT_EFFECT
    machines: str = MACHINES
    server: str = "node0"
    is_existing: bool = False


@dataclass(frozen=True, slots=True)
class StarterValues:
    """The values of a starter file: those of an example, or those of a MAAS dump.

    Attributes:
        machines: The lines below ``machines:``; empty for the example of the profile.
        groups: The lines below ``groups:``; empty for an example as a comment.
        workers: The lines below ``workers:``; empty for an example as a comment.
        applications: The lines below ``applications:``; empty leaves the section out.
        server: The machine that serves NFS; empty for that of the profile.
        cidr: The network of the machines.
        gateway: The gateway of the network; empty leaves the key out.
        dhcp: The address ranges of the DHCP server; empty leaves the key as a comment.
        space: The space of the network; empty leaves the key out.
        networks: The lines of further networks; empty for none.
        cluster_networks: The networks of pods and services that are not the defaults, by key.
        clients: The networks that NFS is shared with; empty leaves the key as a comment.
        pool: The address range of LoadBalancer services.
        todo: What to check in the networks; empty adds no comment.
        network_notes: Facts about the networks, one a line.
        has_lan: Whether the network is known. Otherwise the networks and the address pools are
            comments.
    """

    machines: str = ""
    groups: str = ""
    workers: str = ""
    applications: str = ""
    server: str = ""
    cidr: str = "192.168.1.0/24"
    gateway: str = "192.168.1.1"
    dhcp: tuple[str, ...] = ("192.168.1.100-192.168.1.199",)
    space: str = ""
    networks: str = ""
    cluster_networks: Mapping[str, str] = dataclass_field(default_factory=dict[str, str])
    clients: tuple[str, ...] = ()
    pool: str = "192.168.1.240-192.168.1.250"
    todo: str = ""
    network_notes: tuple[str, ...] = ()
    has_lan: bool = True


def starter_text(
    name: str,
    juju: str,
    values: StarterValues = StarterValues(),
    profile: StarterProfile = StarterProfile(),
) -> str:
    """Return a commented site file, which is valid without changes, apart from a kubeconfig.

    Args:
        name: Name of the site.
        juju: Juju release line, such as ``3.6``.
        values: The values of the file.
        profile: The profile of the site.
    """
    return "\n".join(
        [
            *_site_lines(name, juju, profile),
            *_machine_lines(values.machines or profile.machines, profile),
            *([] if profile.is_existing else _group_lines(values)),
            *_note_lines(values),
            *_comment_out(_network_lines(values, profile), is_known=values.has_lan),
            *_comment_out(_pool_lines(values, profile), is_known=values.has_lan),
            *_service_lines(values, profile),
        ]
    )


def _site_lines(name: str, juju: str, profile: StarterProfile) -> Iterator[str]:
    yield from _comment("A site file of botlab. Comments explain the keys and show defaults.", "")
    yield from _description(Site, "site", "")
    yield from yaml_lines({"site": name})
    yield from _description(Site, "juju", "")
    yield from yaml_lines({"juju": juju})
    yield ""
    yield "kubernetes:"
    yield from _description(Kubernetes, "profile", "  ")
    yield f"  profile: {profile.name}"
    excluded = {"profile"}
    if profile.is_existing:
        yield from _description(Kubernetes, "kubeconfig", "  ")
        yield from _KUBECONFIG.format(site=name).splitlines()
        excluded.add("kubeconfig")
    yield from _optional_keys(Kubernetes, excluded, profile, "kubernetes")
    yield ""


def _machine_lines(machines: str, profile: StarterProfile) -> Iterator[str]:
    yield from _description(Site, "machines", "")
    for key, field in section_fields(Machine).items():
        if f"machines.{key}" not in profile.unused:
            yield from _comment(f"{key}: {field.description}", "  ")
    has_entries = any(not line.lstrip().startswith("#") for line in machines.splitlines())
    # Without an entry, the key would have no value.
    yield "machines:" if has_entries else "# machines:"
    yield machines


def _group_lines(values: StarterValues) -> Iterator[str]:
    yield from _entries("groups", values.groups, _GROUPS)
    yield from _entries("workers", values.workers, _WORKERS)


def _entries(section: str, entries: str, example: str) -> Iterator[str]:
    """Yield a section with its description, or its example as a comment."""
    yield from _description(Site, section, "")
    if not entries:
        yield from example.splitlines()
        return
    yield f"{section}:"
    yield from entries.splitlines()
    yield ""


def _note_lines(values: StarterValues) -> Iterator[str]:
    if values.todo:
        yield from _comment(f"TODO: {values.todo}", "")
    for note in values.network_notes:
        yield from _comment(note, "")


def _comment_out(lines: Iterator[str], *, is_known: bool) -> Iterator[str]:
    """Yield the lines of a section, as comments if its values are examples only."""
    for line in lines:
        yield line if is_known or not line else f"# {line}"


def _network_lines(values: StarterValues, profile: StarterProfile) -> Iterator[str]:
    yield "networks:"
    yield from _lan_lines(values)
    yield from values.networks.splitlines()
    if profile.is_existing:
        # Nothing else says which networks the cluster has.
        further = {key for key in section_fields(Networks) if key not in ("services", "pods")}
        yield from _optional_keys(Networks, further, profile, "networks")
    else:
        for key, cidr in values.cluster_networks.items():
            yield from _description(Networks, key, "  ")
            yield from yaml_lines({key: cidr}, "  ")
    yield ""


def _lan_lines(values: StarterValues) -> Iterator[str]:
    yield "  lan:"
    yield from _description(Lan, "cidr", "    ")
    yield from yaml_lines({"cidr": values.cidr}, "    ")
    yield from _description(Lan, "gateway", "    ")
    yield from _entry("gateway", values.gateway, values.gateway)
    yield from _description(Lan, "dhcp", "    ")
    yield from _entry("dhcp", list(values.dhcp), values.dhcp)
    if values.space:
        yield from _description(Lan, "space", "    ")
        yield from yaml_lines({"space": values.space}, "    ")


def _entry(key: str, value: object, is_set: object) -> Iterator[str]:
    """Yield a key of the network, or the key as a comment if it has no value."""
    if is_set:
        yield from yaml_lines({key: value}, "    ")
    else:
        yield f"    # {key}:"


def _pool_lines(values: StarterValues, profile: StarterProfile) -> Iterator[str]:
    yield "metallb:"
    yield from _optional_keys(Metallb, {"pools", "peers"}, profile, "metallb")
    yield from _description(Metallb, "pools", "  ")
    yield "  pools:"
    yield "    default:"
    yield from _description(Pool, "addresses", "      ")
    yield from yaml_lines({"addresses": [values.pool]}, "      ")
    yield from _optional_keys(Pool, {"addresses"}, profile, "metallb.pools.default")
    yield ""


def _service_lines(values: StarterValues, profile: StarterProfile) -> Iterator[str]:
    yield "nfs:"
    yield from yaml_lines({"server": values.server or profile.server}, "  ")
    if values.clients:
        yield from _description(Nfs, "networks", "  ")
        yield from yaml_lines({"networks": list(values.clients)}, "  ")
    excluded = {"server", *(["networks"] if values.clients else [])}
    yield from _optional_keys(Nfs, excluded, profile, "nfs")
    yield ""
    yield "kubeflow:"
    yield "  user: admin@kubeflow.org"
    yield from _optional_keys(Kubeflow, {"user"}, profile, "kubeflow")
    yield ""
    if values.applications:
        yield from _entries("applications", values.applications, "")
    if profile.is_existing:
        return
    yield from _comment("Driver and container runtime of the GPU machines, with the defaults:", "")
    yield "# nvidia:"
    yield from (f"# {line}" for line in _optional_keys(Nvidia, set(), profile, "nvidia"))
    yield ""


def _description(section: type[Section], key: str, indent: str) -> Iterator[str]:
    yield from _comment(section_fields(section)[key].description or "", indent)


def _optional_keys(
    section: type[Section], excluded: set[str], profile: StarterProfile, path: str
) -> Iterator[str]:
    """Yield the other keys of a section as comments, with their defaults or examples.

    Args:
        section: The section.
        excluded: Keys that the file has anyway.
        profile: The profile, which has examples of its own.
        path: The section's key, with those of the sections around it.
    """
    indent = "  " * (path.count(".") + 1)
    for key, field_info in section_fields(section).items():
        name = f"{path}.{key}"
        if key not in excluded and name not in profile.unused:
            yield from _comment(field_info.description or "", indent)
            example = profile.examples.get(name, _example(field_info))
            yield f"{indent}# {_entry_text(key, example)}"


def _example(field_info: FieldInfo) -> object:
    """Return the default of a key, or an example if it has none."""
    default: object = field_info.get_default()
    has_none = default in ("", None, [], {})
    return field_info.examples[0] if has_none and field_info.examples else default


def _entry_text(key: str, example: object) -> str:
    """Return a key with its value on one line."""
    if isinstance(example, str | bool):
        return next(iter(yaml_lines({key: example})))
    return f"{key}: {example}".replace("'", "")


def _comment(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# "
    )
