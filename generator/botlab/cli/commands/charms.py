"""The command ``botlab charms``."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...catalogue.own_archives import ARCHITECTURES, write_archives
from ...errors import BotlabError
from ...signals import ended_by_signals
from ..output import print_line


def run(args: argparse.Namespace) -> int:
    """Write the archives of this project's charms, and print their paths."""
    architectures = args.arch or ARCHITECTURES
    directory = Path(args.directory)
    if directory.exists() and not directory.is_dir():
        raise BotlabError(f"{directory}: is not a directory; name one for the archives")
    with ended_by_signals():
        archives = write_archives(directory, architectures)
    for path in archives:
        print_line(str(path))
    return 0
