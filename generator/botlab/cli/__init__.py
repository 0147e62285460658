"""The command ``botlab``: it parses arguments, calls the other packages, and prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from ..errors import BotlabError
from .parser import build_parser

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: The arguments without the program's name. By default they are the process's own.

    Returns:
        0 without errors, 1 if the input has errors, 2 if it cannot be read or written.
    """
    args = build_parser().parse_args(argv)
    try:
        return args.run(args)
    except BotlabError as error:
        print(f"botlab: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The program that reads the output (head, less) has ended. Python writes once more at
        # exit, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
