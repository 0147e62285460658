"""The desired state of MetalLB on a server: its release, its pools and its objects."""

from typing import Callable, List, NamedTuple, Optional, Tuple

from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from labcharm.validators import OptionsError
from labkube.client.api import Api
from metallb.config import validate
from metallb.config.addresses import Network
from metallb.config.custom_resources import name_problems
from metallb.config.decode import Configuration, decode
from metallb.config.errors import RefusedError
from metallb.config.objects import configuration_objects
from metallb.config.pools import Pool, read_pools, unserved_ranges
from metallb.manifests.built_in import built_in_objects
from metallb.manifests.memberlist import memberlist_secret
from metallb.manifests.sources import ManifestSources
from metallb.manifests.upstream import adapted_objects, read_manifest, release_of
from metallb.options import Options
from metallb.releases import Release, choose, find, release_table

_POD_SECURITY_POLICY = ("policy/v1beta1", "PodSecurityPolicy")
_LAST_WITH_POD_SECURITY_POLICY = (1, 24)
_FIRST_WITH_POD_SECURITY = (1, 23)


class DesiredState(NamedTuple):
    """The desired state.

    Attributes:
        release: The release to install.
        pools: The address pools.
        peers: The BGP peers, as MetalLB's configuration has them.
        reserved_networks: The networks that no pool may overlap.
        release_objects: The objects of the release.
        configuration_objects: The objects that hold the configuration.
    """

    release: Release
    pools: List[Pool]
    peers: List[JsonObject]
    reserved_networks: Tuple[Network, ...]
    release_objects: List[JsonObject]
    configuration_objects: List[JsonObject]

    @property
    def objects(self) -> List[JsonObject]:
        """All objects."""
        return self.release_objects + self.configuration_objects


def desired_state(
    api: Api, is_owned: Callable[[JsonObject], bool], options: Options, manifests: ManifestSources
) -> DesiredState:
    """Return the desired state on a server.

    Args:
        api: The cluster.
        is_owned: Returns whether an object on the cluster belongs to this application.
        options: The charm's options.
        manifests: The sources of upstream's manifest.

    Raises:
        BlockedError: When the options ask for something that is not possible. An OptionsError
            holds every problem of the configuration.
        WaitingError: When the API does not answer, or upstream's manifest cannot be downloaded.
    """
    release = _choose_release(api, options.version, manifests.attached)
    configuration = _checked_configuration(options, release)
    return DesiredState(
        release,
        read_pools(configuration, release.number),
        configuration.get("peers") or [],
        options.reserved_networks,
        _release_objects(api, options, release, manifests)
        + memberlist_secret(api, is_owned, release),
        configuration_objects(release, configuration),
    )


def refuse_unusable_options(options: Options, attached_manifest: str) -> None:
    """Check the configuration for every release that may be installed, without a cluster.

    Args:
        options: The charm's options.
        attached_manifest: The text of the attached manifest; empty when none is attached.

    Raises:
        BlockedError: When no release can be installed with these options. The words are those of
            the newest release.
    """
    if options.version or attached_manifest:
        names = [options.version or release_of(attached_manifest).name]
    else:
        names = [name for _, name in release_table().defaults]
    problems = [
        problem for problem in (_refusal(options, find(name)) for name in names) if problem
    ]
    if len(problems) == len(names):
        raise problems[0]


def _refusal(options: Options, release: Release) -> Optional[OptionsError]:
    try:
        _checked_configuration(options, release)
    except OptionsError as error:
        return error
    return None


def _choose_release(api: Api, version: str, attached_manifest: str) -> Release:
    """Return the option's release, else the attached manifest's, else the server's default."""
    if attached_manifest and not version:
        version = release_of(attached_manifest).name
    return choose(api.version(), version)


def _checked_configuration(options: Options, release: Release) -> Configuration:
    """Return the configuration, without any problem.

    Raises:
        OptionsError: With every problem.
    """
    option, text = options.configuration
    source = f"{option}: MetalLB {release.name}"
    try:
        configuration = decode(text, release.number)
    except RefusedError as error:
        one_line = str(error).replace("\n  ", " ")
        raise OptionsError([f"{source}: {one_line}"]) from None
    problems = [
        *(f"{source}: {problem}" for problem in validate.problems(configuration, release.number)),
        *unserved_ranges(configuration, release.number),
        *_release_problems(options, release, configuration),
    ]
    if not configuration.get("address-pools"):
        problems.append(f"{option}: no address pool; add one")
    if problems:
        raise OptionsError(problems)
    return configuration


def _release_problems(
    options: Options, release: Release, configuration: Configuration
) -> List[str]:
    """Return the problems that depend on how the release is configured."""
    if release.uses_custom_resources:
        return name_problems(configuration)
    if options.settings.log_level != "info" and release.number < (0, 11, 0):
        return [f"log-level: MetalLB {release.name} has no log levels; use info"]
    return []


def _release_objects(
    api: Api, options: Options, release: Release, manifests: ManifestSources
) -> List[JsonObject]:
    server = api.version()
    if not release.uses_custom_resources:
        return built_in_objects(release, options.settings, server >= _FIRST_WITH_POD_SECURITY)
    manifest = manifests.manifest(release, options.pinned_manifest)
    manifest_release = release_of(manifest)
    if manifest_release.name != release.name:
        raise BlockedError(
            f"the manifest is of MetalLB {manifest_release.name}, but option version is"
            f" {release.name}; change one of them"
        )
    has_policies = server <= _LAST_WITH_POD_SECURITY_POLICY and api.has(*_POD_SECURITY_POLICY)
    return adapted_objects(read_manifest(manifest), options.settings, release, has_policies)
