"""This suite's own charms in a bundle: which a site asks for, where they stand, what they get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..catalogue.model import Charm
from ..catalogue.profiles import OWN_CHARMS, Profile, own_charm
from ..site.applications import Application
from ..site.machines import Role
from ..site.model import Site
from ..site.parts import GpuStack, Metallb
from .kubeflow import kubeflow_options
from .pools import address_pools
from .storage import storage_directives, storage_options
from .view import translated

_PLACES = {
    "nvidia-runtime": (100, 1050),
    "nfs-server": (800, 1050),
    "metallb": (1100, 850),
    "kubeflow-installer": (1100, 550),
}


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """One of our applications in the bundle."""

    name: str
    charm: Charm
    to: list[str]
    options: dict[str, Any]
    storage: dict[str, str]
    x: int
    y: int


def wanted(site: Site) -> list[str]:
    """List the charms of this suite that a site asks for."""
    gpu = any(machine.gpu for machine in site.machines.values())
    asked = {
        "nvidia-runtime": gpu and site.gpu.stack is GpuStack.CHARM,
        "nfs-server": site.nfs is not None,
        "metallb": site.metallb is not None,
        "kubeflow-installer": site.kubeflow is not None,
    }
    return [name for name in OWN_CHARMS if asked[name]]


def own_applications(site: Site) -> Iterator[OwnApplication]:
    """Yield our applications that the site asks for."""
    for name in wanted(site):
        charm = own_charm(name)
        x, y = _PLACES[name]
        options = {
            key: value for key, value in _options(site, name).items() if key in charm.options
        }
        to = [] if charm.subordinate else _placement(site, name)
        yield OwnApplication(name, charm, to, options, _storage(site, name), x, y)


def _placement(site: Site, name: str) -> list[str]:
    override = site.applications.get(name, Application()).to
    if override is not None:
        return translated(site, override)
    if name == "nfs-server":
        # Never in a container: the kernel's NFS server is the machine's.
        return translated(site, [site.nfs.server] if site.nfs else [])
    control = [
        machine for machine, spec in site.machines.items() if Role.CONTROL_PLANE in spec.roles
    ]
    return translated(site, [f"lxd:{control[0]}"] if control else [])


def _storage(site: Site, name: str) -> dict[str, str]:
    return storage_directives(site.nfs) if name == "nfs-server" and site.nfs else {}


def _options(site: Site, name: str) -> dict[str, Any]:
    if name == "nvidia-runtime":
        options = _nvidia(site)
    elif name == "metallb" and site.metallb is not None:
        options = _metallb(site, site.metallb)
    elif name == "nfs-server" and site.nfs is not None:
        options = storage_options(site, site.nfs)
    elif name == "kubeflow-installer" and site.kubeflow is not None:
        options = kubeflow_options(site.kubeflow)
    else:
        return {}
    registry = options.get("image-registry") or site.kubernetes.registry
    return {**options, "image-registry": registry} if registry else options


def _nvidia(site: Site) -> dict[str, Any]:
    pins = " ".join(f"{package}={version}" for package, version in site.nvidia.pins.items())
    options = {"driver": site.nvidia.driver, "default-runtime": site.nvidia.default_runtime}
    return {**options, "pins": pins} if pins else options


def _metallb(site: Site, metallb: Metallb) -> dict[str, Any]:
    networks = f"{site.networks.pods} {site.networks.services}"
    options = {**address_pools(metallb), "reserved-networks": networks}
    return {"version": metallb.version, **options} if metallb.version else options


def own_relations(site: Site, profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield the relations of our applications; each end must exist to be written.

    Charms that reach the cluster take three things from relations: the admin's token from
    kube-control, the CA from certificates, and the API's address from the load balancer, or from
    the control plane where there is no load balancer.
    """
    control = profile.control_plane
    for name in wanted(site):
        charm = own_charm(name)
        if charm.subordinate:
            yield f"{name}:{_juju_info(charm)}", f"{profile.worker}:juju-info"
        ends = {
            "kube-control": f"{control}:kube-control",
            "certificates": "easyrsa:client",
            "kube-api-endpoint": _endpoint_of_api(site, profile),
        }
        for endpoint, other in ends.items():
            if endpoint in charm.endpoints and other:
                yield f"{name}:{endpoint}", other


def _juju_info(charm: Charm) -> str:
    for endpoint in charm.endpoints.values():
        if endpoint.interface == "juju-info" and endpoint.role == "requires":
            return endpoint.name
    return "juju-info"


def _endpoint_of_api(site: Site, profile: Profile) -> str:
    charms = profile.charms
    balanced = any(Role.LOAD_BALANCER in machine.roles for machine in site.machines.values())
    if balanced and "website" in charms["kubeapi-load-balancer"].endpoints:
        return "kubeapi-load-balancer:website"
    if "kube-api-endpoint" in charms[profile.control_plane].endpoints:
        return f"{profile.control_plane}:kube-api-endpoint"
    return ""
