"""The keys of the site file that decide the parts of the bundle."""

from __future__ import annotations

from collections.abc import Container

from ..decimals import bounded_int, is_decimal
from ..findings import KeyPath, PathPart
from ..site.applications import Application
from ..site.model import Site
from ..site.nfs import Nfs
from ..site.section import Section

# The keys that decide options, unless the site sets the options itself.
_OPTIONS: dict[str, KeyPath] = {
    "channel": ("kubernetes", "channel"),
    "allow-privileged": ("kubernetes", "allow-privileged"),
    "authorization-mode": ("kubernetes", "authorization-mode"),
    "service-cidr": ("networks", "services"),
    "cidr": ("networks", "pods"),
    "dns_domain": ("kubernetes", "dns-domain"),
    "extra_sans": ("kubernetes", "extra-sans"),
    "enable-dashboard-addons": ("kubernetes", "dashboard"),
    "ingress": ("kubernetes", "ingress"),
    "addons-registry": ("kubernetes", "registry"),
    "docker_runtime": ("gpu", "stack"),
    "gpu_driver": ("gpu", "stack"),
    "http_proxy": ("proxy", "http"),
    "https_proxy": ("proxy", "https"),
    "no_proxy": ("proxy", "no-proxy"),
    # The options of Canonical Kubernetes.
    "bootstrap-service-cidr": ("networks", "services"),
    "bootstrap-pod-cidr": ("networks", "pods"),
    "dns-cluster-domain": ("kubernetes", "dns-domain"),
    "kube-apiserver-extra-sans": ("kubernetes", "extra-sans"),
    "ingress-enabled": ("kubernetes", "ingress"),
    "load-balancer-enabled": ("metallb",),
    "local-storage-enabled": ("nfs", "default-class"),
    "kubeconfig": ("kubernetes", "kubeconfig"),
    "loadbalancer-ips": ("kubernetes", "api-addresses"),
    "virtual_ip": ("kubernetes", "keepalived", "address"),
    "vip_hostname": ("kubernetes", "keepalived", "hostname"),
    "network_interface": ("kubernetes", "keepalived", "interface"),
    "router_id": ("kubernetes", "keepalived", "router-id"),
    "cluster-pool-ipv4-cidr": ("networks", "pods"),
    "default-cidr": ("networks", "pods"),
    "default-gateway": ("networks", "pods"),
}
# Options of this suite's charms, and fields of the YAML in such an option, that a key with another
# name decides.
_OPTION_KEYS: dict[PathPart, PathPart] = {"export-root": "path", "external-export": "external"}
_FIELD_KEYS: dict[PathPart, PathPart] = {"clients": "networks"}
# The sections whose keys have the names of the other options of this suite's charms. All sections
# but nvidia also deploy the charm.
SECTIONS: dict[str, str] = {
    "nvidia-runtime": "nvidia",
    "nfs-server": "nfs",
    "metallb": "metallb",
    "kubeflow-installer": "kubeflow",
}
_NFS_SERVER = "nfs-server"
# The applications that may exist for each entry of `workers`.
_WITH_WORKERS = ("kubernetes-worker", "k8s-worker", "nvidia-runtime")
# The keys of an entry of `workers` that decide options.
_WORKERS_KEYS = {
    "driver": "driver",
    "labels": "labels",
    "node-labels": "labels",
    "kubelet-extra-args": "taints",
    "kubelet-extra-config": "taints",
    "bootstrap-node-taints": "taints",
}
# The keys that an application of an entry has from the application of no entry, each of which is
# held by a key of the site.
_SHARED_KEYS = {
    "charm": "charm",
    "channel": "charm",
    "revision": "charm",
    "resources": "resources",
}


def site_path(site: Site, path: KeyPath) -> KeyPath:
    """Return the key of the site file that decides a key of the bundle."""
    if len(path) > 1 and path[0] == "machines":
        return _machine_path(site, path)
    if len(path) > 1 and path[0] == "applications":
        return _application_path(site, path)
    if path == ("juju",):  # A bundle does not name its release of Juju.
        return path
    return ("kubernetes", "profile") if path else ()


def _machine_path(site: Site, path: KeyPath) -> KeyPath:
    names = list(site.machines)
    number = bounded_int(str(path[1])) if is_decimal(str(path[1])) else len(names)
    if number >= len(names):
        return ("machines",)
    return ("machines", names[number], *path[2:])


def _application_path(site: Site, path: KeyPath) -> KeyPath:
    instance = str(path[1])
    name, entry = split_instance(site, instance)
    section = _section_key(name, entry)
    own = site.applications.get(instance, Application())
    key = str(path[2]) if len(path) > 2 else ""
    if key == "options" and len(path) > 3:
        option = str(path[3])
        by_workers = _workers_path(site, entry, option) if name in _WITH_WORKERS else ()
        by_site = _OPTIONS.get(option) or _own_option_path(site, name, section, path[3:])
        return path if option in own.options else by_workers or by_site
    return _overridden_path(site, path, name, key) or _default_path(site, name, section, key)


