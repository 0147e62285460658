"""The command ``botlab wait``."""

from __future__ import annotations

import argparse
import sys

from ...live.time_limits import Deadline, parse_duration
from ...live.wait import WaitOutcome, wait_until_ready
from ..live_requests import Connection, connected, requested_lab
from ..output import print_json, print_line
from ..progress import duration_text, progress_report


def run(args: argparse.Namespace, connection: Connection = connected) -> int:
    """Wait until a lab is ready. The JSON is :class:`~botlab.live.wait.outcome.WaitJson`.

    Args:
        args: The parsed arguments.
        connection: Connects to the model.
    """
    deadline = Deadline(parse_duration(args.timeout, "--timeout"))
    lab = requested_lab(args)
    is_json = args.format == "json"
    with connection(args) as model, progress_report(sys.stderr if is_json else None) as report:
        outcome = wait_until_ready(model, lab, deadline, report)
    if is_json:
        print_json(outcome.as_json())
    else:
        print_outcome(outcome)
    return outcome.exit_status


def print_outcome(outcome: WaitOutcome) -> None:
    """Print how a wait ended and, if it failed, what is missing and what to do."""
    readiness = outcome.progress.readiness
    if outcome.is_ready:
        units = sum(count.ready for count in readiness.applications.values())
        print_line(
            f"{outcome.lab} is ready: {readiness.machines.ready} machines,"
            f" {len(readiness.applications)} applications, {units} units"
            f" (waited {duration_text(outcome.progress.seconds)})"
        )
        return
    waited = duration_text(outcome.progress.seconds)
    print_line(f"{outcome.lab} is not ready after {waited}: {outcome.reason}")
    for part in readiness.missing:
        print_line(f"  {part}")
        if part.fix:
            print_line(f"      fix: {part.fix}")
    print_line("To continue the wait, run the same command again.")
