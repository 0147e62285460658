"""Rendering of a site's bundle. Only this package knows both sites and bundles."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..bundle.charm_url import is_local_path
from ..bundle.includes import relocate_include
from ..bundle.model import Application as BundleApplication
from ..bundle.model import Bundle
from ..bundle.parse import BundleSource, parse_bundle
from ..bundle.write import write_bundle
from ..catalogue.model import Charm
from ..catalogue.profiles import Profile, ProfileApplication
from ..errors import BotlabError
from ..findings import (
    Finding,
    KeyPath,
    Severity,
    Suggestions,
    lab_error,
    path_text,
    suggest,
    use_one_of,
)
from ..juju import Juju
from ..site.applications import Application
from ..site.model import Site
from ..site.roles import Role
from .architectures import (
    application_constraints,
    charm_architecture,
    names_machine_architectures,
)
from .keepalived import virtual_ip
from .kubeflow import api_server_flags, merge_flags, sysctl_options
from .marker import add_mark
from .origin import site_path
from .own_charms import (
    DISTANCE,
    OwnApplication,
    own_applications,
    own_charm_names,
    own_relations,
    principals,
)
from .platform import Platform, pins_charmhub_revision, platform_for, set_platform
from .shared_storage import nfs_servers
from .template_values import (
    ApplicationValues,
    Directories,
    application_bindings,
    application_values,
    machine_values,
    own_charm_source,
    proxy_exceptions,
    resource_values,
    set_charm,
)
from .templates import bundle_text
from .workers import (
    application_settings,
    instances,
    replaced_options,
    runtime_instances,
    worker_options,
)

# The name of the text that a template gives, in messages.
RENDERED = "the rendered bundle"
_FLAGS_OPTION = "api-extra-args"
# The part of a site that deploys each of this suite's charms.
_DEPLOYED_BY = {
    "nvidia-runtime": "gpu: true to a machine that has one, with gpu.stack: charm",
    "nfs-server": "the section `nfs: {server: MACHINE}`",
    "metallb": "the section `metallb: {pools: {default: {addresses: [FIRST-LAST]}}}`",
    "kubeflow-installer": "the section `kubeflow: {}`",
    "keepalived": "the section `kubernetes: {keepalived: {address: ADDRESS}}`",
}


class Rendered(NamedTuple):
    """The bundle of a site.

    Attributes:
        bundle: The bundle.
        text: Its text, with the mark.
        charms: The facts of its charms, by application name, as far as they are known.
        findings: The parts of the site that the bundle does not contain.
        origin: Function that maps a path of the bundle to the path of the site that decides it.
    """

    bundle: Bundle
    text: str
    charms: dict[str, Charm]
    findings: tuple[Finding, ...]
    origin: Callable[[KeyPath], KeyPath]


def render(site: Site, profile: Profile, juju: Juju, directories: Directories) -> Rendered:
    """Render the bundle of a site.

    Args:
        site: The site.
        profile: The profile of its Kubernetes.
        juju: The Juju release that will read the bundle.
        directories: The directories of the site file and of the bundle.
    """
    own = list(own_applications(site))
    values = _template_values(site, profile, juju, directories, own)
    text = bundle_text(profile, values)
    source = BundleSource(text, RENDERED, str(directories.bundle))
    bundle = _bundle_of(source, juju, profile)
    if pins_charmhub_revision(bundle, juju):
        set_platform(bundle, platform_for(profile.series, juju, pinned=True))
    for name, override in _overrides(site, profile):
        application = bundle.applications.get(name)
        if application is not None:
            _apply_override(application, override, directories)
    # A new key of the site file changes the marks of the sites that set it only.
    keys = site.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    mark_source = json.dumps([keys, juju.value])
    charms = {**{app.name: app.charm for app in own}, **_profile_charms(site, profile)}
    return Rendered(
        bundle,
        add_mark(write_bundle(bundle), mark_source),
        {name: charms[name] for name in bundle.applications if name in charms},
        (*_unused_parts(site, profile), *replaced_options(site, profile)),
        functools.partial(site_path, site),
    )


def _bundle_of(source: BundleSource, juju: Juju, profile: Profile) -> Bundle:
    """Return the bundle of a template's text.

    Raises:
        BotlabError: When the template is not of this project, and its text is not a bundle.
    """
    parsed = parse_bundle(source, juju, includes=False)
    faults = [finding for finding in parsed.findings if finding.severity is Severity.ERROR]
    if profile.is_own and faults:
        fault, file = faults[0], str(profile.template)
        line = fault.line or parsed.locate(fault.path).position.line
        place = f"at line {line} of its text" if line else "in its text"
        raise BotlabError(f"{file}: does not make a bundle: {fault.message} ({place})", file)
    return parsed.bundle


def _overrides(site: Site, profile: Profile) -> Iterator[tuple[str, Application]]:
    """Yield the settings of applications: of the entries of `workers`, then of the site."""
    for name, workers in (
        instances(site, profile, profile.worker).items() if profile.worker else ()
    ):
        options = worker_options(site, profile, workers)
        if options:
            yield name, Application(options=options)
    yield from site.applications.items()


def _profile_charms(site: Site, profile: Profile) -> dict[str, Charm]:
    """Return the facts about the charms of the profile's applications, by application."""
    return {
        name: charm
        for application, charm in profile.charms.items()
        for name in instances(site, profile, application)
    }


