"""Output of Juju's client 4.0.15 with an unmanaged cloud, recorded for tests."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import yaml

RECORDS = Path(__file__).resolve().parents[1] / "unit/plan/records/juju-4.0"

# The bundle that Juju accepted; each recorded refusal is of this bundle with one change.
GOOD_BUNDLE: dict[str, Any] = {
    "default-base": "ubuntu@22.04",
    "applications": {
        name: {
            "charm": f"./charms/{name}.charm",
            "base": "ubuntu@22.04",
            "num_units": 1,
            "to": ["0"],
        }
        for name in ("tiny", "easyrsa", "etcd")
    },
    "machines": {"0": {"base": "ubuntu@22.04"}},
    "relations": [["etcd:certificates", "easyrsa:client"]],
}


def pack_charms(directory: Path) -> None:
    """Pack the charms of the recorded bundles into a directory."""
    directory.mkdir()
    charms: dict[str, dict[str, Any]] = yaml.safe_load((RECORDS / "charms.yaml").read_text())
    for archive, facts in charms.items():
        pack_charm(directory / f"{archive}.charm", facts)


def pack_charm(path: Path, facts: dict[str, Any]) -> None:
    """Write an archive of a charm.

    Args:
        path: The archive.
        facts: Its ``name``, and perhaps ``subordinate``, ``resources`` (names), ``series`` and
            ``bases`` (versions of Ubuntu). Without bases, the archive has no manifest.
    """
    resources = {name: {"type": "file", "filename": name} for name in facts.get("resources", ())}
    metadata = {**facts, "resources": resources}
    bases = metadata.pop("bases", None)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.yaml", yaml.safe_dump(metadata))
        if bases is not None:
            entries = [
                {"name": "ubuntu", "channel": base, "architectures": ["amd64"]} for base in bases
            ]
            archive.writestr("manifest.yaml", yaml.safe_dump({"bases": entries}))
