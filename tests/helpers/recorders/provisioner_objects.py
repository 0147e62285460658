"""Write objects.json: a digest per object of upstream's charts, as their templates make them.

    python -m helpers.recorders.provisioner_objects RENDERED_V3 RENDERED_V4

Each is a chart's output (nfs-client-provisioner 1.2.8; nfs-subdir-external-provisioner 4.0.18)
for nfs.server=10.0.0.10 nfs.path=/srv/nfs storageClass.name=nfs storageClass.defaultClass=true, v4
with storageClass.provisionerName=cluster.local/nfs-client-provisioner. What is kept are facts:
kind, name and the SHA-256 of the object as normalised below.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parents[2] / "charms/nfs_server"
NAMES = ("nfs-subdir-external-provisioner", "nfs-client-provisioner")


def normalised(found: Any, key: str = "") -> Any:
    """Drop what the two name differently, and nothing else.

    Those are labels and selectors, the volume's name in the pod, empty mappings, the namespace
    default where none is written, and the server's default volumeBindingMode. The objects are
    called by the provisioner's name in both of ours, and by the chart's upstream; images are not.
    """
    if isinstance(found, dict):
        same = {name: normalised(value, name) for name, value in found.items()}
        for name in ("labels", "matchLabels"):
            same.pop(name, None)
        if same.get("namespace") == "default":
            del same["namespace"]
        if same.get("volumeBindingMode") == "Immediate":
            del same["volumeBindingMode"]
        return {name: value for name, value in same.items() if value != {}}
    if isinstance(found, list):
        return [normalised(value, key) for value in found]
    if isinstance(found, str) and key != "image":
        found = found.replace("nfs-subdir-external-provisioner-root", "nfs-client-root")
        return found.replace(NAMES[0], NAMES[1])
    return found


def fact(found: dict[str, Any]) -> list[str]:
    """Return kind, name and digest."""
    same = normalised(found)
    text = json.dumps(same, sort_keys=True, separators=(",", ":"))
    return [same["kind"], same["metadata"]["name"], hashlib.sha256(text.encode()).hexdigest()]


def main() -> None:
    """Record both."""
    table = {}
    for release, path in zip(("v3.1.0-k8s1.11", "v4.0.2"), sys.argv[1:], strict=True):
        found = yaml.safe_load_all(Path(path).read_text(encoding="utf-8"))
        table[release] = sorted(fact(one) for one in found if one)
    text = json.dumps(table, indent=1) + "\n"
    (HERE / "objects.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
