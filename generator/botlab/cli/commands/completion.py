"""``botlab completion``."""

from __future__ import annotations

import argparse


def run(args: argparse.Namespace) -> int:
    """Print the completion script of a shell."""
    import shtab  # only this command needs it

    from ..parser import build_parser

    print(shtab.complete(build_parser(), shell=args.shell))
    return 0
