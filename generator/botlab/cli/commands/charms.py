"""The command ``botlab charms``."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...catalogue.own_archives import ARCHITECTURES, write_archives
from ...errors import BotlabError
from ..output import print_line


def run(args: argparse.Namespace) -> int:
    """Write the archives of this project's charms, and print their paths."""
    architectures = args.arch or ARCHITECTURES
    directory = Path(args.directory)
    if directory.exists() and not directory.is_dir():
        raise BotlabError(f"{directory}: is not a directory; name one for the archives")
    for path in write_archives(directory, architectures):
        print_line(str(path))
    return 0