def _apply_override(
    application: BundleApplication, override: Application, directories: Directories
) -> None:
    options = _relocated(override.options, directories)
    if _FLAGS_OPTION in options:
        required = application.options.get(_FLAGS_OPTION)
        options[_FLAGS_OPTION] = merge_flags(options[_FLAGS_OPTION], required)
    application.options = {**application.options, **options}
    if override.expose is not None:
        application.expose = override.expose


def _relocated(options: Mapping[str, Any], directories: Directories) -> dict[str, Any]:
    """Return options whose include directives name their files as the bundle does."""
    return {
        key: relocate_include(setting, directories.bundle_path) for key, setting in options.items()
    }


def _template_values(
    site: Site, profile: Profile, juju: Juju, directories: Directories, own: list[OwnApplication]
) -> dict[str, Any]:
    platform = platform_for(profile.series, juju, pinned=False)
    applications: dict[str, ApplicationValues] = {}
    for name, workers, application in _profile_applications(site, profile):
        values = application_values(site, profile, application, platform, directories, workers)
        if values.to or not application.role:
            applications[name] = values
    own_values = {
        app.name: _own_values(
            site, app, profile, platform, directories, _units(names, applications)
        )
        for app, names in zip(own, principals(site, profile, own), strict=True)
    }
    subordinates = {name for name, charm in profile.charms.items() if charm.subordinate}
    subordinates |= {app.name for app in own if app.charm.subordinate}
    _add_architectures(site, juju, {**applications, **own_values}, subordinates)
    return {
        "site": site,
        "series": platform.series or "",
        "default_base": platform.base,
        "channel": profile.channel,
        "applications": {**applications, **own_values},
        "own": own_values,
        "own_relation_list": list(own_relations(site, profile, own)),
        "instances": functools.partial(instances, site, profile),
        "machine_list": machine_values(site, platform),
        "no_proxy": proxy_exceptions(site),
        "virtual_ip": virtual_ip(site),
        "api_extra_args": api_server_flags(site, profile),
        **{f"{name}_sysctl": text for name, text in sysctl_options(site, profile).items()},
    }


def _profile_applications(
    site: Site, profile: Profile
) -> Iterator[tuple[str, str, ProfileApplication]]:
    """Yield the profile's applications, with the entries of `workers` that they belong to."""
    for name, application in _deployed_applications(site, profile).items():
        for index, (instance, workers) in enumerate(instances(site, profile, name).items()):
            y = application.y + DISTANCE * index
            yield instance, workers, dataclasses.replace(application, y=y)


def _deployed_applications(site: Site, profile: Profile) -> dict[str, ProfileApplication]:
    """Return the profile's applications, without those that the site does not ask for."""
    return profile.applications_with(site.kubernetes.cni, site.kubernetes.sections)


def _units(names: Iterable[str], applications: dict[str, ApplicationValues]) -> list[str]:
    """Return the placements of the principals of a subordinate, as far as they are deployed."""
    return [
        placement for name in names if name in applications for placement in applications[name].to
    ]


