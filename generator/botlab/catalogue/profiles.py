"""The profiles: the applications of a Kubernetes cluster, and the facts about their charms."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import BotlabError
from ..findings import suggest
from .model import Charm
from .package_data import charms_directory, templates_directory
from .reader import charm_from_catalogue, read_charm
from .yaml_files import YamlMapping, load_yaml

# The charms of this suite.
OWN_CHARMS = ("nvidia-runtime", "nfs-server", "metallb", "kubeflow-installer")


@dataclass(frozen=True, slots=True)
class ProfileApplication:
    """An application of a profile.

    Attributes:
        name: Its name, which is also the name of its charm.
        role: The machine role that places its units; empty for a subordinate.
        store: Its Charm Store URL with a revision; empty where there is none.
        channel: Its Charmhub channel.
        revision: Its Charmhub revision, if the profile pins one.
        x: Its position in the picture, from the left.
        y: Its position in the picture, from the top.
    """

    name: str
    role: str = ""
    store: str = ""
    channel: str = ""
    revision: int | None = None
    x: int = 0
    y: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """A Kubernetes release with the charms that deploy it.

    Attributes:
        name: The profile's name.
        title: Its title for people.
        kubernetes: The Kubernetes release.
        series: The Ubuntu series of the machines.
        juju: The Juju release lines that can deploy it.
        source: Where the charms come from by default.
        control_plane: The application that runs the API server.
        worker: The application that runs the pods.
        applications: Its applications by name.
        charms: The facts about their charms, by application.
    """

    name: str
    title: str
    kubernetes: str
    series: str
    juju: tuple[str, ...]
    source: str
    control_plane: str
    worker: str
    applications: Mapping[str, ProfileApplication]
    charms: Mapping[str, Charm]


def profile_names() -> list[str]:
    """Return the names of the profiles, sorted."""
    return sorted(path.parent.name for path in templates_directory().glob("*/profile.yaml"))


@functools.cache
def load_profile(name: str) -> Profile:
    """Return a profile.

    Raises:
        BotlabError: When there is no profile of that name. The message names the nearest one.
    """
    names = profile_names()
    if name not in names:
        hint = suggest(name, names, f"the profiles are {', '.join(names)}")
        raise BotlabError(f"there is no profile {name!r}; {hint}")
    directory = templates_directory() / name
    profile = _read_yaml(directory / "profile.yaml")
    applications = profile_applications(name)
    charms = {
        application: charm_from_catalogue(
            _read_yaml(directory / "catalogue" / f"{application}.yaml")
        )
        for application in applications
    }
    return Profile(
        name=name,
        title=profile["title"],
        kubernetes=profile["kubernetes"],
        series=profile["series"],
        juju=tuple(profile["juju"]),
        source=profile["source"],
        control_plane=profile["control-plane"],
        worker=profile["worker"],
        applications=applications,
        charms=charms,
    )


@functools.cache
def profile_applications(name: str) -> dict[str, ProfileApplication]:
    """Return the applications of a profile, without reading the facts about their charms."""
    applications = _read_yaml(templates_directory() / name / "profile.yaml")["applications"]
    return {
        application: ProfileApplication(application, **fields)
        for application, fields in applications.items()
    }


def _read_yaml(path: Path) -> YamlMapping:
    return load_yaml(path.read_text("utf-8"), str(path))


@functools.cache
def own_charm(name: str) -> Charm:
    """Return the facts about a charm of this suite.

    Raises:
        BotlabError: When this installation lacks the charm's files.
    """
    return read_charm(charms_directory() / name)
