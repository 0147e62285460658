"""The command ``botlab validate``."""

from __future__ import annotations

import argparse
import sys

from ...findings import has_errors
from ..output import print_json, print_line
from ..requests import assess_arguments
from ..style import print_findings


def run(args: argparse.Namespace) -> int:
    """Print all findings about a site or a bundle, and on standard error what was not checked."""
    assessment = assess_arguments(args)
    for note in assessment.notes:
        print_line(f"{args.file}: {note}", stream=sys.stderr)
    failed = has_errors(assessment.findings)
    if args.format == "json":
        findings = [finding.as_json() for finding in assessment.findings]
        print_json({"ok": not failed, "findings": findings})
    else:
        print_findings(assessment.findings, args.file)
    return 1 if failed else 0
