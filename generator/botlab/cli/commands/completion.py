"""The command ``botlab completion``."""

from __future__ import annotations

import argparse

import shtab

from ..parser import build_parser


def run(args: argparse.Namespace) -> int:
    """Print the completion script for a shell."""
    print(shtab.complete(build_parser(), shell=args.shell))
    return 0
