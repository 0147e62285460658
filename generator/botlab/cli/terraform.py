"""The Terraform plan of the site or bundle that a command assessed."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from ..assessment import Assessment
from ..bundle.model import Bundle
from ..bundle.write import write_bundle
from ..errors import BotlabError
from ..findings import Finding
from ..render.marker import add_mark, read_mark
from ..terraform import PlanSource, TerraformPlan, support_findings, terraform_plan
from ..text_files import read_text

# The names of models (juju/names IsValidModelName).
_NOT_IN_MODEL_NAME = re.compile(r"[^a-z0-9-]+", re.ASCII)


def check_plan_file(output: Path) -> None:
    """Check that the programs that apply a plan will read a file, and no other plan with it.

    Raises:
        BotlabError: When its name does not end in ``.tf``, or botlab wrote another plan beside it.
    """
    if output.suffix != ".tf":
        raise BotlabError(
            f"{output}: OpenTofu and Terraform only read files whose names end in .tf; name"
            " another file with --output"
        )
    # They read all files of a directory whose names end in .tf as one plan.
    others = (path for path in sorted(output.parent.glob("*.tf")) if path.name != output.name)
    plan = next(filter(_has_mark, others), None)
    if plan is not None:
        raise BotlabError(
            f"{output}: OpenTofu and Terraform would read this plan and {plan.name}, which botlab"
            f" wrote too, as one; remove {plan.name}, or name a file in another directory with"
            " --output"
        )


def _has_mark(path: Path) -> bool:
    try:
        return read_mark(read_text(path)) is not None
    except BotlabError:  # what cannot be read is not known to be a plan
        return False


def check_bundle_name(output: Path) -> None:
    """Check that a bundle is not written to a file that OpenTofu and Terraform would read.

    Raises:
        BotlabError: When its name ends in ``.tf``.
    """
    if output.suffix == ".tf":
        raise BotlabError(
            f"{output}: would be read as a Terraform plan; add --format terraform, or name a file"
            " that ends in .yaml with --output"
        )


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
