"""Images are renamed wherever objects name them."""

from __future__ import annotations

import json

import pytest

from helpers.kubeflow.transform_cases import (
    REGISTRY,
    SITE,
    config_map,
    container_of,
    manifest_of,
    workload,
)
from kubeflow_installer.releases import inventory
from kubeflow_installer.releases.table import all_releases
from kubeflow_installer.transform.image_names import in_registry
from kubeflow_installer.transform.images import images_of
from kubeflow_installer.transform.transform import (
    transform_object,
)
from labcharm.json_types import JsonObject


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ("docker.io/istio/pilot:1.1.6", "istio/pilot:1.1.6"),
        ("argoproj/argoui:v2.3.0", "argoproj/argoui:v2.3.0"),
        ("busybox", "library/busybox"),
        ("mysql:8.0.29", "library/mysql:8.0.29"),
        ("docker.io/ubuntu:xenial", "library/ubuntu:xenial"),
        ("registry.k8s.io/busybox", "busybox"),
        ("localhost/a/b:1", "a/b:1"),
        ("localhost:5000/a:1", "a:1"),
        ("public.ecr.aws/docker/library/python:3.12", "docker/library/python:3.12"),
        (f"gcr.io/knative-releases/cmd/queue@sha256:{'0a' * 32}",
         f"knative-releases/cmd/queue@sha256:{'0a' * 32}"),
        (f"gcr.io/a/b:v1@sha256:{'0a' * 32}", f"a/b:v1@sha256:{'0a' * 32}"),
    ],
)  # fmt: skip
def test_image_keeps_its_path_in_the_registry(image: str, path: str) -> None:
    """Tag and digest stay as they were."""
    assert in_registry(image, REGISTRY) == f"{REGISTRY}/{path}"
    assert in_registry(image, REGISTRY + "/") == f"{REGISTRY}/{path}"
    assert in_registry(f"{REGISTRY}/{path}", REGISTRY) == f"{REGISTRY}/{path}"
    assert in_registry(image, "") == image


@pytest.mark.parametrize(
    "manifest",
    [
        workload("Deployment", "x", {"image": "IMAGE"}),
        workload("Job", "x", {"image": "IMAGE"}),
        manifest_of("Pod", "x", spec={"initContainers": [{"name": "a", "image": "IMAGE"}]}),
        manifest_of("CronJob", "x", api="batch/v1beta1", spec={
            "jobTemplate": {"spec": {"template": {"spec": {"containers": [{"image": "IMAGE"}]}}}}
        }),
        manifest_of("Image", "queue-proxy", api="caching.internal.knative.dev/v1alpha1",
                    spec={"image": "IMAGE"}),
        manifest_of("ClusterTrainingRuntime", "x", api="trainer.kubeflow.org/v1alpha1",
                    spec={"template": {"spec": {"replicatedJobs": [{"template": {"spec": {
                        "template": {"spec": {"containers": [{"image": "IMAGE"}]}}}}}]}}}),
    ],
    ids=lambda manifest: manifest["kind"],
)  # fmt: skip
@pytest.mark.parametrize("image", ["busybox", "mysql:8", "quay.io/a/b:v1", "a/b"])
def test_key_image_is_an_image_in_every_kind(manifest: JsonObject, image: str) -> None:
    """Even where its value is a bare word."""
    manifest = json.loads(json.dumps(manifest).replace("IMAGE", image))
    text = json.dumps(transform_object(manifest, SITE))

    assert json.dumps(in_registry(image, REGISTRY)) in text
    assert images_of([manifest]) == [image]
    assert images_of([transform_object(manifest, SITE)]) == [in_registry(image, REGISTRY)]


@pytest.mark.parametrize("image", ["", "auto", "$(REGISTRY)/a:1", "{{ .Values.hub }}/a"])
def test_placeholders_for_images_stay(image: str) -> None:
    """Istio fills in `auto`, and variables are the container's."""
    manifest = workload("Deployment", "x", {"image": image})

    assert container_of(transform_object(manifest, SITE))["image"] == image
    assert images_of([manifest]) == []


