"""The networks, the address pools and the storage of a lab."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..rules.lab.facts import Facts
from ..rules.lab.options.address_pools import AddressPool, address_pools
from ..rules.lab.options.cluster_features import LOCAL_STORAGE, clusters_with, is_on
from ..rules.lab.options.exports import NFS_SERVER, Export, exports_of, external_export
from .model import Resource, counted

if TYPE_CHECKING:
    from ..site.model import Site

# The StorageClass of Canonical Kubernetes' own local storage (k8s-snap, features/localpv).
_LOCAL_CLASS = "csi-rawfile-default"


def resources_of(facts: Facts) -> tuple[Resource, ...]:
    """Return the networks, address pools and storage of a site or a bundle."""
    return (*_networks(facts.site), *_pools(facts), *_classes(facts), *_directives(facts))


def _networks(site: Site | None) -> Iterator[Resource]:
    if site is None:
        return
    for name, network in site.networks.of_machines.items():
        lines = [str(network.cidr)]
        lines += [f"gateway {network.gateway}"] if network.gateway else []
        lines += [f"DHCP {dhcp}" for dhcp in network.dhcp]
        lines += [f"space {network.space}"] if network.space else []
        yield Resource("network", name, tuple(lines))
    if not site.kubernetes.is_existing:
        pods = " and ".join(map(str, site.networks.of_pods))
        services = " and ".join(map(str, site.networks.of_services))
        lines = (f"pods {pods}", f"services {services}", *_api_lines(site))
        yield Resource("network", "cluster", lines)


def _api_lines(site: Site) -> Iterator[str]:
    """Yield the addresses of the API servers that are those of no machine."""
    kubernetes = site.kubernetes
    if kubernetes.keepalived:
        yield f"API {kubernetes.keepalived.address} (keepalived)"
    for address in kubernetes.api_addresses:
        yield f"API {address}"


def _pools(facts: Facts) -> Iterator[Resource]:
    for pool in address_pools(facts):
        sizes = [entry.span.size() for entry in pool.entries if entry.span]
        lines = [entry.text for entry in pool.entries]
        lines.append(f"{counted(sum(sizes), 'address')}, {_announcement(pool)}")
        lines += [] if pool.is_automatic else ["only for services that name the pool"]
        yield Resource("address pool", pool.name, tuple(lines), str(pool.option_path[1]))


def _announcement(pool: AddressPool) -> str:
    return {"layer2": "layer 2", "bgp": "BGP"}.get(pool.protocol, pool.protocol)


def _classes(facts: Facts) -> Iterator[Resource]:
    """Yield the StorageClasses of the NFS servers and of Canonical Kubernetes."""
    for name, _ in facts.applications_of(NFS_SERVER):
        lines = ["default StorageClass"] if is_on(facts, name, "default-class") else []
        lines += _export_lines(facts, name)
        title = facts.option(name, "storage-class") or name
        yield Resource("StorageClass", title, tuple(lines), name)
    for name in clusters_with(facts, LOCAL_STORAGE):
        yield Resource("StorageClass", _LOCAL_CLASS, ("disks of the machines",), name)


def _export_lines(facts: Facts, name: str) -> Iterator[str]:
    external = external_export(facts, name)
    if external:
        yield external
    for number, export in enumerate(exports_of(facts, name)):
        yield f"share {_export_text(export)}" if number else _export_text(export)


def _export_text(export: Export) -> str:
    clients = ", ".join(client for _, client in export.clients)
    return f"{export.directory} for {clients}" if clients else export.directory


def _directives(facts: Facts) -> Iterator[Resource]:
    """Yield the storage that applications get from Juju."""
    for name, application in facts.applications.items():
        for storage, directive in application.storage.items():
            yield Resource("storage of Juju", f"{name}: {storage}", (directive,), name)
