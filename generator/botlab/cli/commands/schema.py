"""The command ``botlab schema``."""

from __future__ import annotations

import argparse

from ...site.schema import site_schema
from ..output import print_json


def run(args: argparse.Namespace) -> int:
    """Print the JSON Schema of the site file."""
    del args
    print_json(site_schema())
    return 0
