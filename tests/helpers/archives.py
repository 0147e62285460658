"""Packed charms for the architecture of this machine."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_JUJU_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}


def host_architecture() -> str:
    """Return the architecture of this machine, as Juju names it."""
    return _JUJU_NAMES.get(platform.machine(), platform.machine())


def archive_in(directory: Path | str, charm: str, bases: str) -> Path:
    """Return the path of a charm's archive that runs on this machine.

    Args:
        directory: The directory that the charms were packed into.
        charm: The charm's name, such as "metallb".
        bases: The packer's platform: "bionic-focal" or "jammy-noble".
    """
    return Path(directory) / f"{charm}_{bases}_{host_architecture()}.charm"


def pack_charms(directory: Path | str, *charms: str) -> None:
    """Pack charms, or all of them, for this machine's architecture into a directory."""
    command = [sys.executable, str(ROOT / "charms/packing/pack.py"), *charms]
    command += ["--architecture", host_architecture(), "--output", str(directory)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
