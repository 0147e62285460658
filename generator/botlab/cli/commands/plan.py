"""The command ``botlab plan``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ... import plan
from ...assessment import Assessment
from ...bundle.model import Bundle
from ...findings import Finding, Severity
from ...plan.model_file import read_model
from ...text_files import read_text
from ..requests import assess_arguments
from ..style import count_text, print_findings


def run(args: argparse.Namespace) -> int:
    """Print the changes that Juju would make.

    No changes are printed when Juju would refuse the bundle, or when a site has errors.
    """
    assessment = assess_arguments(args)
    blocking = assessment.blocking_findings()
    if blocking or assessment.bundle is None:
        return _refuse(args, blocking)
    try:
        model = _model(args, assessment)
        changes = plan.changes(
            assessment.bundle, assessment.juju, charms=assessment.charms, model=model
        )
    except plan.PlanError as error:
        refusal = Finding("J080", Severity.ERROR, "juju", ("applications",), str(error), "")
        return _refuse(args, [refusal])
    if args.format == "json":
        print(json.dumps(plan.as_json(changes), indent=2, default=str))
    else:
        _print_changes(args, assessment, assessment.bundle, changes)
    return 0


def _print_changes(
    args: argparse.Namespace, assessment: Assessment, bundle: Bundle, changes: plan.ChangeSet
) -> None:
    for line in plan.located(bundle, assessment.juju):
        print(line, file=sys.stdout if args.executed else sys.stderr)
    if args.executed:
        lines = plan.executed(changes, bundle, assessment.charms)
    else:
        lines = plan.dry_run(changes)
    print("\n".join(lines))
    if assessment.findings:
        counts = count_text(assessment.findings)
        print(f"{args.file}: {counts}; run botlab validate to see them", file=sys.stderr)


def _model(args: argparse.Namespace, assessment: Assessment) -> plan.Model | None:
    if not args.model:
        return None
    model = read_model(read_text(Path(args.model)), args.model, assessment.juju)
    for note in model.notes:
        print(f"{args.model}: {note}", file=sys.stderr)
    return model


def _refuse(args: argparse.Namespace, blocking: Sequence[Finding]) -> int:
    if args.format == "json":
        findings = [finding.as_json() for finding in blocking]
        print(json.dumps({"changes": [], "findings": findings}, indent=2))
    else:
        print_findings(blocking, args.file, sys.stderr)
    return 1
