"""botlab as a Python library: read a site, check it, render its bundle, and plan the deployment.

Each function returns an object. What is wrong with a site are findings in that object, all at
once, and never an exception. An exception is raised only for input that cannot be read, and for
arguments of a wrong type. It is always a :class:`BotlabError`. No function prints, connects to
anything, or writes a file. All of them can be called from several threads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .api_arguments import AnyPath, flag_of, juju_of, path_of, paths_of, text_of, wrong_lab
from .assessment import Assessment, Request, is_bundle
from .bundle.model import Application, Bundle
from .catalogue.profiles import BUILT_IN, ProfileLibrary
from .deployment_plan import PlanOptions, plan_deployment
from .errors import BotlabError
from .findings import Finding, Severity, has_errors
from .juju import Juju
from .plan import Change, dry_run, notes_about, parse_machine_map
from .site.model import Site
from .site_assessment import assess_site
from .text_files import read_text

__all__ = [
    "Application",
    "BotlabError",
    "Bundle",
    "Change",
    "Finding",
    "Juju",
    "Lab",
    "Plan",
    "Rendering",
    "Severity",
    "Site",
    "Validation",
    "load_site",
    "plan",
    "render",
    "validate",
]


@dataclass(frozen=True)
class Lab:
    """A site that was read. :func:`load_site` makes it, and the other functions take it.

    Attributes:
        file: The site file.
        site: The site without its invalid values; None when too little of it is valid.
        juju: The Juju release whose rules apply.
    """

    file: Path
    site: Site | None
    juju: Juju
    _request: Request = field(repr=False)
    _assessment: Assessment = field(repr=False)


@dataclass(frozen=True, slots=True)
class Validation:
    """The result of :func:`validate`.

    Attributes:
        findings: Everything that is wrong with the site, errors and warnings.
        ignored: The findings that the site ignores.
        notes: What was not checked.
    """

    findings: tuple[Finding, ...]
    ignored: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no finding is an error."""
        return not has_errors(self.findings)


@dataclass(frozen=True, slots=True)
class Rendering:
    """The result of :func:`render`.

    Attributes:
        findings: Everything that is wrong with the site, errors and warnings.
        bundle: The bundle; None when the site has errors. Do not change it: the lab shares it.
        text: The text of the bundle, with the mark by which botlab knows its own files; empty when
            the site has errors.
        overlays: The overlays that belong to the bundle, for ``juju deploy --overlay``.
        model_config: The command that configures the model before the deployment; empty for none.
    """

    findings: tuple[Finding, ...]
    bundle: Bundle | None = None
    text: str = ""
    overlays: tuple[Path, ...] = ()
    model_config: str = ""

    @property
    def ok(self) -> bool:
        """Whether the site has a bundle."""
        return self.bundle is not None


