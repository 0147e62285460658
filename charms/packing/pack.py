#!/usr/bin/env python3
"""Pack charms, the same bytes on every run and machine.

Two archives per charm: NAME_bionic-focal.charm (Python 3.6 and 3.8, ops 1.5, `series` in its
metadata; Juju 2.6 and later) and NAME_jammy-noble.charm (22.04, 24.04 and 26.04, ops 3, bases in
its manifest; Juju 2.9 and later). Standard library only.
"""

import argparse
import os
import sys
import zipfile
from typing import Any, Dict, Iterable, List, Optional, Tuple

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from vendor import REQUIREMENTS, vendor

CHARMS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARED = os.path.join(CHARMS, "shared", "lib")
ARCHITECTURES = ("amd64", "arm64")
# A charm's own files; anything else in its folder stays out.
FILES = (
    "metadata.yaml", "config.yaml", "actions.yaml", "LICENSE", "README.md", "icon.svg",
)  # fmt: skip
FOLDERS = ("src", "lib", "templates")
# Juju calls hooks/NAME up to 2.7; ops 1.5 makes the other hooks out of these on the first one.
HOOKS = ("install", "start", "upgrade-charm")
DISPATCH = """\
#!/bin/sh
# Juju 2.8 and later run this for every event, older ones by the hook's name.
cd "$(dirname "$0")" && case "$PWD" in */hooks|*/actions) cd ..;; esac
JUJU_DISPATCH_PATH="${JUJU_DISPATCH_PATH:-$0}" PYTHONPATH=lib:venv \\
  exec ./src/charm.py
"""
# Content and whether it is run, by name.
Files = Dict[str, Tuple[bytes, bool]]
PLATFORMS: Dict[str, Dict[str, Any]] = {
    "bionic-focal": {
        "vendor": "bionic",
        "metadata": "series: [bionic, focal]\n",
        "bases": ("18.04", "20.04"),
    },
    "jammy-noble": {
        "vendor": "modern",
        "metadata": "assumes:\n- juju >= 2.9\n",
        "bases": ("22.04", "24.04", "26.04"),
    },
}


def manifest(bases: Iterable[str]) -> str:
    """Return the text of manifest.yaml for some Ubuntu releases."""
    lines = ["bases:"]
    for base in bases:
        lines += ["- name: ubuntu", '  channel: "%s"' % base, "  architectures:"]
        lines += ["  - %s" % architecture for architecture in ARCHITECTURES]
    return "\n".join(lines) + "\n"


def content(charm: str, platform: str, venv: str) -> Files:
    """Return an archive's files: bytes and whether they are run, by name."""
    spec = PLATFORMS[platform]
    found: Files = {}
    for name in FILES:
        path = os.path.join(charm, name)
        if os.path.isfile(path):
            found[name] = (_read(path), False)
    for folder in FOLDERS:
        _collect(os.path.join(charm, folder), folder, found)
    for package in shared_packages(charm):
        _collect(os.path.join(SHARED, package), os.path.join("lib", package), found)
    _collect(venv, "venv", found)
    metadata, _ = found["metadata.yaml"]
    found["metadata.yaml"] = (metadata.rstrip() + b"\n" + spec["metadata"].encode(), False)
    found["manifest.yaml"] = (manifest(spec["bases"]).encode(), False)
    found["dispatch"] = (DISPATCH.encode(), True)
    for hook in HOOKS:
        found["hooks/" + hook] = (DISPATCH.encode(), True)
    body, runs = found["src/charm.py"]
    if not runs or not body.startswith(b"#!"):
        raise SystemExit("%s/src/charm.py must be executable and start with #!" % charm)
    return found


def shared_packages(charm: str) -> List[str]:
    """Return the shared packages that a charm carries: those its file `shared` names, by line."""
    path = os.path.join(charm, "shared")
    if not os.path.isfile(path):
        return ["labcharm"]
    return _read(path).decode().split()


def vendored(charm: str) -> str:
    """Return what the name of a charm's requirement sets ends with.

    A charm has sets of its own where they are there by the first word of its name; else those of
    the shared packages that it carries.
    """
    own = "-" + os.path.basename(os.path.abspath(charm)).partition("-")[0]
    if os.path.isfile(os.path.join(REQUIREMENTS, "modern%s.in" % own)):
        return own
    return "-kube" if "labkube" in shared_packages(charm) else ""


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _collect(folder: str, prefix: str, found: Files) -> None:
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            path = os.path.join(where, name)
            inside = os.path.join(prefix, os.path.relpath(path, folder))
            if not name.endswith(".pyc"):
                found[inside] = (_read(path), prefix == "src" and os.access(path, os.X_OK))


def pack(charm: str, platform: str, output: str, cache: str) -> str:
    """Pack one charm for one platform and return the archive's path.

    The entries are sorted, dated 1980-01-01 (the earliest that the format knows) and stored, so
    that the bytes depend on nothing but the content.
    """
    venv = vendor(PLATFORMS[platform]["vendor"] + vendored(charm), cache)
    name = os.path.basename(os.path.abspath(charm))
    path = os.path.join(output, "%s_%s.charm" % (name, platform))
    os.makedirs(output, exist_ok=True)
    with zipfile.ZipFile(path + ".part", "w", zipfile.ZIP_STORED) as archive:
        for inside, (body, runs) in sorted(content(charm, platform, venv).items()):
            entry = zipfile.ZipInfo(inside, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = (0o100755 if runs else 0o100644) << 16
            archive.writestr(entry, body)
    os.replace(path + ".part", path)
    return path


def main(argv: Optional[List[str]] = None) -> int:
    """Pack the charms that are named, or all."""
    names = sorted(
        name for name in os.listdir(CHARMS)
        if os.path.isfile(os.path.join(CHARMS, name, "metadata.yaml"))
    )  # fmt: skip
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "charm", nargs="*", help="of %s; all when none is named" % ", ".join(names)
    )
    parser.add_argument("--output", default="dist/charms", help="folder for the archives")
    parser.add_argument("--cache", default="", help="folder for fetched packages")
    parser.add_argument(
        "--platform", choices=sorted(PLATFORMS), help="one platform instead of all"
    )
    args = parser.parse_args(argv)
    unknown = sorted(set(args.charm) - set(names))
    if unknown:
        parser.error("no charm %s here; there are %s" % (", ".join(unknown), ", ".join(names)))
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    cache = args.cache or os.path.join(home, "botlab", "vendor")
    for name in args.charm or names:
        for platform in [args.platform] if args.platform else sorted(PLATFORMS):
            print(pack(os.path.join(CHARMS, name), platform, args.output, cache))
    return 0


if __name__ == "__main__":
    sys.exit(main())
