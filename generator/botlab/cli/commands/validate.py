"""``botlab validate``."""

from __future__ import annotations

import argparse
import json

from ...findings import has_errors
from ..style import print_findings
from ._shared import job_of


def run(args: argparse.Namespace) -> int:
    """Print all findings of a site or a bundle."""
    job = job_of(args)
    errors = has_errors(job.findings)
    if args.format == "json":
        findings = [finding.as_json() for finding in job.findings]
        print(json.dumps({"ok": not errors, "findings": findings}, indent=2))
    else:
        print_findings(job.findings, args.file)
    return 1 if errors else 0
