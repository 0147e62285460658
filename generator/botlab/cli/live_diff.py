"""The comparison of a site with a running model, for ``botlab diff --live``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..live.comparison import Comparison, compare, observe
from ..live.comparison.contents import same_contents
from ..live.comparison.model_options import model_option_differences
from ..live.comparison.report import comparison_json, comparison_lines
from ..live.lab import Lab
from ..live.live_model import LiveModel
from ..live.time_limits import Deadline, parse_duration
from .live_requests import Connection, assessed_lab, connected
from .output import print_json, print_line
from .requests import MODEL_OPTIONS, assess_arguments, follow_up


def run_live_diff(args: argparse.Namespace, connection: Connection = connected) -> int:
    """Print the differences between a site and the running model, and the commands to run.

    Args:
        args: The parsed arguments.
        connection: Connects to the model.

    Returns:
        0 if nothing differs, and 1 if something does.
    """
    deadline = Deadline(parse_duration(args.timeout, "--timeout"))
    args.file = args.old
    output = Path(args.file).with_name("bundle.yaml")
    lab = assessed_lab(args, assess_arguments(args, output))
    with connection(args) as model:
        comparison, name = _compare(model, lab, deadline)
    name = name if args.model or args.controller else ""
    _print(args, comparison, follow_up(args, "deploy", *MODEL_OPTIONS), name)
    return 1 if comparison.differences else 0


def _compare(model: LiveModel, lab: Lab, deadline: Deadline) -> tuple[Comparison, str]:
    """Return the comparison, and the name of the model with its controller."""
    observation = observe(model, lab.bundle, deadline)
    contents = same_contents(model, observation.status, lab, deadline)
    comparison = compare(lab, observation, contents=contents)
    if lab.model_options:
        juju = observation.juju
        differences = model_option_differences(lab.model_options, model.model_config(), juju)
        comparison = comparison.with_differences(differences)
    status = observation.status
    return comparison, f"{status.controller}:{status.name}"


def _print(args: argparse.Namespace, comparison: Comparison, deploy: str, name: str) -> None:
    if args.format == "json":
        print_json(comparison_json(comparison, deploy, name))
        return
    for line in comparison_lines(comparison, deploy, name):
        print_line(line)
    for note in comparison.notes:
        print_line(f"note: {note}", stream=sys.stderr)
