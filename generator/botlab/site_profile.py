"""The profile of a site, at the site's channel and for a Juju release that fits it."""

from __future__ import annotations

import re
from typing import NamedTuple

from .catalogue.kubernetes import parse_version, read_track, version_text
from .catalogue.profiles import (
    BUILT_IN,
    Profile,
    ProfileLibrary,
    load_profile,
    profile_names,
)
from .findings import Finding, KeyPath, lab_error, suggest
from .juju import Juju
from .site.defaults import PROFILE_OF_TODAY
from .site.model import Site

# The rule that the profile fits the Juju release, and the keys that it compares.
UNFIT_JUJU = "BL120"
KEYS_OF_JUJU = ("juju", "kubernetes.profile")
# The rule that the profile has the release that kubernetes.channel names.
UNKNOWN_CHANNEL = "BL121"
_CHANNEL_KEY: KeyPath = ("kubernetes", "channel")
_PROFILE_KEY: KeyPath = ("kubernetes", "profile")
# A release of Kubernetes in the name of a profile that does not exist.
_RELEASE = re.compile(r"(\d{1,4})\.(\d{1,4})", re.ASCII)
# The charms of 2019 have no channel of a later release.
_LAST_OF_2019 = (1, 16)


class SiteProfile(NamedTuple):
    """What the rules and the renderer need to know about a site's profile.

    Attributes:
        site: The site, without a channel that is a typing error.
        profile: Its profile at its channel; None when there is no such profile.
        juju: The release whose rules apply: the given one, or the nearest that fits the profile.
        findings: What is wrong with the choice. A wrong value is reported once, and the rest of
            the site is checked as if the value were right.
        dropped: The keys of the site whose values were left out.
    """

    site: Site
    profile: Profile | None
    juju: Juju
    findings: tuple[Finding, ...] = ()
    dropped: frozenset[KeyPath] = frozenset()


def profile_of(site: Site, juju: Juju, library: ProfileLibrary = BUILT_IN) -> SiteProfile:
    """Return the profile of a site.

    Args:
        site: The site.
        juju: The Juju release that the user or the site names.
        library: The profiles that the site can choose.
    """
    name, channel = site.kubernetes.profile, site.kubernetes.channel
    if name not in profile_names(library):
        return SiteProfile(site, None, juju, (_unknown_profile(name, library),))
    profile = load_profile(name, channel, library)
    findings: list[Finding] = []
    dropped: frozenset[KeyPath] = frozenset()
    if not _has_channel(profile, channel):
        findings.append(_unknown_channel(channel, profile))
        if not _is_release(channel, library) and UNKNOWN_CHANNEL not in site.ignore:
            kubernetes = site.kubernetes.model_copy(update={"channel": ""})
            site = site.model_copy(update={"kubernetes": kubernetes})
            profile, dropped = load_profile(name, "", library), frozenset((_CHANNEL_KEY,))
    if juju.value not in profile.juju:
        findings.append(_unfit_juju(juju, profile, library))
        juju = _nearest(juju, profile)
    return SiteProfile(site, profile, juju, tuple(findings), dropped)


def _has_channel(profile: Profile, channel: str) -> bool:
    """Return whether a profile has a channel, which is of no use where it deploys no cluster."""
    release = read_track(channel)
    text = version_text(release) if release else ""
    return not channel or not profile.releases or text in profile.releases


def _is_release(channel: str, library: ProfileLibrary) -> bool:
    """Return whether a channel is of a release of Kubernetes, rather than a typing error.

    The release after the newest of all profiles may be in the store already.
    """
    release = read_track(channel)
    known = [
        parse_version(text)
        for name in profile_names(library)
        for text in load_profile(name, "", library).releases
    ]
    major, minor = max(known)
    return release is not None and min(known) <= release <= (major, minor + 1)


def _nearest(juju: Juju, profile: Profile) -> Juju:
    supported = [Juju.parse(release) for release in profile.juju]
    return max((release for release in supported if release < juju), default=supported[0])


def deploys_with(profile: Profile, juju: Juju) -> bool:
    """Return whether a profile deploys a cluster with a Juju release."""
    return bool(profile.releases) and juju.value in profile.juju


def profiles_for(juju: Juju, library: ProfileLibrary) -> list[str]:
    """Return the names of the profiles that deploy a cluster with a Juju release."""
    names = profile_names(library)
    return [name for name in names if deploys_with(load_profile(name, "", library), juju)]


def _unfit_juju(juju: Juju, profile: Profile, library: ProfileLibrary) -> Finding:
    others = profiles_for(juju, library)
    fix = f"write juju: {profile.juju[0]!r}"
    if others:
        fix += f", or choose the profile {' or '.join(others)} for Juju {juju.value}"
    return lab_error(
        UNFIT_JUJU,
        _PROFILE_KEY,
        f"the profile {profile.name} needs Juju {' or '.join(profile.juju)}, and the lab has Juju"
        f" {juju.value}",
        fix,
    )


def _unknown_channel(channel: str, profile: Profile) -> Finding:
    newest = profile.releases[-1]
    return lab_error(
        UNKNOWN_CHANNEL,
        _CHANNEL_KEY,
        f"the profile {profile.name} is not known to deploy the channel {channel}; it deploys"
        f" {', '.join(profile.releases)}",
        f"write {newest}/stable, for example; if you know that the charms of this profile have"
        f" {channel}, ignore {UNKNOWN_CHANNEL}",
    )


def _unknown_profile(name: str, library: ProfileLibrary) -> Finding:
    return lab_error(
        "BL014",
        _PROFILE_KEY,
        f"kubernetes.profile: there is no profile {name!r}",
        _meant_profile(name, library),
    )


def _meant_profile(name: str, library: ProfileLibrary) -> str:
    """Return the profile to write instead of an unknown one, as a fix."""
    names = profile_names(library)
    match = _RELEASE.search(name)
    release = (int(match[1]), int(match[2])) if match else None
    if release is None or release <= _LAST_OF_2019:
        return suggest(name, names, f"use one of {', '.join(names)}")
    text = version_text(release)
    having = [name for name in names if text in load_profile(name, "", library).releases]
    if having:
        return f"write {' or '.join(having)}, with channel: {text}/stable"
    return f"write {PROFILE_OF_TODAY}; no profile has Kubernetes {text}"
