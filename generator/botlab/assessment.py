"""The work that the commands share: read a site or bundle, render a site, and check it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .bundle.decode import is_null
from .bundle.includes import Include, Includes
from .bundle.model import Bundle
from .bundle.parse import BundleSource, ParsedBundle, parse_bundle
from .bundle_charms import charms_of_bundle
from .catalogue.local_charms import charms_in
from .catalogue.model import Charm
from .catalogue.profiles import BUILT_IN, ProfileLibrary
from .errors import BotlabError, FileError
from .findings import Finding, KeyPath, Severity
from .juju import Juju
from .model_arguments import model_config_command
from .rules.controller import Deployment, controller_findings
from .rules.juju import juju_findings
from .rules.juju.warnings import client_warnings, reported_warnings
from .rules.lab import lab_findings
from .rules.subject import Subject, same_path
from .text_files import read_text
from .yaml_nodes import MappingNode, Node, ScalarNode, compose, compose_documents

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from .inventory.dumps import MaasInventory
    from .site.model import Site

_TOP_LEVEL_KEY = re.compile(r"^([\w-]+)[ \t]*:", re.MULTILINE)
_SITE_KEYS = {"site", "juju", "kubernetes", "networks", "metallb", "nfs", "kubeflow", "gpu"}
_COMMON_KEYS = {"applications", "machines"}
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
        maas: What MAAS knows; None if the site is not compared with MAAS.
        profiles: The profiles that a site can choose, which describe the charms of a bundle, too.
    """

    file: Path
    juju: str = ""
    layers: Sequence[Path] = ()
    overlays: Sequence[Path] = ()
    charms: Path | None = None
    output: Path | None = None
    maas: MaasInventory | None = None
    profiles: ProfileLibrary = BUILT_IN

    @property
    def home(self) -> Path:
        """The directory where relative paths of the site start: that of the file of a link."""
        return self.file.resolve().parent if self.file.is_symlink() else self.file.parent


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
        model_options: The options of the model that the site needs.
        notes: What was not checked.
        warnings: What Juju's client warns about before it deploys the bundle.
        site: The site; None for a bundle, and for a site that could not be rendered.
        ignored: The findings that the site ignores.
        includes: The files that values of the bundle were read from, by the values' key paths.
        locate: Function that returns a finding about the bundle with the key that decides it, and
            with the file and line of that key.
        overlays: The overlays that are deployed with the bundle, those of the site first.
        origin: Function that maps a path of the bundle to the path of the site that decides it.
        profiles: The profiles that the site can choose.
    """

    juju: Juju
    is_site: bool
    findings: tuple[Finding, ...]
    bundle: Bundle | None = None
    text: str = ""
    charms: Mapping[str, Charm] = dataclasses.field(default_factory=dict[str, Charm])
    model_options: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    notes: tuple[str, ...] = ()
    warnings: tuple[Finding, ...] = ()
    site: Site | None = None
    ignored: tuple[Finding, ...] = ()
    includes: Includes = dataclasses.field(
        default_factory=dict[KeyPath, list[Include]], repr=False
    )
    locate: Callable[[Finding], Finding] = dataclasses.field(default=lambda finding: finding)
    overlays: tuple[Path, ...] = ()
    origin: Callable[[KeyPath], KeyPath] = same_path
    profiles: ProfileLibrary = BUILT_IN

    @property
    def model_config(self) -> str:
        """The command that configures the model before the deployment; empty for none."""
        name = self.site.site if self.site else ""
        return model_config_command(self.model_options, name, self.juju)

    def subject(self, maas: MaasInventory | None = None) -> Subject:
        """Return the bundle with all that is known about it, for an index over it.

        Args:
            maas: What MAAS knows, if anything.

        Raises:
            BotlabError: When the site could not be rendered.
        """
        if self.bundle is None:
            raise BotlabError("the site has no bundle")
        bundle, origin, profiles = self.bundle, self.origin, self.profiles
        return Subject(bundle, self.juju, self.charms, self.site, origin, maas, profiles)

    def blocking_findings(self) -> list[Finding]:
        """Return the findings that prevent a plan: all errors of a site, or refusals of a bundle.

        A crash of Juju's client prevents a plan as a refusal does. What Juju refuses only while it
        deploys a bundle does not prevent a dry run.
        """
        return [
            finding
            for finding in self.findings
            if finding.severity is Severity.ERROR and (self.is_site or finding.when == "dry-run")
        ]


def assess(request: Request, text: str | None = None) -> Assessment:
    """Read the files, render the bundle of a site, and check it.

    Args:
        request: The files.
        text: The text of the site or bundle, if the caller has read it already.

    Raises:
        BotlabError: When a file cannot be read, or no Juju release is named.
    """
    text = read_text(request.file) if text is None else text
    if is_site(text, str(request.file)):
        # Imported here, because only a site needs the models of a site, Jinja and the renderer.
        from .site_assessment import assess_site

        return assess_site(request, text)
    return _assess_bundle(request, text)


def is_site(text: str, name: str) -> bool:
    """Return whether a text is a site file rather than a bundle, judged by its top-level keys."""
    keys = set(_TOP_LEVEL_KEY.findall(text))
    if not keys & (_SITE_KEYS | _BUNDLE_KEYS | _COMMON_KEYS):
        keys = _top_level_keys(compose_documents(text, name).roots)
    return len(keys & _SITE_KEYS) > len(keys & _BUNDLE_KEYS)


def is_bundle(text: str, name: str) -> bool:
    """Return whether a text has keys of a bundle, and is not a site file."""
    if is_site(text, name):
        return False
    return bool(_top_level_keys(compose_documents(text, name).roots) & _BUNDLE_KEYS)


def _top_level_keys(roots: Sequence[Node | None]) -> set[str]:
    """Return the keys of the first document."""
    if not roots or not isinstance(roots[0], MappingNode):
        return set()
    return {key.value for key, _ in roots[0].value if isinstance(key, ScalarNode)}


def _why_no_release(text: str, name: str) -> str:
    """Return why a text does not name a Juju release.

    Raises:
        BotlabError: When the text is not YAML.
    """
    roots = compose(text, name)
    if all(root is None or is_null(root) for root in roots):
        return "is empty; write a site file to start from with `botlab init NAME`"
    if not _top_level_keys(roots) & (_SITE_KEYS | _BUNDLE_KEYS | _COMMON_KEYS):
        return (
            "has no key of a site file, such as site, and none of a bundle, such as applications;"
            " write a site file to start from with `botlab init NAME`"
        )
    return "a bundle does not name a Juju release; add --juju 2.6, 2.9, 3.6 or 4.0"


def _assess_bundle(request: Request, text: str) -> Assessment:
    if not request.juju:
        name = str(request.file)
        raise FileError(name, _why_no_release(text, name))
    if request.layers:
        raise FileError(request.file, "is a bundle, but --layer needs a site")
    if request.maas:
        raise FileError(
            request.file,
            "is a bundle, but --maas needs a site; name the site file that the"
            " bundle was rendered from",
        )
    juju = Juju.parse(request.juju)
    source = BundleSource(text, str(request.file), str(request.file.resolve().parent))
    parsed = parse_bundle(source, juju, overlay_sources(request))
    described = charms_in(request.charms) if request.charms else None
    charms = charms_of_bundle(parsed.bundle, juju, described, request.profiles)
    warnings = client_warnings(parsed, juju)
    findings = [*parser_findings(parsed), *juju_findings(parsed, juju)]
    findings += reported_warnings(warnings)
    if not parsed.is_refused:
        deployment = Deployment(parsed.bundle, juju, charms.facts, charms.local_files)
        findings += [*charms.findings, *controller_findings(deployment)]
        findings += lab_findings(Subject(parsed.bundle, juju, charms.facts))
    located = tuple(_locate_in_bundle(finding, parsed) for finding in findings)
    notes = _notes(request.charms, charms.unknown) if request.charms else ()
    return Assessment(
        juju,
        False,
        located,
        parsed.bundle,
        charms=charms.facts,
        notes=notes,
        warnings=tuple(warnings),
        includes=parsed.includes,
        locate=lambda finding: _locate_in_bundle(finding, parsed),
        overlays=tuple(request.overlays),
        profiles=request.profiles,
    )


def _notes(directory: Path, unknown: Sequence[str]) -> tuple[str, ...]:
    if not unknown:
        return ()
    return (
        f"{directory} has no charm for {', '.join(unknown)}, so the options, endpoints and storage"
        " of these applications are not checked",
    )


def overlay_sources(request: Request) -> list[BundleSource]:
    """Return the overlays of a request."""
    return [
        BundleSource(read_text(path), str(path), str(path.resolve().parent))
        for path in request.overlays
    ]


def parser_findings(parsed: ParsedBundle) -> list[Finding]:
    """Return the parser's findings that are not Juju's own."""
    return [finding for finding in parsed.findings if finding.source == "lab"]


def _locate_in_bundle(finding: Finding, parsed: ParsedBundle) -> Finding:
    return finding.at(parsed.locate(finding.path)) if finding.path else finding
