"""``botlab render``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ...errors import BotlabError
from ...findings import has_errors
from ..files import write_bundle_file
from ..style import count, print_findings
from ._shared import job_of


def run(args: argparse.Namespace) -> int:
    """Write the bundle of a site; nothing is written when there is an error."""
    to_stdout = args.output == "-"
    site = Path(args.file)
    output = site.with_name("bundle.yaml") if not args.output or to_stdout else Path(args.output)
    job = job_of(args, output)
    if not job.is_site:
        raise BotlabError(f"{args.file}: is a bundle already; render takes a site file")
    if has_errors(job.findings) or job.bundle is None:
        print_findings(job.findings, args.file, sys.stderr)
        print(f"{args.file}: nothing was written", file=sys.stderr)
        return 1
    if to_stdout:
        print(job.text, end="")
        return 0
    changed = write_bundle_file(output, job.text, force=args.force)
    print(f"{output}: {'written' if changed else 'unchanged'}; {count(job.findings)}")
    return 0
