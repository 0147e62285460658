"""Assessment of the file that a command's arguments name."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ..assessment import Assessment, Request, assess
from ..catalogue.profiles import BUILT_IN, ProfileLibrary
from ..findings import Finding
from ..rules.juju import MISSING_CHARM
from ..shell import command_line, file_operand
from .live_parser import DEFAULT_BACKEND, DEPLOYMENT_TIME

# The arguments of `botlab deploy` about its model, and about how it deploys.
FILE_OPTIONS = ("layer", "overlay", "juju", "charms", "profiles")
MODEL_OPTIONS = ("model", "controller", "backend")
DEPLOYMENT_OPTIONS = (
    "map_machines", "maas", "trust", "force", "yes", "remove", "no_wait", "timeout", "format",
)  # fmt: skip
_DEFAULTS = {"backend": DEFAULT_BACKEND, "timeout": DEPLOYMENT_TIME, "format": "text"}

if TYPE_CHECKING:
    from ..inventory.dumps import MaasInventory


def assess_arguments(
    args: argparse.Namespace,
    output: Path | None = None,
    maas: MaasInventory | None = None,
    text: str | None = None,
) -> Assessment:
    """Assess the site or bundle of a command's arguments.

    Args:
        args: The parsed arguments.
        output: The file that the bundle will be written to.
        maas: What MAAS knows; None if the site is not compared with MAAS.
        text: The text of the site or bundle, if the command has read it already.
    """
    return assess(request_of(args, output, maas), text)


def request_of(
    args: argparse.Namespace, output: Path | None = None, maas: MaasInventory | None = None
) -> Request:
    """Return the files that a command's arguments name, as :func:`assess_arguments` does."""
    return Request(
        file=Path(args.file),
        juju=args.juju or "",
        layers=[Path(path) for path in args.layer],
        overlays=[Path(path) for path in args.overlay],
        charms=Path(args.charms) if args.charms else None,
        output=output,
        maas=maas,
        profiles=requested_profiles(args),
    )


def blocking_without_charms(assessment: Assessment) -> list[Finding]:
    """Return the findings that prevent work for which the files of charms need not exist."""
    return [finding for finding in assessment.blocking_findings() if finding.id != MISSING_CHARM]


def requested_profiles(args: argparse.Namespace) -> ProfileLibrary:
    """Return the profiles of botlab, and those of ``--profiles`` or the environment.

    Args:
        args: The parsed arguments.

    Raises:
        BotlabError: When a profile of the directory has errors.
    """
    directory = requested_directory(args)
    if not directory:
        return BUILT_IN
    # Imported here, because few runs have profiles of their own.
    from ..own_profiles.reader import read_library

    return read_library(Path(directory))


def requested_directory(args: argparse.Namespace) -> str:
    """Return the directory of ``--profiles`` or the environment; empty for none."""
    return str(args.profiles or os.environ.get("BOTLAB_PROFILES", ""))


def follow_up(args: argparse.Namespace, verb: str, *names: str) -> str:
    """Return another command of botlab for the files that a command's arguments name.

    Args:
        args: The parsed arguments.
        verb: The other command.
        *names: The arguments that the other command gets besides those about files.
    """
    options = given_options(args, *FILE_OPTIONS, *names)
    return command_line("botlab", verb, file_operand(args.file), *options)


def full_findings(args: argparse.Namespace, *names: str) -> str:
    """Return the command that prints the findings of a command's file one by one.

    Args:
        args: The parsed arguments.
        *names: As for :func:`follow_up`.
    """
    return f"{follow_up(args, 'validate', *names)} --format json"


def given_options(args: argparse.Namespace, *names: str) -> list[str]:
    """Return the options that a user gave, to repeat them in another command.

    Args:
        args: The parsed arguments.
        *names: The names of the arguments. A value that is the default is left out.
    """
    return [word for name in names for word in _option_words(name, getattr(args, name))]


def _option_words(name: str, given: object) -> Iterator[str]:
    option = f"--{name.replace('_', '-')}"
    if given in (None, False, "", _DEFAULTS.get(name)):
        return
    if given is True:
        yield option
        return
    texts = cast("list[str]", given) if isinstance(given, list) else [str(given)]
    for text in texts:
        # The parser takes a value that begins with a hyphen for an option; "-" alone is a value.
        is_like_option = text.startswith("-") and text != "-"
        yield from [f"{option}={text}"] if is_like_option else [option, text]
