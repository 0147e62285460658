"""The plan of a deployment from the assessment of a site or bundle, or why there is none."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from . import plan
from .assessment import Assessment, Request, assess
from .bundle.constraints import constraint_error
from .bundle.model import Bundle
from .errors import BotlabError
from .findings import Finding, Severity
from .juju import Juju
from .plan.machine_map import MachineMap
from .plan.model_file import ModelFile, read_model
from .plan.refusals import is_of_planner
from .plan.trust import precedes_trust, trust_refusal
from .text_files import read_text


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """How a bundle is deployed.

    Attributes:
        model: The files that describe the existing model; empty for a new one.
        model_constraints: The constraints of the model, such as ``arch=amd64``.
        machine_map: The machines of the model to use.
        trust: Whether ``juju deploy`` gets the option ``--trust``.
    """

    model: Sequence[Path] = ()
    model_constraints: str = ""
    machine_map: MachineMap = field(default_factory=MachineMap)
    trust: bool = False


class DeploymentPlan(NamedTuple):
    """A plan, or what prevents it.

    Attributes:
        changes: The changes; None if something prevents them.
        model: The existing model.
        refusals: What prevents the plan.
    """

    changes: plan.ChangeSet | None
    model: plan.Model
    refusals: tuple[Finding, ...] = ()


def plan_deployment(
    assessment: Assessment, request: Request, options: PlanOptions
) -> DeploymentPlan:
    """Return the changes that Juju would make.

    There are none when Juju would refuse the bundle, or when a site has errors.

    Args:
        assessment: The assessment of the site or the bundle.
        request: The files that were assessed.
        options: How the bundle is deployed.

    Raises:
        BotlabError: When the files of the model cannot be read, or the constraints are not valid.
    """
    bundle = assessment.bundle
    refusals = _refusals(assessment, request, options)
    early = [f for f in refusals if assessment.is_site or not is_of_planner(f)]
    if early or bundle is None:
        return _refused(early or refusals)
    model = _existing_model(assessment, options.model)
    model.map_machines(options.machine_map)
    try:
        changes = _changes(assessment, bundle, model, options.model_constraints)
    except plan.PlanError as error:
        refusal = Finding("J080", Severity.ERROR, "juju", ("applications",), str(error), "")
        return _refused([refusal])
    return _refused(refusals) if refusals else DeploymentPlan(changes, model)


def _existing_model(assessment: Assessment, paths: Sequence[Path]) -> plan.Model:
    files = [ModelFile(read_text(path), str(path)) for path in paths]
    return read_model(files, assessment.juju, assessment.charms) if files else plan.Model()


def _refused(refusals: Sequence[Finding]) -> DeploymentPlan:
    return DeploymentPlan(None, plan.Model(), tuple(refusals))


def _refusals(assessment: Assessment, request: Request, options: PlanOptions) -> list[Finding]:
    """Return what prevents the plan: faults of the bundle, or the missing consent to trust."""
    refusals = assessment.blocking_findings()
    if options.trust or assessment.bundle is None:
        return refusals
    is_later = assessment.is_site and bool(refusals)
    if is_later or precedes_trust(refusals, assessment.juju):
        return refusals
    untrusted = trust_refusal(_trusting_bundle(assessment, request) or assessment.bundle)
    return [untrusted] if untrusted else refusals


def _trusting_bundle(assessment: Assessment, request: Request) -> Bundle | None:
    """Return the bundle whose applications need ``--trust``: for 2.6, the one without overlays."""
    if not request.overlays or assessment.juju >= Juju.V2_9:
        return assessment.bundle
    return assess(dataclasses.replace(request, overlays=())).bundle


def _changes(
    assessment: Assessment, bundle: Bundle, model: plan.Model, constraints: str
) -> plan.ChangeSet:
    problem = constraint_error(constraints, assessment.juju)
    if problem:
        raise BotlabError(f"--model-constraints: {problem}")
    return plan.changes(
        bundle,
        assessment.juju,
        charms=assessment.charms,
        model=model,
        model_constraints=constraints,
    )
