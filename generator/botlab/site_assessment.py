"""The assessment of a site: render its bundle, check it, and find the keys of the site."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import os.path
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .assessment import Assessment, Request, overlay_sources, parser_findings
from .bundle.go_path import join_path
from .bundle.model import Bundle
from .bundle.parse import BundleSource, parse_bundle
from .bundle_charms import BundleCharms, read_local_charms
from .catalogue.model import Charm
from .catalogue.profiles import OWN_CHARMS, Profile
from .findings import Finding, KeyPath, Severity, lab_error, path_text
from .juju import Juju
from .render import RENDERED, Rendered, render
from .render.origin import SECTIONS, split_instance
from .render.template_values import Directories
from .rules.controller import Deployment, controller_findings
from .rules.juju import MISSING_CHARM, NO_APPLICATION, UNUSED_MACHINE, juju_findings
from .rules.juju.warnings import client_warnings, reported_warnings
from .rules.lab import find_rule, lab_findings
from .rules.lab.rule import PLACEMENT_KEYS
from .rules.subject import Subject, names_charm
from .shell import charms_command, command_line
from .site.load import Layer, LoadedSite, load_site
from .site.machines import Architecture
from .site.model import Site
from .site_model_options import model_options
from .site_overlays import own_overlays
from .site_profile import KEYS_OF_JUJU, UNFIT_JUJU, UNKNOWN_CHANNEL, SiteProfile, profile_of
from .site_revisions import pin_revisions
from .text_files import read_text

if TYPE_CHECKING:
    from .inventory.dumps import MaasInventory

# The rule that the bundle has each application of the site's section `applications`.
UNKNOWN_APPLICATION = "BL011"
# The rule that this project's charms are packed where the bundle expects them.
_UNPACKED_CHARM = "BL015"
# What a site does about findings of Juju. A bundle has neither roles nor sections.
_UNUSED_MACHINE_FIX = (
    "give the machine a role (roles: [worker]) or a unit (applications.NAME.to), or remove it"
)
_FIXES_WITHOUT_ROLES = {
    UNUSED_MACHINE: "give the machine a unit (applications.NAME.to), or remove it",
    NO_APPLICATION: "add a section that deploys something: metallb, nfs or kubeflow",
}
# The findings about placements on machines that the site does not have, and those that follow.
_WRONG_PLACEMENTS = {"BL012", "BL013"}
# The findings beside those of the rules about the lab that a site can ignore.
_IGNORABLE = (_UNPACKED_CHARM, UNKNOWN_CHANNEL)
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
    chosen = profile_of(site, juju, request.profiles)
    loaded = dataclasses.replace(loaded, dropped=loaded.dropped | chosen.dropped)
    if chosen.profile is None:
        unknown = map(loaded.with_location, chosen.findings)
        return Assessment(juju, True, (*loaded.findings, *unknown))
    own, faults = own_overlays(request.home, site.overlays)
    located = map(loaded.with_location, faults)
    loaded = dataclasses.replace(loaded, findings=(*loaded.findings, *located))
    with_own = dataclasses.replace(request, overlays=[*own, *request.overlays])
    assessment = _SiteAssessor(with_own, loaded, chosen, chosen.profile).assess()
    return dataclasses.replace(assessment, juju=juju)


class _SiteAssessor:
    """Renders a site and maps the findings about the bundle back to the site."""

    def __init__(
        self, request: Request, loaded: LoadedSite, chosen: SiteProfile, profile: Profile
    ) -> None:
        home = request.file.resolve().parent
        target = request.output.resolve().parent if request.output else home
        self._overlays = tuple(request.overlays)
        self._loaded = loaded
        self._maas = request.maas
        self._profiles = request.profiles
        self._site, self._juju = chosen.site, chosen.juju
        is_unknown = any(loaded.is_dropped(key) for key in KEYS_OF_JUJU)
        self._choice = [
            finding for finding in chosen.findings if not (is_unknown and finding.id == UNFIT_JUJU)
        ]
        if self._site.charms.revisions:
            file = request.home / self._site.charms.revisions
            profile, faults = pin_revisions(profile, file)
            self._choice += faults
        self._profile = profile
        self._rendered: Rendered = render(
            self._site, profile, self._juju, Directories(home, target)
        )
        source = BundleSource(self._rendered.text, RENDERED, str(target))
        self._parsed = parse_bundle(source, self._juju, overlay_sources(request))
        self._warnings = client_warnings(self._parsed, self._juju)
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
        of a local charm has its facts.
        """
        return {
            name: charm
            for name, charm in self._charms.items()
            if name in self._local.facts
            or charm.name in OWN_CHARMS
            or not names_charm(self._origin, name)
        }

    def assess(self) -> Assessment:
        """Check the rendered bundle."""
        located = [self._loaded.with_location(finding) for finding in self._choice]
        located += [
            self._locate(finding)
            for finding in self._written(_unknown_rules(self._site), self._bundle_findings())
            if not self._is_consequence(finding)
        ]
        findings = [finding for finding in located if finding.id not in self._site.ignore]
        return Assessment(
            self._juju,
            True,
            (*self._loaded.findings, *findings),
            self._parsed.bundle,
            self._rendered.text,
            self._charms,
            model_options=model_options(self._site, self._profile),
            warnings=tuple(self._warnings),
            notes=_maas_notes(self._maas),
            site=self._site,
            ignored=tuple(finding for finding in located if finding.id in self._site.ignore),
            includes=self._parsed.includes,
            locate=lambda finding: self._locate(self._move_to_site(finding)),
            overlays=self._overlays,
            origin=self._origin,
            profiles=self._profiles,
        )

    def _written(self, *findings: Iterator[Finding]) -> Iterator[Finding]:
        """Yield findings with the keys that the site file writes, as those of groups."""
        for finding in itertools.chain(*findings):
            path = self._loaded.written_path(finding.path)
            yield dataclasses.replace(finding, path=path)

    def _bundle_findings(self) -> Iterator[Finding]:
        yield from self._rendered.findings
        bundle = self._parsed.bundle
        refusals = juju_findings(self._parsed, self._juju, charms_packed=False)
        refusals += [*self._deploy_findings(), *reported_warnings(self._warnings)]
        for finding in (*parser_findings(self._parsed), *refusals):
            yield self._move_to_site(finding)
        yield from lab_findings(
            Subject(
                bundle,
                self._juju,
                self._charms,
                self._site,
                self._origin,
                self._maas,
                self._profiles,
            )
        )

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
        if finding.id in _FIXES_WITHOUT_ROLES and path != finding.path:
            return dataclasses.replace(finding, path=path, fix=self._site_fix(finding.id))
        if finding.id != MISSING_CHARM:
            return dataclasses.replace(finding, path=path)
        message = f"{finding.message}; the bundle names it anyway"
        fix = self._missing_charm_fix(str(finding.path[1]))
        return Finding(_UNPACKED_CHARM, Severity.WARNING, "lab", path, message, fix)

    def _site_fix(self, rule_id: str) -> str:
        """Return what to do in the site about a finding of Juju."""
        if rule_id == UNUSED_MACHINE and not self._site.kubernetes.is_existing:
            return _UNUSED_MACHINE_FIX
        return _FIXES_WITHOUT_ROLES[rule_id]

    def _missing_charm_fix(self, name: str) -> str:
        charm, _ = split_instance(self._site, name)
        return _packing_fix(name, charm, self._parsed.bundle)

    def _is_consequence(self, finding: Finding) -> bool:
        """Return whether a finding only follows from values that were dropped or name nothing."""
        rule = find_rule(finding.id)
        keys = rule.depends_on if rule else ()
        if finding.id == UNUSED_MACHINE:
            keys = PLACEMENT_KEYS
        if finding.id == UNKNOWN_APPLICATION:
            section = SECTIONS.get(str(finding.path[1]))
            keys = (section,) if section else ()
        if finding.id == UNUSED_MACHINE and self._has_wrong_placements:
            return True
        return self._loaded.is_consequence(finding.path) or any(
            self._loaded.is_dropped(key) for key in keys
        )

    @functools.cached_property
    def _has_wrong_placements(self) -> bool:
        return any(fault.id in _WRONG_PLACEMENTS for fault in self._rendered.findings)

    def _locate(self, finding: Finding) -> Finding:
        """Return a finding with its file and line, in an overlay or in the site."""
        overlay = self._parsed.locate_in_overlay(finding.path)
        return self._loaded.with_location(finding) if overlay is None else finding.at(overlay)


