"""Rendering of a site's bundle. Only this package knows both sites and bundles."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..bundle.charm_url import is_local_path
from ..bundle.includes import relocate_include
from ..bundle.model import Application as BundleApplication
from ..bundle.model import Bundle
from ..bundle.parse import BundleSource, parse_bundle
from ..bundle.write import write_bundle
from ..catalogue.model import Charm
from ..catalogue.package_data import templates_directory
from ..catalogue.profiles import Profile
from ..findings import Finding, KeyPath, Severity
from ..juju import Juju
from ..site.applications import Application
from ..site.model import Site
from ..yaml_text import yaml_flow
from .architectures import (
    application_constraints,
    charm_architecture,
    names_machine_architectures,
)
from .kubeflow import api_server_flags, merge_flags
from .marker import add_mark
from .origin import site_path
from .own_charms import OwnApplication, own_applications, own_charm_names, own_relations
from .platform import Platform, platform_for
from .template_values import (
    ApplicationValues,
    Directories,
    application_values,
    machine_values,
    own_charm_path,
    pins_charmhub_revision,
    proxy_exceptions,
    resource_values,
)

_FLAGS_OPTION = "api-extra-args"
# The part of a site that deploys each of this suite's charms.
_DEPLOYED_BY = {
    "nvidia-runtime": "gpu: true to a machine that has one, with gpu.stack: charm",
    "nfs-server": "the section `nfs: {server: MACHINE}`",
    "metallb": "the section `metallb: {pools: {default: {addresses: [FIRST-LAST]}}}`",
    "kubeflow-installer": "the section `kubeflow: {}`",
}


@dataclass(frozen=True, slots=True)
class Rendered:
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
    template = _environment().get_template(f"{profile.name}/bundle.yaml.j2")
    source = BundleSource(template.render(values), "the rendered bundle", str(directories.bundle))
    bundle = parse_bundle(source, juju, includes=False).bundle
    for name, override in site.applications.items():
        application = bundle.applications.get(name)
        if application is not None:
            _apply_override(application, override, directories)
    mark_source = json.dumps([site.model_dump(mode="json", by_alias=True), juju.value])
    charms = {**{app.name: app.charm for app in own}, **profile.charms}
    return Rendered(
        bundle,
        add_mark(write_bundle(bundle), mark_source),
        {name: charms[name] for name in bundle.applications if name in charms},
        tuple(_unused_parts(site, profile)),
        functools.partial(site_path, site),
    )


def _apply_override(
    application: BundleApplication, override: Application, directories: Directories
) -> None:
    options = {
        key: relocate_include(setting, directories.bundle_path)
        for key, setting in override.options.items()
    }
    if _FLAGS_OPTION in options:
        required = application.options.get(_FLAGS_OPTION)
        options[_FLAGS_OPTION] = merge_flags(options[_FLAGS_OPTION], required)
    application.options = {**application.options, **options}
    if override.expose is not None:
        application.expose = override.expose


def _template_values(
    site: Site, profile: Profile, juju: Juju, directories: Directories, own: list[OwnApplication]
) -> dict[str, Any]:
    pinned = pins_charmhub_revision(site, profile)
    platform = platform_for(profile.series, juju, pinned=pinned)
    applications: dict[str, ApplicationValues] = {}
    for name, application in profile.applications.items():
        values = application_values(site, profile, application, platform, directories)
        if values.to or not application.role:
            applications[name] = values
    workers = applications[profile.worker].to if profile.worker in applications else []
    own_values = {
        app.name: _own_values(site, app, profile, platform, directories, workers) for app in own
    }
    subordinates = {name for name, charm in profile.charms.items() if charm.subordinate}
    subordinates |= {app.name for app in own if app.charm.subordinate}
    _add_architectures(site, juju, {**applications, **own_values}, subordinates)
    return {
        "site": site,
        "series": platform.series or "",
        "default_base": platform.base,
        "applications": {**applications, **own_values},
        "own": own_values,
        "own_relation_list": list(own_relations(site, profile)),
        "machine_list": machine_values(site, platform),
        "no_proxy": proxy_exceptions(site),
        "api_extra_args": api_server_flags(site, profile),
    }


def _own_values(
    site: Site,
    application: OwnApplication,
    profile: Profile,
    platform: Platform,
    directories: Directories,
    workers: list[str],
) -> ApplicationValues:
    # A subordinate of this suite runs on the machines of the workers.
    architecture = charm_architecture(
        site, workers if application.charm.subordinate else application.to
    )
    override = site.applications.get(application.name, Application())
    return ApplicationValues(
        charm=own_charm_path(site, application.name, profile.series, architecture, directories),
        resources=resource_values(override, directories),
        bindings=dict(override.bindings),
        constraints=override.constraints,
        series=platform.series,
        base=platform.base,
        to=application.to,
        options=application.options,
        storage=application.storage,
        x=application.x,
        y=application.y,
    )


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
    names = {*profile.applications, *own_charm_names(site)}
    machines = ", ".join(list(site.machines)[:8])
    for name, override in site.applications.items():
        if name not in names:
            yield _unknown_application(name, profile, sorted(names))
        for index, placement in enumerate(override.to or ()):
            if placement.rpartition(":")[2] not in site.machines:
                yield _error(
                    "BL012",
                    ("applications", name, "to", index),
                    f"{placement!r} places a unit on a machine that the site does not have",
                    f"use one of the machines {machines}, or lxd:NAME for a container on it",
                )
    if site.nfs and site.nfs.server not in site.machines:
        yield _error(
            "BL013",
            ("nfs", "server"),
            f"the site has no machine {site.nfs.server}, which nfs.server names",
            f"use one of the machines {machines}",
        )


def _unknown_application(name: str, profile: Profile, names: list[str]) -> Finding:
    path: KeyPath = ("applications", name)
    if name in _DEPLOYED_BY:
        return _error(
            "BL011",
            path,
            f"the site does not deploy {name}, so its settings have no effect",
            f"add {_DEPLOYED_BY[name]}, or remove these lines",
        )
    return _error(
        "BL011",
        path,
        f"the profile {profile.name} has no application {name}",
        f"use one of {', '.join(names)}",
    )


def _error(rule_id: str, path: KeyPath, message: str, fix: str) -> Finding:
    return Finding(rule_id, Severity.ERROR, "lab", path, message, fix)


@functools.cache
def _environment() -> Any:
    import jinja2  # Only a site needs it, and it takes 40 ms to import.

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_directory()),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - this is YAML, not HTML; `q` quotes
    )
    environment.filters["q"] = lambda scalar: yaml_flow(str(scalar))
    environment.filters["yaml"] = yaml_flow
    return environment