def _overridden_path(site: Site, path: KeyPath, name: str, key: str) -> KeyPath:
    """Return the key of `applications` that decides a key other than an option; empty for none.

    Args:
        site: The site.
        path: The key of the bundle.
        name: The application that the one of an entry has its charm and its resources from.
        key: The third part of the path; empty for none.
    """
    overridden = str(path[1])
    override = own = site.applications.get(overridden, Application())
    if key in _SHARED_KEYS and not getattr(own, _SHARED_KEYS[key]):
        override, overridden = site.applications.get(name, Application()), name
    if key in ("channel", "revision") and override.charm and getattr(override.charm, key):
        return ("applications", overridden, "charm", key)
    if key and getattr(override, key.replace("-", "_"), None):
        return ("applications", overridden, *path[2:])
    return ()


def _default_path(site: Site, name: str, section: KeyPath, key: str) -> KeyPath:
    """Return the key that decides a key of an application which the site does not override."""
    if key == "channel" and site.kubernetes.channel and name not in SECTIONS:
        return ("kubernetes", "channel")
    if key == "storage" and name == _NFS_SERVER:
        return (*section, "storage")
    if key == "to":
        is_server = name == _NFS_SERVER and not _is_external(site, section)
        return (*section, "server") if is_server else ("machines",)
    return section or ("kubernetes", "profile")


def _is_external(site: Site, section: KeyPath) -> bool:
    nfs = site.nfs_sections.get(tuple(map(str, section)))
    return nfs is not None and bool(nfs.external)


def _section_key(name: str, entry: str) -> KeyPath:
    """Return the key of the section of one of this suite's charms; empty for other charms."""
    if name == _NFS_SERVER and entry:
        return ("nfs-servers", entry)
    return (SECTIONS[name],) if name in SECTIONS else ()


def split_instance(site: Site, name: str) -> tuple[str, str]:
    """Return the application of the profile or of this suite, and its entry of the site.

    The entry is one of `workers`, or for nfs-server one of `nfs-servers`. It is empty for the
    application that belongs to no entry.

    Args:
        site: The site.
        name: The name of an application of the bundle, such as ``kubernetes-worker-a100``.
    """
    for entries, bases in ((site.workers, _WITH_WORKERS), (site.nfs_servers, (_NFS_SERVER,))):
        # The shortest base leaves the longest entry.
        for base in sorted(bases, key=len):
            entry = name.removeprefix(f"{base}-")
            if entry != name and entry in entries:
                return base, entry
    return name, ""


def _workers_path(site: Site, workers: str, option: str) -> KeyPath:
    """Return the key of an entry of `workers` that decides an option; empty for none."""
    settings = site.workers.get(workers)
    if settings is None:
        return ()
    if option in settings.options:
        return ("workers", workers, "options", option)
    key = _WORKERS_KEYS.get(option, "")
    return ("workers", workers, key) if key and getattr(settings, key) else ()


def _own_option_path(site: Site, name: str, section_key: KeyPath, path: KeyPath) -> KeyPath:
    """Return the key that decides an option of one of this suite's charms, or a part of it."""
    if not section_key:
        return ("kubernetes", "profile")
    if name == "metallb" and path[0] in ("addresses", "pools"):
        return _pool_path(list(site.metallb.pools) if site.metallb else [], path)
    key = str(_OPTION_KEYS.get(path[0], path[0]))
    fields = (*path[1:2], *(_FIELD_KEYS.get(part, part) for part in path[2:]))
    keys = _section_fields(site, name, section_key)
    is_key = key.replace("-", "_") in keys
    return (*section_key, key, *fields) if is_key else section_key


def _section_fields(site: Site, name: str, section_key: KeyPath) -> Container[str]:
    """Return the fields of the section of one of this suite's charms."""
    if name == _NFS_SERVER:
        return Nfs.model_fields
    section: Section | None = getattr(site, str(section_key[0])) if section_key else None
    return type(section).model_fields if section else ()


def _pool_path(names: list[str], path: KeyPath) -> KeyPath:
    """Return the key of an address pool, or of a part of it, that render/metallb.py writes."""
    match path:
        case ("addresses", int(index)):
            return ("metallb", "pools", "default", "addresses", index)
        case ("pools", "peers", *inside):
            return ("metallb", "peers", *inside)
        case ("pools", "address-pools", int(index), *inside) if index < len(names):
            return ("metallb", "pools", names[index], *inside)
        case _:
            return ("metallb", "pools")
