"""Site to bundle, through the profile's templates: the only place that knows both."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from ..bundle.includes import moved
from ..bundle.model import Bundle
from ..bundle.parse import Source, parse_bundle
from ..bundle.write import write_bundle
from ..catalogue.package_data import templates_directory
from ..catalogue.model import Charm
from ..catalogue.profiles import Profile
from ..findings import Finding, KeyPath, Severity
from ..juju import Juju
from ..site.applications import Application
from ..site.model import Site
from . import own, view
from .kubeflow import api_flags, merged_flags
from .marker import mark
from .origin import site_path
from .platform import platform_for

__all__ = ["Rendered", "render"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A site's bundle.

    Attributes:
        bundle: The bundle.
        text: Its text, mark and all.
        charms: Facts by application name, as far as known.
        findings: Pieces of the site that the bundle leaves out.
        origin: Maps a path of the bundle to the path of the site that decides it.
    """

    bundle: Bundle
    text: str
    charms: dict[str, Charm]
    findings: tuple[Finding, ...]
    origin: Callable[[KeyPath], KeyPath]


def render(site: Site, profile: Profile, juju: Juju, folders: view.Folders) -> Rendered:
    """Render the bundle of a site.

    Args:
        site: The site.
        profile: Its Kubernetes.
        juju: The Juju release that shall read the bundle.
        folders: Where the site file stands and where the bundle will.
    """
    values = _values(site, profile, juju, folders)
    text = _environment().get_template(f"{profile.name}/bundle.yaml.j2").render(values)
    parsed = parse_bundle(
        Source(text, "the rendered bundle", str(folders.bundle)), juju, includes=False
    )
    bundle = parsed.bundle
    for name, override in site.applications.items():
        application = bundle.applications.get(name)
        if application is not None:
            given = {k: moved(v, folders.told) for k, v in override.options.items()}
            if "api-extra-args" in given:
                ours = application.options.get("api-extra-args")
                given["api-extra-args"] = merged_flags(given["api-extra-args"], ours)
            application.options = {**application.options, **given}
            if override.expose is not None:
                application.expose = override.expose
    owned = {app.name: app.charm for app in own.own_applications(site)}
    charms = {
        name: found
        for name in bundle.applications
        if (found := profile.charms.get(name) or owned.get(name)) is not None
    }
    body = write_bundle(bundle)
    source = json.dumps([site.model_dump(mode="json", by_alias=True), juju.value])
    findings = tuple(_unplaced(site, profile))
    return Rendered(
        bundle, mark(body, source), charms, findings, functools.partial(site_path, site)
    )


def _values(site: Site, profile: Profile, juju: Juju, folders: view.Folders) -> dict[str, Any]:
    pinned = view.pinned_charmhub(site, profile)
    platform = platform_for(profile.series, juju, pinned=pinned)
    applications: dict[str, view.AppView] = {}
    for name, application in profile.applications.items():
        charm = profile.charms.get(name)
        shown = view.application_view(site, profile, application, charm, platform, folders)
        if shown.to or not application.role:
            applications[name] = shown
    owned = {
        app.name: _own_view(site, app, profile, platform, folders)
        for app in own.own_applications(site)
    }
    return {
        "site": site,
        "series": platform.series or "",
        "default_base": platform.base,
        "applications": {**applications, **owned},
        "own": owned,
        "own_relation_list": list(own.own_relations(site, profile)),
        "machine_list": view.machine_views(site, platform),
        "no_proxy": view.no_proxy(site),
        "api_extra_args": api_flags(site, profile),
    }


def _own_view(
    site: Site,
    application: own.OwnApplication,
    profile: Profile,
    platform: Any,
    folders: view.Folders,
) -> view.AppView:
    override = site.applications.get(application.name, Application())
    return view.AppView(
        charm=view.own_archive(site, application.name, profile.series, folders),
        resources=view.resources(override, folders),
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


def _unplaced(site: Site, profile: Profile) -> list[Finding]:
    """Name the applications and placements of the site that fit nothing."""
    findings: list[Finding] = []
    known = {*profile.applications, *own.wanted(site)}
    for name, override in site.applications.items():
        if name not in known:
            findings.append(_left_out(name, profile, sorted(known)))
        for index, place in enumerate(override.to or ()):
            if place.rpartition(":")[2] not in site.machines:
                path: KeyPath = ("applications", name, "to", index)
                message = f"{place!r} places a unit on a machine that the site does not have"
                fix = f"machines here: {', '.join(list(site.machines)[:8])}; or lxd:NAME"
                findings.append(Finding("BL012", Severity.ERROR, "lab", path, message, fix))
    if site.nfs and site.nfs.server not in site.machines:
        message = f"nfs.server names {site.nfs.server}, which is no machine of the site"
        fix = f"machines here: {', '.join(list(site.machines)[:8])}"
        findings.append(Finding("BL013", Severity.ERROR, "lab", ("nfs", "server"), message, fix))
    return findings


# What deploys a charm of this suite, where the site does not ask for it.
_ASKED_BY = {
    "nvidia-runtime": "gpu: true to a machine that has one, with gpu.stack: charm",
    "nfs-server": "the section `nfs: {server: MACHINE}`",
    "metallb": "the section `metallb: {pools: {default: {addresses: [FIRST-LAST]}}}`",
    "kubeflow-installer": "the section `kubeflow: {}`",
}


def _left_out(name: str, profile: Profile, known: list[str]) -> Finding:
    """Return the finding for an application that the bundle does not have."""
    path: KeyPath = ("applications", name)
    message = f"{name} is no application of profile {profile.name}; it is left out"
    fix = f"applications here: {', '.join(known)}"
    if name in _ASKED_BY:
        message = f"the site does not ask for {name}, which is left out"
        fix = f"add {_ASKED_BY[name]}; or take these lines out"
    return Finding("BL011", Severity.ERROR, "lab", path, message, fix)


@functools.cache
def _environment() -> Any:
    import jinja2

    def quoted(value: object) -> str:
        # A JSON string is a YAML string; so no value of a site can break out of its place.
        return json.dumps(str(value), ensure_ascii=False)

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FilePath(templates_directory())),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - this is YAML, not HTML; `q` quotes
    )
    environment.filters["q"] = quoted
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "ensure_ascii": False}
    return environment
