"""The command ``botlab preflight``."""

from __future__ import annotations

import argparse
import sys

from ...live.preflight.check import Check, PreflightReport
from ...live.preflight.run import PreflightOptions, preflight
from ..live_requests import connected, requested_lab
from ..maas_input import read_maas
from ..output import Painted, print_json, print_line
from ..style import counted, uses_colours

_GREEN, _RED, _PLAIN = "\033[32m", "\033[31m", "\033[0m"


def run(args: argparse.Namespace) -> int:
    """Print all checks before a deployment, each fault with its fix."""
    lab = requested_lab(args)
    maas = None if args.map_machines else read_maas(args.maas)
    with connected(args) as model:
        report = preflight(model, lab, PreflightOptions(maas, args.map_machines))
    if args.format == "json":
        print_json(report.as_json())
    else:
        print_report(report)
    return 0 if report.is_ok else 1


def print_report(report: PreflightReport) -> None:
    """Print a report for people.

    Args:
        report: The report.
    """
    for check in report.checks:
        _print_check(check)
    print_line(
        "everything is ready for the deployment"
        if report.is_ok
        else f"{counted(len(report.failures), 'check')} failed; nothing was changed"
    )


def _print_check(check: Check) -> None:
    word = "skipped" if check.is_skipped else "ok" if check.is_ok else "FAILED"
    print_line(_painted(word.ljust(8), check), f"{check.name}: {check.message}")
    if check.fix:
        print_line(" " * 8, f"fix: {check.fix}")


def _painted(word: str, check: Check) -> str:
    if not uses_colours(sys.stdout) or check.is_skipped:
        return word
    return Painted(f"{_GREEN if check.is_ok else _RED}{word}{_PLAIN}")
