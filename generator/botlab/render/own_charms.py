"""This suite's own charms in a bundle: the charms that a site asks for, and their settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..catalogue.model import Charm
from ..catalogue.profiles import OWN_CHARMS, Profile, own_charm
from ..site.applications import Application
from ..site.gpu import GpuStack
from ..site.machines import Role
from ..site.model import Site
from .kubeflow import kubeflow_options
from .metallb import metallb_options
from .shared_storage import nfs_options, nfs_storage
from .template_values import bundle_placements

Options = dict[str, Any]
# The positions in Juju's picture of a model.
_POSITIONS = {
    "nvidia-runtime": (100, 1050),
    "nfs-server": (800, 1050),
    "metallb": (1100, 850),
    "kubeflow-installer": (1100, 550),
}


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """An application of one of this suite's charms."""

    name: str
    charm: Charm
    to: list[str]
    options: Options
    storage: dict[str, str]
    x: int
    y: int


def own_charm_names(site: Site) -> list[str]:
    """Return the names of this suite's charms that a site asks for."""
    has_gpu = any(machine.gpu for machine in site.machines.values())
    is_requested = {
        "nvidia-runtime": has_gpu and site.gpu.stack is GpuStack.CHARM,
        "nfs-server": site.nfs is not None,
        "metallb": site.metallb is not None,
        "kubeflow-installer": site.kubeflow is not None,
    }
    return [name for name in OWN_CHARMS if is_requested[name]]


def own_applications(site: Site) -> Iterator[OwnApplication]:
    """Yield the applications of this suite's charms that a site asks for."""
    for name in own_charm_names(site):
        charm = own_charm(name)
        x, y = _POSITIONS[name]
        options = {
            key: setting for key, setting in _options(site, name).items() if key in charm.options
        }
        to = [] if charm.subordinate else _placement(site, name)
        yield OwnApplication(name, charm, to, options, _storage(site, name), x, y)


def _placement(site: Site, name: str) -> list[str]:
    chosen = site.applications.get(name, Application()).to
    if chosen is not None:
        return bundle_placements(site, chosen)
    if name == "nfs-server":
        # The server is part of the machine's kernel, so it cannot run in a container.
        return bundle_placements(site, [site.nfs.server] if site.nfs else [])
    control_planes = [
        machine_name
        for machine_name, machine in site.machines.items()
        if Role.CONTROL_PLANE in machine.roles
    ]
    return bundle_placements(site, [f"lxd:{control_planes[0]}"] if control_planes else [])


def _storage(site: Site, name: str) -> dict[str, str]:
    return nfs_storage(site.nfs) if name == "nfs-server" and site.nfs else {}


def _options(site: Site, name: str) -> Options:
    if name == "nvidia-runtime":
        options = _nvidia_options(site)
    elif name == "metallb" and site.metallb is not None:
        options = metallb_options(site, site.metallb)
    elif name == "nfs-server" and site.nfs is not None:
        options = nfs_options(site, site.nfs)
    elif name == "kubeflow-installer" and site.kubeflow is not None:
        options = kubeflow_options(site.kubeflow)
    else:
        return {}
    registry = options.get("image-registry") or site.kubernetes.registry
    return {**options, "image-registry": registry} if registry else options


def _nvidia_options(site: Site) -> Options:
    pins = " ".join(f"{package}={version}" for package, version in site.nvidia.pins.items())
    options = {"driver": site.nvidia.driver, "default-runtime": site.nvidia.default_runtime}
    return {**options, "pins": pins} if pins else options


def own_relations(site: Site, profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield the relations of this suite's applications, as pairs of endpoints.

    A charm that uses the cluster takes the admin's token from kube-control, the CA from
    certificates, and the API's address from the load balancer. Where there is no load balancer,
    the address comes from the control plane. The template leaves out relations to applications
    that are not in the bundle.
    """
    for name in own_charm_names(site):
        charm = own_charm(name)
        if charm.subordinate:
            yield f"{name}:{_juju_info_endpoint(charm)}", f"{profile.worker}:juju-info"
        ends = {
            "kube-control": f"{profile.control_plane}:kube-control",
            "certificates": "easyrsa:client",
            "kube-api-endpoint": _api_endpoint(site, profile),
        }
        for endpoint, other in ends.items():
            if endpoint in charm.endpoints and other:
                yield f"{name}:{endpoint}", other


def _juju_info_endpoint(charm: Charm) -> str:
    for endpoint in charm.endpoints.values():
        if endpoint.interface == "juju-info" and endpoint.role == "requires":
            return endpoint.name
    return "juju-info"


def _api_endpoint(site: Site, profile: Profile) -> str:
    charms = profile.charms
    has_balancer = any(Role.LOAD_BALANCER in machine.roles for machine in site.machines.values())
    if has_balancer and "website" in charms["kubeapi-load-balancer"].endpoints:
        return "kubeapi-load-balancer:website"
    if "kube-api-endpoint" in charms[profile.control_plane].endpoints:
        return f"{profile.control_plane}:kube-api-endpoint"
    return ""
