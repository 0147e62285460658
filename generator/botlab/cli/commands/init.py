"""``botlab init``."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from ...errors import BotlabError
from ...juju import Juju
from ..files import write_new

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def run(args: argparse.Namespace) -> int:
    """Write the starter site file."""
    from ...site.starter import starter

    if not _NAME.fullmatch(args.name):
        raise BotlabError(f"{args.name!r} is no site name; use small letters, digits and hyphens")
    juju = Juju.parse(args.juju or "2.9")
    text = starter(args.name, juju.value)
    if args.output == "-":
        print(text, end="")
        return 0
    path = Path(args.output or f"{args.name}.yaml")
    write_new(path, text)
    print(f"{path}: written; read it, fill it in, then: botlab validate {path}")
    return 0
