"""Write src/inventory/RELEASE.json: what each release of Kubeflow consists of.

    python record_inventory.py FOLDER [CLONE KUSTOMIZE]

FOLDER holds inventory-*.yaml, listed from upstream's manifests: of the releases up to 1.0 from the
kustomization trees, without upstream's patches; of the later ones from what kustomize builds. The
releases that have no such list (`BUILT`) are built here: CLONE is a clone of kubeflow/manifests,
KUSTOMIZE the program. What is kept are facts: kinds, namespaces, names and images. The tables
below are what those lists lack, each with where it was read.
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

from kubeflow_installer.releases import table as table_module
from kubeflow_installer.sources import yaml_to_json
from kubeflow_installer.transform import images

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
# The folders of those that are built, each by itself: kfctl builds a component after the other.
BUILT = {
    "1.2.0": tuple(
        str(one["path"])
        for one in json.loads(
            (SOURCE / "kubeflow_installer/kfctl/kfdefs/1.2.0.json").read_text("utf-8")
        )["components"]
    ),
    "1.7.0": ("example",),
}
KFCTL = ("0.6.2", "0.7.1", "1.0.2", "1.2.0")
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
CRDS = "apiextensions.k8s.io/v1"
CRDS_BETA = "apiextensions.k8s.io/v1beta1"
HOOKS_BETA = "admissionregistration.k8s.io/v1beta1"
# What has no namespace.
CLUSTER_WIDE = ("CustomResourceDefinition", "CertificateSigningRequest", *WEBHOOKS)

# Resources that 1.11.0 and 26.03 fetch while they are built, so that the lists lack them: argo
# v3.7.3 (manifests/base/crds/minimal, manifests/base/workflow-controller) and jobset v0.10.1
# (config/default, as the trainer's overlay renames it).
FETCHED: dict[str, Any] = {
    "workloads": [
        ("Deployment", "kubeflow", "workflow-controller"),
        ("Deployment", "kubeflow-system", "jobset-controller-manager"),
    ],
    "definitions": [
        "clusterworkflowtemplates.argoproj.io", "cronworkflows.argoproj.io",
        "jobsets.jobset.x-k8s.io", "workflowartifactgctasks.argoproj.io",
        "workfloweventbindings.argoproj.io", "workflows.argoproj.io",
        "workflowtaskresults.argoproj.io", "workflowtasksets.argoproj.io",
        "workflowtemplates.argoproj.io",
    ],
    "webhooks": [
        ("MutatingWebhookConfiguration", "jobset-mutating-webhook-configuration"),
        ("ValidatingWebhookConfiguration", "jobset-validating-webhook-configuration"),
    ],
    "images": [
        "quay.io/argoproj/argoexec:v3.7.3", "quay.io/argoproj/workflow-controller:v3.7.3",
        "registry.k8s.io/jobset/jobset:v0.10.1",
    ],
}  # fmt: skip

# Istio 1.1.6's definitions, which kfctl 0.6 applies from kubeflow/kubeflow at 77381fe6,
# deployment/existing/istio/crds.yaml; the platform's list has none.
_ISTIO_116 = {
    "authentication.istio.io": "meshpolicies policies",
    "certmanager.k8s.io": "certificates challenges clusterissuers issuers orders",
    "config.istio.io": (
        "adapters apikeys attributemanifests authorizations bypasses checknothings circonuses"
        " cloudwatches deniers dogstatsds edges fluentds handlers httpapispecbindings httpapispecs"
        " instances kubernetesenvs kuberneteses listcheckers listentries logentries memquotas"
        " metrics noops opas prometheuses quotas quotaspecbindings quotaspecs rbacs redisquotas"
        " reportnothings rules signalfxs solarwindses stackdrivers statsds stdios templates"
        " tracespans zipkins"
    ),
    "networking.istio.io": (
        "destinationrules envoyfilters gateways serviceentries sidecars virtualservices"
    ),
    "rbac.istio.io": "clusterrbacconfigs rbacconfigs servicerolebindings serviceroles",
}
PLATFORM = {
    "definitions": [
        f"{name}.{group}" for group, names in _ISTIO_116.items() for name in names.split()
    ]
}
MORE = {"0.6.2": PLATFORM, "1.11.0": FETCHED, "26.03": FETCHED}

# dex makes its own definitions: storage/kubernetes/types.go at v2.10.0 (0.6.2), at 4bede5eb
# (0.7.1 and 1.0.2), at v2.22.0 (1.2.0), and at the tags of the later ones; the manifests bring
# `authcodes` alone.
_DEX = (
    "authcodes", "authrequests", "oauth2clients", "signingkeies", "refreshtokens", "passwords",
    "offlinesessionses", "connectors",
)  # fmt: skip
_DEX_DEVICES = ("devicerequests", "devicetokens")
# katib, at v0.6.0-rc.0 pkg/controller/v1alpha2/experiment/experiment_controller.go; from v0.7 on
# pkg/webhook/v1alpha3/webhook.go, for 1.2.0 at a96ff59 pkg/webhook/v1beta1/webhook.go. Later ones
# bring them as manifests.
_KATIB_V1ALPHA2 = "experiment"
_KATIB_V1ALPHA3 = "katib"


def _definitions(version: str, names: Iterable[str]) -> list[tuple[str, str, str, str]]:
    return [(version, "CustomResourceDefinition", "", f"{one}.dex.coreos.com") for one in names]


def _hooks(name: str) -> list[tuple[str, str, str, str]]:
    return [
        (HOOKS_BETA, kind, "", f"{name}-{word}-webhook-config")
        for kind, word in zip(WEBHOOKS, ("mutating", "validating"), strict=True)
    ]


# Istio 1.1 and 1.3: galley/pkg/crd/validation (flag --webhook-name, default istio-galley); its
# owner is a Deployment or ClusterRole, by version, so it may stay. citadel writes a secret for
# every service account (security/pkg/k8s/controller/workloadsecret.go, prefix "istio."): those of
# the account `default` in namespaces that stay are named here.
_ISTIO_OLD = [
    (HOOKS_BETA, "ValidatingWebhookConfiguration", "", "istio-galley"),
    ("v1", "Secret", "default", "istio.default"),
    ("v1", "Secret", "kube-public", "istio.default"),
    ("v1", "Secret", "kube-system", "istio.default"),
    ("v1", "Secret", "kube-node-lease", "istio.default"),
]
# Istio 1.16 on: pilot/pkg/serviceregistry/kube/controller/namespacecontroller.go, in every
# namespace but kube-system, kube-public and kube-node-lease.
_ISTIO_NEW = [("v1", "ConfigMap", "default", "istio-ca-root-cert")]
# cert-manager 0.11: cmd/cainjector/start.go, cmd/controller/app/controller.go (ConfigMaps as
# locks); the manifests give --leader-election-namespace=kube-system.
_CERTIFICATES_OLD = [
    ("v1", "ConfigMap", "kube-system", "cert-manager-controller"),
    ("v1", "ConfigMap", "kube-system", "cert-manager-cainjector-leader-election"),
    ("v1", "ConfigMap", "kube-system", "cert-manager-cainjector-leader-election-core"),
]
# cert-manager 1.10 to 1.19: cmd/cainjector/app, cmd/controller/app (Leases as locks).
_CERTIFICATES_NEW = [
    ("coordination.k8s.io/v1", "Lease", "kube-system", "cert-manager-controller"),
    ("coordination.k8s.io/v1", "Lease", "kube-system", "cert-manager-cainjector-leader-election"),
]
# Not named: the webhook configurations of seldon-operator 0.3.1 (0.6.2, 0.7.1). It gives them no
# names of its own, so controller-runtime's are taken (`mutating-webhook-configuration`), which may
# be anybody's.
# pipelines 1.0.4: backend/src/cache/deployer; later ones bring the webhook as a manifest, and a
# certificate of cert-manager's.
_CACHE = [
    (HOOKS_BETA, "MutatingWebhookConfiguration", "", "cache-webhook-kubeflow"),
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", "", "cache-server.kubeflow"),
]
# kfserving 0.2.2: pkg/constants/constants.go, pkg/webhook/webhook.go.
_KFSERVING = [(HOOKS_BETA, kind, "", "inferenceservice.serving.kubeflow.org") for kind in WEBHOOKS]
_TODAY = _definitions(CRDS, _DEX + _DEX_DEVICES) + _ISTIO_NEW + _CERTIFICATES_NEW
AT_RUN_TIME = {
    "0.6.2": _definitions(CRDS_BETA, _DEX) + _ISTIO_OLD + _hooks(_KATIB_V1ALPHA2),
    # Not read for 0.7.1 itself: katib as in the release after it, cert-manager by its images.
    "0.7.1": _definitions(CRDS_BETA, _DEX) + _ISTIO_OLD + _hooks(_KATIB_V1ALPHA3)
    + _CERTIFICATES_OLD,
    "1.0.2": _definitions(CRDS_BETA, _DEX) + _ISTIO_OLD + _hooks(_KATIB_V1ALPHA3)
    + _CERTIFICATES_OLD + _KFSERVING,
    # kfserving 0.4.1 and seldon 1.4.0 have theirs in the manifests.
    "1.2.0": _definitions(CRDS_BETA, _DEX) + _ISTIO_OLD + _hooks(_KATIB_V1ALPHA3)
    + _CERTIFICATES_OLD + _CACHE,
}  # fmt: skip

# Images that workloads start and that the lists of the old releases lack, from the ConfigMaps and
# variables of the manifests at the commits that the KfDefs name: argo/base/params.env,
# jupyter-web-app/base/config-map.yaml, katib's and kfserving's ConfigMaps, seldon's variables.
_NOTEBOOKS = "gcr.io/kubeflow-images-public/tensorflow-%s-notebook-%s:%s"
_KATIB = "gcr.io/kubeflow-images-public/katib/v1alpha3/%s:v0.8.0"
_NOTEBOOKS_062 = (
    "1.5.1", "1.6.0", "1.7.0", "1.8.0", "1.9.0", "1.10.1", "1.11.0", "1.12.0", "1.13.1", "2.0.0a",
)  # fmt: skip
# Those of the later releases, which the lists have by registry only, are those of Docker Hub, in
# ConfigMaps, variables and custom resources of what kustomize builds; and those that programs have
# built in (src/transform/images.py says which, and where it was read).
_SERVERS = (
    "agent", "lgbserver", "paddleserver", "pmmlserver", "router", "sklearnserver",
    "storage-initializer", "xgbserver",
)  # fmt: skip
_IDES = (
    "codeserver-python", "jupyter-pytorch-cuda-full", "jupyter-pytorch-full", "jupyter-scipy",
    "jupyter-tensorflow-cuda-full", "jupyter-tensorflow-full", "rstudio-tidyverse",
)  # fmt: skip
_ALWAYS = (
    "busybox:1.28", "kserve/art-explainer", "tensorflow/serving:2.6.2",
    "tensorflow/tensorflow:2.5.1",
)  # fmt: skip


def _servers(version: str, *more: str) -> list[str]:
    return [f"kserve/{one}:v{version}" for one in (*_SERVERS, *more)]


def _face(version: str) -> list[str]:
    return [*_servers(version, "huggingfaceserver"), f"kserve/huggingfaceserver:v{version}-gpu"]


def _ides(version: str, *more: str) -> list[str]:
    return [f"kubeflownotebookswg/{one}:v{version}" for one in (*_IDES, *more)]


def _pipelines(driver: str, launcher: str) -> list[str]:
    home = "gcr.io/ml-pipeline/kfp"
    return [f"{home}-driver@sha256:{driver}", f"{home}-launcher@sha256:{launcher}"]


ELSEWHERE = {
    # kubeflow/pytorch-operator at 518f9c76, cmd/pytorch-operator.v1/app/options/options.go;
    # kubeflow/pipelines at 1.0.4, backend/src/cache/server/mutation.go, which names no tag.
    "1.2.0": ["alpine:3.10", "alpine:latest"],
    # kubeflow/pipelines at 2.0.0-alpha.7, backend/src/v2/compiler/argocompiler/argo.go: built in,
    # and nothing tells the program others.
    "1.7.0": [
        "gcr.io/ml-pipeline-test/dev/kfp-driver:latest",
        "gcr.io/ml-pipeline-test/dev/kfp-launcher-v2:latest",
    ],
    "1.8.1": [
        *_ALWAYS, *_servers("0.11.2"), *_ides("1.8.0"), "alpine:3.10", "kserve/alibi-explainer",
        "filebrowser/filebrowser:v2.23.0", "gcr.io/google-containers/busybox",
        "mpioperator/kubectl-delivery:latest", "pytorch/torchserve-kfs:0.8.2",
        *_pipelines("8e60086b04d92b657898a310ca9757631d58547e76bbbb8bfc376d654bef1707",
                    "80cf120abd125db84fa547640fd6386c4b2a26936e0c2b04a7d3634991a850a4"),
    ],
    "1.9.1": [
        *_ALWAYS, *_servers("0.13.1", "huggingfaceserver"),
        *_ides("1.9.2", "jupyter-pytorch-gaudi-full"), "alpine:3.10",
        "filebrowser/filebrowser:v2.25.0", "gcr.io/google-containers/busybox",
        "kubeflow/kubectl-delivery:latest", "pytorch/torchserve-kfs:0.9.0",
        *_pipelines("dc8b56a2eb071f30409828a8884d621092e68385af11a6c06aa9e9fbcfbb19de",
                    "bef55a344574a25c557256d7c66cb19edacfd2008d694e5b6bb5b612d59feae0"),
    ],
    "1.10.2": [
        *_ALWAYS, *_face("0.15.0"), "alpine:3.10", "filebrowser/filebrowser:v2.25.0",
        "kubeflow/kubectl-delivery:latest", "pytorch/torchserve-kfs:0.9.0",
        "registry.k8s.io/busybox",
    ],
    "1.11.0": [
        *_ALWAYS, *_face("0.15.2"), "filebrowser/filebrowser:v2.25.0",
        "ghcr.io/containerd/busybox", "pytorch/pytorch:2.7.1-cuda12.8-cudnn9-runtime",
        "pytorch/torchserve-kfs:0.9.0",
    ],
    "26.03": [
        *_ALWAYS, *_face("0.16.0"), "filebrowser/filebrowser:v2.25.0",
        "ghcr.io/containerd/busybox", "pytorch/pytorch:2.7.1-cuda12.8-cudnn9-runtime",
        "pytorch/torchserve-kfs:0.9.0",
    ],
    "0.6.2": [
        "argoproj/argoexec:v2.3.0",
        "docker.io/istio/proxy_init:1.1.6",
        "docker.io/seldonio/engine:0.3.0",
        "gcr.io/kubeflow-images-public/katib/v1alpha2/metrics-collector:v0.1.2-alpha-289-g14dad8b",
        *(_NOTEBOOKS % (one, kind, "v0.5.0") for one in _NOTEBOOKS_062 for kind in ("cpu", "gpu")),
    ],
    "1.0.2": [
        "argoproj/argoexec:v2.3.0",
        "docker.io/kubeflowkatib/mxnet-mnist",
        "gcr.io/knative-releases/knative.dev/serving/cmd/queue@sha256:"
        "792f6945c7bc73a49a470a5b955c39c8bd174705743abf5fb71aa0f4c04128eb",
        "mcr.microsoft.com/onnxruntime/server",
        "nvcr.io/nvidia/tensorrtserver",
        *(f"seldonio/{one}_{way}" for one in (
            "mlflowserver", "sklearnserver", "tfserving-proxy", "xgboostserver")
          for way in ("grpc", "rest")),
        "tensorflow/serving:latest",
        "ubuntu:xenial",
        "docker.io/seldonio/engine:1.0.1",
        "gcr.io/kfserving/alibi-explainer",
        "gcr.io/kfserving/logger:0.2.2",
        "gcr.io/kfserving/pytorchserver",
        "gcr.io/kfserving/sklearnserver",
        "gcr.io/kfserving/storage-initializer:0.2.1",
        "gcr.io/kfserving/storage-initializer:0.2.2",
        "gcr.io/kfserving/xgbserver",
        _NOTEBOOKS % ("1.14.0", "cpu", "v-base-ef41372-1177829795472347138"),
        *(_NOTEBOOKS % (one, kind, "1.0.0") for one in ("1.15.2", "2.1.0")
          for kind in ("cpu", "gpu")),
        *(_KATIB % one for one in (
            "file-metrics-collector", "tfevent-metrics-collector", "suggestion-hyperopt",
            "suggestion-chocolate", "suggestion-hyperband", "suggestion-skopt",
            "suggestion-nasrl")),
    ],
}  # fmt: skip
# kfserving-install/base/params.env of 1.0.2.
VARIABLES = {"$(registry)": "gcr.io/kfserving"}


def read(folder: Path, release: str) -> dict[str, Any]:
    """Return the table of a release that is listed in a folder."""
    lists = [
        yaml.safe_load((folder / f"inventory-{name}.yaml").read_text(encoding="utf-8"))
        for name in RELEASES[release]
    ]
    return table(release, lists)


def build(clone: Path, kustomize: str, release: str) -> dict[str, Any]:
    """Return the table of a release that is built from a clone of kubeflow/manifests."""
    with tempfile.TemporaryDirectory() as folder:
        check_out(clone, release, Path(folder))
        found = [
            one for path in BUILT[release] for one in objects_of(kustomize, Path(folder) / path)
        ]
    return table(release, [_listed(found)])


def check_out(clone: Path, release: str, folder: Path) -> None:
    """Write a release's manifests to a folder."""
    commit = table_module.find(release).archives["manifests"].url.rpartition("/")[2]
    archive = ["git", "-C", str(clone), "archive", commit]
    packed = subprocess.run(archive, check=True, stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as tar:
        tar.extractall(folder, filter="data")


def objects_of(kustomize: str, folder: Path) -> list[dict[str, Any]]:
    """Build a folder as kfctl does, whose kustomize lets it name files beside it."""
    command = [kustomize, "build", "--load-restrictor", "LoadRestrictionsNone", str(folder)]
    return read_all(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def read_all(stream: str) -> list[dict[str, Any]]:
    """Return the documents of YAML as Kubernetes reads it."""
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [one for one in yaml_to_json.documents(stream, base) if one]


def _listed(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return objects as the lists have them."""
    objects: dict[str, list[Any]] = {}
    for one in found:
        name, namespace = one["metadata"]["name"], one["metadata"].get("namespace")
        row = {"namespace": namespace, "name": name} if namespace else name
        objects.setdefault(one["kind"], []).append(row)
    return {"objects": objects, "images": images.images_of(found)}


def table(release: str, lists: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a release's table from its lists."""
    objects: dict[str, list[Any]] = {}
    for one in lists:
        for kind, found in one["objects"].items():
            objects.setdefault(kind, []).extend(found)
    more = MORE.get(release, {})
    return {
        "release": release,
        "namespaces": _namespaces(objects, release),
        "workloads": _merged(_workloads(objects), more.get("workloads", [])),
        "claims": _pairs(objects.get("PersistentVolumeClaim", [])),
        "definitions": sorted({*objects["CustomResourceDefinition"],
                               *more.get("definitions", [])}),
        "services": _pairs(objects.get("Service", [])),
        "webhooks": _merged(_webhooks(objects), more.get("webhooks", [])),
        "images": sorted({*_images(lists, release), *more.get("images", [])}),
        "at_run_time": _at_run_time(objects, release),
    }  # fmt: skip


def _at_run_time(objects: dict[str, list[Any]], release: str) -> list[list[str]]:
    brought = objects["CustomResourceDefinition"]
    return sorted(list(one) for one in AT_RUN_TIME.get(release, _TODAY) if one[3] not in brought)


def _namespaces(objects: dict[str, list[Any]], release: str) -> list[str]:
    # kfctl makes the one that its KfDef is in.
    return sorted({*objects["Namespace"], *(["kubeflow"] if release in KFCTL else [])})


def _merged(found: Iterable[Iterable[str]], more: Iterable[Iterable[str]]) -> list[list[str]]:
    return sorted({tuple(one) for one in [*found, *more]})  # type: ignore[arg-type]


def _workloads(objects: dict[str, list[Any]]) -> list[tuple[str, str, str]]:
    return [
        (kind, one["namespace"], one["name"])
        for kind in WORKLOADS
        for one in objects.get(kind, [])
    ]


def _pairs(found: list[dict[str, str]]) -> list[list[str]]:
    return sorted([one["namespace"], one["name"]] for one in found)


def _webhooks(objects: dict[str, list[Any]]) -> list[tuple[str, str]]:
    return [
        (kind, one if isinstance(one, str) else one["name"])
        for kind in WEBHOOKS
        for one in objects.get(kind, [])
    ]


def _images(lists: list[dict[str, Any]], release: str) -> list[str]:
    found = [image for one in lists for image in one["images"]]
    found += [image for one in lists for image in one.get("images_named_elsewhere", [])]
    found += ELSEWHERE.get(release, [])
    for variable, value in VARIABLES.items():
        found = [image.replace(variable, value) for image in found]
    return found


def text(facts: dict[str, Any]) -> str:
    """Return a table as it is kept: a line per fact, so that a change can be read."""
    lines = []
    for key, found in facts.items():
        items = ",\n".join(f"  {json.dumps(one)}" for one in found)
        value = json.dumps(found) if isinstance(found, str) else f"[\n{items}\n ]"
        lines.append(f" {json.dumps(key)}: {value}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> None:
    """Record all releases."""
    tables = [read(Path(sys.argv[1]), release) for release in RELEASES]
    if sys.argv[2:]:
        tables += [build(Path(sys.argv[2]), sys.argv[3], release) for release in BUILT]
    for one in tables:
        (TARGET / f"{one['release']}.json").write_text(text(one), encoding="utf-8")


if __name__ == "__main__":
    main()
