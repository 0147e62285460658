"""The command ``botlab profile list``."""

from __future__ import annotations

import argparse

from ...catalogue.profiles import load_profile
from ..output import print_json, print_line
from ..requests import requested_profiles
from .explain import profile_lines


def run(args: argparse.Namespace) -> int:
    """Print the profiles that a site can name."""
    library = requested_profiles(args)
    if args.format == "text":
        for line in profile_lines(library):
            print_line(line)
        return 0
    profiles = [load_profile(name, "", library) for name in library.names()]
    print_json(
        [
            {
                "name": profile.name,
                "title": profile.title,
                "juju": list(profile.juju),
                "releases": list(profile.releases),
                "own": profile.name in library.own,
            }
            for profile in profiles
        ]
    )
    return 0
