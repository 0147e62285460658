"""Write manifests.json: a digest of each object of MetalLB's own manifests up to 0.12.

    python -m helpers.recorders.metallb_manifests DIRECTORY

DIRECTORY holds a directory for each release, each with upstream's metallb.yaml and namespace.yaml.
The record contains facts only: kind, namespace, name and the SHA-256 of the normalized object.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import yaml

RECORD = Path(__file__).resolve().parents[2] / "charms/metallb/manifests/manifests.json"
RELEASES = (
    "v0.8.1", "v0.8.3", "v0.9.3", "v0.9.6", "v0.9.8", "v0.10.3", "v0.11.0", "v0.12.1",
)  # fmt: skip
CLUSTER_WIDE = ("Namespace", "PodSecurityPolicy", "ClusterRole", "ClusterRoleBinding")


def normalized(manifest_object: dict[str, Any]) -> dict[str, Any]:
    """Return an object without the namespace that upstream writes into cluster-wide objects."""
    metadata = dict(manifest_object["metadata"])
    if manifest_object["kind"] in CLUSTER_WIDE:
        metadata.pop("namespace", None)
    return {**manifest_object, "metadata": metadata}


def fact(manifest_object: dict[str, Any]) -> list[str]:
    """Return kind, namespace, name and digest of an object."""
    content = normalized(manifest_object)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    metadata = content["metadata"]
    digest = hashlib.sha256(text.encode()).hexdigest()
    return [content["kind"], metadata.get("namespace", ""), metadata["name"], digest]


def read_objects(directory: Path) -> list[dict[str, Any]]:
    """Return the objects of a release; some manifests have the namespace in a file of its own."""
    documents = list(yaml.safe_load_all((directory / "metallb.yaml").read_text(encoding="utf-8")))
    objects = [document for document in documents if document]
    if not any(entry["kind"] == "Namespace" for entry in objects):
        objects.append(yaml.safe_load((directory / "namespace.yaml").read_text(encoding="utf-8")))
    return objects


def main() -> None:
    """Record all releases."""
    manifests = Path(sys.argv[1])
    facts = {release: sorted(map(fact, read_objects(manifests / release))) for release in RELEASES}
    RECORD.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
