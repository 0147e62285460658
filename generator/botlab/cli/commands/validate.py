"""The command ``botlab validate``."""

from __future__ import annotations

import argparse
import sys

from ...findings import has_errors
from ..github import workflow_commands
from ..maas_input import read_maas
from ..output import print_json, print_line
from ..requests import assess_arguments, full_findings
from ..style import print_findings


def run(args: argparse.Namespace) -> int:
    """Print all findings about a site or a bundle, and on standard error what was not checked."""
    assessment = assess_arguments(args, maas=read_maas(args.maas))
    for note in assessment.notes:
        print_line(f"{args.file}: {note}", stream=sys.stderr)
    full = full_findings(args, "maas")
    failed = has_errors(assessment.findings)
    if args.format == "json":
        findings = [finding.as_json(args.file) for finding in assessment.findings]
        ignored = [finding.as_json(args.file) for finding in assessment.ignored]
        print_json({"ok": not failed, "findings": findings, "ignored": ignored})
    elif args.format == "github":
        for command in workflow_commands(assessment.findings, args.file, full):
            print_line(command)
    else:
        ignored_count = len(assessment.ignored)
        print_findings(assessment.findings, args.file, ignored=ignored_count, full=full)
    return 1 if failed else 0
