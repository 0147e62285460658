"""``botlab init``."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import BotlabError
from ...job import read_text
from ...juju import Juju
from ..files import write_new

if TYPE_CHECKING:
    from ...site.starter import Start

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def run(args: argparse.Namespace) -> int:
    """Write the starter site file."""
    from ...site.starter import starter

    if not _NAME.fullmatch(args.name):
        raise BotlabError(f"{args.name!r} is no site name; use small letters, digits and hyphens")
    juju = Juju.parse(args.juju or "2.9")
    start = _start(args.maas)
    text = starter(args.name, juju.value, start) if start else starter(args.name, juju.value)
    if args.output == "-":
        print(text, end="")
        return 0
    path = Path(args.output or f"{args.name}.yaml")
    write_new(path, text)
    print(f"{path}: written; read it, fill it in, then: botlab validate {path}")
    return 0


def _start(maas: str | None) -> Start | None:
    """Return what MAAS's machines make of the starter; None without them."""
    if not maas:
        return None
    from ...inventory.maas import read_machines
    from ...inventory.propose import propose
    from ...inventory.start import start_of

    proposal = propose(read_machines(read_text(Path(maas)), maas))
    if not proposal.machines:
        raise BotlabError(f"{maas}: no machine can be used: {'; '.join(proposal.notes)}")
    for note in proposal.notes:
        print(f"{maas}: {note}", file=sys.stderr)
    return start_of(proposal)
