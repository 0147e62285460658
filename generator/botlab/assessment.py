"""The work that the commands share: read a site or bundle, render a site, and check it."""

from __future__ import annotations

import dataclasses
import os.path
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .bundle.charm_url import charm_name
from .bundle.model import Bundle
from .bundle.parse import BundleSource, ParsedBundle, parse_bundle
from .catalogue.model import Charm
from .catalogue.profiles import OWN_CHARMS, load_profile, profile_names
from .catalogue.reader import load_charms
from .errors import BotlabError
from .findings import Finding, KeyPath, Severity, suggest
from .juju import Juju
from .render import Rendered, render
from .render.origin import SECTIONS
from .render.template_values import Directories
from .rules.juju import juju_findings
from .rules.lab import find_rule, lab_findings
from .rules.subject import Subject
from .site.load import Layer, LoadedSite, load_site
from .site.model import Site
from .text_files import read_text
from .yaml_nodes import MappingNode, ScalarNode, compose

# Juju's rule that a local charm exists. In a site a missing charm is a warning (BL015), because
# the charms are packed after the site is written.
MISSING_CHARM = "J031"
# The rule that the bundle has each application of the site's section `applications`.
UNKNOWN_APPLICATION = "BL011"
# The release whose rules apply when the site does not name a valid one.
_DEFAULT_JUJU = "2.9"
_TOP_LEVEL_KEY = re.compile(r"^([\w-]+)[ \t]*:", re.MULTILINE)
_SITE_KEYS = {"site", "juju", "kubernetes", "networks", "metallb", "nfs", "kubeflow", "gpu"}
_BUNDLE_KEYS = {"relations", "series", "services", "bundle", "default-base", "saas", "tags"}


@dataclass(frozen=True, slots=True)
class Request:
    """The files to assess.

    Attributes:
        file: The site or bundle.
        juju: The Juju release that the user names; empty for the site's own.
        layers: Site files that are merged into the site.
        overlays: Bundle overlays.
        charms: The directory that describes the charms of a bundle.
        output: The file that the bundle will be written to. Its relative paths start there.
    """

    file: Path
    juju: str = ""
    layers: Sequence[Path] = ()
    overlays: Sequence[Path] = ()
    charms: Path | None = None
    output: Path | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """A site or bundle with the findings about it.

    Attributes:
        juju: The Juju release whose rules apply.
        is_site: Whether the file is a site.
        findings: All findings, in the order of the file.
        bundle: The bundle; None when the site could not be rendered.
        text: The text of the rendered bundle; empty for a bundle.
        charms: The facts of the charms, by application name.
    """

    juju: Juju
    is_site: bool
    findings: tuple[Finding, ...]
    bundle: Bundle | None = None
    text: str = ""
    charms: Mapping[str, Charm] = dataclasses.field(default_factory=dict[str, Charm])

    def blocking_findings(self) -> list[Finding]:
        """Return the findings that prevent a plan: refusals by Juju, and all errors of a site."""
        return [
            finding
            for finding in self.findings
            if finding.severity is Severity.ERROR and (self.is_site or finding.source == "juju")
        ]


def assess(request: Request) -> Assessment:
    """Read the files, render the bundle of a site, and check it.

    Raises:
        BotlabError: When a file cannot be read, or no Juju release is named.
    """
    text = read_text(request.file)
    if is_site(text, str(request.file)):
        return _assess_site(request, text)
    return _assess_bundle(request, text)


def is_site(text: str, name: str) -> bool:
    """Return whether a text is a site file rather than a bundle, judged by its top-level keys."""
    keys = set(_TOP_LEVEL_KEY.findall(text))
    if not keys & (_SITE_KEYS | _BUNDLE_KEYS | {"applications"}):
        keys = _composed_keys(text, name)
    return len(keys & _SITE_KEYS) > len(keys & _BUNDLE_KEYS)


def _composed_keys(text: str, name: str) -> set[str]:
    roots = compose(text, name)
    if not roots or not isinstance(roots[0], MappingNode):
        return set()
    return {key.value for key, _ in roots[0].value if isinstance(key, ScalarNode)}


def _assess_bundle(request: Request, text: str) -> Assessment:
    if not request.juju:
        raise BotlabError(
            f"{request.file}: a bundle does not name a Juju release; add --juju 2.6, 2.9, 3.6 or"
            " 4.0"
        )
    if request.layers:
        raise BotlabError(f"{request.file}: is a bundle, but --layer needs a site")
    juju = Juju.parse(request.juju)
    source = BundleSource(text, str(request.file), str(request.file.resolve().parent))
    parsed = parse_bundle(source, juju, _overlays(request))
    charms = _charms_of(parsed.bundle, load_charms(request.charms)) if request.charms else None
    findings = [*_lab_part(parsed), *juju_findings(parsed, juju, charms)]
    if not parsed.is_refused:
        findings += lab_findings(Subject(parsed.bundle, juju, charms or {}))
    located = tuple(_locate_in_bundle(finding, parsed) for finding in findings)
    return Assessment(juju, False, located, parsed.bundle, charms=charms or {})


def _overlays(request: Request) -> list[BundleSource]:
    return [
        BundleSource(read_text(path), str(path), str(path.resolve().parent))
        for path in request.overlays
    ]


def _charms_of(bundle: Bundle, described: Mapping[str, Charm]) -> dict[str, Charm]:
    """Return the charm of each application, found by the charm's or the application's name."""
    charms = {
        name: described.get(charm_name(application.charm)) or described.get(name)
        for name, application in bundle.applications.items()
        if application is not None
    }
    return {name: charm for name, charm in charms.items() if charm is not None}


def _lab_part(parsed: ParsedBundle) -> list[Finding]:
    """Return the parser's findings that are not Juju's own."""
    return [finding for finding in parsed.findings if finding.source == "lab"]


def _locate_in_bundle(finding: Finding, parsed: ParsedBundle) -> Finding:
    if finding.line or not finding.path:
        return finding
    file, line = parsed.locate(finding.path)
    return dataclasses.replace(finding, line=line, file=file)


def _assess_site(request: Request, text: str) -> Assessment:
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
        self._parsed = parse_bundle(source, juju, _overlays(request))

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
            self._rendered.charms,
        )

    def _bundle_findings(self) -> Iterator[Finding]:
        yield from self._rendered.findings
        charms, bundle = self._rendered.charms, self._parsed.bundle
        refusals = juju_findings(self._parsed, self._juju, charms, complete=False)
        for finding in (*_lab_part(self._parsed), *refusals):
            yield self._move_to_site(finding)
        yield from lab_findings(Subject(bundle, self._juju, charms, self._site, self._origin))

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
    path = os.path.normpath(os.path.join(bundle.directory, charm))  # noqa: PTH118 - joined as Go's filepath.Join does
    directory, file = os.path.split(path)
    if name in OWN_CHARMS and file.startswith(f"{name}_"):
        return (
            "pack the charm there with this command in botlab's directory:"
            f" make charms CHARMS={shlex.quote(directory)}"
        )
    return "put the charm there before `juju deploy` (juju download NAME)"
