"""The command ``botlab``: it parses arguments, calls the other packages, and prints."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import BotlabError
from .output import flush_streams, prepare_streams, print_error
from .parser import build_parser

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: The arguments without the program's name. By default they are the process's own.

    Returns:
        0 without errors, 1 if the input has errors or the lab is not healthy, 2 if something
        cannot be read or written, 3 if the time allowed is over, 141 if the reader of the output
        ended before a command for a running lab.
    """
    prepare_streams()
    status = 0
    try:
        try:
            status = _run(argv)
        finally:
            flush_streams()
    except BotlabError as error:
        print_error(str(error))
        return error.exit_status
    except BrokenPipeError:
        # The program that reads the output (head, less) has ended.
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _run(argv: Sequence[str] | None) -> int:
    args = build_parser().parse_args(argv)
    try:
        return args.run(args)
    except BrokenPipeError:
        return args.unfinished
