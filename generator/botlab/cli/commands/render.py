"""The command ``botlab render``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ...assessment import Assessment
from ...errors import BotlabError
from ...findings import has_errors
from ..files import check_output, write_bundle_file
from ..output import print_document, print_line
from ..requests import assess_arguments
from ..style import count_text, print_findings

_MODEL_CONFIG_HINT = (
    "# Run this before the deployment. Add the controller's address to juju-no-proxy, unless it is"
    " in",
    "# one of the networks:",
)


def run(args: argparse.Namespace) -> int:
    """Write the bundle of a site. Nothing is written when the site has errors."""
    to_stdout = args.output == "-"
    site = Path(args.file)
    output = site.with_name("bundle.yaml") if not args.output or to_stdout else Path(args.output)
    if not to_stdout:
        check_output(output)
    assessment = assess_arguments(args, output)
    if not assessment.is_site:
        raise BotlabError(f"{args.file}: is a bundle already; render needs a site file")
    if has_errors(assessment.findings) or assessment.bundle is None:
        print_findings(assessment.findings, args.file, sys.stderr)
        print_line(f"{args.file}: no bundle was written", stream=sys.stderr)
        return 1
    if to_stdout:
        print_document(assessment.text)
    else:
        outcome = write_bundle_file(output, assessment.text, force=args.force)
        if outcome.copy:
            print_line(f"{outcome.copy}: is the copy of the old file")
        change = "written" if outcome.changed else "unchanged"
        print_line(f"{output}: {change}; {count_text(assessment.findings)}")
    _print_model_config(assessment)
    return 0


def _print_model_config(assessment: Assessment) -> None:
    """Print the command that configures the model for the site's proxy, if there is one."""
    if assessment.model_config:
        for line in (*_MODEL_CONFIG_HINT, assessment.model_config):
            print_line(line, stream=sys.stderr)
