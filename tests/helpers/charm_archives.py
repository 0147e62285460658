"""Packed charms that hold nothing but facts."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import yaml

# A principal with options of three types, a resource, and no storage. Juju 4.0.15 was recorded
# with this charm.
TINY = {
    "metadata.yaml": """
name: tiny
provides: {web: {interface: http}}
requires: {db: {interface: pgsql}}
resources: {blob: {type: file, filename: blob.tgz}}
""",
    "config.yaml": """
options:
  colour: {type: string, default: blue}
  size: {type: int, default: 3}
  "on": {type: boolean, default: false}
""",
    "manifest.yaml": """
bases:
- {name: ubuntu, channel: '22.04', architectures: [amd64]}
- {name: ubuntu, channel: '24.04', architectures: [amd64]}
""",
}
ETCD = {
    "metadata.yaml": """
name: etcd
provides: {db: {interface: etcd}}
requires: {certificates: {interface: tls-certificates}}
resources:
  core: {type: file, filename: core.snap}
  etcd: {type: file, filename: etcd.snap}
storage: {data: {type: filesystem}}
""",
    "manifest.yaml": TINY["manifest.yaml"],
}
EASYRSA = {
    "metadata.yaml": """
name: easyrsa
provides: {client: {interface: tls-certificates}}
resources: {easyrsa: {type: file, filename: easyrsa.tgz}}
""",
    "manifest.yaml": TINY["manifest.yaml"],
}


def write_archive(path: Path, files: Mapping[str, str]) -> Path:
    """Write a charm archive with some files, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def manifest(*bases: str, architectures: tuple[str, ...] = ("amd64",)) -> str:
    """Return a manifest with some bases of Ubuntu, such as ``22.04``."""
    entries = [
        {"name": "ubuntu", "channel": base, "architectures": list(architectures)} for base in bases
    ]
    return yaml.safe_dump({"bases": entries})
