"""The command ``botlab render``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...assessment import Assessment, is_bundle
from ...errors import BotlabError
from ...findings import Finding, has_errors
from ...text_files import read_text
from ..files import check_not_input, check_output, write_marked_file
from ..model_script import check_script, write_script
from ..next_steps import bundle_steps, plan_steps
from ..output import print_document, print_line
from ..plan_files import check_bundle_name, check_plan_file
from ..requests import assess_arguments, follow_up, full_findings
from ..style import count_text, print_findings
from ..terraform import plan_of, unsupported_parts

_TERRAFORM = "terraform"
_DEFAULT_NAMES = {"bundle": "bundle.yaml", _TERRAFORM: "main.tf"}
_PROXY_HINT = (
    "# Run this before the deployment. Add the controller's address to juju-no-proxy, unless it is"
    " in",
    "# one of the networks:",
)
_STEP_PROXY_HINT = (
    "# Add the controller's address to juju-no-proxy in the command below, unless it is in one of",
    "# the networks.",
)
_PLAN_PROXY_HINT = (
    "# The plan configures the model for the proxy. Add the controller's address to the key",
    "# proxy.no-proxy of the site, unless it is in one of the networks.",
)
_MODEL_CONFIG_HINT = ("# Run this before the deployment:",)


def run(args: argparse.Namespace) -> int:
    """Write the bundle or the plan of a site. Nothing is written when the site has errors."""
    is_plan = args.format == _TERRAFORM
    to_stdout = args.output == "-"
    default = Path(args.file).with_name(_DEFAULT_NAMES[args.format])
    output = default if not args.output or to_stdout else Path(args.output)
    if not to_stdout:
        check_output(output)
        check_not_input(output, (args.file, *args.layer, *args.overlay))
        check_file = check_plan_file if is_plan else check_bundle_name
        check_file(output)
    check_script(args, None if to_stdout else output)
    text = read_text(Path(args.file))
    if not is_plan and is_bundle(text, args.file):
        raise BotlabError(f"{args.file}: is a bundle already; render needs a site file")
    assessment = assess_arguments(args, output, text=text)
    if has_errors(assessment.findings) or assessment.bundle is None:
        unsupported = unsupported_parts(assessment, args.file, output) if is_plan else []
        return _refuse(args, [*assessment.findings, *unsupported])
    return _write_plan(args, output, assessment) if is_plan else _write(args, output, assessment)


def _refuse(args: argparse.Namespace, findings: Sequence[Finding]) -> int:
    is_plan = args.format == _TERRAFORM
    noun = "plan" if is_plan else "bundle"
    # No other command has what the provider cannot deploy.
    print_findings(findings, args.file, sys.stderr, full="" if is_plan else full_findings(args))
    print_line(f"{args.file}: no {noun} was written", stream=sys.stderr)
    return 1


def _write(args: argparse.Namespace, output: Path, assessment: Assessment) -> int:
    """Write the bundle."""
    _write_text(args, output, assessment.text, count_text(assessment.findings))
    is_file = args.output != "-"
    script = write_script(args, assessment)
    for line in _model_hint(assessment, has_steps=is_file) if not script else ():
        print_line(line, stream=sys.stderr)
    if is_file:
        _print_steps(bundle_steps(follow_up(args, "wait"), output, assessment, script))
    return 0


def _model_hint(assessment: Assessment, *, has_steps: bool) -> tuple[str, ...]:
    """Return how to configure the model, unless the next commands show all of it."""
    if has_steps:
        return _STEP_PROXY_HINT if _has_proxy(assessment) else ()
    hint = _PROXY_HINT if _has_proxy(assessment) else _MODEL_CONFIG_HINT
    return (*hint, assessment.model_config) if assessment.model_config else ()


def _write_plan(args: argparse.Namespace, output: Path, assessment: Assessment) -> int:
    """Write the plan, unless the provider cannot deploy a part of the bundle."""
    plan, text = plan_of(assessment, args.file, output)
    if has_errors(plan.findings):
        return _refuse(args, plan.findings)
    if plan.findings:
        print_findings(plan.findings, args.file, sys.stderr)
    _write_text(args, output, text, count_text(assessment.findings))
    if _has_proxy(assessment):
        for line in _PLAN_PROXY_HINT:
            print_line(line, stream=sys.stderr)
    if args.output != "-":
        _print_steps(plan_steps(follow_up(args, "wait"), output, assessment))
    return 0


def _write_text(args: argparse.Namespace, output: Path, text: str, counts: str) -> None:
    """Print a text or write it to a file."""
    if args.output == "-":
        print_document(text)
        return
    outcome = write_marked_file(output, text, force=args.force)
    if outcome.copy:
        print_line(f"{outcome.copy}: is the copy of the old file")
    change = "written" if outcome.changed else "unchanged"
    print_line(f"{output}: {change}; {counts}")


def _has_proxy(assessment: Assessment) -> bool:
    return "juju-no-proxy=" in assessment.model_config


def _print_steps(steps: Iterable[str]) -> None:
    print_line("Next:")
    for step in steps:
        print_line("  ", step)
