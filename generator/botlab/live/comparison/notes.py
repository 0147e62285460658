"""Notes about what a comparison cannot know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ...bundle.charm_url import is_local_charm
from ...bundle.model import Application
from ..lab import Lab
from ..status.model import ModelStatus
from .observation import Observation
from .resources import has_digests


def comparison_notes(
    lab: Lab, observation: Observation, unknown_contents: list[str]
) -> Iterator[str]:
    """Yield a sentence about each fact that was not compared.

    Args:
        lab: The lab.
        observation: The model.
        unknown_contents: The applications whose local charms could not be compared.
    """
    yield from observation.notes
    yield from _about_removals(observation.status)
    if lab.juju is not observation.juju:
        yield (
            f"the site is for Juju {lab.juju.value}, but the controller has Juju"
            f" {observation.juju.value}; add --juju {observation.juju.value}"
        )
    if unknown_contents:
        yield (
            f"the charm files of {', '.join(unknown_contents)} were not compared, because no unit"
            " could be asked; if a file has changed since the deployment, run juju refresh with"
            " --path"
        )
    deployed = {
        name: application
        for name, application in lab.applications.items()
        if name in observation.status.applications
    }
    yield from _about(deployed, "the newest revisions of the charms of", is_unpinned)
    yield from _about(deployed, "the storages of", lambda application: bool(application.storage))
    unread = [
        name
        for name, application in deployed.items()
        if application.resources and not has_digests(observation.resources.get(name, {}))
    ]
    if unread:
        yield f"the resources of {', '.join(unread)} were not compared"
    if any(application.annotations for application in deployed.values()):
        yield "annotations were not compared, because no command of Juju prints them"


def _about_removals(status: ModelStatus) -> Iterator[str]:
    objects = {
        "application": status.applications,
        "unit": status.units,
        "machine": status.machines,
    }
    names = [
        f"{kind} {name}"
        for kind, members in objects.items()
        for name, member in members.items()
        if member.life != "alive"
    ]
    if names:
        yield (
            f"being removed, so that no command is shown for it: {', '.join(names)}; wait until"
            " juju status does not show it any more, and repeat the command"
        )


def is_unpinned(application: Application) -> bool:
    """Return whether the store decides the revision of an application's charm."""
    is_local = is_local_charm(application.charm)
    return not is_local and application.revision is None and not _has_revision(application.charm)


def _has_revision(charm: str) -> bool:
    return charm.rpartition("-")[2].isdecimal()


def _about(
    deployed: Mapping[str, Application], facts: str, test: Callable[[Application], bool]
) -> Iterator[str]:
    names = [name for name, application in deployed.items() if test(application)]
    if names:
        yield f"{facts} {', '.join(names)} were not compared"
