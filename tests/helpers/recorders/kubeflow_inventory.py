"""Write releases/inventories/RELEASE.json: what each release of Kubeflow consists of.

    python -m helpers.recorders.kubeflow_inventory DIRECTORY [CLONE KUSTOMIZE]

DIRECTORY holds inventory-*.yaml, lists of upstream's manifests: for the releases up to 1.0 from
the kustomization trees, without upstream's patches; for the later ones from what kustomize
builds. The releases without such a list (`BUILT`) are built here: CLONE is a clone of
kubeflow/manifests, KUSTOMIZE the program. Only facts are recorded: kinds, namespaces, names and
images.
`kubeflow_objects` and `kubeflow_images` have what the lists lack, each with where it was read.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml

from helpers.recorders.kubeflow_images import ELSEWHERE, VARIABLES
from helpers.recorders.kubeflow_objects import (
    ADDITIONS,
    AT_RUN_TIME,
    CLUSTER_WIDE,
    KFCTL,
    RECENT,
    WEBHOOKS,
    WORKLOADS,
)
from helpers.tar_files import extract_all
from kubeflow_installer.releases.table import find
from kubeflow_installer.sources import yaml_to_json
from kubeflow_installer.transform.images import images_of
from labcharm.json_types import JsonObject

__all__ = ["CLUSTER_WIDE", "KFCTL", "WEBHOOKS", "WORKLOADS"]

SOURCE = Path(__file__).resolve().parents[3] / "charms/kubeflow-installer/src"


TARGET = SOURCE / "kubeflow_installer/releases/inventories"
# The lists of a release; kfctl 0.6 takes Istio and dex from an archive of its own.
RELEASES = {
    "0.6.2": ("0.6.2-existing_arrikto", "0.6.2-platform"),
    "0.7.1": ("0.7.1-existing_arrikto",),
    "1.0.2": ("1.0.2-istio_dex",),
    "1.8.1": ("1.8.1-example",),
    "1.9.1": ("1.9.1-example",),
    "1.10.2": ("1.10.2-example",),
    "1.11.0": ("1.11.0-example",),
    "26.03": ("26.03-example",),
}
# The directories of those that are built, each by itself: kfctl builds one component at a time.
BUILT = {
    "1.2.0": tuple(
        str(component["path"])
        for component in json.loads(
            (SOURCE / "kubeflow_installer/kfctl/kfdefs/1.2.0.json").read_text("utf-8")
        )["components"]
    ),
    "1.7.0": ("example",),
}


def read(directory: Path, release: str) -> JsonObject:
    """Return the inventory of a release that is listed in a directory."""
    lists = [
        yaml.safe_load((directory / f"inventory-{name}.yaml").read_text(encoding="utf-8"))
        for name in RELEASES[release]
    ]
    return inventory(release, lists)


def build(clone: Path, kustomize: str, release: str) -> JsonObject:
    """Return the inventory of a release that is built from a clone of kubeflow/manifests."""
    with tempfile.TemporaryDirectory() as directory:
        check_out(clone, release, Path(directory))
        manifests = [
            manifest
            for path in BUILT[release]
            for manifest in objects_of(kustomize, Path(directory) / path)
        ]
    return inventory(release, [_as_list(manifests)])


def check_out(clone: Path, release: str, directory: Path) -> None:
    """Write a release's manifests to a directory."""
    commit = find(release).archives["manifests"].url.rpartition("/")[2]
    command = ["git", "-C", str(clone), "archive", commit]
    archive = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        extract_all(tar, directory)