@dataclass(frozen=True, slots=True)
class Plan:
    """The result of :func:`plan`.

    Attributes:
        findings: What prevents the deployment: the errors of the site, or what Juju refuses.
        changes: The changes that Juju would make, in the order in which they are created.
        lines: The lines that ``juju deploy --dry-run`` would print on standard output.
        notes: Facts that the plan depends on and that are not known.
    """

    findings: tuple[Finding, ...]
    changes: tuple[Change, ...] = ()
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing prevents the deployment."""
        return not self.findings


def load_site(
    file: AnyPath,
    *,
    layers: AnyPath | Iterable[AnyPath] = (),
    overlays: AnyPath | Iterable[AnyPath] = (),
    juju: str | Juju = "",
    profiles: AnyPath | None = None,
    bundle: AnyPath | None = None,
) -> Lab:
    """Read a site file and everything that it names.

    Args:
        file: The site file.
        layers: Site files that are merged into the site, or a single one. Later files win.
        overlays: Bundle overlays that are deployed with the bundle, besides those of the site, or
            a single one.
        juju: The Juju release whose rules apply, such as ``3.6``; empty for the site's own.
        profiles: A directory with profiles of your own.
        bundle: The file that you will write the bundle to; None for one beside the site file. The
            relative paths in the bundle start at its directory.

    Returns:
        The lab, also when the site has errors.

    Raises:
        BotlabError: When a file cannot be read, is not YAML or exceeds a limit, when the site file
            is a bundle, when there is no such Juju release, when a profile has errors, or when an
            argument has a wrong type.
    """
    path = path_of("file", file)
    request = Request(
        path,
        juju_of("juju", juju),
        paths_of("layers", layers),
        paths_of("overlays", overlays),
        output=None if bundle is None else path_of("bundle", bundle),
        profiles=_library(profiles),
    )
    text = read_text(path)
    if is_bundle(text, str(path)):
        raise BotlabError(f"{path}: is a bundle; load_site needs a site file", str(path))
    assessment = _with_file_names(assess_site(request, text), path)
    return Lab(path, assessment.site, assessment.juju, _absolute(request), assessment)


def _absolute(request: Request) -> Request:
    """Return a request with absolute paths, because a program may change its directory."""
    return dataclasses.replace(
        request,
        file=request.file.absolute(),
        layers=[path.absolute() for path in request.layers],
        overlays=[path.absolute() for path in request.overlays],
        output=request.output.absolute() if request.output else None,
    )


def _library(profiles: AnyPath | None) -> ProfileLibrary:
    if profiles is None:
        return BUILT_IN
    # Imported here, because few labs have profiles of their own.
    from .own_profiles.reader import read_library

    return read_library(path_of("profiles", profiles))


def _with_file_names(assessment: Assessment, file: Path) -> Assessment:
    """Return an assessment whose findings all name their file."""
    return dataclasses.replace(
        assessment,
        findings=_named(assessment.findings, file),
        ignored=_named(assessment.ignored, file),
    )


def _named(findings: Iterable[Finding], file: Path) -> tuple[Finding, ...]:
    return tuple(
        finding if finding.file else dataclasses.replace(finding, file=str(file))
        for finding in findings
    )


def validate(lab: Lab) -> Validation:
    """Check a site by all rules: its types, its bundle, what Juju refuses, and what labs need.

    Args:
        lab: The lab.

    Raises:
        BotlabError: When the argument is not a lab.
    """
    assessment = _assessment_of(lab)
    return Validation(assessment.findings, assessment.ignored, assessment.notes)


def render(lab: Lab) -> Rendering:
    """Return the bundle of a site.

    Args:
        lab: The lab.

    Returns:
        The bundle, or only findings when one of them is an error. The same site always has the
        same text.

    Raises:
        BotlabError: When the argument is not a lab.
    """
    assessment = _assessment_of(lab)
    if has_errors(assessment.findings) or assessment.bundle is None:
        return Rendering(assessment.findings)
    return Rendering(
        assessment.findings,
        assessment.bundle,
        assessment.text,
        assessment.overlays,
        assessment.model_config,
    )


def _assessment_of(lab: object) -> Assessment:
    if not isinstance(lab, Lab):
        raise wrong_lab(lab)
    return lab._assessment  # pyright: ignore[reportPrivateUsage] - of this module


def plan(
    lab: Lab,
    *,
    model: AnyPath | Iterable[AnyPath] = (),
    model_constraints: str = "",
    map_machines: str = "",
    trust: bool = False,
) -> Plan:
    """Return the changes that ``juju deploy`` would make, without a controller.

    Args:
        lab: The lab.
        model: Files that describe the existing model, such as the output of ``juju status --format
            json``, or a single one; none for a new model.
        model_constraints: The constraints of the model, such as ``arch=amd64``.
        map_machines: The machines of the model to use, as for ``juju deploy --map-machines``.
        trust: Whether the bundle is deployed with ``--trust``.

    Returns:
        The changes, or findings when something prevents the deployment.

    Raises:
        BotlabError: When a file of the model cannot be read, or an argument is not valid.
    """
    assessment = _assessment_of(lab)
    options = PlanOptions(
        paths_of("model", model),
        text_of("model_constraints", model_constraints, "arch=amd64"),
        parse_machine_map(text_of("map_machines", map_machines, "existing,0=3")),
        flag_of("trust", trust),
    )
    outcome = plan_deployment(assessment, lab._request, options)  # pyright: ignore[reportPrivateUsage]
    if outcome.changes is None or assessment.bundle is None:
        return Plan(_named(outcome.refusals, lab.file))
    lines = [line.text for line in dry_run(outcome.changes) if line.stream == "stdout"]
    notes = notes_about(assessment.bundle, outcome.model, outcome.changes)
    return Plan((), tuple(outcome.changes.changes), tuple(lines), tuple(notes))
