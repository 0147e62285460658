"""This suite's own charms in a bundle: the charms that a site asks for, and their settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ..bundle.includes import FILE
from ..catalogue.model import Charm
from ..catalogue.profiles import OWN_CHARMS, Profile, instance_name, own_charm
from ..site.applications import Application
from ..site.defaults import STORED_IN_JUJU
from ..site.model import Site
from ..site.roles import Role
from .kubeflow import kubeflow_options
from .metallb import metallb_options
from .shared_storage import (
    NFS_SERVER,
    further_nfs_options,
    nfs_options,
    nfs_servers,
    nfs_storage,
)
from .template_values import bundle_placements
from .workers import NVIDIA_RUNTIME, runtime_driver, runtime_instances

Options = dict[str, Any]
# Between applications of the same charm in Juju's picture of a model.
DISTANCE = 200
# The positions in Juju's picture of a model.
_POSITIONS = {
    "nvidia-runtime": (100, 1050),
    "nfs-server": (800, 1050),
    "metallb": (1100, 850),
    "kubeflow-installer": (1100, 550),
}


class OwnApplication(NamedTuple):
    """An application of one of this suite's charms.

    Attributes:
        name: Its name.
        charm: The facts about its charm.
        to: The placements of its units; none for a subordinate.
        options: Its options.
        storage: Its storage directives.
        x: Its position in the picture, from the left.
        y: Its position in the picture, from the top.
        workers: For a subordinate, the entries of `workers` on whose machines it runs. An empty
            name stands for the worker application of the profile.
    """

    name: str
    charm: Charm
    to: list[str]
    options: Options
    storage: dict[str, str]
    x: int
    y: int
    workers: tuple[str, ...] = ()


def own_charm_names(site: Site) -> list[str]:
    """Return the names of this suite's charms that a site asks for."""
    is_requested = {
        NVIDIA_RUNTIME: bool(runtime_instances(site)),
        NFS_SERVER: bool(nfs_servers(site)),
        "metallb": site.metallb is not None,
        "kubeflow-installer": site.kubeflow is not None,
    }
    return [name for name in OWN_CHARMS if is_requested[name]]


def own_applications(site: Site) -> Iterator[OwnApplication]:
    """Yield the applications of this suite's charms that a site asks for."""
    for name in own_charm_names(site):
        charm = own_charm(name)
        x, y = _POSITIONS[name]
        if charm.subordinate:
            yield from _runtime_applications(site, charm, x, y)
        elif name == NFS_SERVER:
            yield from _nfs_applications(site, charm, x, y)
        else:
            options = _known_options(charm, _options(site, name))
            yield OwnApplication(name, charm, _placement(site, name), options, {}, x, y)


def _nfs_applications(site: Site, charm: Charm, x: int, y: int) -> Iterator[OwnApplication]:
    """Yield the nfs-server applications, one above the next in the picture.

    The server is part of its machine's kernel, so it cannot run in a container. With an external
    export, the charm needs nothing of a machine.
    """
    for index, (name, (path, nfs)) in enumerate(nfs_servers(site).items()):
        is_further = len(path) > 1
        options = (
            further_nfs_options(site, str(path[-1]), nfs) if is_further else nfs_options(site, nfs)
        )
        chosen = site.applications.get(name, Application()).to
        to = (
            bundle_placements(site, [nfs.server] if chosen is None else chosen)
            if nfs.server
            else _placement(site, name)
        )
        known = _known_options(charm, _with_cluster(site, options))
        yield OwnApplication(name, charm, to, known, nfs_storage(nfs), x, y + DISTANCE * index)


def _runtime_applications(site: Site, charm: Charm, x: int, y: int) -> Iterator[OwnApplication]:
    """Yield the nvidia-runtime applications, one above the next in the picture."""
    for index, (name, workers) in enumerate(runtime_instances(site).items()):
        options = _runtime_options(site, workers[0])
        if index:
            # The device plugin of the first application serves the GPUs of all nodes.
            options["device-plugin"] = "none"
        yield OwnApplication(
            name,
            charm,
            [],
            _known_options(charm, options),
            {},
            x,
            y + DISTANCE * index,
            workers=workers,
        )


def _known_options(charm: Charm, options: Options) -> Options:
    return {key: setting for key, setting in options.items() if key in charm.options}


