"""Write objects.json: a digest of each object of upstream's charts, as their templates make it.

    python -m helpers.recorders.provisioner_objects RENDERED_V3 RENDERED_V4

Each argument is the output of a chart (nfs-client-provisioner 1.2.8;
nfs-subdir-external-provisioner 4.0.18) for nfs.server=10.0.0.10 nfs.path=/srv/nfs
storageClass.name=nfs storageClass.defaultClass=true, v4 with
storageClass.provisionerName=cluster.local/nfs-client-provisioner and leaderElection.enabled=false.
Only facts are kept: kind, name and the SHA-256 of the normalized object.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import yaml

TARGET = Path(__file__).resolve().parents[2] / "charms/nfs_server/cluster/objects.json"
RELEASES = ("v3.1.0-k8s1.11", "v4.0.2")
V4_NAME, V3_NAME = "nfs-subdir-external-provisioner", "nfs-client-provisioner"


def normalize(node: Any, key: str = "") -> Any:
    """Return a part of an object without what the charts and the charm write differently.

    These are labels and selectors, the volume's name in the pod, empty mappings, the namespace
    default where none is written, and the server's default volumeBindingMode. The charm names its
    objects by the provisioner's name, upstream names them by the chart's; images keep their names.
    """
    if isinstance(node, dict):
        return _normalize_mapping(node)
    if isinstance(node, list):
        return [normalize(entry, key) for entry in node]
    if isinstance(node, str) and key != "image":
        return node.replace(f"{V4_NAME}-root", "nfs-client-root").replace(V4_NAME, V3_NAME)
    return node


def _normalize_mapping(mapping: dict[str, Any]) -> dict[str, Any]:
    normalized = {name: normalize(node, name) for name, node in mapping.items()}
    for name in ("labels", "matchLabels"):
        normalized.pop(name, None)
    if normalized.get("namespace") == "default":
        del normalized["namespace"]
    if normalized.get("volumeBindingMode") == "Immediate":
        del normalized["volumeBindingMode"]
    return {name: node for name, node in normalized.items() if node != {}}


def digest_row(manifest: dict[str, Any]) -> list[str]:
    """Return kind, name and digest of an object."""
    normalized = normalize(manifest)
    text = json.dumps(normalized, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return [normalized["kind"], normalized["metadata"]["name"], digest]


def main() -> None:
    """Record the objects of both charts."""
    table = {}
    for release, path in zip(RELEASES, sys.argv[1:], strict=True):
        documents = yaml.safe_load_all(Path(path).read_text(encoding="utf-8"))
        table[release] = sorted(digest_row(document) for document in documents if document)
    TARGET.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