def _maas_notes(maas: MaasInventory | None) -> tuple[str, ...]:
    """Return what was not compared with MAAS."""
    if maas is None or maas.ranges is not None:
        return ()
    return (
        "the address pools are not compared with the ranges of MAAS; add the output of"
        f" `{command_line('maas', maas.profile, 'ipranges', 'read')}` with --maas FILE",
    )


def _unknown_rules(site: Site) -> Iterator[Finding]:
    """Yield the ids below `ignore` that no rule about the lab has."""
    for rule_id in site.ignore:
        if find_rule(rule_id) is None and rule_id not in _IGNORABLE:
            path = ("ignore", rule_id)
            message = f"{path_text(path)} is not a rule whose findings can be ignored"
            fix = "write the id of a finding about the lab, or correct what the finding reports"
            yield lab_error("BL004", path, message, fix)


def _packing_fix(name: str, charm: str, bundle: Bundle) -> str:
    """Return how to put an application's charm where the bundle expects it.

    Args:
        name: The name of the application.
        charm: The name of the charm.
        bundle: The bundle.
    """
    application = bundle.applications[name]
    path = join_path(bundle.directory, application.charm if application else "")
    directory, file = os.path.split(path)
    if charm in OWN_CHARMS and file.startswith(f"{charm}_"):
        architecture = file.removesuffix(".charm").rpartition("_")[2]
        if architecture not in {member.value for member in Architecture}:
            return (
                f"place {name} on amd64 or arm64 machines, because this project's charms are not"
                f" packed for {architecture}"
            )
        return f"write the charm there with this command: {charms_command(directory)}"
    return "put the charm there before `juju deploy` (juju download NAME)"
