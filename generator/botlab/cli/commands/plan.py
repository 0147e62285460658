"""``botlab plan``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ... import plan
from ...findings import Finding, Severity
from ...job import Job, read_text
from ...plan.existing import read_model
from ..style import count, print_findings
from ._shared import job_of


def run(args: argparse.Namespace) -> int:
    """Print what Juju would do; nothing when Juju, or a site's own error, would stop it."""
    job = job_of(args)
    stops = job.stops()
    if stops or job.bundle is None:
        return _refuse(args, stops)
    try:
        model = _model(args, job)
        changes = plan.changes(job.bundle, job.juju, charms=job.charms, model=model)
    except plan.PlanError as error:
        stop = Finding("J080", Severity.ERROR, "juju", ("applications",), str(error), "")
        return _refuse(args, [stop])
    if args.format == "json":
        print(json.dumps(plan.as_json(changes), indent=2, default=str))
        return 0
    for line in plan.located(job.bundle, job.juju):
        print(line, file=sys.stdout if args.executed else sys.stderr)
    lines = (
        plan.executed(changes, job.bundle, job.charms) if args.executed else plan.dry_run(changes)
    )
    print("\n".join(lines))
    if job.findings:
        print(f"{args.file}: {count(job.findings)}; see botlab validate", file=sys.stderr)
    return 0


def _model(args: argparse.Namespace, job: Job) -> plan.Model | None:
    if not args.model:
        return None
    model = read_model(read_text(Path(args.model)), args.model, job.juju)
    for note in model.notes:
        print(f"{args.model}: {note}", file=sys.stderr)
    return model


def _refuse(args: argparse.Namespace, stops: Sequence[Finding]) -> int:
    if args.format == "json":
        findings = [finding.as_json() for finding in stops]
        print(json.dumps({"changes": [], "findings": findings}, indent=2))
    else:
        print_findings(stops, args.file, sys.stderr)
    return 1
