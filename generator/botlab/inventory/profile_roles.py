"""The roles of a profile, with what the proposal of a site needs to know about them."""

from __future__ import annotations

from ..bundle.model import Application
from ..catalogue.charm_history import charm_has
from ..catalogue.kubeflow import choose_release
from ..catalogue.kubernetes import parse_version
from ..catalogue.profiles import Profile
from ..juju import Juju
from .roles import ProfileRoles
from .selection import ARCHITECTURES


def roles_of(profile: Profile) -> ProfileRoles:
    """Return the roles of a profile."""
    return ProfileRoles(
        profile.roles,
        profile.required_roles,
        profile.control_plane_runs_pods,
        _contained(profile),
        _architectures(profile),
    )


def _contained(profile: Profile) -> str:
    """Return the application of the control plane if its charm has a profile for LXD (BL114)."""
    entry = profile.applications.get(profile.control_plane)
    if entry is None:
        return ""
    charm = Application(entry.store or f"ch:{entry.name}", entry.channel or profile.channel)
    has_profile = charm_has("lxd-profile", charm, Juju.parse(profile.juju[0]))
    if has_profile is None:
        has_profile = profile.charms[entry.name].has_lxd_profile
    return entry.name if has_profile else ""


def _architectures(profile: Profile) -> tuple[str, ...]:
    """Return the architectures that the installer of the profile's Kubeflow runs on (BL081)."""
    kubernetes = parse_version(profile.kubernetes) if profile.kubernetes else None
    release = choose_release(kubernetes, "")
    return release.architectures if release else ARCHITECTURES
