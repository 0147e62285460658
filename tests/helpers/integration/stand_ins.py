"""Charms that stand in for charms of the store: same facts, no workload."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from helpers.archives import ROOT, host_architecture

# A principal that does nothing. It keeps a machine in the model while other units come and go:
# when the last unit of a machine of an unmanaged cloud is removed, Juju removes the machine.
PRINCIPAL: Mapping[str, Any] = {"name": "principal"}
BASES = ("22.04", "24.04")
_DISPATCH = "#!/bin/sh\nexec status-set active 'stands in for the charm of the store'\n"


def catalogue_facts(profile: str, charm: str) -> dict[str, Any]:
    """Return what a profile's catalogue says about a charm of the store.

    Args:
        profile: The name of the profile.
        charm: The name of the charm.
    """
    path = ROOT / "bundle-templates" / profile / "catalogue" / f"{charm}.yaml"
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def pack_stand_in(directory: Path, facts: Mapping[str, Any]) -> Path:
    """Write the archive of a stand-in for this machine's architecture, and return its path.

    Args:
        directory: The directory of the archive.
        facts: The charm's ``name`` and perhaps ``subordinate``, ``endpoints`` and ``options``, as
            in a catalogue. Resources and storages are left out, so that none need to be supplied.
    """
    path = directory / f"{facts['name']}.charm"
    texts = {
        "metadata.yaml": _metadata(facts),
        "config.yaml": {"options": facts.get("options", {})},
        "manifest.yaml": {"bases": [_base(channel) for channel in BASES]},
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in texts.items():
            archive.writestr(name, yaml.safe_dump(content))
        dispatch = zipfile.ZipInfo("dispatch")
        dispatch.external_attr = 0o100755 << 16
        archive.writestr(dispatch, _DISPATCH)
    return path


def _metadata(facts: Mapping[str, Any]) -> dict[str, Any]:
    name = str(facts["name"])
    metadata: dict[str, Any] = {"name": name, "summary": name, "description": name}
    if facts.get("subordinate"):
        metadata["subordinate"] = True
    for endpoint, body in facts.get("endpoints", {}).items():
        keys = {key: value for key, value in body.items() if key != "role"}
        metadata.setdefault(body["role"], {})[endpoint] = keys
    return metadata


def _base(channel: str) -> dict[str, Any]:
    return {"name": "ubuntu", "channel": channel, "architectures": [host_architecture()]}
