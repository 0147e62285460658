"""What the commands share: read FILE, render it when it is a site, and judge it."""

from __future__ import annotations

import dataclasses
import functools
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .bundle.charmurl import charm_name
from .bundle.model import Bundle
from .bundle.parse import Parsed, Source, parse_bundle
from .catalogue.model import Charm
from .catalogue.reader import load_charms
from .errors import BotlabError
from .findings import Finding, KeyPath, Severity, nearest
from .juju import Juju
from .rules.juju import juju_findings
from .rules.subject import Subject
from .yamlmarks import MappingNode, ScalarNode, compose, decode_text

if TYPE_CHECKING:
    from .site.load import Loaded

_KEYS = re.compile(r"^([\w-]+)[ \t]*:", re.MULTILINE)
_SITE_KEYS = {"site", "juju", "kubernetes", "networks", "metallb", "nfs", "kubeflow", "gpu"}
_BUNDLE_KEYS = {"relations", "series", "services", "bundle", "default-base", "saas", "tags"}
# A charm of a site that is not in its folder yet: Juju's rule J031 is then a step to take, not a
# fault of the site.
MISSING_PATH = "J031"
# An application that the site speaks of and the bundle does not have.
UNPLACED = "BL011"


@dataclass(frozen=True, slots=True)
class Request:
    """What a command was asked to look at.

    Attributes:
        file: The site or bundle.
        juju: Release given by hand; empty takes the site's.
        layers: Site files laid over the site.
        overlays: Bundle overlays.
        charms: Folder of charm facts.
        output: Where the bundle will stand; paths in it are told from there.
    """

    file: Path
    juju: str = ""
    layers: Sequence[Path] = ()
    overlays: Sequence[Path] = ()
    charms: Path | None = None
    output: Path | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A file as judged.

    Attributes:
        juju: The release whose rules applied.
        is_site: Whether the file is a site.
        bundle: The bundle; None when the site could not be rendered.
        text: The rendered bundle's text; empty for a bundle.
        charms: Facts by application name.
        findings: Everything found, in the order of the file.
    """

    juju: Juju
    is_site: bool
    bundle: Bundle | None
    text: str
    charms: Mapping[str, Charm]
    findings: tuple[Finding, ...]

    def stops(self) -> list[Finding]:
        """List what keeps a plan back: Juju's refusals, and any error of a site."""
        return [
            finding
            for finding in self.findings
            if finding.severity is Severity.ERROR and (self.is_site or finding.source == "juju")
        ]


def open_job(request: Request) -> Job:
    """Read, render and judge.

    Raises:
        BotlabError: When a file cannot be read, or no Juju release is named.
    """
    text = read_text(request.file)
    if is_site(text, str(request.file)):
        return _site_job(request, text)
    return _bundle_job(request, text)


def read_text(path: Path) -> str:
    """Read a file.

    Raises:
        BotlabError: When it cannot be read or is not UTF-8.
    """
    try:
        return decode_text(path.read_bytes(), str(path))
    except OSError as error:
        raise BotlabError(f"{path}: cannot be read: {error.strerror}") from None


def is_site(text: str, name: str) -> bool:
    """Tell a site from a bundle by its top-level keys."""
    keys = set(_KEYS.findall(text))
    if not keys & (_SITE_KEYS | _BUNDLE_KEYS | {"applications"}):
        keys = _composed_keys(text, name)
    return len(keys & _SITE_KEYS) > len(keys & _BUNDLE_KEYS)


def _composed_keys(text: str, name: str) -> set[str]:
    roots = compose(text, name)
    if not roots or not isinstance(roots[0], MappingNode):
        return set()
    return {key.value for key, _ in roots[0].value if isinstance(key, ScalarNode)}


def _source(path: Path) -> Source:
    return Source(read_text(path), str(path), str(path.resolve().parent))


def _bundle_job(request: Request, text: str) -> Job:
    if not request.juju:
        raise BotlabError(
            f"{request.file}: a bundle does not name its Juju; give --juju 2.6, 2.9, 3.6 or 4.0"
        )
    if request.layers:
        raise BotlabError(f"{request.file}: is a bundle; --layer goes with a site")
    juju = Juju.parse(request.juju)
    folder = str(request.file.resolve().parent)
    overlays = [_source(path) for path in request.overlays]
    parsed = parse_bundle(Source(text, str(request.file), folder), juju, overlays)
    charms = _charms_of(parsed.bundle, load_charms(request.charms)) if request.charms else None
    findings = [*_lab_only(parsed), *juju_findings(parsed, juju, charms)]
    if not parsed.refused:
        findings += _lab(Subject(parsed.bundle, juju, charms or {}))
    placed = [_with_line(finding, parsed) for finding in findings]
    return Job(juju, False, parsed.bundle, "", charms or {}, tuple(placed))


def _charms_of(bundle: Bundle, folder: Mapping[str, Charm]) -> dict[str, Charm]:
    """Find the facts of each application: by its charm's name, or by its own."""
    found = {
        name: folder.get(charm_name(application.charm)) or folder.get(name)
        for name, application in bundle.applications.items()
        if application is not None
    }
    return {name: charm for name, charm in found.items() if charm is not None}


