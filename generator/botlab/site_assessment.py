"""The assessment of a site: render its bundle, check it, and find the keys of the site."""

from __future__ import annotations

import dataclasses
import os.path
from collections.abc import Iterator

from .assessment import Assessment, Request, overlay_sources, parser_findings
from .bundle.go_path import join_path
from .bundle.model import Bundle
from .bundle.parse import BundleSource, parse_bundle
from .bundle_charms import BundleCharms, read_local_charms
from .catalogue.model import Charm
from .catalogue.profiles import OWN_CHARMS, load_profile, profile_names
from .findings import Finding, KeyPath, Severity, suggest
from .juju import Juju
from .render import Rendered, render
from .render.origin import SECTIONS
from .render.template_values import Directories
from .rules.controller import Deployment, controller_findings
from .rules.juju import MISSING_CHARM, juju_findings
from .rules.juju.warnings import client_warnings, reported_warnings
from .rules.lab import find_rule, lab_findings
from .rules.subject import Subject
from .shell import command_line
from .site.load import Layer, LoadedSite, load_site
from .site.machines import Architecture
from .site.model import Site
from .site.proxy import model_config_command
from .text_files import read_text

# The rule that the bundle has each application of the site's section `applications`.
UNKNOWN_APPLICATION = "BL011"
# The rule that a resource's file exists. BL084 reports it in a site, whose files may be created
# later.
_MISSING_RESOURCE = "J104"
# The release whose rules apply when the site does not name a valid one.
_DEFAULT_JUJU = "2.9"


def assess_site(request: Request, text: str) -> Assessment:
    """Assess a site.

    Args:
        request: The files to assess.
        text: The text of the site file.
    """
    layers = [Layer(text, str(request.file))]
    layers += [Layer(read_text(path), str(path)) for path in request.layers]
    loaded = load_site(layers, juju=request.juju)
    site = loaded.site
    juju = Juju.parse(request.juju or (site.juju if site else _DEFAULT_JUJU))
    if site is None:
        return Assessment(juju, True, loaded.findings)
    if site.kubernetes.profile not in profile_names():
        unknown = loaded.with_location(_unknown_profile(site.kubernetes.profile))
        return Assessment(juju, True, (*loaded.findings, unknown))
    return _SiteAssessor(request, loaded, site, juju).assess()


