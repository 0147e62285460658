"""Write manifests.json: a digest per object of MetalLB's own manifests up to 0.12.

    python -m helpers.recorders.metallb_manifests FOLDER

FOLDER holds one folder per release, each with upstream's metallb.yaml and namespace.yaml. What is
kept are facts: kind, namespace, name and the SHA-256 of the object as normalised below.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parents[2] / "charms/metallb"
RELEASES = (
    "v0.8.1", "v0.8.3", "v0.9.3", "v0.9.6", "v0.9.8", "v0.10.3", "v0.11.0", "v0.12.1",
)  # fmt: skip
CLUSTER_WIDE = ("Namespace", "PodSecurityPolicy", "ClusterRole", "ClusterRoleBinding")


def normalised(found: dict[str, Any]) -> dict[str, Any]:
    """Drop what has no meaning: the namespace that upstream writes into cluster-wide objects."""
    metadata = dict(found["metadata"])
    if found["kind"] in CLUSTER_WIDE:
        metadata.pop("namespace", None)
    return {**found, "metadata": metadata}


def fact(found: dict[str, Any]) -> list[str]:
    """Return kind, namespace, name and digest."""
    same = normalised(found)
    text = json.dumps(same, sort_keys=True, separators=(",", ":"))
    metadata = same["metadata"]
    digest = hashlib.sha256(text.encode()).hexdigest()
    return [same["kind"], metadata.get("namespace", ""), metadata["name"], digest]


def main() -> None:
    """Record all releases."""
    table = {}
    for release in RELEASES:
        folder = Path(sys.argv[1]) / release
        found = list(yaml.safe_load_all((folder / "metallb.yaml").read_text(encoding="utf-8")))
        if not any(one and one["kind"] == "Namespace" for one in found):
            found.append(yaml.safe_load((folder / "namespace.yaml").read_text(encoding="utf-8")))
        table[release] = sorted(fact(one) for one in found if one)
    text = json.dumps(table, indent=1) + "\n"
    (HERE / "manifests.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
