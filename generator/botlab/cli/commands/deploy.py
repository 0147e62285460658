"""The command ``botlab deploy``."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Generator, Sequence
from pathlib import Path

from ...assessment import Assessment
from ...errors import BotlabError
from ...findings import Finding, has_errors
from ...live.deploy import Consent, Deployer, DeployRequest
from ...live.time_limits import Deadline, parse_duration
from ...plan import parse_machine_map
from ...plan.trust import trust_refusal
from ...render.marker import read_mark
from ...shell import command_line, file_operand, repeated
from ...text_files import read_text
from ..deploy_steps import lab_steps
from ..dialogue import TerminalDialogue
from ..files import check_output, write_marked_file
from ..live_requests import Connection, assessed_lab, connected
from ..output import print_json, print_line
from ..requests import (
    DEPLOYMENT_OPTIONS,
    MODEL_OPTIONS,
    assess_arguments,
    follow_up,
    full_findings,
    given_options,
)
from ..style import count_text, print_findings


def run(args: argparse.Namespace, connection: Connection = connected) -> int:
    """Deploy a site or a bundle, wait until the lab is ready, and verify it.

    Nothing is changed when the site has errors.

    Args:
        args: The parsed arguments.
        connection: Connects to the model.
    """
    deadline = Deadline(parse_duration(args.timeout, "--timeout"))
    machine_map = parse_machine_map(args.map_machines)
    output = Path(args.file).with_name("bundle.yaml")
    assessment = assess_arguments(args, output)
    findings = _blocking(args, assessment)
    if findings:
        return _refuse(args, findings)
    bundle = _write_bundle(args, assessment, output) if assessment.is_site else Path(args.file)
    request = DeployRequest(
        lab=assessed_lab(args, assessment),
        bundle=bundle.absolute(),
        overlays=[path.absolute() for path in assessment.overlays],
        map_machines=args.map_machines,
        machine_map=machine_map,
        trust=args.trust,
        force=args.force,
        waits=not args.no_wait,
        names_model=bool(args.model or args.controller),
    )
    return _deploy(args, request, deadline, connection)


def _deploy(
    args: argparse.Namespace, request: DeployRequest, deadline: Deadline, connection: Connection
) -> int:
    is_json = args.format == "json"
    stream = sys.stderr if is_json else sys.stdout
    dialogue = TerminalDialogue(stream)
    consent = Consent(dialogue, is_given=args.yes, includes_removals=args.remove)
    steps = lab_steps(args, request.lab, stream)
    # Without a connection, there is nothing to continue.
    with connection(args) as model, _continuation():
        report = Deployer(model, request, steps, consent, deadline).run()
    if is_json:
        print_json(report.as_json())
    else:
        _print_remaining(report.remaining, are_removals=args.yes)
    return report.exit_status


@contextlib.contextmanager
def _continuation() -> Generator[None]:
    """Print how to continue a deployment that ends early."""
    try:
        yield
    except KeyboardInterrupt:
        _print_continuation("interrupted")
        raise
    except BotlabError:
        _print_continuation("not finished")
        raise


def _print_continuation(state: str) -> None:
    print_line(
        f"{state}; the same command continues: it looks at the model, and does what is missing",
        stream=sys.stderr,
    )


def _print_remaining(commands: Sequence[str], *, are_removals: bool) -> None:
    """Print the commands that were not run. With ``--yes``, only removals can remain."""
    if commands:
        reason = "--yes removes nothing without --remove" if are_removals else "you declined"
        print_line(f"not run, because {reason}:")
    for command in commands:
        print_line(f"  {command}")


def _blocking(args: argparse.Namespace, assessment: Assessment) -> list[Finding]:
    """Return what prevents the deployment: errors, or the missing consent to trust."""
    findings = [*assessment.findings] if has_errors(assessment.findings) else []
    bundle = assessment.bundle
    if findings or bundle is None or args.trust:
        return findings
    untrusted = trust_refusal(bundle)
    return [untrusted] if untrusted else []


def _refuse(args: argparse.Namespace, findings: list[Finding]) -> int:
    if args.format == "json":
        print_json({"ok": False, "findings": [finding.as_json(args.file) for finding in findings]})
    else:
        print_findings(findings, args.file, sys.stderr, full=full_findings(args))
    print_line(f"{args.file}: nothing was deployed", stream=sys.stderr)
    return 1


def _write_bundle(args: argparse.Namespace, assessment: Assessment, output: Path) -> Path:
    """Write the bundle of a site, as ``botlab render`` does.

    Raises:
        BotlabError: When the file was not written by botlab, or was edited.
    """
    check_output(output)
    _refuse_edited(args, assessment, output)
    outcome = write_marked_file(output, assessment.text, force=False)
    change = "written" if outcome.changed else "unchanged"
    line = f"{output}: {change}; {count_text(assessment.findings)}"
    print_line(line, stream=sys.stderr if args.format == "json" else sys.stdout)
    return output


def _refuse_edited(args: argparse.Namespace, assessment: Assessment, output: Path) -> None:
    if not output.exists():
        return
    text = read_text(output)
    mark = read_mark(text)
    if text == assessment.text or (mark is not None and not mark.is_edited):
        return
    problem = "was not written by botlab" if mark is None else "was edited after botlab wrote it"
    render = f"{follow_up(args, 'render')} --force"
    deploy = _deploy_command(args, assessment, output)
    raise BotlabError(
        f"{output}: {problem}; replace it with `{render}` (botlab keeps a copy), or deploy this"
        f" file itself with `{deploy}`"
    )


def _deploy_command(args: argparse.Namespace, assessment: Assessment, bundle: Path) -> str:
    """Return the command that deploys the bundle of a site to the same model in the same way.

    A bundle names neither its Juju release nor the overlays of the site.
    """
    overlays = [file_operand(str(path)) for path in assessment.overlays]
    options = ["--juju", assessment.juju.value, *repeated("--overlay", overlays)]
    names = ("charms", "profiles", *MODEL_OPTIONS, *DEPLOYMENT_OPTIONS)
    options += given_options(args, *names)
    return command_line("botlab", "deploy", file_operand(str(bundle)), *options)