@pytest.mark.parametrize(
    ("word", "changed"),
    [
        ("--acme-solver-image=quay.io/jetstack/s:v1", "--acme-solver-image=R/jetstack/s:v1"),
        ("--init-image=alpine:3.10", "--init-image=R/library/alpine:3.10"),
        ("--image-pull-policy=Always", "--image-pull-policy=Always"),
        ("--url=https://quay.io/a/b", "--url=https://quay.io/a/b"),
        ("run gcr.io/a/b:v1 and quit", "run R/a/b:v1 and quit"),
        ("--port=8080:8080", "--port=8080:8080"),
        ("--name=a/b:c", "--name=a/b:c"),
        ("--image=", "--image="),
    ],
)  # fmt: skip
def test_images_in_arguments_are_renamed(word: str, changed: str) -> None:
    """They are recognised by the flag's name, or by a public registry's."""
    manifest = workload("Deployment", "x", {"image": "a/b", "args": [word]})

    assert container_of(transform_object(manifest, SITE))["args"] == [
        changed.replace("R/", REGISTRY + "/")
    ]


def test_image_after_its_flag_is_renamed() -> None:
    """Argo's controller has its flag and image as two words."""
    words = ["--configmap", "a/b:c", "--executor-image", "argoproj/argoexec:v2", "--image", "-x"]
    manifest = workload("Deployment", "x", {"image": "a/b", "command": words})

    assert container_of(transform_object(manifest, SITE))["command"] == [
        "--configmap", "a/b:c", "--executor-image", f"{REGISTRY}/argoproj/argoexec:v2", "--image",
        "-x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("VOLUME_VIEWER_IMAGE", "filebrowser/filebrowser:v2", "filebrowser/filebrowser:v2"),
        ("ENGINE_CONTAINER_IMAGE_AND_VERSION", "docker.io/seldonio/e:1", "seldonio/e:1"),
        ("RA", "gcr.io/a/b@sha256:" + "0" * 64, "a/b@sha256:" + "0" * 64),
        ("IMAGE_PULL_POLICY", "Always", ""),
        ("WITH_IMAGE", "true", ""),
        ("HOST", "ml-pipeline.kubeflow:8888", ""),
    ],
)
def test_images_in_variables_are_renamed(name: str, value: str, path: str) -> None:
    """They are recognised by the variable's name, or by a public registry's."""
    container = {"image": "a/b", "env": [{"name": name, "value": value}, {"name": "OTHER"}]}
    manifest = container_of(transform_object(workload("Deployment", "x", container), SITE))

    assert manifest["env"][0]["value"] == (f"{REGISTRY}/{path}" if path else value)


