"""The command ``botlab profile check``."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...findings import has_errors
from ...own_profiles.check import check_profiles
from ...shell import command_line, file_operand
from ..output import print_json
from ..style import print_findings


def run(args: argparse.Namespace) -> int:
    """Print everything that is wrong with own profiles."""
    findings = check_profiles(Path(args.directory))
    failed = has_errors(findings)
    if args.format == "json":
        documents = [finding.as_json(args.directory) for finding in findings]
        print_json({"ok": not failed, "findings": documents})
    else:
        directory = file_operand(args.directory)
        full = command_line("botlab", "profile", "check", directory, "--format", "json")
        print_findings(findings, args.directory, full=full)
    return 1 if failed else 0
