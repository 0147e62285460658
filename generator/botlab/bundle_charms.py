"""The facts about the charms of a bundle: from local charms, a directory, and the profiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .bundle.channels import normalized_channel
from .bundle.charm_url import CharmUrl, CharmUrlError, charm_name, is_local_path, parse_charm_url
from .bundle.go_path import join_path
from .bundle.model import Application, Bundle
from .catalogue.local_charms import LocalCharms, charms_at
from .catalogue.model import Charm
from .catalogue.profiles import (
    BUILT_IN,
    Profile,
    ProfileApplication,
    ProfileLibrary,
    charm_channels,
    load_profile,
    profile_applications,
    profile_names,
)
from .errors import BotlabError
from .findings import Finding, Severity
from .juju import Juju


@dataclass(slots=True)
class BundleCharms:
    """The facts about the charms of a bundle.

    Attributes:
        facts: The facts, by application name. Applications may be missing.
        local_files: The applications whose facts come from the charm that the bundle names by its
            path.
        findings: Charms that cannot be read.
        unknown: The applications whose charms are not known.
    """

    facts: dict[str, Charm] = field(default_factory=dict[str, Charm])
    local_files: frozenset[str] = frozenset()
    findings: list[Finding] = field(default_factory=list[Finding])
    unknown: list[str] = field(default_factory=list[str])

    def broken(self) -> set[str]:
        """Return the applications whose charms cannot be read."""
        return {str(finding.path[1]) for finding in self.findings}


def charms_of_bundle(
    bundle: Bundle,
    juju: Juju,
    described: LocalCharms | None = None,
    library: ProfileLibrary = BUILT_IN,
) -> BundleCharms:
    """Return the facts about the charms of a bundle.

    A local charm is read from its own file. Any other charm is looked up by the charm's or the
    application's name in the directory that the user names, then by its channel or revision in
    the profiles.

    Args:
        bundle: The bundle.
        juju: The Juju release, which decides how a charm URL is read.
        described: The charms of the directory that the user names.
        library: The profiles that describe charms.

    Raises:
        BotlabError: When a charm of that directory cannot be read and the bundle uses it.
    """
    charms = read_local_charms(bundle)
    for name, application in _applications(bundle):
        if name in charms.facts or name in charms.broken():
            continue
        names = (charm_name(application.charm), name)
        charm = _described(described, names) if described else None
        charm = charm or profile_charm(application, juju, library)
        if charm is not None:
            charms.facts[name] = charm
        else:
            charms.unknown.append(name)
    return charms


def read_local_charms(bundle: Bundle) -> BundleCharms:
    """Return the facts about the local charms of a bundle whose files exist."""
    local = charms_at(
        (name, Path(join_path(bundle.directory, application.charm)))
        for name, application in _applications(bundle)
        if is_local_path(application.charm)
    )
    findings = [_broken_charm(name, text) for name, text in local.problems.items()]
    return BundleCharms(local.charms, frozenset(local.charms), findings)


def _applications(bundle: Bundle) -> Iterator[tuple[str, Application]]:
    for name, application in bundle.applications.items():
        if application is not None:
            yield name, application


def _described(described: LocalCharms, names: tuple[str, ...]) -> Charm | None:
    """Return the first charm of some names.

    Raises:
        BotlabError: When this charm cannot be read. The message names its file.
    """
    for name in names:
        if name in described.charms:
            return described.charms[name]
        if name in described.problems:
            raise BotlabError(described.problems[name])
    return None


def _broken_charm(application: str, problem: str) -> Finding:
    return Finding(
        "BL105",
        Severity.ERROR,
        "lab",
        ("applications", application, "charm"),
        f"the charm of {application} cannot be read: {problem}",
        "pack or download the charm again",
    )


def profile_charm(
    application: Application, juju: Juju, library: ProfileLibrary = BUILT_IN
) -> Charm | None:
    """Return the facts about a charm that is an application of a profile; None for other charms.

    A profile describes a Charmhub charm in one channel, and a Charm Store charm at one revision.
    """
    if is_local_path(application.charm):
        return None
    try:
        url = parse_charm_url(application.charm, juju)
    except CharmUrlError:
        return None
    for profile in profile_names(library):
        described = profile_applications(profile, library).get(url.name)
        if described is not None and _is_described(
            application, url, described, charm_channels(profile, described, library)
        ):
            channel = _release_channel(load_profile(profile, "", library), application)
            return load_profile(profile, channel, library).charms[url.name]
    return None


def _is_described(
    application: Application, url: CharmUrl, described: ProfileApplication, channels: list[str]
) -> bool:
    if url.schema == "cs":
        if not described.store:
            return False
        store = parse_charm_url(described.store, Juju.V2_9)
        return (url.user, url.revision) == (store.user, store.revision)
    return url.schema == "ch" and normalized_channel(application.channel) in channels


def _release_channel(profile: Profile, application: Application) -> str:
    """Return the channel of an application if it is of one of the profile's releases."""
    release = application.channel.partition("/")[0]
    return application.channel if release in profile.releases else ""