TEXTS = [
    # Istio's values, up to today's.
    ("values", '{"global":{"hub":"docker.io/istio","tag":"1.2","proxy":{"image":"proxyv2"},'
               '"enableCoreDumpImage":"ubuntu:xenial"}}',
     '{"global":{"hub":"R/istio","tag":"1.2","proxy":{"image":"proxyv2"},'
     '"enableCoreDumpImage":"R/library/ubuntu:xenial"}}'),
    # Istio 1.1's template.
    ("config", 'image: [[ annotation `proxyImage`  "docker.io/istio/proxyv2:1.1.6"  ]]',
     'image: [[ annotation `proxyImage`  "R/istio/proxyv2:1.1.6"  ]]'),
    ("config", 'image: "{{ annotation .ObjectMeta `proxyImage` .Values.global.hub }}"\n', ""),
    # kserve's, and what it was before.
    ("agent", '{\n  "image" : "kserve/agent:v0.15.0",\n  "memory": "100Mi"\n}',
     '{\n  "image" : "R/kserve/agent:v0.15.0",\n  "memory": "100Mi"\n}'),
    ("predictors", '{"sklearn": {"image": "gcr.io/kfserving/sklearnserver", "v": "v0.2"}}',
     '{"sklearn": {"image": "R/kfserving/sklearnserver", "v": "v0.2"}}'),
    # katib's.
    ("katib-config.yaml", "init:\n  - algorithm: tpe\n    image: docker.io/kubeflowkatib/s:v1\n",
     "init:\n  - algorithm: tpe\n    image: R/kubeflowkatib/s:v1\n"),
    # argo's, of releases by kfctl.
    ("config", "{\nexecutorImage: argoproj/argoexec:v2.3.0,\nartifactRepository: {}\n}",
     "{\nexecutorImage: R/argoproj/argoexec:v2.3.0,\nartifactRepository: {}\n}"),
    # The pipelines' program for namespaces.
    ("sync.py", 'image=os.environ.get("FRONTEND_IMAGE", "ghcr.io/kubeflow/kfp-frontend")\n',
     'image=os.environ.get("FRONTEND_IMAGE", "R/kubeflow/kfp-frontend")\n'),
    ("registry", "gcr.io/kfserving", "R/kfserving"),
    # Whole values.
    ("TENSORBOARD_IMAGE", "tensorflow/tensorflow:2.5.1", "R/tensorflow/tensorflow:2.5.1"),
    ("queue-sidecar-image", "gcr.io/knative/queue@sha256:" + "a" * 64,
     "R/knative/queue@sha256:" + "a" * 64),
    ("cacheImage", "registry.k8s.io/busybox", "R/busybox"),
    ("pytorchDefaultImage", "null", ""),
    # What only looks like one.
    ("note", "see https://quay.io/repository/a/b and https://github.com/a/b:c", ""),
    ("hosts", "minio-service.kubeflow:9000/bucket:x", ""),
    ("form", "image:\n  value: ''\n  options: []\n", ""),
    ("policy", "imagePullPolicy: Always\nimagePullSecrets: a/b:c\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("key", "text", "changed"), TEXTS)
@pytest.mark.parametrize("registry", [REGISTRY, "quay.io/ours", "reg.lab/gcr.io"])
def test_images_in_config_maps_are_renamed(
    key: str, text: str, changed: str, registry: str
) -> None:
    """In JSON, YAML, templates and programs, as upstream has them in ConfigMaps."""
    manifest = config_map("any", **{key: text})
    transformed = transform_object(manifest, SITE._replace(registry=registry))

    assert transformed["data"][key] == (changed or text).replace("R/", registry + "/")
    assert transform_object(transformed, SITE._replace(registry=registry)) == transformed
    if not changed:
        assert transformed is manifest


def test_definitions_and_secrets_stay() -> None:
    """Their descriptions and values may look like images."""
    schema = {"description": "such as gcr.io/a/b:v1", "image": "quay.io/c/d"}
    definition = manifest_of(
        "CustomResourceDefinition", "x", spec={"versions": [{"schema": schema}]}
    )
    secret = manifest_of("Secret", "x", data={"image": "cXVheS5pby9hL2I="})

    assert images_of([definition, secret]) == []
    assert transform_object(definition, SITE) is definition
    assert transform_object(secret, SITE) is secret


def test_untagged_name_beside_a_tagged_one_is_not_listed() -> None:
    """A program adds the tag; the pod's image has it."""
    program = config_map("code", **{"sync.py": 'get("X", "ghcr.io/kubeflow/kfp-frontend")'})
    pod = workload(
        "Deployment", "ml-pipeline-ui", {"image": "ghcr.io/kubeflow/kfp-frontend:2.5.0"}
    )

    assert images_of([program, pod]) == ["ghcr.io/kubeflow/kfp-frontend:2.5.0"]
    assert images_of([program]) == ["ghcr.io/kubeflow/kfp-frontend"]


def test_images_of_the_inventories_are_recognised_in_text() -> None:
    """No image of an inventory is missed."""
    for release in (row.name for row in all_releases()):
        for image in inventory.load(release).images:
            manifest = config_map("x", someImage=image, text=f'{{"image": "{image}"}}')
            bare = "/" not in image and ":" not in image
            assert images_of([manifest]) == ([] if bare else [image])