def _lab_only(parsed: Parsed) -> list[Finding]:
    return [finding for finding in parsed.findings if finding.source == "lab"]


def _lab(subject: Subject) -> list[Finding]:
    from .rules.lab import lab_findings

    return lab_findings(subject)


def _with_line(finding: Finding, parsed: Parsed) -> Finding:
    if finding.line or not finding.path:
        return finding
    file, line = parsed.place_of(finding.path)
    return dataclasses.replace(finding, line=line, file=file)


def _site_job(request: Request, text: str) -> Job:
    from .catalogue.profiles import load_profile, profile_names
    from .render import render
    from .render.view import Folders
    from .site.load import Layer, load_site

    layers = [Layer(text, str(request.file))]
    layers += [Layer(read_text(path), str(path)) for path in request.layers]
    loaded = load_site(layers, juju=request.juju)
    findings = list(loaded.findings)
    if loaded.site is None:
        juju = Juju.parse(request.juju or "2.9")
        return Job(juju, True, None, "", {}, tuple(findings))
    site = loaded.site
    juju = Juju.parse(request.juju or site.juju)
    if site.kubernetes.profile not in profile_names():
        unknown = _unknown_profile(site.kubernetes.profile)
        findings.append(loaded.placed(unknown))
        return Job(juju, True, None, "", {}, tuple(findings))
    home = request.file.resolve().parent
    target = request.output.resolve().parent if request.output else home
    rendered = render(site, load_profile(site.kubernetes.profile), juju, Folders(home, target))
    overlays = [_source(path) for path in request.overlays]
    parsed = parse_bundle(
        Source(rendered.text, "the rendered bundle", str(target)), juju, overlays
    )
    origin = functools.partial(_decided_at, parsed, rendered.origin)
    later = list(rendered.findings)
    later += [
        _at_site(finding, origin, parsed.bundle)
        for finding in (
            *_lab_only(parsed),
            *juju_findings(parsed, juju, rendered.charms, complete=False),
        )
    ]
    later += _lab(Subject(parsed.bundle, juju, rendered.charms, site, origin))
    findings += [
        _placed(finding, parsed, loaded) for finding in later if not _follows(finding, loaded)
    ]
    return Job(juju, True, parsed.bundle, rendered.text, rendered.charms, tuple(findings))


def _decided_at(parsed: Parsed, origin: Callable[[KeyPath], KeyPath], path: KeyPath) -> KeyPath:
    """Return where a part of the bundle is decided: by an overlay itself, else by the site."""
    return path if parsed.overlay_place(path) else origin(path)


def _placed(finding: Finding, parsed: Parsed, loaded: Loaded) -> Finding:
    """Return a finding with its place: in an overlay where that decides it, else in the site."""
    if finding.line:
        return finding  # made where an overlay was read
    overlay = parsed.overlay_place(finding.path)
    if overlay is None:
        return loaded.placed(finding)
    return dataclasses.replace(finding, file=overlay[0], line=overlay[1])


def _follows(finding: Finding, loaded: Loaded) -> bool:
    """Tell whether a finding only follows from values of the site that were left out."""
    from .render.origin import SECTIONS
    from .rules.lab import find_rule

    rule = find_rule(finding.id)
    missed = rule.misses if rule else ()
    if finding.id == UNPLACED:
        section = SECTIONS.get(str(finding.path[1]))
        missed = (section,) if section else ()
    return loaded.hides(finding.path) or any(loaded.left_out(key) for key in missed)


def _unknown_profile(name: str) -> Finding:
    from .catalogue.profiles import profile_names

    names = profile_names()
    fix = nearest(name, names, f"profiles: {', '.join(names)}")
    message = f"kubernetes.profile {name!r} is not known"
    return Finding("BL014", Severity.ERROR, "lab", ("kubernetes", "profile"), message, fix)


def _at_site(finding: Finding, origin: Callable[[KeyPath], KeyPath], bundle: Bundle) -> Finding:
    """Move a finding from the bundle to the key of the site that decides it."""
    path = origin(finding.path)
    if finding.id != MISSING_PATH:
        return dataclasses.replace(finding, path=path)
    message = f"{finding.message}; the bundle names it all the same"
    fix = _missing_charm(str(finding.path[1]), bundle)
    return Finding("BL015", Severity.WARNING, "lab", path, message, fix)


def _missing_charm(name: str, bundle: Bundle) -> str:
    """Return what brings an application's charm to where the bundle looks for it."""
    import os.path

    from .catalogue.profiles import OWN_CHARMS

    application = bundle.applications[name]
    charm = application.charm if application else ""
    folder, file = os.path.split(os.path.normpath(os.path.join(bundle.folder, charm)))  # noqa: PTH118 - joined as Go's filepath.Join does
    if name in OWN_CHARMS and file.startswith(f"{name}_"):
        return f"pack it there, in botlab's folder: make charms CHARMS={shlex.quote(folder)}"
    return "put the charm there before `juju deploy` (juju download NAME)"
