"""``botlab diff``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ...errors import BotlabError
from ...findings import Finding
from ...job import MISSING_PATH, Job, Request, is_site, open_job, read_text
from ...plan.difference import difference
from ..style import print_findings


def run(args: argparse.Namespace) -> int:
    """Print what differs and what is left to be done by hand."""
    juju = args.juju or _juju_of(args)
    jobs = {name: _open(args, name, juju) for name in (args.new, args.old)}
    new, old = jobs[args.new], jobs[args.old]
    stops = {name: _stops(job) for name, job in jobs.items()}
    if old.bundle is None or new.bundle is None or any(stops.values()):
        for name, findings in stops.items():
            print_findings(findings, name, sys.stderr)
        return 1
    found = difference(old.bundle, new.bundle, new.juju)
    if args.format == "json":
        print(json.dumps(found.as_json(), indent=2))
    else:
        print("\n".join(found.lines()))
    return 0


def _stops(job: Job) -> list[Finding]:
    """List what keeps two bundles from being compared; charms need not be there for that."""
    return [finding for finding in job.stops() if finding.id != MISSING_PATH]


def _open(args: argparse.Namespace, name: str, juju: str) -> Job:
    return open_job(Request(Path(name), juju, charms=Path(args.charms) if args.charms else None))


def _juju_of(args: argparse.Namespace) -> str:
    """Return the release that one of the two sites names, the new one's first."""
    for name in (args.new, args.old):
        if is_site(read_text(Path(name)), name):
            return _open(args, name, "").juju.value
    raise BotlabError("bundles do not name their Juju; give --juju 2.6, 2.9, 3.6 or 4.0")
