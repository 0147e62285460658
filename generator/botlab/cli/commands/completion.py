"""The command ``botlab completion``."""

from __future__ import annotations

import argparse

import shtab

from ..output import print_document
from ..parser import build_parser


def run(args: argparse.Namespace) -> int:
    """Print the completion script for a shell."""
    print_document(f"{shtab.complete(build_parser(), shell=args.shell)}\n")
    return 0