def objects_of(kustomize: str, directory: Path) -> list[JsonObject]:
    """Build a directory as kfctl does, whose kustomize accepts files outside of it."""
    command = [kustomize, "build", "--load-restrictor", "LoadRestrictionsNone", str(directory)]
    return read_all(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def read_all(stream: str) -> list[JsonObject]:
    """Return the documents of YAML as Kubernetes reads it."""
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [document for document in yaml_to_json.documents(stream, base) if document]


def _as_list(manifests: list[JsonObject]) -> JsonObject:
    """Return objects as the lists have them."""
    objects: dict[str, list[Any]] = {}
    for manifest in manifests:
        name = manifest["metadata"]["name"]
        namespace = manifest["metadata"].get("namespace")
        row = {"namespace": namespace, "name": name} if namespace else name
        objects.setdefault(manifest["kind"], []).append(row)
    return {"objects": objects, "images": images_of(manifests)}


def inventory(release: str, lists: list[JsonObject]) -> JsonObject:
    """Return a release's inventory from its lists."""
    objects: dict[str, list[Any]] = {}
    for part in lists:
        for kind, rows in part["objects"].items():
            objects.setdefault(kind, []).extend(rows)
    additions = ADDITIONS.get(release, {})
    return {
        "release": release,
        "namespaces": _namespaces(objects, release),
        "workloads": _merged(_workloads(objects), additions.get("workloads", [])),
        "claims": _pairs(objects.get("PersistentVolumeClaim", [])),
        "definitions": sorted({*objects["CustomResourceDefinition"],
                               *additions.get("definitions", [])}),
        "services": _pairs(objects.get("Service", [])),
        "webhooks": _merged(_webhooks(objects), additions.get("webhooks", [])),
        "images": sorted({*_images(lists, release), *additions.get("images", [])}),
        "at_run_time": _at_run_time(objects, release),
    }  # fmt: skip


def _at_run_time(objects: dict[str, list[Any]], release: str) -> list[list[str]]:
    definitions = objects["CustomResourceDefinition"]
    rows = AT_RUN_TIME.get(release, RECENT)
    return sorted(list(row) for row in rows if row[3] not in definitions)


def _namespaces(objects: dict[str, list[Any]], release: str) -> list[str]:
    # kfctl makes the one that its KfDef is in.
    return sorted({*objects["Namespace"], *(["kubeflow"] if release in KFCTL else [])})


def _merged(rows: Iterable[Iterable[str]], additions: Iterable[Iterable[str]]) -> list[list[str]]:
    return sorted({tuple(row) for row in [*rows, *additions]})  # type: ignore[arg-type]


def _workloads(objects: dict[str, list[Any]]) -> list[tuple[str, str, str]]:
    return [
        (kind, row["namespace"], row["name"])
        for kind in WORKLOADS
        for row in objects.get(kind, [])
    ]


def _pairs(rows: list[dict[str, str]]) -> list[list[str]]:
    return sorted([row["namespace"], row["name"]] for row in rows)


def _webhooks(objects: dict[str, list[Any]]) -> list[tuple[str, str]]:
    return [
        (kind, row if isinstance(row, str) else row["name"])
        for kind in WEBHOOKS
        for row in objects.get(kind, [])
    ]


def _images(lists: list[JsonObject], release: str) -> list[str]:
    images = [image for part in lists for image in part["images"]]
    images += [image for part in lists for image in part.get("images_named_elsewhere", [])]
    images += ELSEWHERE.get(release, [])
    for variable, text in VARIABLES.items():
        images = [image.replace(variable, text) for image in images]
    return images


def as_json(facts: JsonObject) -> str:
    """Return an inventory as its file has it: a line per fact, so that a change can be read."""
    lines = []
    for key, rows in facts.items():
        items = ",\n".join(f"  {json.dumps(row)}" for row in rows)
        body = json.dumps(rows) if isinstance(rows, str) else f"[\n{items}\n ]"
        lines.append(f" {json.dumps(key)}: {body}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> None:
    """Record all releases."""
    inventories = [read(Path(sys.argv[1]), release) for release in RELEASES]
    if sys.argv[2:]:
        inventories += [build(Path(sys.argv[2]), sys.argv[3], release) for release in BUILT]
    for facts in inventories:
        (TARGET / f"{facts['release']}.json").write_text(as_json(facts), encoding="utf-8")


if __name__ == "__main__":
    main()
