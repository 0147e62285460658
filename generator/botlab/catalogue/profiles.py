"""The profiles: the applications of a Kubernetes cluster, and the facts about their charms."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..errors import BotlabError
from ..findings import suggest
from .kubernetes import read_track, version_text
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
        channel: Its Charmhub channel; empty where the charm is of no channel, or follows the
            profile's.
        revision: Its Charmhub revision, if the profile pins one.
        cni: Whether it is a network of the pods, of which a cluster has one.
        section: The section of the site's key `kubernetes` without which it is not deployed; empty
            where it always is.
        x: Its position in the picture, from the left.
        y: Its position in the picture, from the top.
    """

    name: str
    role: str = ""
    store: str = ""
    channel: str = ""
    revision: int | None = None
    cni: bool = False
    section: str = ""
    x: int = 0
    y: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """A Kubernetes release with the charms that deploy it.

    Attributes:
        name: The profile's name.
        title: Its title for people.
        kubernetes: The Kubernetes release; empty for a cluster that the profile does not deploy.
        releases: The Kubernetes releases that the profile is known to deploy, from the oldest to
            the newest.
        channel: The channel of the Kubernetes snaps, and of the charms in Charmhub.
        series: The Ubuntu series of the machines.
        juju: The Juju release lines that can deploy it.
        source: Where the charms come from by default.
        control_plane: The application that runs the API server.
        worker: The application that runs the pods.
        required_roles: The machine roles that every cluster needs, each with the smallest number
            of units.
        control_plane_runs_pods: Whether pods run on the machines of the control plane, too.
        unused_keys: The keys of the site file that the charms have no option for, each with its
            ``problem`` and its ``fix``.
        applications: Its applications by name.
        charms: The facts about their charms, by application.
        template: The file of its bundle's template.
        is_own: Whether the template is not of this project, and is therefore rendered with limits.
    """

    name: str
    title: str
    kubernetes: str
    releases: tuple[str, ...]
    channel: str
    series: str
    juju: tuple[str, ...]
    source: str
    control_plane: str
    worker: str
    required_roles: Mapping[str, int]
    control_plane_runs_pods: bool
    unused_keys: Mapping[str, Mapping[str, str]]
    applications: Mapping[str, ProfileApplication]
    charms: Mapping[str, Charm]
    template: Path
    is_own: bool

    @property
    def networks(self) -> list[str]:
        """The applications of which a cluster has one as the network of its pods."""
        return [name for name, application in self.applications.items() if application.cni]

    @property
    def roles(self) -> frozenset[str]:
        """The machine roles that its applications have."""
        return frozenset(app.role for app in self.applications.values() if app.role)

    @property
    def takes_api_addresses(self) -> bool:
        """Whether its control plane has an option for addresses in front of the API servers."""
        control_plane = self.charms.get(self.control_plane)
        return control_plane is not None and "loadbalancer-ips" in control_plane.options

    @property
    def sections(self) -> frozenset[str]:
        """The sections of the site's key `kubernetes` that deploy one of its applications."""
        return frozenset(app.section for app in self.applications.values() if app.section)

    def applications_with(
        self, cni: str, sections: Collection[str]
    ) -> dict[str, ProfileApplication]:
        """Return the applications of a cluster with a network of the pods.

        Args:
            cni: The application of the network. If it is empty, or none of the profile's, the
                first one is used.
            sections: The sections that the site's key `kubernetes` has.
        """
        chosen = cni if cni in self.networks else next(iter(self.networks), "")
        return {
            name: application
            for name, application in self.applications.items()
            if (not application.cni or name == chosen)
            and (not application.section or application.section in sections)
        }


def instance_name(application: str, workers: str) -> str:
    """Return the name of an application that belongs to an entry of `workers`.

    Args:
        application: The name of the application that belongs to no entry.
        workers: The name of the entry; empty for none.
    """
    return f"{application}-{workers}" if workers else application


class ProfileSource(NamedTuple):
    """The content of a profile's files.

    Attributes:
        content: The content of ``profile.yaml``.
        facts: Function that returns the content of the catalogue file of an application.
        template: The file of the bundle's template.
        is_own: Whether the template is not of this project.
        directory: The directory of a profile that is not of this project.
        offline: Function that returns the content of ``offline.yaml``; None if there is no such
            file.
    """

    content: YamlMapping
    facts: Callable[[str], YamlMapping]
    template: Path
    is_own: bool = False
    directory: Path | None = None
    offline: Callable[[], YamlMapping | None] = lambda: None


