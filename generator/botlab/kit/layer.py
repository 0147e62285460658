"""The layer that turns a site into one whose charms and resources are files of a kit.

For an air-gapped site, whose files are below its directory already, the layer is empty: the kit
then has the same layout as the site.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..catalogue.profiles import OWN_CHARMS
from ..render.origin import split_instance
from ..render.own_charms import own_charm_names
from ..render.workers import application_settings
from ..site.applications import Application, SourceKind
from ..site.model import Site
from .file_paths import CHARMS, FilePaths, is_inside, is_packed

# Keys that name a charm of a store. A null removes the key of a lower layer.
_STORE_KEYS = ("store", "charmhub", "channel", "revision")


def offline_layer(site: Site, paths: FilePaths, names: Iterable[str]) -> dict[str, Any]:
    """Return the keys of a site that a kit changes.

    Args:
        site: The site.
        paths: The paths of the files in the kit.
        names: The applications of the site, without those of its overlays.
    """
    charms = _charms_section(site)
    applications: dict[str, Any] = {}
    for name in names:
        if name not in paths.original.applications:
            continue  # An overlay removes it.
        settings = {
            **_charm(site, paths, name),
            **_resources(site, paths, name),
        }
        if settings:
            applications[name] = settings
    sections = {"charms": charms, "applications": applications}
    return {key: section for key, section in sections.items() if section}


def _charms_section(site: Site) -> dict[str, Any]:
    section: dict[str, Any] = {}
    if site.charms.source is not SourceKind.LOCAL:
        section["source"] = SourceKind.LOCAL.value
    if not is_inside(site.charms.folder):
        section["folder"] = CHARMS
    if own_charm_names(site) and not is_inside(site.charms.own):
        section["own"] = CHARMS
    if site.charms.revisions:
        # Files have no revision.
        section["revisions"] = None
    return section


def _charm(site: Site, paths: FilePaths, name: str) -> dict[str, Any]:
    """Return the charm of an application, if the site itself names one that is not in the kit."""
    source = _settings(site, name).charm
    if source is None:
        return _charm_of_architecture(paths, name)
    if is_packed(source.local):
        return {}
    charm = paths.original.charms.get(name)
    if charm is not None and charm.name in OWN_CHARMS and not source.local:
        return {"charm": None}
    removed = {key: None for key in _STORE_KEYS if getattr(source, key) not in ("", None)}
    return {"charm": {**removed, "local": paths.charm(name)}}


def _charm_of_architecture(paths: FilePaths, name: str) -> dict[str, Any]:
    """Return the charm of an application, if others need it for another architecture."""
    is_file = is_packed(paths.original.applications[name].charm)
    if is_file or paths.original.charm_name(name) in OWN_CHARMS:
        return {}
    return (
        {"charm": {"local": paths.charm(name)}} if paths.is_of_several_architectures(name) else {}
    )


def _settings(site: Site, name: str) -> Application:
    """Return the settings of an application, with those for all applications of its charm."""
    charm, _ = split_instance(site, name)
    return application_settings(site, name, charm)


def _resources(site: Site, paths: FilePaths, name: str) -> dict[str, Any]:
    """Return the resources of an application that are not files of the kit yet."""
    written = _settings(site, name).resources
    files = paths.resources(paths.original, name, written)
    # An application of an entry of `workers` either has all resources of its own or none.
    return {"resources": files} if files != written else {}
