"""The command ``botlab``: it parses arguments, calls the other packages, and prints."""

from __future__ import annotations

import gc
from collections.abc import Sequence

from ..errors import BotlabError
from .github import error_command
from .output import flush_streams, prepare_streams, print_error, print_json, print_line
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
    if argv is None and not hasattr(args, "backend"):
        # The process ends with this command. For a site of 10,000 machines, the collections of
        # reference cycles would take half of the time, and find nothing. A command for a running
        # lab may run for hours.
        gc.disable()
    try:
        return args.run(args)
    except BrokenPipeError:
        return args.unfinished
    except BotlabError as error:
        _print_as(getattr(args, "format", ""), error)
        raise


def _print_as(form: str, error: BotlabError) -> None:
    """Print an error on standard output in the form that a program reads there."""
    if form == "json":
        print_json({"ok": False, "error": error.as_json()})
    elif form == "github":
        print_line(error_command(error))
