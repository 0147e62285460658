"""The command ``botlab init``."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from ...errors import BotlabError
from ...inventory.maas import read_machines
from ...inventory.proposal import propose
from ...inventory.starter_values import starter_values
from ...juju import Juju
from ...shell import command_line
from ...site.starter import StarterValues, starter_text
from ...text_files import read_text
from ..files import write_new
from ..output import print_document, print_line

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def run(args: argparse.Namespace) -> int:
    """Write a site file to start from."""
    if not _NAME.fullmatch(args.name):
        raise BotlabError(
            f"{args.name!r} is not a valid site name; use lower-case letters, digits and hyphens"
        )
    juju = Juju.parse(args.juju or "2.9")
    values = _values_from_maas(args.maas) if args.maas else StarterValues()
    text = starter_text(args.name, juju.value, values)
    if args.output == "-":
        print_document(text)
        return 0
    path = Path(args.output or f"{args.name}.yaml")
    write_new(path, text)
    command = command_line("botlab", "validate", str(path))
    print_line(f"{path}: written; edit it, then run: {command}")
    return 0


def _values_from_maas(file: str) -> StarterValues:
    """Return the starter's values for the machines in a file of MAAS's output."""
    proposal = propose(read_machines(read_text(Path(file)), file))
    if not proposal.machines:
        raise BotlabError(f"{file}: no machine can be used: {'; '.join(proposal.notes)}")
    for note in proposal.notes:
        print_line(f"{file}: {note}", stream=sys.stderr)
    return starter_values(proposal)
