#!/usr/bin/env python3
"""Pack charms into archives with the same bytes on every run and machine.

A charm has two platforms. The archives NAME_bionic-focal_ARCH.charm are for Juju 2.6 and later
(Python 3.6 and 3.8, ops 1.5, `series` in their metadata). The archives NAME_jammy-noble_ARCH.charm
are for Juju 2.9 and later (Ubuntu 22.04, 24.04 and 26.04, ops 3, bases in their manifest).

Each platform has one archive per architecture, because Juju 4 cannot deploy a local subordinate
whose manifest lists two architectures. Nothing in the archives is compiled, so they have the same
files and differ only in manifest.yaml. Only the standard library is needed.
"""

import argparse
import os
import signal
import sys
import zipfile
from typing import Dict, Iterable, List, NamedTuple, Optional, Tuple

from project import CHARMCRAFT, juju_files, read_project
from vendor import REQUIREMENTS, vendor

CHARMS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARED = os.path.join(CHARMS, "shared", "lib")
ARCHITECTURES = ("amd64", "arm64")
# A charm's own files and directories; everything else in its directory stays out.
FILES = ("LICENSE", "README.md", "icon.svg")
DIRECTORIES = ("src", "lib", "templates")
# Juju up to 2.7 calls hooks/NAME; ops 1.5 creates the other hooks when one of these runs first.
HOOKS = ("install", "start", "upgrade-charm")
DISPATCH = """\
#!/bin/sh
# Juju 2.8 and later run this for every event, older ones by the hook's name.
# ops, which dispatch starts, also runs hooks/NAME, and would only end at once.
[ -z "$OPERATOR_DISPATCH" ] || exit 0
cd "$(dirname "$0")" && case "$PWD" in */hooks|*/actions) cd ..;; esac
JUJU_DISPATCH_PATH="${JUJU_DISPATCH_PATH:-$0}" PYTHONPATH=lib:venv \\
  exec ./src/charm.py
"""
# An archive's files by name: their content, and whether they are executable.
Files = Dict[str, Tuple[bytes, bool]]


class Platform(NamedTuple):
    """What differs between the two platforms of a charm.

    Attributes:
        requirements: The beginning of the names of its requirement sets.
        series: The Ubuntu releases for `series` in metadata.yaml, which takes the place of
            `assumes`; empty if `assumes` stays.
        bases: The Ubuntu releases for manifest.yaml.
    """

    requirements: str
    series: str
    bases: Tuple[str, ...]


PLATFORMS: Dict[str, Platform] = {
    "bionic-focal": Platform("bionic", "bionic, focal", ("18.04", "20.04")),
    "jammy-noble": Platform("modern", "", ("22.04", "24.04", "26.04")),
}


class Target(NamedTuple):
    """What an archive is for.

    Attributes:
        platform: The name of the platform.
        architecture: The architecture of the machines, as Juju names it.
    """

    platform: str
    architecture: str

    def archive_name(self, charm: str) -> str:
        """Return the file name of a charm's archive."""
        return f"{charm}_{self.platform}_{self.architecture}.charm"


def manifest(bases: Iterable[str], architecture: str) -> str:
    """Return the text of manifest.yaml for some Ubuntu releases on one architecture."""
    lines = ["bases:"]
    for base in bases:
        lines += ["- name: ubuntu", f'  channel: "{base}"', f"  architectures: [{architecture}]"]
    return "\n".join(lines) + "\n"


def archive_files(charm: str, target: Target, venv: str) -> Files:
    """Return the files of an archive.

    Args:
        charm: The charm's directory.
        target: What the archive is for.
        venv: The directory with the charm's dependencies.
    """
    files: Files = {}
    for name in FILES:
        path = os.path.join(charm, name)
        if os.path.isfile(path):
            files[name] = (_read(path), False)
    for directory in DIRECTORIES:
        _collect(os.path.join(charm, directory), directory, files)
    for package in shared_packages(charm):
        _collect(os.path.join(SHARED, package), os.path.join("lib", package), files)
    _collect(venv, "venv", files)
    _add_platform_files(charm, target, files)
    content, is_executable = files["src/charm.py"]
    if not is_executable or not content.startswith(b"#!"):
        raise SystemExit(f"{charm}/src/charm.py must be executable and start with #!")
    return files


def _add_platform_files(charm: str, target: Target, files: Files) -> None:
    platform = PLATFORMS[target.platform]
    for name, text in juju_files(read_project(charm), series=platform.series).items():
        files[name] = (text.encode(), False)
    files["manifest.yaml"] = (manifest(platform.bases, target.architecture).encode(), False)
    files["dispatch"] = (DISPATCH.encode(), True)
    for hook in HOOKS:
        files["hooks/" + hook] = (DISPATCH.encode(), True)


def shared_packages(charm: str) -> List[str]:
    """Return the shared packages that a charm carries.

    A charm names them in its file `shared`, one per line; without that file it carries labcharm.
    """
    path = os.path.join(charm, "shared")
    if not os.path.isfile(path):
        return ["labcharm"]
    return _read(path).decode().split()