@dataclass(frozen=True, eq=False)
class ProfileLibrary:
    """The profiles that can be chosen: those of this project, and those of other directories.

    Attributes:
        own: The profiles of other directories, by name.
    """

    own: Mapping[str, ProfileSource] = field(default_factory=dict[str, ProfileSource])

    def names(self) -> list[str]:
        """Return the names of the profiles, sorted."""
        return sorted({*_built_in_names(), *self.own})

    def source(self, name: str) -> ProfileSource:
        """Return the files of a profile.

        Raises:
            BotlabError: When there is no profile of that name. The message names the nearest one.
        """
        if name in self.own:
            return self.own[name]
        if name in _built_in_names():
            return built_in_source(name)
        names = self.names()
        hint = suggest(name, names, f"the profiles are {', '.join(names)}")
        raise BotlabError(f"there is no profile {name!r}; {hint}")


BUILT_IN = ProfileLibrary()


def profile_names(library: ProfileLibrary = BUILT_IN) -> list[str]:
    """Return the names of the profiles of a library, sorted."""
    return library.names()


@functools.cache
def _built_in_names() -> list[str]:
    return sorted(path.parent.name for path in templates_directory().glob("*/profile.yaml"))


@functools.cache
def built_in_source(name: str) -> ProfileSource:
    """Return the files of a profile of this project."""
    directory = templates_directory() / name
    return ProfileSource(
        _read_yaml(directory / "profile.yaml"),
        functools.partial(_read_facts, name),
        directory / "bundle.yaml.j2",
        offline=functools.partial(_read_yaml, directory / "offline.yaml"),
    )


@functools.cache
def load_profile(name: str, channel: str = "", library: ProfileLibrary = BUILT_IN) -> Profile:
    """Return a profile.

    Args:
        name: The profile's name.
        channel: The channel of the Kubernetes snaps, such as ``1.34/stable``; empty for the
            profile's own. It decides the facts about the charms, too.
        library: The profiles that can be chosen.

    Raises:
        BotlabError: When there is no profile of that name. The message names the nearest one.
    """
    source = library.source(name)
    profile = source.content
    release = read_track(channel) or read_track(profile["kubernetes"])
    applications = profile_applications(name, library)
    return Profile(
        name=name,
        title=profile["title"],
        kubernetes=version_text(release) if release else "",
        releases=tuple(profile["releases"]),
        channel=channel or (f"{version_text(release)}/stable" if release else ""),
        series=profile["series"],
        juju=tuple(profile["juju"]),
        source=profile["source"],
        control_plane=profile["control-plane"],
        worker=profile["worker"],
        required_roles=profile["required-roles"],
        control_plane_runs_pods=bool(profile.get("control-plane-runs-pods")),
        unused_keys=profile.get("unused-keys", {}),
        applications=applications,
        charms={app: charm_from_catalogue(source.facts(app), release) for app in applications},
        template=source.template,
        is_own=source.is_own,
    )


@functools.cache
def profile_applications(
    name: str, library: ProfileLibrary = BUILT_IN
) -> dict[str, ProfileApplication]:
    """Return the applications of a profile, without reading the facts about their charms.

    Args:
        name: The profile's name.
        library: The profiles that can be chosen.
    """
    return {
        application: ProfileApplication(application, **fields)
        for application, fields in library.source(name).content["applications"].items()
    }


def charm_channels(
    name: str, application: ProfileApplication, library: ProfileLibrary = BUILT_IN
) -> list[str]:
    """Return the Charmhub channels whose charm a profile describes, for one application.

    Args:
        name: The profile's name.
        application: One of its applications.
        library: The profiles that can be chosen.
    """
    profile = library.source(name).content
    if application.channel or profile["source"] != "charmhub":
        return [application.channel] if application.channel else []
    return [f"{release}/stable" for release in profile["releases"]]


def common_facts(application: str) -> YamlMapping:
    """Return the content of the catalogue file that all profiles share for an application.

    Raises:
        OSError: When there is no such file.
    """
    return _read_facts("common", application)


def _read_facts(profile: str, charm: str) -> YamlMapping:
    """Return the content of the file about a charm: of the profile, or of all profiles."""
    directories = (templates_directory() / name / "catalogue" for name in (profile, "common"))
    files = [directory / f"{charm}.yaml" for directory in directories]
    return _read_yaml(files[0] if files[0].is_file() else files[1])


def _read_yaml(path: Path) -> YamlMapping:
    return load_yaml(path.read_text("utf-8"), str(path))


@functools.cache
def own_charm(name: str) -> Charm:
    """Return the facts about a charm of this suite.

    Raises:
        BotlabError: When this installation lacks the charm's files.
    """
    return read_charm(charms_directory() / name)
