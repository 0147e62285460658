"""Which key of the site file decides a part of the bundle."""

from __future__ import annotations

from ..findings import KeyPath, PathPart
from ..site.applications import Application
from ..site.base import Part
from ..site.model import Site

# Options that a key of the site file decides, unless the site's raw options say otherwise.
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
}
# Options of our charms, and fields in the text of one, that a key of another name decides.
_OTHER_NAMES: dict[PathPart, PathPart] = {"export-root": "path"}
_OTHER_FIELDS: dict[PathPart, PathPart] = {"clients": "networks"}
# Further options of our charms have the names of keys of these sections; all but nvidia also
# decide whether the charm is deployed.
SECTIONS: dict[str, str] = {
    "nvidia-runtime": "nvidia",
    "nfs-server": "nfs",
    "metallb": "metallb",
    "kubeflow-installer": "kubeflow",
}


def site_path(site: Site, path: KeyPath) -> KeyPath:
    """Map a path of the bundle to the path of the site file that decides it."""
    if len(path) > 1 and path[0] == "machines":
        return _machine(site, path)
    if len(path) > 1 and path[0] == "applications":
        return _application(site, path)
    return ("kubernetes", "profile") if path else ()


def _machine(site: Site, path: KeyPath) -> KeyPath:
    names = list(site.machines)
    number = int(path[1]) if str(path[1]).isdigit() else len(names)
    if number >= len(names):
        return ("machines",)
    return ("machines", names[number], *path[2:])


def _application(site: Site, path: KeyPath) -> KeyPath:
    name = str(path[1])
    override = site.applications.get(name, Application())
    key = str(path[2]) if len(path) > 2 else ""
    given = getattr(override, key.replace("-", "_"), None) if key else None
    if key == "options" and len(path) > 3:
        if str(path[3]) in override.options:
            return path
        return _OPTIONS.get(str(path[3])) or _key(site, name, path[3:])
    if given:
        return path
    if key == "storage" and name == "nfs-server":
        return ("nfs", "storage")
    if key == "to":
        return ("nfs", "server") if name == "nfs-server" else ("machines",)
    return (SECTIONS[name],) if name in SECTIONS else ("kubernetes", "profile")


def _key(site: Site, name: str, path: KeyPath) -> KeyPath:
    """Map an option of ours, or a place in the text of one, to the key that it is made from."""
    section = SECTIONS.get(name)
    if section is None:
        return ("kubernetes", "profile")
    if name == "metallb" and path[0] in ("addresses", "pools"):
        return _pool(list(site.metallb.pools) if site.metallb else [], path)
    key = str(_OTHER_NAMES.get(path[0], path[0]))
    inside = (*path[1:2], *(_OTHER_FIELDS.get(part, part) for part in path[2:]))
    part: Part | None = getattr(site, section)
    known = type(part).model_fields if part else {}
    return (section, key, *inside) if key.replace("-", "_") in known else (section,)


def _pool(names: list[str], path: KeyPath) -> KeyPath:
    """Map a place in the address pools as render/pools.py writes them."""
    match path:
        case ("addresses", int(index)):
            return ("metallb", "pools", "default", "addresses", index)
        case ("pools", "peers", *inside):
            return ("metallb", "peers", *inside)
        case ("pools", "address-pools", int(index), *inside) if index < len(names):
            return ("metallb", "pools", names[index], *inside)
        case _:
            return ("metallb", "pools")
