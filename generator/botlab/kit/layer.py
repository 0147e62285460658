"""The layer that turns a site into one whose charms and resources are files of a kit.

For an air-gapped site, whose files are below its directory already, the layer is empty: the kit
then has the same layout as the site.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from ..bundle.charm_url import charm_name, is_local_path
from ..catalogue.offline import OfflineNeeds
from ..catalogue.profiles import OWN_CHARMS
from ..render.origin import split_instance
from ..render.own_charms import own_charm_names
from ..render.workers import application_settings
from ..rules.lab.facts import Facts
from ..rules.lab.options.offline_files import all_needed_files, needs_building
from ..site.applications import Application, SourceKind
from ..site.model import Site

_CHARMS, _RESOURCES = "./charms", "./resources"
# Keys that name a charm of a store. A null removes the key of a lower layer.
_STORE_KEYS = ("store", "charmhub", "channel", "revision")


def is_inside(path: str) -> bool:
    """Return whether a path of a site stays below the directory of the site file."""
    parts = PurePosixPath(path).parts
    return bool(path) and not path.startswith("/") and ".." not in parts


def offline_layer(
    site: Site, facts: Facts, needs: OfflineNeeds, names: Iterable[str]
) -> dict[str, Any]:
    """Return the keys of a site that a kit changes.

    Args:
        site: The site.
        facts: The facts about its bundle.
        needs: What the cluster's charms take from elsewhere.
        names: The applications of the site, without those of its overlays.
    """
    charms = _charms_section(site)
    applications: dict[str, Any] = {}
    for name in names:
        settings = {
            **_charm(site, facts, name),
            **_resources(site, facts, needs, name),
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
        section["folder"] = _CHARMS
    if own_charm_names(site) and not is_inside(site.charms.own):
        section["own"] = _CHARMS
    if site.charms.revisions:
        # Files have no revision.
        section["revisions"] = None
    return section


def _charm(site: Site, facts: Facts, name: str) -> dict[str, Any]:
    """Return the charm of an application, if the site itself names one that is not in the kit."""
    source = _settings(site, name).charm
    if source is None or _is_packed(source.local):
        return {}
    charm = facts.charms.get(name)
    if charm is not None and charm.name in OWN_CHARMS and not source.local:
        return {"charm": None}
    file = f"{charm_name(facts.applications[name].charm)}.charm"
    if source.local.endswith(".charm"):
        file = PurePosixPath(source.local).name
    removed = {key: None for key in _STORE_KEYS if getattr(source, key) not in ("", None)}
    return {"charm": {**removed, "local": f"{_CHARMS}/{file}"}}


def _settings(site: Site, name: str) -> Application:
    """Return the settings of an application, with those for all applications of its charm."""
    charm, _ = split_instance(site, name)
    return application_settings(site, name, charm)


def _is_packed(path: str) -> bool:
    """Return whether a path is one of a packed charm below the directory of the site file."""
    return path.endswith(".charm") and is_inside(path)


def _resources(site: Site, facts: Facts, needs: OfflineNeeds, name: str) -> dict[str, Any]:
    """Return the resources of an application that are not files of the kit yet."""
    attached = facts.applications[name].resources
    written = _settings(site, name).resources
    files: dict[str, str] = {}
    for resource in dict.fromkeys((*attached, *all_needed_files(facts, name))):
        files[resource] = _resource_path(facts, needs, name, resource, written.get(resource))
    # An application of an entry of `workers` either has all resources of its own or none.
    return {"resources": files} if files != written else {}


def _resource_path(
    facts: Facts, needs: OfflineNeeds, name: str, resource: str, source: object
) -> str:
    """Return the path of a resource's file, whose name ends as the charm's own name for it."""
    if isinstance(source, str):
        file = PurePosixPath(source).name
        return source if is_inside(source) else f"{_RESOURCES}/{name}/{file}"
    if resource == "manifests" and needs_building(facts, name):
        return f"{_RESOURCES}/{name}/manifests.yaml.gz"
    charm = facts.charms.get(name)
    file = charm.resource_files.get(resource, "") if charm else ""
    known = needs.source_of(facts.charm_name(name), resource)
    if not file and known and known.file:
        file = known.file.replace("{arch}", resource.rpartition("-")[2])
    return f"{_RESOURCES}/{name}/{file or resource}"


def foreign_parts(facts: Facts) -> Iterator[str]:
    """Yield the keys of a bundle that should name files and do not.

    A layer cannot change what overlays say.
    """
    for name, application in facts.applications.items():
        if not is_local_path(application.charm) or not _is_packed(application.charm):
            yield f"applications.{name}.charm"
        for resource, source in application.resources.items():
            if not isinstance(source, str) or not is_inside(source):
                yield f"applications.{name}.resources.{resource}"
