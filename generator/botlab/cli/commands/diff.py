"""The command ``botlab diff``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ...assessment import Assessment, Request, assess, is_site
from ...errors import BotlabError
from ...plan.difference import difference
from ...shell import command_line, file_operand
from ...text_files import read_text
from ..output import print_json, print_line
from ..requests import blocking_without_charms, given_options, requested_profiles
from ..style import print_findings


def run(args: argparse.Namespace) -> int:
    """Print the differences of two bundles, or of a site and the running model.

    The commands that they make necessary are printed too.
    """
    _check(args)
    if args.live:
        # Imported here, because the comparison of two files needs no controller.
        from ..live_diff import run_live_diff

        return run_live_diff(args)
    juju = args.juju or _juju_of_sites(args)
    assessments = {name: _assess(args, name, juju) for name in (args.new, args.old)}
    new, old = assessments[args.new], assessments[args.old]
    blocking = {
        name: blocking_without_charms(assessment) for name, assessment in assessments.items()
    }
    if old.bundle is None or new.bundle is None or any(blocking.values()):
        for name, findings in blocking.items():
            print_findings(findings, name, sys.stderr, full=_full_findings(args, name, juju))
        return 1
    comparison = difference(old.bundle, new.bundle, new.juju, new.charms)
    if args.format == "json":
        print_json(comparison.as_json())
    else:
        for line in comparison.lines():
            print_line(line)
    return 0


def _check(args: argparse.Namespace) -> None:
    """Check that the arguments fit one of the two comparisons.

    Raises:
        BotlabError: When they do not.
    """
    if args.live and args.new:
        raise BotlabError(f"{args.new}: --live compares one site with the model; name one file")
    if not args.live and not args.new:
        raise BotlabError("NEW is missing; name the site or bundle to deploy, or add --live")
    if not args.live and (args.layer or args.overlay):
        raise BotlabError("--layer and --overlay need --live; render the sites to compare them")


def _assess(args: argparse.Namespace, name: str, juju: str) -> Assessment:
    charms = Path(args.charms) if args.charms else None
    return assess(Request(Path(name), juju, charms=charms, profiles=requested_profiles(args)))


def _full_findings(args: argparse.Namespace, name: str, juju: str) -> str:
    """Return the command that prints the findings of one of the files one by one."""
    options = ["--juju", juju, *given_options(args, "charms", "profiles"), "--format", "json"]
    return command_line("botlab", "validate", file_operand(name), *options)


def _juju_of_sites(args: argparse.Namespace) -> str:
    """Return the Juju release that the new file or, if it is no site, the old file names."""
    for name in (args.new, args.old):
        if is_site(read_text(Path(name)), name):
            return _assess(args, name, "").juju.value
    raise BotlabError("bundles do not name a Juju release; add --juju 2.6, 2.9, 3.6 or 4.0")
