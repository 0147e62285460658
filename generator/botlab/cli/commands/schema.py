"""The command ``botlab schema``."""

from __future__ import annotations

import argparse
import json

from ...site.schema import site_schema


def run(args: argparse.Namespace) -> int:
    """Print the JSON Schema of the site file."""
    del args
    print(json.dumps(site_schema(), indent=2))
    return 0
