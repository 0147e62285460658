"""When facts about the Kubernetes charms changed: ``charm-history.yaml`` of the templates."""

from __future__ import annotations

import functools

from ..bundle.charm_url import CharmUrl, CharmUrlError, charm_name, is_local_path, parse_charm_url
from ..bundle.model import Application
from ..juju import Juju
from .kubernetes import parse_version, read_track
from .package_data import templates_directory
from .yaml_files import YamlMapping, load_yaml


@functools.cache
def _history() -> YamlMapping:
    file = templates_directory() / "common" / "charm-history.yaml"
    return load_yaml(file.read_text("utf-8"), str(file))


def charm_has(fact: str, application: Application, juju: Juju) -> bool | None:
    """Return whether the charm of an application has a fact, judged by its revision or channel.

    Args:
        fact: A fact of the history, such as ``lxd-profile``.
        application: The application.
        juju: The release that reads the charm's URL.

    Returns:
        None when the history does not say so, as for a local charm.
    """
    change = _history().get(charm_name(application.charm), {}).get(fact)
    if change is None or is_local_path(application.charm):
        return None
    try:
        url = parse_charm_url(application.charm, juju)
    except CharmUrlError:
        return None
    if url.schema == "cs":
        return _in_store(url, change)
    return _in_channel(application.channel, change) if url.schema == "ch" else None


def _in_store(url: CharmUrl, change: YamlMapping) -> bool | None:
    """Return whether a revision in the Charm Store has a fact. No revision means the last one."""
    limits = change.get("store")
    if limits is None:
        return False
    if url.revision < 0 or url.revision >= limits["with"]:
        return True
    return False if url.revision <= limits["without"] else None


def _in_channel(channel: str, change: YamlMapping) -> bool:
    """Return whether a channel in Charmhub has a fact. One without a number is the newest."""
    track = read_track(channel)
    return "track" not in change or track is None or track >= parse_version(change["track"])