def _placement(site: Site, name: str) -> list[str]:
    chosen = site.applications.get(name, Application()).to
    if chosen is not None:
        return bundle_placements(site, chosen)
    hosts = [
        machine_name
        for machine_name, machine in site.machines.items()
        if Role.CONTROL_PLANE in machine.roles or site.kubernetes.is_existing
    ]
    return bundle_placements(site, [f"lxd:{hosts[0]}"] if hosts else [])


def _options(site: Site, name: str) -> Options:
    if name == "metallb" and site.metallb is not None:
        options = metallb_options(site, site.metallb)
    elif name == "kubeflow-installer" and site.kubeflow is not None:
        options = kubeflow_options(site.kubeflow)
    else:
        return {}
    return _with_cluster(site, options)


def _with_cluster(site: Site, options: Options) -> Options:
    """Return options with the registry and the kubeconfig of the site's cluster."""
    registry = options.get("image-registry") or site.kubernetes.registry
    kubeconfig = site.kubernetes.kubeconfig if site.kubernetes.is_existing else ""
    if kubeconfig and not kubeconfig.startswith(STORED_IN_JUJU):
        kubeconfig = f"{FILE}{kubeconfig}"
    cluster = {"image-registry": registry, "kubeconfig": kubeconfig}
    return {**options, **{key: text for key, text in cluster.items() if text}}


def _runtime_options(site: Site, workers: str) -> Options:
    """Return the options of the nvidia-runtime application for an entry of `workers`."""
    pins = " ".join(f"{package}={version}" for package, version in site.nvidia.pins.items())
    options = {
        "driver": runtime_driver(site, workers),
        "default-runtime": site.nvidia.default_runtime,
        **({"pins": pins} if pins else {}),
    }
    return _with_cluster(site, options)


def own_relations(
    site: Site, profile: Profile, applications: Sequence[OwnApplication]
) -> Iterator[tuple[str, str]]:
    """Yield the relations of this suite's applications, as pairs of endpoints.

    A charm that uses the cluster takes the admin's token from kube-control, the CA from
    certificates, and the API's address from the load balancer. Where there is no load balancer,
    the address comes from the control plane. A profile without easyrsa gives all of that by
    kube-control. The template leaves out relations to applications that are not in the bundle.
    """
    if not profile.control_plane:
        return
    all_principals = principals(site, profile, applications)
    for application, names in zip(applications, all_principals, strict=True):
        name, charm = application.name, application.charm
        for principal in names:
            yield f"{name}:{_juju_info_endpoint(charm)}", f"{principal}:juju-info"
        ends = {
            "kube-control": f"{profile.control_plane}:kube-control",
            "certificates": "easyrsa:client",
            "kube-api-endpoint": _api_endpoint(site, profile),
        }
        for endpoint, other in ends.items():
            if endpoint in charm.endpoints and other:
                yield f"{name}:{endpoint}", other


def principals(
    site: Site, profile: Profile, applications: Iterable[OwnApplication]
) -> Iterator[list[str]]:
    """Yield for each application those on whose machines it runs; none but for subordinates.

    GPUs of control planes that run pods are served by the first of the subordinates.

    Args:
        site: The site.
        profile: The profile.
        applications: All applications of this suite's charms.
    """
    further = [profile.control_plane] if _control_planes_use_gpus(site, profile) else []
    for application in applications:
        names = [instance_name(profile.worker, workers) for workers in application.workers]
        yield [*names, *further] if names else []
        further = [] if names else further


def _control_planes_use_gpus(site: Site, profile: Profile) -> bool:
    return profile.control_plane_runs_pods and any(
        machine.gpu and Role.CONTROL_PLANE in machine.roles for machine in site.machines.values()
    )


def _juju_info_endpoint(charm: Charm) -> str:
    for endpoint in charm.endpoints.values():
        if endpoint.interface == "juju-info" and endpoint.role == "requires":
            return endpoint.name
    return "juju-info"


def _api_endpoint(site: Site, profile: Profile) -> str:
    charms = profile.charms
    has_balancer = any(Role.LOAD_BALANCER in machine.roles for machine in site.machines.values())
    balancer = charms.get("kubeapi-load-balancer")
    if has_balancer and balancer and "website" in balancer.endpoints:
        return "kubeapi-load-balancer:website"
    if "kube-api-endpoint" in charms[profile.control_plane].endpoints:
        return f"{profile.control_plane}:kube-api-endpoint"
    return ""