def requirements_suffix(charm: str) -> str:
    """Return the end of the names of a charm's requirement sets.

    A charm has requirement sets of its own if there are some with the first word of its name. The
    shared packages need nothing but what all charms have.
    """
    own = "-" + os.path.basename(os.path.abspath(charm)).partition("-")[0]
    return own if os.path.isfile(os.path.join(REQUIREMENTS, f"modern{own}.in")) else ""


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _collect(directory: str, prefix: str, files: Files) -> None:
    """Add the files below a directory, with a prefix before their names."""
    for parent, directories, names in os.walk(directory):
        directories[:] = filter(_is_source, directories)
        for name in filter(_is_source, names):
            path = os.path.join(parent, name)
            target = os.path.join(prefix, os.path.relpath(path, directory))
            files[target] = (_read(path), prefix == "src" and os.access(path, os.X_OK))


def _is_source(name: str) -> bool:
    """Return whether a file or directory is a part of a charm, and no trace of a program.

    Python, linters and editors leave bytecode, caches and copies beside the sources.
    """
    return not (name.startswith(".") or name == "__pycache__" or name.endswith((".pyc", "~")))


def dependencies(charm: str, platform: str, cache: str) -> str:
    """Return the directory with the dependencies of a charm on a platform.

    Args:
        charm: The charm's directory.
        platform: The name of the platform.
        cache: The directory that keeps downloaded packages.
    """
    return vendor(PLATFORMS[platform].requirements + requirements_suffix(charm), cache)


def pack(charm: str, target: Target, output: str, cache: str) -> str:
    """Pack one charm into one archive and return the archive's path.

    The entries are sorted, dated 1980-01-01 (the earliest date of the format) and not compressed,
    so that the bytes depend on nothing but the content.

    Args:
        charm: The charm's directory.
        target: What the archive is for.
        output: The directory for the archive.
        cache: The directory that keeps downloaded packages.
    """
    venv = dependencies(charm, target.platform, cache)
    path = os.path.join(output, target.archive_name(os.path.basename(os.path.abspath(charm))))
    os.makedirs(output, exist_ok=True)
    # Beside the archive and of this process alone, so that two packers do not write one file.
    part = f"{path}.{os.getpid()}.part"
    try:
        _write_archive(part, archive_files(charm, target, venv))
        os.replace(part, path)
    except BaseException:
        if os.path.exists(part):
            os.remove(part)
        raise
    return path


def _write_archive(path: str, files: Files) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, (content, is_executable) in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = (0o100755 if is_executable else 0o100644) << 16
            archive.writestr(entry, content)


def charm_names() -> List[str]:
    """Return the names of all charms of the repository."""
    return sorted(
        name for name in os.listdir(CHARMS)
        if os.path.isfile(os.path.join(CHARMS, name, CHARMCRAFT))
    )  # fmt: skip


def charm_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of charms' names and of the directory for downloaded packages."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    names = ", ".join(charm_names())
    parser.add_argument("charm", nargs="*", help=f"one or more of {names}; default: all of them")
    parser.add_argument(
        "--cache", default=os.path.join(home, "botlab", "vendor"),
        help="directory for downloaded packages",
    )  # fmt: skip
    return parser


def chosen_charms(parser: argparse.ArgumentParser, args: argparse.Namespace) -> List[str]:
    """Return the directories of the named charms, or of all; end the program for a wrong name."""
    names = charm_names()
    unknown = sorted(set(args.charm) - set(names))
    if unknown:
        parser.error(f"there is no charm {', '.join(unknown)}; use {', '.join(names)}")
    return [os.path.join(CHARMS, name) for name in args.charm or names]


def _parser() -> argparse.ArgumentParser:
    parser = charm_parser(__doc__ or "")
    parser.add_argument("--output", default="dist/charms", help="directory for the archives")
    parser.add_argument(
        "--platform", choices=sorted(PLATFORMS), help="one platform instead of all"
    )
    parser.add_argument(
        "--architecture", choices=ARCHITECTURES, help="one architecture instead of all"
    )
    return parser


def _targets(args: argparse.Namespace) -> List[Target]:
    platforms = [args.platform] if args.platform else sorted(PLATFORMS)
    architectures = [args.architecture] if args.architecture else ARCHITECTURES
    return [Target(platform, arch) for platform in platforms for arch in architectures]


def main(argv: Optional[List[str]] = None) -> int:
    """Pack the named charms, or all of them, and print the archives' paths."""
    parser = _parser()
    args = parser.parse_args(argv)
    for charm in chosen_charms(parser, args):
        for target in _targets(args):
            print(pack(charm, target, args.output, args.cache))
    return 0


def _end(number: int, frame: object) -> None:
    """End the packer as an error does, so that temporary files are removed."""
    del frame
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main())
