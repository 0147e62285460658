"""Small checkouts with the pages that a documentation site needs, and builds of the site."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    "README.md": "# Overview\n\nSee [the docs](docs/README.md).\n",
    "docs/README.md": (
        "# Lab\n\n## Documentation\n\n"
        "- [How-to guides](how-to/README.md): tasks.\n- [Commands](commands.md)\n\n"
        "## The project\n\n- [Overview](../README.md)\n"
    ),
    "docs/commands.md": "# Commands\n\nAll of them.\n",
    "docs/how-to/README.md": "# How-to guides\n\n- [Use arm64](arm64.md): alone.\n",
    "docs/how-to/arm64.md": "# How to use arm64\n\nSee [MAAS](https://maas.io/docs).\n",
}


def write_checkout(directory: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write a small checkout, with other texts for some of its pages, and return the directory."""
    for name, text in {**PAGES, **(changes or {})}.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


def run_build(
    root: Path, output: Path, hash_seed: str = "random", prefix: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Build the site of a checkout in a process of its own.

    Args:
        root: The checkout.
        output: The directory to write.
        hash_seed: The seed of Python's hashes, on which the order of sets depends.
        prefix: A program that runs the build, such as one that takes the network away.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'generator'}{os.pathsep}{ROOT / 'docs'}",
        "PYTHONHASHSEED": hash_seed,
    }
    command = [*prefix, sys.executable, "-m", "website", "--root", str(root), str(output)]
    return subprocess.run(command, env=environment, capture_output=True, text=True)
