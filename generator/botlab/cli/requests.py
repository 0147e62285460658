"""Assessment of the file that a command's arguments name."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..assessment import Assessment, Request, assess
from ..catalogue.profiles import BUILT_IN, ProfileLibrary
from ..findings import Finding
from ..rules.juju import MISSING_CHARM
from ..shell import command_line, repeated

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


def follow_up(args: argparse.Namespace, verb: str) -> str:
    """Return another command of botlab for the files that a command's arguments name.

    Args:
        args: The parsed arguments.
        verb: The other command.
    """
    layers = repeated("--layer", args.layer)
    overlays = repeated("--overlay", args.overlay)
    juju = ["--juju", args.juju] if args.juju else []
    profiles = ["--profiles", args.profiles] if args.profiles else []
    return command_line("botlab", verb, args.file, *juju, *layers, *overlays, *profiles)
