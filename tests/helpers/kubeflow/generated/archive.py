"""Generated objects as YAML and as an archive of manifests."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from labcharm.json_types import JsonObject


def as_yaml(manifests: Iterable[JsonObject]) -> str:
    """Return objects as one YAML stream."""
    return str(yaml.dump_all(manifests, sort_keys=False, width=120, Dumper=_dumper()))


def _dumper() -> Any:
    class Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
        def ignore_aliases(self, _: Any) -> bool:
            return True

    return Plain


# The directory of a component, by the first word that an object's namespace or name contains. The
# directories are upstream's.
COMPONENTS = {
    "cert-manager": "common/cert-manager/base",
    "dex": "common/dex/overlays/oauth2-proxy",
    "oauth2-proxy": "common/oauth2-proxy/overlays/m2m-dex-only",
    "knative": "common/knative/knative-serving/overlays/gateways",
    "istio": "common/istio/istio-install/overlays/oauth2-proxy",
    "katib": "applications/katib/upstream/installs/katib-with-kubeflow",
    "kserve": "applications/kserve/kserve",
    "jupyter": "applications/jupyter/jupyter-web-app/upstream/overlays/istio",
    "notebook": "applications/jupyter/notebook-controller/upstream/overlays/kubeflow",
    "spark": "applications/spark/spark-operator/overlays/kubeflow",
    # Named like another component, as in upstream's 1.8: excluding kserve keeps it.
    "centraldashboard": "applications/centraldashboard/upstream/overlays/kserve",
}
_REST = "common/kubeflow-namespace/base"


def component(manifest: JsonObject) -> str:
    """Return the directory of the component that an object is part of."""
    if manifest["kind"] == "Namespace":
        return _REST
    names = f"{manifest['metadata'].get('namespace', '')} {manifest['metadata']['name']}"
    return next((path for word, path in COMPONENTS.items() if word in names), _REST)


def as_archive(path: Path, manifests: Iterable[JsonObject], top: str = "manifests-1.2.3") -> Path:
    """Write objects as an archive as GitHub makes it, with a directory for each component."""
    components: dict[str, list[JsonObject]] = {}
    for manifest in manifests:
        components.setdefault(component(manifest), []).append(manifest)
    files = {"README.md": "An archive for tests.\n"}
    for directory, resources in components.items():
        files[f"{directory}/resources.yaml"] = as_yaml(resources)
        files[f"{directory}/kustomization.yaml"] = kustomization(["resources.yaml"])
    paths = [f"../{directory}" for directory in sorted(components)]
    files["example/kustomization.yaml"] = kustomization(paths)
    return write_archive(path, {f"{top}/{name}": text for name, text in files.items()})


def kustomization(resources: Iterable[str]) -> str:
    """Return the text of a kustomization.yaml."""
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
    return head + "".join(f"# {path.split('/')[-1]}\n- {path}\n" for path in resources)


def write_archive(path: Path, files: dict[str, str]) -> Path:
    """Write a .tar.gz with these texts; their directories are entries too."""
    with tarfile.open(path, "w:gz") as tar:
        directories: set[str] = set()
        for name, text in files.items():
            for directory in reversed([str(parent) for parent in Path(name).parents][:-1]):
                if directory not in directories:
                    entry = tarfile.TarInfo(directory)
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                    tar.addfile(entry)
                    directories.add(directory)
            body = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return path
