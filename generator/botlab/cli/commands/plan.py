"""The command ``botlab plan``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ... import plan
from ...assessment import Assessment, assess
from ...bundle.charm_url import is_local_charm
from ...bundle.model import Bundle
from ...deployment_plan import PlanOptions, plan_deployment
from ...findings import Finding
from ...rules.juju.warnings import UNREAD_FIELDS
from ..output import flush_streams, print_json, print_line, print_message
from ..requests import follow_up, full_findings, request_of
from ..style import count_text, print_findings


def run(args: argparse.Namespace) -> int:
    """Print the changes that Juju would make.

    No changes are printed when Juju would refuse the bundle, or when a site has errors.
    """
    machine_map = plan.parse_machine_map(args.map_machines)
    request = request_of(args)
    assessment = assess(request)
    files = [Path(name) for name in args.model]
    options = PlanOptions(files, args.model_constraints, machine_map, args.trust)
    outcome = plan_deployment(assessment, request, options)
    bundle, changes = assessment.bundle, outcome.changes
    if changes is None or bundle is None:
        return _refuse(args, outcome.refusals)
    if args.format == "json":
        print_json(plan.as_json(changes))
    else:
        _print_warnings(args, assessment)
        _print_lines(plan.located(bundle, assessment.juju, outcome.model))
        _print_lines(
            plan.executed(changes, bundle, assessment.charms)
            if args.executed
            else plan.dry_run(changes)
        )
        _print_counts(args, assessment)
    for note in (*plan.notes_about(bundle, outcome.model, changes), *_note_about_stores(bundle)):
        print_line(f"note: {note}", stream=sys.stderr)
    _print_next(args, assessment)
    return 0


def _note_about_stores(bundle: Bundle) -> Iterator[str]:
    """Yield what a plan cannot know about the charms of a store."""
    applications = (application for application in bundle.applications.values() if application)
    if any(not is_local_charm(application.charm) for application in applications):
        yield (
            "no store was asked, so botlab does not know whether it has the charms, channels and"
            " revisions"
        )


def _print_warnings(args: argparse.Namespace, assessment: Assessment) -> None:
    """Print the warnings of Juju's client. It names unread fields only in a dry run."""
    for warning in assessment.warnings:
        if warning.id != UNREAD_FIELDS or not args.executed:
            print_message(warning.message, start="WARNING ", stream=sys.stderr)


def _print_lines(lines: Iterable[plan.Line]) -> None:
    """Print lines on their streams, in an order that is right if both are the same terminal."""
    previous = sys.stdout
    for line in lines:
        stream = sys.stderr if line.stream == "stderr" else sys.stdout
        if stream is not previous:
            flush_streams()
        print_line(line.text, stream=stream)
        previous = stream
    flush_streams()


def _print_counts(args: argparse.Namespace, assessment: Assessment) -> None:
    if assessment.findings:
        counts, command = count_text(assessment.findings), follow_up(args, "validate")
        print_line(f"{args.file}: {counts}; run `{command}` to see them", stream=sys.stderr)


def _print_next(args: argparse.Namespace, assessment: Assessment) -> None:
    """Print how to go on, unless the plan is about a model that exists already."""
    if assessment.is_site and not args.model and args.format != "json":
        deploy = follow_up(args, "deploy", "map_machines", "trust")
        render = follow_up(args, "render")
        line = f"next: `{deploy}`, or `{render}`, which prints the commands of juju"
        print_line(line, stream=sys.stderr)


def _refuse(args: argparse.Namespace, blocking: Sequence[Finding]) -> int:
    if args.format == "json":
        findings = [finding.as_json(args.file) for finding in blocking]
        print_json({"changes": [], "findings": findings})
    else:
        print_findings(blocking, args.file, sys.stderr, full=full_findings(args))
    return 1
