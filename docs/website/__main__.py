"""Build the documentation site."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from .staging import Staging
from .urls import external_links

ROOT = Path(__file__).resolve().parents[2]


def build(root: Path, output: Path) -> int:
    """Build the site of a checkout, and list its links to other hosts.

    The directory `html` of the output is the site. Each warning of Sphinx, such as a link that
    leads nowhere or a page that no index page lists, is an error.

    Args:
        root: The checkout.
        output: The directory to write.

    Returns:
        0, or the exit status of Sphinx.
    """
    source, site, state = output / "source", output / "html", output / "doctrees"
    for directory in (site, state):
        shutil.rmtree(directory, ignore_errors=True)
    Staging(root, source).write()
    status = build_main(_arguments(source, site, state))
    links = external_links(site)
    (output / "external-links.txt").write_text("".join(f"{link}\n" for link in links), "utf-8")
    return status


def _arguments(source: Path, site: Path, state: Path) -> list[str]:
    settings = Path(__file__).parent
    strict = ["-W", "--keep-going", "-n"]
    jobs = ["-j", str(min(os.cpu_count() or 1, 4))]
    return [*strict, *jobs, "-q", "-c", str(settings), "-d", str(state), str(source), str(site)]


def main() -> int:
    """Build the site of a checkout into a directory."""
    parser = argparse.ArgumentParser(prog="website", description=__doc__)
    parser.add_argument("output", metavar="DIRECTORY", type=Path, help="directory to write")
    parser.add_argument(
        "--root", metavar="DIRECTORY", type=Path, default=ROOT, help="checkout to read (this one)"
    )
    args = parser.parse_args()
    output = args.output.resolve()
    status = build(args.root.resolve(), output)
    if not status:
        print(f"The site is in {output / 'html/index.html'}")
    return status


if __name__ == "__main__":
    sys.exit(main())
