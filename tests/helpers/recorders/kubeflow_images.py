"""Images that workloads start and that the lists of upstream's manifests lack."""

from __future__ import annotations

# Images that workloads start and that the lists of the old releases lack, from the ConfigMaps and
# variables of the manifests at the commits that the KfDefs name: argo/base/params.env,
# jupyter-web-app/base/config-map.yaml, katib's and kfserving's ConfigMaps, seldon's variables.
_NOTEBOOKS_062 = (
    "1.5.1", "1.6.0", "1.7.0", "1.8.0", "1.9.0", "1.10.1", "1.11.0", "1.12.0", "1.13.1", "2.0.0a",
)  # fmt: skip
# Those of the later releases, which the lists have by registry only, are those of Docker Hub, in
# ConfigMaps, variables and custom resources of what kustomize builds; and those that programs have
# built in (transform/built_in_images.py of the charm says which, and where it was read).
_SERVERS = (
    "agent", "lgbserver", "paddleserver", "pmmlserver", "router", "sklearnserver",
    "storage-initializer", "xgbserver",
)  # fmt: skip
_IDES = (
    "codeserver-python", "jupyter-pytorch-cuda-full", "jupyter-pytorch-full", "jupyter-scipy",
    "jupyter-tensorflow-cuda-full", "jupyter-tensorflow-full", "rstudio-tidyverse",
)  # fmt: skip
_COMMON = (
    "busybox:1.28", "kserve/art-explainer", "tensorflow/serving:2.6.2",
    "tensorflow/tensorflow:2.5.1",
)  # fmt: skip


def _notebook(version: str, kind: str, tag: str) -> str:
    return f"gcr.io/kubeflow-images-public/tensorflow-{version}-notebook-{kind}:{tag}"


def _katib(name: str) -> str:
    return f"gcr.io/kubeflow-images-public/katib/v1alpha3/{name}:v0.8.0"


def _servers(version: str, *more: str) -> list[str]:
    return [f"kserve/{name}:v{version}" for name in (*_SERVERS, *more)]


def _face(version: str) -> list[str]:
    return [*_servers(version, "huggingfaceserver"), f"kserve/huggingfaceserver:v{version}-gpu"]


def _ides(version: str, *more: str) -> list[str]:
    return [f"kubeflownotebookswg/{name}:v{version}" for name in (*_IDES, *more)]


def _pipelines(driver: str, launcher: str) -> list[str]:
    home = "gcr.io/ml-pipeline/kfp"
    return [f"{home}-driver@sha256:{driver}", f"{home}-launcher@sha256:{launcher}"]


ELSEWHERE = {
    # kubeflow/pytorch-operator at 518f9c76, cmd/pytorch-operator.v1/app/options/options.go;
    # kubeflow/pipelines at 1.0.4, backend/src/cache/server/mutation.go, which names no tag.
    "1.2.0": ["alpine:3.10", "alpine:latest"],
    # kubeflow/pipelines at 2.0.0-alpha.7, backend/src/v2/compiler/argocompiler/argo.go: built in,
    # without an option to name others.
    "1.7.0": [
        "gcr.io/ml-pipeline-test/dev/kfp-driver:latest",
        "gcr.io/ml-pipeline-test/dev/kfp-launcher-v2:latest",
    ],
    "1.8.1": [
        *_COMMON, *_servers("0.11.2"), *_ides("1.8.0"), "alpine:3.10", "kserve/alibi-explainer",
        "filebrowser/filebrowser:v2.23.0", "gcr.io/google-containers/busybox",
        "mpioperator/kubectl-delivery:latest", "pytorch/torchserve-kfs:0.8.2",
        *_pipelines("8e60086b04d92b657898a310ca9757631d58547e76bbbb8bfc376d654bef1707",
                    "80cf120abd125db84fa547640fd6386c4b2a26936e0c2b04a7d3634991a850a4"),
    ],
    "1.9.1": [
        *_COMMON, *_servers("0.13.1", "huggingfaceserver"),
        *_ides("1.9.2", "jupyter-pytorch-gaudi-full"), "alpine:3.10",
        "filebrowser/filebrowser:v2.25.0", "gcr.io/google-containers/busybox",
        "kubeflow/kubectl-delivery:latest", "pytorch/torchserve-kfs:0.9.0",
        *_pipelines("dc8b56a2eb071f30409828a8884d621092e68385af11a6c06aa9e9fbcfbb19de",
                    "bef55a344574a25c557256d7c66cb19edacfd2008d694e5b6bb5b612d59feae0"),
    ],
    "1.10.2": [
        *_COMMON, *_face("0.15.0"), "alpine:3.10", "filebrowser/filebrowser:v2.25.0",
        "kubeflow/kubectl-delivery:latest", "pytorch/torchserve-kfs:0.9.0",
        "registry.k8s.io/busybox",
    ],
    "1.11.0": [
        *_COMMON, *_face("0.15.2"), "filebrowser/filebrowser:v2.25.0",
        "ghcr.io/containerd/busybox", "pytorch/pytorch:2.7.1-cuda12.8-cudnn9-runtime",
        "pytorch/torchserve-kfs:0.9.0",
    ],
    "26.03": [
        *_COMMON, *_face("0.16.0"), "filebrowser/filebrowser:v2.25.0",
        "ghcr.io/containerd/busybox", "pytorch/pytorch:2.7.1-cuda12.8-cudnn9-runtime",
        "pytorch/torchserve-kfs:0.9.0",
    ],
    "0.6.2": [
        "argoproj/argoexec:v2.3.0",
        "docker.io/istio/proxy_init:1.1.6",
        "docker.io/seldonio/engine:0.3.0",
        "gcr.io/kubeflow-images-public/katib/v1alpha2/metrics-collector:v0.1.2-alpha-289-g14dad8b",
        *(_notebook(version, kind, "v0.5.0")
          for version in _NOTEBOOKS_062 for kind in ("cpu", "gpu")),
    ],
    "1.0.2": [
        "argoproj/argoexec:v2.3.0",
        "docker.io/kubeflowkatib/mxnet-mnist",
        "gcr.io/knative-releases/knative.dev/serving/cmd/queue@sha256:"
        "792f6945c7bc73a49a470a5b955c39c8bd174705743abf5fb71aa0f4c04128eb",
        "mcr.microsoft.com/onnxruntime/server",
        "nvcr.io/nvidia/tensorrtserver",
        *(f"seldonio/{server}_{protocol}" for server in (
            "mlflowserver", "sklearnserver", "tfserving-proxy", "xgboostserver")
          for protocol in ("grpc", "rest")),
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
        _notebook("1.14.0", "cpu", "v-base-ef41372-1177829795472347138"),
        *(_notebook(version, kind, "1.0.0") for version in ("1.15.2", "2.1.0")
          for kind in ("cpu", "gpu")),
        *(_katib(name) for name in (
            "file-metrics-collector", "tfevent-metrics-collector", "suggestion-hyperopt",
            "suggestion-chocolate", "suggestion-hyperband", "suggestion-skopt",
            "suggestion-nasrl")),
    ],
}  # fmt: skip
# kfserving-install/base/params.env of 1.0.2.
VARIABLES = {"$(registry)": "gcr.io/kfserving"}
