"""The form for new notebooks offers the site's GPUs, taints and images."""

from __future__ import annotations

import pytest
import yaml

from helpers.kubeflow import generated
from helpers.kubeflow.transform_cases import (
    REGISTRY,
    SITE,
    UPSTREAM,
    config_map,
    workload,
)
from kubeflow_installer.transform.images import images_of
from kubeflow_installer.transform.notebooks import Toleration
from kubeflow_installer.transform.transform import (
    SETTINGS_ANNOTATION,
    SiteSettings,
    transform_object,
)
from labcharm.json_types import JsonObject


def form(release: str, settings: SiteSettings) -> JsonObject:
    """Return the form's fields after the transformation."""
    manifest = next(
        candidate
        for candidate in generated.objects(release)
        if "jupyter-web-app-config-9c" in str(candidate["metadata"]["name"])
    )
    text = transform_object(manifest, settings)["data"]["spawner_ui_config.yaml"]
    return dict(yaml.safe_load(text)["spawnerFormDefaults"])


@pytest.mark.parametrize("release", ["1.0.2", "1.2.0", "1.7.0", "1.8.1", "26.03"])
def test_gpu_vendor_is_first_and_selected(release: str) -> None:
    """The other vendors stay behind it."""
    gpus = form(release, SITE)["gpus"]["value"]

    assert gpus["vendor"] == "amd.com/gpu"
    assert [vendor["limitsKey"] for vendor in gpus["vendors"]] == ["amd.com/gpu", "nvidia.com/gpu"]
    assert gpus["vendors"][0]["uiName"] == "AMD"
    assert gpus["num"] == "none"


def test_gpu_vendor_unknown_to_upstream_is_added() -> None:
    """It is shown by its resource's name."""
    gpus = form("1.10.2", SITE._replace(gpu_vendor="gpu.lab/card"))["gpus"]["value"]

    assert gpus["vendors"][0] == {"limitsKey": "gpu.lab/card", "uiName": "gpu.lab/card"}
    assert len(gpus["vendors"]) == 3


def test_each_toleration_becomes_a_choice() -> None:
    """Without a value it tolerates every value."""
    tolerations = (Toleration("gpu", "yes", "NoSchedule"), Toleration("big", "", "NoExecute"))
    group = form("1.10.2", SITE._replace(tolerations=tolerations))["tolerationGroup"]

    assert group["options"] == [
        {
            "groupKey": "gpu=yes:NoSchedule",
            "displayName": "gpu=yes:NoSchedule",
            "tolerations": [
                {"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}
            ],
        },
        {
            "groupKey": "big:NoExecute",
            "displayName": "big:NoExecute",
            "tolerations": [{"key": "big", "operator": "Exists", "effect": "NoExecute"}],
        },
    ]
    assert group["value"] == ""


WITHOUT_TOLERATIONS = ("0.6.2", "0.7.1", "1.0.2")


@pytest.mark.parametrize("release", WITHOUT_TOLERATIONS)
def test_form_without_tolerations_gets_none(release: str) -> None:
    """Its program would not read them; up to 0.7 a text field for GPUs stays too."""
    fields = form(release, SITE)

    assert "tolerationGroup" not in fields
    if release != "1.0.2":
        assert fields["extraResources"] == {"value": "{}", "readOnly": False}
        assert "gpus" not in fields


def test_images_in_the_form_are_renamed() -> None:
    """Also those of Docker Hub, which are in a list without a key that says what they are."""
    text = """\
spawnerFormDefaults:
  image:
    value: kubeflownotebookswg/jupyter-scipy:v1.8.0
    options:
    - kubeflownotebookswg/jupyter-scipy:v1.8.0
    - ghcr.io/kubeflow/jupyter:v1
  imageGroupOne: {value: kubeflownotebookswg/code:v1, options: [kubeflownotebookswg/code:v1]}
  imagePullPolicy: {value: IfNotPresent}
  hideRegistry: true
"""
    manifest = config_map("jupyter-web-app-config", **{"spawner_ui_config.yaml": text})
    transformed = transform_object(manifest, SITE)
    fields = yaml.safe_load(transformed["data"]["spawner_ui_config.yaml"])["spawnerFormDefaults"]

    assert fields["image"] == {
        "value": f"{REGISTRY}/kubeflownotebookswg/jupyter-scipy:v1.8.0",
        "options": [
            f"{REGISTRY}/kubeflownotebookswg/jupyter-scipy:v1.8.0",
            f"{REGISTRY}/kubeflow/jupyter:v1",
        ],
    }  # fmt: skip
    assert fields["imageGroupOne"]["options"] == [f"{REGISTRY}/kubeflownotebookswg/code:v1"]
    assert fields["imagePullPolicy"] == {"value": "IfNotPresent"}
    assert images_of([manifest]) == [
        "ghcr.io/kubeflow/jupyter:v1", "kubeflownotebookswg/code:v1",
        "kubeflownotebookswg/jupyter-scipy:v1.8.0",
    ]  # fmt: skip
    assert transform_object(manifest, UPSTREAM) is manifest, "without settings its comments stay"


@pytest.mark.parametrize("text", ["a: [", "- a\n", "spawnerFormDefaults: none\n", "x: y\n"])
def test_unreadable_form_stays(text: str) -> None:
    """The charm does not repair it."""
    manifest = config_map("it", **{"spawner_ui_config.yaml": text})

    assert transform_object(manifest, SITE) is manifest


def test_program_of_the_form_restarts_for_settings() -> None:
    """Only where the site sets something."""
    manifest = workload("Deployment", "jupyter-web-app-deployment", {"image": "a/b"})
    gpu = UPSTREAM._replace(gpu_vendor="nvidia.com/gpu")

    assert transform_object(manifest, UPSTREAM) is manifest
    assert (
        SETTINGS_ANNOTATION
        in transform_object(manifest, gpu)["spec"]["template"]["metadata"]["annotations"]
    )
    assert transform_object(manifest, gpu) != transform_object(
        manifest, SITE._replace(registry="")
    )
