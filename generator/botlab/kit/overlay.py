"""The overlay that replaces what the overlays of a site take from elsewhere by files of a kit.

The layer of a kit cannot change what overlays say, so this overlay follows them.
"""

from __future__ import annotations

from typing import Any

from ..bundle.charm_url import is_local_path
from ..rules.lab.facts import Facts
from .file_paths import FilePaths, is_packed


def offline_overlay(paths: FilePaths, facts: Facts) -> dict[str, Any]:
    """Return the overlay; empty if the overlays of the site take nothing from elsewhere.

    Args:
        paths: The paths of the files in the kit.
        facts: The facts about the bundle with the layer of the kit and the overlays of the site.
    """
    applications = {
        name: settings
        for name in facts.applications
        if (settings := {**_charm(paths, facts, name), **_resources(paths, facts, name)})
    }
    return {"applications": applications} if applications else {}


def _charm(paths: FilePaths, facts: Facts, name: str) -> dict[str, Any]:
    application = facts.applications[name]
    if is_local_path(application.charm) and is_packed(application.charm):
        return {}
    settings: dict[str, Any] = {"charm": paths.charm(name)}
    # Files have no channel and no revision.
    if application.channel:
        settings["channel"] = ""
    if application.revision is not None:
        settings["revision"] = None
    return settings


def _resources(paths: FilePaths, facts: Facts, name: str) -> dict[str, Any]:
    attached = facts.applications[name].resources
    files = paths.resources(facts, name, attached)
    changed = {key: path for key, path in files.items() if path != attached.get(key)}
    return {"resources": changed} if changed else {}
