"""The profiles: which applications make a Kubernetes, and what their charms offer."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import BotlabError
from ..findings import suggest
from .model import Charm
from .package_data import charms_directory, templates_directory
from .reader import charm_from_facts, load_yaml, read_charm

OWN_CHARMS = ("nvidia-runtime", "nfs-server", "metallb", "kubeflow-installer")


@dataclass(frozen=True, slots=True)
class ProfileApplication:
    """One application of a profile.

    Attributes:
        name: Its name, which is its charm's too.
        role: The machine role that its units follow; empty for a subordinate.
        store: Charm Store URL with its revision; empty where there is none.
        channel: Charmhub channel.
        revision: Charmhub revision, if the profile pins one.
        x: Place in the picture, from the left.
        y: Place in the picture, from the top.
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
    """A Kubernetes of one age: its applications and the facts of their charms."""

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
    """List the profiles."""
    return sorted(path.parent.name for path in templates_directory().glob("*/profile.yaml"))


@functools.cache
def load_profile(name: str) -> Profile:
    """Read a profile.

    Raises:
        BotlabError: When there is none of that name; the nearest is named.
    """
    names = profile_names()
    if name not in names:
        hint = suggest(name, names, f"there are {', '.join(names)}")
        raise BotlabError(f"profile {name!r} is not known; {hint}")
    folder = templates_directory() / name
    path = folder / "profile.yaml"
    data = load_yaml(path.read_text("utf-8"), str(path))
    facts = (folder / "catalogue" / f"{app}.yaml" for app in data["applications"])
    charms = {
        path.stem: charm_from_facts(load_yaml(path.read_text("utf-8"), str(path)))
        for path in facts
    }
    return Profile(
        name=name,
        title=data["title"],
        kubernetes=data["kubernetes"],
        series=data["series"],
        juju=tuple(data["juju"]),
        source=data["source"],
        control_plane=data["control-plane"],
        worker=data["worker"],
        applications={app: _application(app, body) for app, body in data["applications"].items()},
        charms=charms,
    )


def _application(name: str, body: Mapping[str, Any]) -> ProfileApplication:
    return ProfileApplication(name, **body)


@functools.cache
def own_charm(name: str) -> Charm:
    """Return the facts of one of this suite's charms.

    Raises:
        BotlabError: When this installation lacks them.
    """
    return read_charm(charms_directory() / name)
