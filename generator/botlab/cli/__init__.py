"""The command ``botlab``: parse arguments, call a room, print; nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from ..errors import BotlabError
from .parser import build_parser

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: Arguments without the program's name; the process's own by default.

    Returns:
        0 without errors, 1 when the input has errors, 2 when it cannot be read or written.
    """
    args = build_parser().parse_args(argv)
    try:
        return args.run(args)
    except BotlabError as error:
        print(f"botlab: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader (head, less) has left; a second write at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
