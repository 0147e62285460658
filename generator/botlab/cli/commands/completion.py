"""The command ``botlab completion``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import cast

import shtab

from ...catalogue.profiles import profile_names
from ...juju import Juju
from ...rules.pages import rule_pages
from ...site.fields import section_fields
from ...site.model import Site
from ..output import print_document
from ..parser import build_parser

# The names that the help shows for arguments that are files, and for directories.
_FILES = {"BUNDLE", "FILE", "MACHINES", "NEW", "OLD", "SITE"}
_DIRECTORIES = {"DIR"}


def run(args: argparse.Namespace) -> int:
    """Print the completion script for a shell."""
    parser = build_parser()
    for action in _actions(parser):
        _describe(action)
    print_document(f"{shtab.complete(parser, shell=args.shell)}\n")
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments and options of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action.choices, dict):  # The commands, by name.
            commands = cast("dict[str, argparse.ArgumentParser]", action.choices)
            for command in commands.values():
                yield from _actions(command)


def _describe(action: argparse.Action) -> None:
    """Set what shtab offers for an argument: a file, a directory, or one of some words."""
    name = action.metavar
    if name in _FILES:
        action.complete = shtab.FILE  # pyright: ignore[reportAttributeAccessIssue] - of shtab
    elif name in _DIRECTORIES:
        action.complete = shtab.DIRECTORY  # pyright: ignore[reportAttributeAccessIssue] - of shtab
    elif name == "VERSION":
        action.choices = [release.value for release in Juju]
    elif name == "KUBERNETES":
        action.choices = profile_names()
    elif name == "TOPIC":
        action.choices = [*_topics()]


def _topics() -> Iterator[str]:
    """Yield what ``botlab explain`` explains, without the keys below the first level."""
    yield from ("rules", "profiles")
    yield from profile_names()
    yield from (page.id for page in rule_pages())
    yield from section_fields(Site)
