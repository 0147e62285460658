"""The command ``botlab kubeconfig``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import BotlabError
from ...live.kubeconfig.entries import render_kubeconfig
from ...live.kubeconfig.model import Kubeconfig
from ...live.kubeconfig.obtain import kubeconfig_file, obtain_kubeconfig
from ...live.kubeconfig.write import Destination, Written, user_kubeconfig, write_kubeconfig
from ...live.lab import Lab
from ...live.time_limits import Deadline, parse_duration
from ...shell import command_line, file_operand
from ..live_requests import Connection, connected, requested_lab
from ..output import print_document, print_json, print_line


def run(args: argparse.Namespace, connection: Connection = connected) -> int:
    """Write the kubeconfig of the lab's cluster, or print it.

    Args:
        args: The parsed arguments.
        connection: Connects to the model.
    """
    deadline = Deadline(parse_duration(args.timeout, "--timeout"))
    lab = requested_lab(args)
    destination = _destination(args, lab, os.environ)
    with connection(args) as model:
        kubeconfig, owner = obtain_kubeconfig(model, lab, deadline)
    _report_unread(kubeconfig)
    if destination is None:
        print_document(render_kubeconfig(kubeconfig, args.context or lab.name, owner))
        return 0
    written = write_kubeconfig(destination, kubeconfig, owner)
    if args.format == "json":
        print_json(_as_json(destination, written, kubeconfig))
    else:
        _print(destination, written, kubeconfig)
    return 0


def _destination(
    args: argparse.Namespace, lab: Lab, environment: Mapping[str, str]
) -> Destination | None:
    """Return where to write the kubeconfig; None to print it.

    Raises:
        BotlabError: When the arguments contradict each other, or the name cannot be one.
    """
    context = args.context or lab.name
    if not context.isprintable() or context != context.strip():
        raise BotlabError(f"--context: {context!r} cannot be the name of a context")
    if args.merge is None:
        if args.output == "-":
            return None
        file = Path(args.output) if args.output else kubeconfig_file(Path(args.file), lab)
        return Destination(file, context)
    if args.output:
        raise BotlabError("--output and --merge: name one of them; --merge FILE adds to FILE")
    file = Path(args.merge) if args.merge else user_kubeconfig(environment, Path.home())
    return Destination(file, context, is_shared=True)


def _report_unread(kubeconfig: Kubeconfig) -> None:
    if kubeconfig.unread:
        keys = ", ".join(kubeconfig.unread)
        print_line(f"note: not copied from the control plane: {keys}", stream=sys.stderr)


def _as_json(destination: Destination, written: Written, kubeconfig: Kubeconfig) -> dict[str, Any]:
    return {
        "file": str(destination.file),
        "context": destination.context,
        "server": kubeconfig.cluster.server,
        "changed": written.is_changed,
        "not-copied": list(kubeconfig.unread),
    }


def _print(destination: Destination, written: Written, kubeconfig: Kubeconfig) -> None:
    file, context = str(destination.file), destination.context
    outcome = "written" if written.is_changed else "up to date"
    print_line(f"{file}: {outcome}; context {context} for {kubeconfig.cluster.server}")
    print_line(
        f"use it: {command_line('kubectl', '--kubeconfig', file, '--context', context)} get nodes"
    )
    if written.is_readable:
        advice = command_line("chmod", "600", file_operand(file))
        print_line(f"note: other users can read {file}; run {advice}", stream=sys.stderr)
