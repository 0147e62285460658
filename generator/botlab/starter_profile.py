"""The profile of a new site file, with examples of values that fit the profile."""

from __future__ import annotations

import dataclasses

from .catalogue import kubeflow, metallb
from .catalogue.kubernetes import parse_version
from .catalogue.profiles import BUILT_IN, Profile, ProfileLibrary, load_profile
from .errors import BotlabError
from .juju import Juju
from .site.defaults import PROFILE_OF_TODAY
from .site.starter import (
    MACHINES,
    MACHINES_BESIDE_CLUSTER,
    MACHINES_WITHOUT_SERVICES,
    SERVER_BESIDE_CLUSTER,
    WITHOUT_EFFECT,
    StarterProfile,
)
from .site_profile import profiles_for

_JUJU_OF_TODAY = Juju.V3_6
_PROFILE_2019 = "k8s-1.13"
# The keys of machines that only matter for nodes of a cluster that Juju manages (BL152).
_KEYS_OF_NODES = ("machines.roles", "machines.gpu", "machines.workers")
# Examples that do not follow from the Kubernetes release. Those of the models are for today's
# charms.
_EXAMPLES: dict[str, dict[str, object]] = {
    _PROFILE_2019: {
        "nvidia.pins": {"nvidia-container-runtime": "2.0.0+docker18.09.1-1"},
        "kubernetes.cni": "flannel",
    },
    "canonical-k8s": {"kubernetes.ingress": True},
}


def starter_profile(
    name: str, juju: str, library: ProfileLibrary = BUILT_IN
) -> tuple[StarterProfile, Juju]:
    """Return the profile and the Juju release of a new site file.

    Without a release it is the one of today that fits the profile, and without a profile it is
    the one for the release.

    Args:
        name: The profile that the user names; empty for none.
        juju: The Juju release that the user names; empty for none.
        library: The profiles that can be chosen.

    Raises:
        BotlabError: When there is no such profile or release, or they do not fit together.
    """
    release = Juju.parse(juju) if juju else None
    profile = load_profile(name or _profile_for(release or _JUJU_OF_TODAY), "", library)
    fitting = [Juju.parse(text) for text in profile.juju]
    if release is None:
        release = _JUJU_OF_TODAY if _JUJU_OF_TODAY in fitting else fitting[-1]
    if release not in fitting:
        raise BotlabError(_misfit(profile, release, library))
    return _with_examples(profile), release


def _profile_for(juju: Juju) -> str:
    """Return the profile of a new site. Juju 2 cannot deploy today's charms."""
    return PROFILE_OF_TODAY if juju >= Juju.V3_6 else _PROFILE_2019


def _misfit(profile: Profile, juju: Juju, library: ProfileLibrary) -> str:
    others = profiles_for(juju, library)
    return (
        f"the profile {profile.name} needs Juju {' or '.join(profile.juju)}; for Juju"
        f" {juju.value}, choose --profile {' or '.join(others)}"
    )


def _with_examples(profile: Profile) -> StarterProfile:
    is_existing = not profile.kubernetes
    # A cluster that Juju does not manage is taken for one of today.
    described = load_profile(PROFILE_OF_TODAY) if is_existing else profile
    release = parse_version(described.kubernetes)
    of_kubeflow = kubeflow.choose_release(release, "")
    of_metallb = metallb.choose_release(release, "")
    examples = {
        "kubernetes.channel": described.channel,
        "kubeflow.version": of_kubeflow.name if of_kubeflow else "",
        "metallb.version": of_metallb.name if of_metallb else "",
        **_EXAMPLES.get(profile.name, {}),
    }
    idle = of_kubeflow.idle_options if of_kubeflow else {}
    # BL159 refuses the last three.
    unused = {
        *(_KEYS_OF_NODES if is_existing else WITHOUT_EFFECT),
        *profile.unused_keys,
        *(f"kubeflow.{key}" for key in idle),
        *(() if profile.takes_api_addresses else ("kubernetes.api-addresses",)),
        *(() if profile.networks else ("kubernetes.cni",)),
        *(() if profile.sections else ("kubernetes.keepalived",)),
    }
    starter = StarterProfile(profile.name, examples, frozenset(unused), _machines(profile))
    if not is_existing:
        return starter
    return dataclasses.replace(starter, server=SERVER_BESIDE_CLUSTER, is_existing=True)


def _machines(profile: Profile) -> str:
    if not profile.kubernetes:
        return MACHINES_BESIDE_CLUSTER
    return MACHINES if "etcd" in profile.required_roles else MACHINES_WITHOUT_SERVICES
