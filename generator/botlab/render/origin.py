"""The keys of the site file that decide the parts of the bundle."""

from __future__ import annotations

from ..decimals import bounded_int, is_decimal
from ..findings import KeyPath, PathPart
from ..site.applications import Application
from ..site.model import Site
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
}
# Options of this suite's charms, and fields of the YAML in such an option, that a key with another
# name decides.
_OPTION_KEYS: dict[PathPart, PathPart] = {"export-root": "path"}
_FIELD_KEYS: dict[PathPart, PathPart] = {"clients": "networks"}
# Keys of an application of the bundle that the site's key `charm` holds.
_CHARM_KEYS = ("channel", "revision")
# The sections whose keys have the names of the other options of this suite's charms. All sections
# but nvidia also deploy the charm.
SECTIONS: dict[str, str] = {
    "nvidia-runtime": "nvidia",
    "nfs-server": "nfs",
    "metallb": "metallb",
    "kubeflow-installer": "kubeflow",
}


def site_path(site: Site, path: KeyPath) -> KeyPath:
    """Return the key of the site file that decides a key of the bundle."""
    if len(path) > 1 and path[0] == "machines":
        return _machine_path(site, path)
    if len(path) > 1 and path[0] == "applications":
        return _application_path(site, path)
    return ("kubernetes", "profile") if path else ()


def _machine_path(site: Site, path: KeyPath) -> KeyPath:
    names = list(site.machines)
    number = bounded_int(str(path[1])) if is_decimal(str(path[1])) else len(names)
    if number >= len(names):
        return ("machines",)
    return ("machines", names[number], *path[2:])


def _application_path(site: Site, path: KeyPath) -> KeyPath:
    name = str(path[1])
    override = site.applications.get(name, Application())
    key = str(path[2]) if len(path) > 2 else ""
    if key == "options" and len(path) > 3:
        if str(path[3]) in override.options:
            return path
        return _OPTIONS.get(str(path[3])) or _own_option_path(site, name, path[3:])
    if key in _CHARM_KEYS and override.charm and getattr(override.charm, key):
        return ("applications", name, "charm", key)
    if key and getattr(override, key.replace("-", "_"), None):
        return path
    if key == "storage" and name == "nfs-server":
        return ("nfs", "storage")
    if key == "to":
        return ("nfs", "server") if name == "nfs-server" else ("machines",)
    return (SECTIONS[name],) if name in SECTIONS else ("kubernetes", "profile")


def _own_option_path(site: Site, name: str, path: KeyPath) -> KeyPath:
    """Return the key that decides an option of one of this suite's charms, or a part of it."""
    section_name = SECTIONS.get(name)
    if section_name is None:
        return ("kubernetes", "profile")
    if name == "metallb" and path[0] in ("addresses", "pools"):
        return _pool_path(list(site.metallb.pools) if site.metallb else [], path)
    key = str(_OPTION_KEYS.get(path[0], path[0]))
    fields = (*path[1:2], *(_FIELD_KEYS.get(part, part) for part in path[2:]))
    section: Section | None = getattr(site, section_name)
    keys = type(section).model_fields if section else {}
    is_key = key.replace("-", "_") in keys
    return (section_name, key, *fields) if is_key else (section_name,)


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
