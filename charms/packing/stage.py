#!/usr/bin/env python3
"""Lay out what `charmcraft pack` packs, in the directory `staged` of each charm.

charmcraft builds in an instance that sees only the charm's own directory. It has no network and
no recent pip on Ubuntu 18.04. Therefore the shared packages and the dependencies are put there
before. The files are those of the archives (see pack.py), without those that charmcraft writes.
"""

import os
import shutil
import sys
from typing import List, Optional

from pack import (
    ARCHITECTURES,
    PLATFORMS,
    Target,
    archive_files,
    charm_parser,
    chosen_charms,
    dependencies,
)  # fmt: skip

STAGED = "staged"
# charmcraft makes these from charmcraft.yaml.
OF_CHARMCRAFT = ("metadata.yaml", "config.yaml", "actions.yaml", "manifest.yaml")


def stage(charm: str, platform: str, venv: str) -> str:
    """Write the files of one platform of a charm and return their directory.

    Args:
        charm: The charm's directory.
        platform: The name of the platform.
        venv: The directory with the charm's dependencies.
    """
    directory = os.path.join(charm, STAGED, platform)
    shutil.rmtree(directory, ignore_errors=True)
    # The files are the same for every architecture.
    for name, file in archive_files(charm, Target(platform, ARCHITECTURES[0]), venv).items():
        if name not in OF_CHARMCRAFT:
            _write(os.path.join(directory, name), *file)
    return directory


def _write(path: str, content: bytes, is_executable: bool) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, 0o755 if is_executable else 0o644)


def main(argv: Optional[List[str]] = None) -> int:
    """Stage the named charms, or all of them, and print the directories."""
    parser = charm_parser(__doc__ or "")
    args = parser.parse_args(argv)
    for charm in chosen_charms(parser, args):
        for platform in sorted(PLATFORMS):
            print(stage(charm, platform, dependencies(charm, platform, args.cache)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
