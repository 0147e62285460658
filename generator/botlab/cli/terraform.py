"""The Terraform plan of the site or bundle that a command assessed."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from ..assessment import Assessment
from ..bundle.model import Bundle
from ..bundle.write import write_bundle
from ..findings import Finding
from ..render.marker import add_mark
from ..terraform import PlanSource, TerraformPlan, support_findings, terraform_plan

# The names of models (juju/names IsValidModelName).
_NOT_IN_MODEL_NAME = re.compile(r"[^a-z0-9-]+", re.ASCII)


def plan_of(assessment: Assessment, file: str, output: Path) -> tuple[TerraformPlan, str]:
    """Return the plan of an assessment that has no errors, and its text with the mark.

    Args:
        assessment: The assessment of a site or a bundle.
        file: The site file or the bundle.
        output: The file of the plan.

    Returns:
        The findings of the plan have their places in the file. The text is empty if one of them is
        an error.
    """
    bundle = assessment.bundle or Bundle()
    plan = terraform_plan(_source(assessment, bundle, file, output))
    located = tuple(assessment.locate(finding) for finding in plan.findings)
    plan = dataclasses.replace(plan, findings=located)
    if not plan.sections:
        return plan, ""
    origin = "site file" if assessment.site else "bundle"
    return plan, add_mark(plan.text, write_bundle(bundle), origin)


def unsupported_parts(assessment: Assessment, file: str, output: Path) -> list[Finding]:
    """Return what the provider cannot deploy of a site or bundle that has errors."""
    bundle = assessment.bundle
    if bundle is None:
        return []
    source = _source(assessment, bundle, file, output)
    return [assessment.locate(finding) for finding in support_findings(source)]


def _source(assessment: Assessment, bundle: Bundle, file: str, output: Path) -> PlanSource:
    site = assessment.site
    return PlanSource(
        bundle,
        assessment.juju,
        site.site if site else _model_name(Path(file)),
        output.resolve().parent,
        assessment.is_site,
        assessment.charms,
        {str(number): name for number, name in enumerate(site.machines)} if site else {},
        assessment.model_options,
        assessment.includes,
    )


def _model_name(file: Path) -> str:
    """Return a name of a model like that of a bundle's file, or of the directory with the file."""
    name = file.resolve().parent.name if file.stem == "bundle" else file.stem
    return _NOT_IN_MODEL_NAME.sub("-", name.lower()).strip("-") or "lab"
