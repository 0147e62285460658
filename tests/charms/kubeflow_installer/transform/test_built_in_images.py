"""Images that programs have built in are named explicitly, so that they can be renamed."""

from __future__ import annotations

import pytest

from helpers.kubeflow.transform_cases import (
    REGISTRY,
    SITE,
    UPSTREAM,
    container_of,
    workload,
)
from kubeflow_installer.transform.image_names import in_registry
from kubeflow_installer.transform.images import images_of
from kubeflow_installer.transform.transform import (
    transform_object,
)

PIPELINES = "gcr.io/ml-pipeline/api-server:2.0.5"


def test_images_built_into_pipelines_are_named_in_variables() -> None:
    """Pipelines up to 2.3 name their driver and launcher only in the program."""
    manifest = workload("Deployment", "ml-pipeline", {"image": PIPELINES, "env": [{"name": "A"}]})
    variables = container_of(transform_object(manifest, SITE))["env"]

    assert [variable["name"] for variable in variables] == [
        "A",
        "V2_DRIVER_IMAGE",
        "V2_LAUNCHER_IMAGE",
    ]
    assert variables[1]["value"].startswith(
        f"{REGISTRY}/ml-pipeline/kfp-driver@sha256:8e60086b04d9"
    )
    assert variables[2]["value"].startswith(
        f"{REGISTRY}/ml-pipeline/kfp-launcher@sha256:80cf120abd12"
    )
    assert [image.partition("@")[0] for image in images_of([manifest])] == [
        PIPELINES, "gcr.io/ml-pipeline/kfp-driver", "gcr.io/ml-pipeline/kfp-launcher",
    ]  # fmt: skip
    # Without a registry they stay unchanged; where upstream names them, upstream's names stay.
    assert container_of(transform_object(manifest, UPSTREAM))["env"] == [{"name": "A"}]
    variables = [{"name": "V2_DRIVER_IMAGE", "value": "ghcr.io/a/driver:1"}]
    manifest = workload("Deployment", "ml-pipeline", {"image": PIPELINES, "env": variables})
    assert (
        container_of(transform_object(manifest, SITE))["env"][0]["value"]
        == f"{REGISTRY}/a/driver:1"
    )
    assert len(container_of(transform_object(manifest, SITE))["env"]) == 2
    manifest = workload(
        "Deployment", "ml-pipeline", {"image": "ghcr.io/kubeflow/kfp-api-server:2.5.0"}
    )
    assert "env" not in container_of(transform_object(manifest, SITE))


@pytest.mark.parametrize("tag", ["v1-5a5f92d", "v1-855e096"])
def test_images_built_into_the_training_operator_are_named_in_flags(tag: str) -> None:
    """The operator has flags for them."""
    image = f"kubeflow/training-operator:{tag}"
    manifest = workload("Deployment", "training-operator", {"image": image})

    assert container_of(transform_object(manifest, SITE))["args"] == [
        f"--pytorch-init-container-image={REGISTRY}/library/alpine:3.10",
        f"--mpi-kubectl-delivery-image={REGISTRY}/mpioperator/kubectl-delivery:latest",
    ]
    assert images_of([manifest]) == ["alpine:3.10", image, "mpioperator/kubectl-delivery:latest"]
    assert images_of([transform_object(manifest, SITE)]) == sorted(
        in_registry(image, REGISTRY) for image in images_of([manifest])
    )
