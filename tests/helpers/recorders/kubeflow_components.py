"""Write src/components/RELEASE.json: what each component of a release brings.

    python -m helpers.recorders.kubeflow_components CLONE KUSTOMIZE

CLONE is a clone of kubeflow/manifests. Each path of example/kustomization.yaml, and each component
of a KfDef, is built by itself. What is kept are names of namespaces, workloads and claims. Of the
releases by kfctl up to 1.0 nothing is kept: what kfctl makes of their trees, kustomize does not.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from helpers.recorders import kubeflow_inventory as record_inventory
from helpers.recorders.kubeflow_inventory import SOURCE, WORKLOADS
from kubeflow_installer.sources import exclusions

TARGET = SOURCE / "kubeflow_installer/releases/components"
RELEASES = ("1.2.0", "1.7.0", "1.8.1", "1.9.1", "1.10.2", "1.11.0", "26.03")
KINDS = ("Namespace", "PersistentVolumeClaim", *WORKLOADS)
# What is fetched while a component is built is left out, and named here (record_inventory's
# FETCHED says where from): Deployments by the word in the component's name.
FETCHED = {
    "pipeline": ("kubeflow", "workflow-controller"),
    "trainer": ("kubeflow-system", "jobset-controller-manager"),
}


def read(clone: Path, kustomize: str, release: str) -> dict[str, list[list[str]]]:
    """Return the rows (kind, namespace, name) of a release's components, by their names."""
    found: dict[str, set[tuple[str, str, str]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        record_inventory.check_out(clone, release, Path(folder))
        remote = _cut(Path(folder))
        for name, path in _paths(Path(folder), release):
            objects = record_inventory.objects_of(kustomize, Path(folder) / path)
            rows = {_row(one) for one in objects if one["kind"] in KINDS}
            found.setdefault(name, set()).update(rows)
            if remote:
                found[name] |= {
                    ("Deployment", *place) for word, place in FETCHED.items() if word in name
                }
    return {name: sorted(map(list, rows)) for name, rows in sorted(found.items()) if rows}


def _cut(folder: Path) -> bool:
    """Take what would be fetched out of the kustomizations that are built; tell whether any is."""
    cut = False
    for path in folder.glob("applications/*/upstream/**/kustomization.yaml"):
        found = record_inventory.read_all(path.read_text(encoding="utf-8"))[0]
        here = [one for one in found.get("resources") or [] if not one.startswith("https://")]
        if here != (found.get("resources") or []):
            # A patch without a target wants its object to be there.
            patches = [one for one in found.get("patches") or [] if "target" in one]
            path.write_text(yaml.safe_dump(dict(found, resources=here, patches=patches)), "utf-8")
            cut = True
    return cut


def _paths(folder: Path, release: str) -> list[tuple[str, str]]:
    """Return the components' names, all of a component joined by a slash, and their folders."""
    if release not in record_inventory.KFCTL:
        names: dict[str, list[str]] = {}
        for name, paths in exclusions.components(str(folder)).items():
            for path in paths:
                names.setdefault(path, []).append(name)
        return [
            ("/".join(found), f"example/{path}")
            for path, found in names.items()
            if not _patches_others(folder / "example" / path)
        ]
    table = json.loads((SOURCE / f"kfdefs/{release}.json").read_text(encoding="utf-8"))
    return [(one["name"], one["path"]) for one in table["components"]]


def _patches_others(folder: Path) -> bool:
    """Tell whether it is a Component in kustomize's sense, which brings nothing by itself."""
    text = (folder / "kustomization.yaml").read_text(encoding="utf-8")
    return record_inventory.read_all(text)[0].get("kind") == "Component"


def _row(found: dict[str, Any]) -> tuple[str, str, str]:
    metadata = found["metadata"]
    return found["kind"], metadata.get("namespace", ""), metadata["name"]


def text(found: dict[str, list[list[str]]]) -> str:
    """Return a table as it is kept: a line per row."""
    parts = []
    for name, rows in found.items():
        lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
        parts.append(f" {json.dumps(name)}: [\n{lines}\n ]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Record all releases."""
    TARGET.mkdir(exist_ok=True)
    for release in RELEASES:
        found = read(Path(sys.argv[1]), sys.argv[2], release)
        (TARGET / f"{release}.json").write_text(text(found), encoding="utf-8")


if __name__ == "__main__":
    main()