class _SiteAssessor:
    """Renders a site and maps the findings about the bundle back to the site."""

    def __init__(self, request: Request, loaded: LoadedSite, site: Site, juju: Juju) -> None:
        home = request.file.resolve().parent
        target = request.output.resolve().parent if request.output else home
        profile = load_profile(site.kubernetes.profile)
        self._loaded = loaded
        self._site = site
        self._juju = juju
        self._rendered: Rendered = render(site, profile, juju, Directories(home, target))
        source = BundleSource(self._rendered.text, "the rendered bundle", str(target))
        self._parsed = parse_bundle(source, juju, overlay_sources(request))
        self._warnings = client_warnings(self._parsed, juju)
        self._local: BundleCharms = read_local_charms(self._parsed.bundle)
        self._charms = self._all_charms()

    def _all_charms(self) -> dict[str, Charm]:
        """Return the facts of the charms: of local files that exist, or of the profile."""
        charms = dict(self._rendered.charms)
        for name, charm in self._local.facts.items():
            # Only a profile knows what a charm needs without Internet access.
            described = charms.get(name)
            offline = described.offline_resources if described else ()
            charms[name] = dataclasses.replace(charm, offline_resources=offline)
        return charms

    def _certain_charms(self) -> dict[str, Charm]:
        """Return the facts that are certain to be those of the charms that will be deployed.

        A profile describes its own revisions. Where the site names another charm, only the file
        of a local charm tells its facts.
        """
        return {
            name: charm
            for name, charm in self._charms.items()
            if name in self._local.facts or charm.name in OWN_CHARMS or not self._override(name)
        }

    def _override(self, name: str) -> bool:
        """Return whether the site names the charm of an application."""
        application = self._site.applications.get(name)
        return application is not None and application.charm is not None

    def assess(self) -> Assessment:
        """Check the rendered bundle."""
        findings = [
            self._locate(finding)
            for finding in self._bundle_findings()
            if not self._is_consequence(finding)
        ]
        return Assessment(
            self._juju,
            True,
            (*self._loaded.findings, *findings),
            self._parsed.bundle,
            self._rendered.text,
            self._charms,
            model_config=model_config_command(self._site),
            warnings=tuple(self._warnings),
            site=self._site,
        )

    def _bundle_findings(self) -> Iterator[Finding]:
        yield from self._rendered.findings
        bundle = self._parsed.bundle
        refusals = juju_findings(self._parsed, self._juju, charms_packed=False)
        refusals += [*self._deploy_findings(), *reported_warnings(self._warnings)]
        for finding in (*parser_findings(self._parsed), *refusals):
            yield self._move_to_site(finding)
        subject = Subject(bundle, self._juju, self._charms, self._site, self._origin)
        yield from lab_findings(subject)

    def _deploy_findings(self) -> list[Finding]:
        """Return the charms that cannot be read, and what Juju refuses during the deployment."""
        deployment = Deployment(
            self._parsed.bundle, self._juju, self._certain_charms(), self._local.local_files
        )
        refusals = controller_findings(deployment)
        certain = [finding for finding in refusals if finding.id != _MISSING_RESOURCE]
        return [*self._local.findings, *certain]

    def _origin(self, path: KeyPath) -> KeyPath:
        """Return the key that decides a part of the bundle: an overlay's, or else the site's."""
        return path if self._parsed.locate_in_overlay(path) else self._rendered.origin(path)

    def _move_to_site(self, finding: Finding) -> Finding:
        """Return a finding with the key of the site that decides the bundle's key."""
        path = self._origin(finding.path)
        if finding.id != MISSING_CHARM:
            return dataclasses.replace(finding, path=path)
        message = f"{finding.message}; the bundle names it anyway"
        fix = _missing_charm_fix(str(finding.path[1]), self._parsed.bundle)
        return Finding("BL015", Severity.WARNING, "lab", path, message, fix)

    def _is_consequence(self, finding: Finding) -> bool:
        """Return whether a finding only follows from values of the site that were dropped."""
        rule = find_rule(finding.id)
        keys = rule.depends_on if rule else ()
        if finding.id == UNKNOWN_APPLICATION:
            section = SECTIONS.get(str(finding.path[1]))
            keys = (section,) if section else ()
        return self._loaded.is_consequence(finding.path) or any(
            self._loaded.is_dropped(key) for key in keys
        )

    def _locate(self, finding: Finding) -> Finding:
        """Return a finding with its file and line, in an overlay or in the site."""
        if finding.line:
            return finding  # The parser of an overlay reported it.
        overlay = self._parsed.locate_in_overlay(finding.path)
        if overlay is None:
            return self._loaded.with_location(finding)
        return dataclasses.replace(finding, file=overlay[0], line=overlay[1])


def _unknown_profile(name: str) -> Finding:
    names = profile_names()
    return Finding(
        "BL014",
        Severity.ERROR,
        "lab",
        ("kubernetes", "profile"),
        f"kubernetes.profile: there is no profile {name!r}",
        suggest(name, names, f"use one of {', '.join(names)}"),
    )


def _missing_charm_fix(name: str, bundle: Bundle) -> str:
    """Return how to put an application's charm where the bundle expects it."""
    application = bundle.applications[name]
    charm = application.charm if application else ""
    path = join_path(bundle.directory, charm)
    directory, file = os.path.split(path)
    if name in OWN_CHARMS and file.startswith(f"{name}_"):
        architecture = file.removesuffix(".charm").rpartition("_")[2]
        if architecture not in {member.value for member in Architecture}:
            return (
                f"place {name} on amd64 or arm64 machines, because this project's charms are not"
                f" packed for {architecture}"
            )
        return (
            "pack the charm there with this command in botlab's directory:"
            f" {command_line('make', 'charms', f'CHARMS={directory}')}"
        )
    return "put the charm there before `juju deploy` (juju download NAME)"
