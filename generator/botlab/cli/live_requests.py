"""The lab and the model that a command's arguments name."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from pathlib import Path

from ..assessment import Assessment
from ..live.connect import Target, connect
from ..live.lab import Lab, lab_of
from ..live.live_model import LiveModel
from ..live.time_limits import Deadline, parse_duration
from .output import print_line
from .requests import assess_arguments, follow_up

# Connects to the model of a command's arguments; tests pass a model in memory.
Connection = Callable[[argparse.Namespace], AbstractContextManager[LiveModel]]


def requested_lab(args: argparse.Namespace) -> Lab:
    """Return the lab of a command's site or bundle.

    Args:
        args: The parsed arguments.

    Raises:
        BotlabError: When the file cannot be read, or has errors.
    """
    return assessed_lab(args, assess_arguments(args))


def assessed_lab(args: argparse.Namespace, assessment: Assessment) -> Lab:
    """Return the lab of a command's site or bundle, which was assessed before.

    Args:
        args: The parsed arguments.
        assessment: The assessment of the file.

    Raises:
        BotlabError: When the file has errors. The message names the command that shows all.
    """
    return lab_of(assessment, Path(args.file).stem, follow_up(args, "validate"))


@contextlib.contextmanager
def connected(args: argparse.Namespace) -> Generator[LiveModel]:
    """Connect to the model of a command's arguments, and print how.

    Args:
        args: The parsed arguments.

    Yields:
        The model. It is closed at the end.
    """
    deadline = Deadline(parse_duration(args.timeout, "--timeout"))
    target = Target(args.model, args.controller, args.backend)
    model = connect(target, deadline=deadline)
    try:
        print_line(f"using {model.description}", stream=sys.stderr)
        yield model
    finally:
        model.close()
