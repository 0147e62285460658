"""Write releases/components/RELEASE.json: what each component of a release brings.

    python -m helpers.recorders.kubeflow_components CLONE KUSTOMIZE

CLONE is a clone of kubeflow/manifests. Each path of example/kustomization.yaml, and each component
of a KfDef, is built by itself. Only names of namespaces, workloads and claims are recorded, and
nothing for the releases by kfctl up to 1.0, of whose trees kustomize does not make what kfctl
does.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import yaml

from helpers.recorders import kubeflow_inventory as record_inventory
from helpers.recorders.kubeflow_inventory import SOURCE, WORKLOADS
from kubeflow_installer.releases.inventory import ObjectKey, object_key
from kubeflow_installer.sources import exclusions

TARGET = SOURCE / "kubeflow_installer/releases/components"
RELEASES = ("1.2.0", "1.7.0", "1.8.1", "1.9.1", "1.10.2", "1.11.0", "26.03")
KINDS = ("Namespace", "PersistentVolumeClaim", *WORKLOADS)
# What would be downloaded while a component is built is left out, and named here: Deployments by
# the word in the component's name. kubeflow_objects.DOWNLOADED says where they are from.
DOWNLOADED = {
    "pipeline": ("kubeflow", "workflow-controller"),
    "trainer": ("kubeflow-system", "jobset-controller-manager"),
}


def read(clone: Path, kustomize: str, release: str) -> dict[str, list[list[str]]]:
    """Return kind, namespace and name of what a release's components bring, by their names."""
    components: dict[str, set[ObjectKey]] = {}
    with tempfile.TemporaryDirectory() as directory:
        record_inventory.check_out(clone, release, Path(directory))
        is_downloading = _remove_downloads(Path(directory))
        for name, path in _paths(Path(directory), release):
            manifests = record_inventory.objects_of(kustomize, Path(directory) / path)
            keys = {object_key(manifest) for manifest in manifests if manifest["kind"] in KINDS}
            components.setdefault(name, set()).update(keys)
            if is_downloading:
                components[name] |= {
                    ("Deployment", *key) for word, key in DOWNLOADED.items() if word in name
                }
    return {name: sorted(map(list, keys)) for name, keys in sorted(components.items()) if keys}


def _remove_downloads(directory: Path) -> bool:
    """Remove what would be downloaded from the kustomizations; return whether there was any."""
    is_changed = False
    for path in directory.glob("applications/*/upstream/**/kustomization.yaml"):
        kustomization = record_inventory.read_all(path.read_text(encoding="utf-8"))[0]
        resources = kustomization.get("resources") or []
        local = [resource for resource in resources if not resource.startswith("https://")]
        if local != resources:
            # A patch without a target needs its object.
            patches = [patch for patch in kustomization.get("patches") or [] if "target" in patch]
            changed = dict(kustomization, resources=local, patches=patches)
            path.write_text(yaml.safe_dump(changed), "utf-8")
            is_changed = True
    return is_changed


def _paths(directory: Path, release: str) -> list[tuple[str, str]]:
    """Return the components' names, all of a component joined by a slash, and directories."""
    if release not in record_inventory.KFCTL:
        names: dict[str, list[str]] = {}
        for name, paths in exclusions.components(str(directory)).items():
            for path in paths:
                names.setdefault(path, []).append(name)
        return [
            ("/".join(component), f"example/{path}")
            for path, component in names.items()
            if not _is_kustomize_component(directory / "example" / path)
        ]
    path = SOURCE / f"kubeflow_installer/kfctl/kfdefs/{release}.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    return [(component["name"], component["path"]) for component in table["components"]]


def _is_kustomize_component(directory: Path) -> bool:
    """Return whether it is a Component in kustomize's sense, which brings nothing by itself."""
    text = (directory / "kustomization.yaml").read_text(encoding="utf-8")
    return record_inventory.read_all(text)[0].get("kind") == "Component"


def as_json(components: dict[str, list[list[str]]]) -> str:
    """Return the components as their file has them: a line per object."""
    parts = []
    for name, rows in components.items():
        lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
        parts.append(f" {json.dumps(name)}: [\n{lines}\n ]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Record all releases."""
    TARGET.mkdir(exist_ok=True)
    for release in RELEASES:
        components = read(Path(sys.argv[1]), sys.argv[2], release)
        (TARGET / f"{release}.json").write_text(as_json(components), encoding="utf-8")


if __name__ == "__main__":
    main()