def _own_values(
    site: Site,
    application: OwnApplication,
    profile: Profile,
    platform: Platform,
    directories: Directories,
    principal_units: list[str],
) -> ApplicationValues:
    units = principal_units if application.charm.subordinate else application.to
    architecture = charm_architecture(site, units)
    name = application.charm.name
    override = application_settings(site, application.name, name)
    values = ApplicationValues(
        resources=resource_values(override, directories),
        bindings=application_bindings(site, override),
        constraints=override.constraints,
        series=platform.series,
        base=platform.base,
        to=application.to,
        options=_relocated(application.options, directories),
        storage={**application.storage, **override.storage},
        x=application.x,
        y=application.y,
    )
    source = own_charm_source(site, override, name, profile.series, architecture)
    set_charm(values, source, directories)
    return values


def _add_architectures(
    site: Site, juju: Juju, applications: dict[str, ApplicationValues], subordinates: set[str]
) -> None:
    """Add the `arch` constraint to all principals where the bundle needs it."""
    has_local_charm = any(is_local_path(values.charm) for values in applications.values())
    if not has_local_charm and not names_machine_architectures(site):
        return
    for name, values in applications.items():
        if name not in subordinates:
            values.constraints = application_constraints(site, values.constraints, values.to, juju)


def _unused_parts(site: Site, profile: Profile) -> Iterator[Finding]:
    """Yield findings about applications and placements of the site that match nothing."""
    names = {*own_charm_names(site), *runtime_instances(site), *nfs_servers(site)}
    for application in _deployed_applications(site, profile):
        names.update(instances(site, profile, application))
    machines = f"use one of the machines {', '.join(list(site.machines)[:8])}"
    suggestions, choices = Suggestions(), sorted(names)
    yield from _unsupported_keys(site, profile)
    for name, override in site.applications.items():
        if name not in names:
            fix = suggestions.suggest(name, choices, use_one_of(choices))
            yield _unknown_application(name, profile, fix)
        for index, placement in enumerate(override.to or ()):
            machine = placement.rpartition(":")[2]
            if machine not in site.machines:
                yield lab_error(
                    "BL012",
                    ("applications", name, "to", index),
                    f"{placement!r} places a unit on a machine that the site does not have",
                    suggestions.suggest(
                        machine, site.machines, f"{machines}, or lxd:NAME for a container on it"
                    ),
                )
    for path, nfs in nfs_servers(site).values():
        if nfs.server and nfs.server not in site.machines:
            key = path_text((*path, "server"))
            yield lab_error(
                "BL013",
                (*path, "server"),
                f"the site has no machine {nfs.server}, which {key} names",
                suggestions.suggest(nfs.server, site.machines, machines),
            )


def _unsupported_keys(site: Site, profile: Profile) -> Iterator[Finding]:
    """Yield findings about keys of `kubernetes` that the profile has nothing for."""
    cni, networks = site.kubernetes.cni, profile.networks
    if cni and cni not in networks:
        choices = f"use one of {', '.join(networks)}" if len(networks) > 1 else "remove the key"
        message = f"the profile {profile.name} has no network {cni} for the pods"
        yield lab_error("BL159", ("kubernetes", "cni"), message, suggest(cni, networks, choices))
    if site.kubernetes.api_addresses and not profile.takes_api_addresses:
        yield lab_error(
            "BL159",
            ("kubernetes", "api-addresses"),
            f"the profile {profile.name} has no option for addresses in front of the API servers",
            _instead_of_api_addresses(profile),
        )
    for section in sorted(site.kubernetes.sections - profile.sections):
        yield lab_error(
            "BL159",
            ("kubernetes", section),
            f"the profile {profile.name} has no application {section}",
            "remove the section",
        )


def _instead_of_api_addresses(profile: Profile) -> str:
    if Role.LOAD_BALANCER.value in profile.roles:
        return f"remove the key, and give a machine the role {Role.LOAD_BALANCER.value}"
    return "remove the key"


def _unknown_application(name: str, profile: Profile, fix: str) -> Finding:
    path: KeyPath = ("applications", name)
    if name in _DEPLOYED_BY:
        return lab_error(
            "BL011",
            path,
            f"the site does not deploy {name}, so its settings have no effect",
            f"add {_DEPLOYED_BY[name]}, or remove these lines",
        )
    message = f"the profile {profile.name} has no application {name}"
    return lab_error("BL011", path, message, fix)
