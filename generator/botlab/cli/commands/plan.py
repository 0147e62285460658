"""The command ``botlab plan``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ... import plan
from ...assessment import Assessment
from ...bundle.constraints import constraint_error
from ...bundle.model import Bundle
from ...catalogue.model import Charm
from ...errors import BotlabError
from ...findings import Finding, Severity
from ...juju import Juju
from ...plan.model_file import ModelFile, read_model
from ...plan.refusals import is_of_planner
from ...plan.trust import precedes_trust, trust_refusal
from ...rules.juju.warnings import UNREAD_FIELDS
from ...text_files import read_text
from ..output import flush_streams, print_json, print_line, print_message
from ..requests import assess_arguments
from ..style import count_text, print_findings


def run(args: argparse.Namespace) -> int:
    """Print the changes that Juju would make.

    No changes are printed when Juju would refuse the bundle, or when a site has errors.
    """
    machine_map = plan.parse_machine_map(args.map_machines)
    assessment = assess_arguments(args)
    bundle = assessment.bundle
    refusals = _refusals(args, assessment)
    early = [f for f in refusals if assessment.is_site or not is_of_planner(f)]
    if early or bundle is None:
        return _refuse(args, early or refusals)
    charms = assessment.charms
    model = _model(args, assessment.juju, charms)
    model.map_machines(machine_map)
    try:
        changes = _changes(args, assessment.juju, bundle, charms, model)
    except plan.PlanError as error:
        refusal = Finding("J080", Severity.ERROR, "juju", ("applications",), str(error), "")
        return _refuse(args, [refusal])
    if refusals:
        return _refuse(args, refusals)
    if args.format == "json":
        print_json(plan.as_json(changes))
    else:
        _print_warnings(args, assessment)
        _print_lines(plan.located(bundle, assessment.juju, model))
        _print_lines(
            plan.executed(changes, bundle, charms) if args.executed else plan.dry_run(changes)
        )
        _print_counts(args, assessment)
    for note in plan.notes_about(bundle, model, changes):
        print_line(f"note: {note}", stream=sys.stderr)
    return 0


def _refusals(args: argparse.Namespace, assessment: Assessment) -> list[Finding]:
    """Return what prevents the plan: faults of the bundle, or the missing consent to trust."""
    refusals = assessment.blocking_findings()
    if args.trust or assessment.bundle is None:
        return refusals
    is_later = assessment.is_site and bool(refusals)
    if is_later or precedes_trust(refusals, assessment.juju):
        return refusals
    untrusted = trust_refusal(_trusting_bundle(args, assessment) or assessment.bundle)
    return [untrusted] if untrusted else refusals


def _trusting_bundle(args: argparse.Namespace, assessment: Assessment) -> Bundle | None:
    """Return the bundle whose applications need ``--trust``: for 2.6, the one without overlays."""
    if not args.overlay or assessment.juju >= Juju.V2_9:
        return assessment.bundle
    return assess_arguments(argparse.Namespace(**{**vars(args), "overlay": []})).bundle


def _changes(
    args: argparse.Namespace,
    juju: Juju,
    bundle: Bundle,
    charms: Mapping[str, Charm],
    model: plan.Model,
) -> plan.ChangeSet:
    problem = constraint_error(args.model_constraints, juju)
    if problem:
        raise BotlabError(f"--model-constraints: {problem}")
    constraints = args.model_constraints
    return plan.changes(bundle, juju, charms=charms, model=model, model_constraints=constraints)


def _model(args: argparse.Namespace, juju: Juju, charms: Mapping[str, Charm]) -> plan.Model:
    files = [ModelFile(read_text(Path(name)), name) for name in args.model]
    return read_model(files, juju, charms) if files else plan.Model()


def _print_warnings(args: argparse.Namespace, assessment: Assessment) -> None:
    """Print the warnings of Juju's client. It names unread fields only in a dry run."""
    for warning in assessment.warnings:
        if warning.id != UNREAD_FIELDS or not args.executed:
            print_message(warning.message, start="WARNING ", stream=sys.stderr)


def _print_lines(lines: Iterable[plan.Line]) -> None:
    """Print lines on their streams, in an order that is right if both are the same terminal."""
    for line in lines:
        stream = sys.stderr if line.stream == "stderr" else sys.stdout
        print_line(line.text, stream=stream)
        flush_streams()


def _print_counts(args: argparse.Namespace, assessment: Assessment) -> None:
    if assessment.findings:
        counts = count_text(assessment.findings)
        print_line(f"{args.file}: {counts}; run botlab validate to see them", stream=sys.stderr)


def _refuse(args: argparse.Namespace, blocking: Sequence[Finding]) -> int:
    if args.format == "json":
        findings = [finding.as_json() for finding in blocking]
        print_json({"changes": [], "findings": findings})
    else:
        print_findings(blocking, args.file, sys.stderr)
    return 1
