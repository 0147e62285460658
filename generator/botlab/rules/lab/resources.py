"""Rules about the resources that an application is given: their names and their files."""

from __future__ import annotations

import os.path
from collections.abc import Iterator

from ...catalogue.model import Charm
from ...catalogue.profiles import OWN_CHARMS
from ...findings import Severity, nearest
from .facts import Facts
from .rule import Hit, rule

# How a text begins that can be no image of a registry.
_PATH = ("/", "./", "../")


@rule(
    "BL084",
    "Resource file that is not there",
    Severity.WARNING,
    """Juju looks at a resource's file when its application's turn comes, so a missing one stops
    the deploy half way. A relative path starts at the bundle's folder
    (cmd/juju/application/bundle.go, makeResourceMap), in a site at the site file's.""",
)
def missing_file(facts: Facts) -> Iterator[Hit]:
    """Find resources given as files that do not exist."""
    for name, application in facts.applications.items():
        for resource, value in application.resources.items():
            where = _file(facts, name, value)
            if where and not os.path.isfile(where):  # noqa: PTH113 - no name is too long for it
                yield Hit(
                    ("applications", name, "resources", resource),
                    f"{name} gets {where} as {resource}, and there is no such file",
                    "put the file there before `juju deploy`, or name it where it is",
                )


def _file(facts: Facts, name: str, value: object) -> str:
    """Return the path of the file that a resource comes from; empty where it may be none.

    A number is a revision of the store. A text may be an image where the charm is not known
    (upstream: "path could be a yaml file but it may also just be a docker registry path").
    """
    if not isinstance(value, str) or not (name in facts.charms or value.startswith(_PATH)):
        return ""
    return os.path.normpath(os.path.join(facts.bundle.folder, value))  # noqa: PTH118 - joined as Go's filepath.Join does


@rule(
    "BL085",
    "Unknown resource",
    Severity.ERROR,
    """Juju stops half way through the deploy at a resource that the charm's metadata does not
    have.""",
)
def unknown_resource(facts: Facts) -> Iterator[Hit]:
    """Find resources that a known charm lacks."""
    for name, application in facts.applications.items():
        charm = certain_charm(facts, name)
        for resource in application.resources if charm else ():
            if charm and resource not in charm.resources:
                known = ", ".join(charm.resources) or "none"
                yield Hit(
                    ("applications", name, "resources", resource),
                    f"{charm.name} has no resource {resource}",
                    nearest(resource, charm.resources, f"take it out; it has: {known}"),
                )


def certain_charm(facts: Facts, name: str) -> Charm | None:
    """Return the facts of an application's charm, where they are sure to be that charm's.

    A profile's facts are those of its own revision; a site that names another charm may have one
    with other resources. This suite's charms are known in any case.
    """
    charm = facts.charms.get(name)
    override = facts.site.applications.get(name) if facts.site else None
    if override and override.charm and charm and charm.name not in OWN_CHARMS:
        return None
    return charm
