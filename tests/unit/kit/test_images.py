"""The images of a kit are those in the objects that the charms apply."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from botlab.catalogue import device_plugins, image_names, metallb, provisioners
from botlab.catalogue.kubernetes import Version
from botlab.catalogue.withdrawn_images import public_name, release_images
from botlab.kit.images import file_name
from botlab.kit.items import Item, Kind
from helpers.kits import EXAMPLE, kit_items
from kubeflow_installer import list_images
from kubeflow_installer.options import read_options as kubeflow_options
from kubeflow_installer.releases import table, withdrawn
from kubeflow_installer.transform.image_names import in_registry
from metallb.manifests.built_in import built_in_objects
from metallb.manifests.settings import Settings
from metallb.manifests.upstream import adapted_objects
from metallb.releases import release_table
from nfs_server.cluster.provisioner import make_objects
from nfs_server.cluster.releases import default_release, releases
from nfs_server.cluster.storage_class import ExportSource, StorageClass
from nfs_server.verify.params import read_params
from nvidia_runtime.cluster.device_plugin import PluginSettings, choose_version, plugin_objects

REGISTRY = "registry.lab.example:5000"
KUBERNETES = ((1, 13), (1, 15), (1, 16), (1, 19), (1, 20), (1, 35))


def pod_images(objects: object) -> Iterator[str]:
    """Yield the images of all containers in objects."""
    if isinstance(objects, list):
        for node in objects:
            yield from pod_images(node)
    elif isinstance(objects, dict):
        if isinstance(objects.get("image"), str):
            yield objects["image"]
        for node in objects.values():
            yield from pod_images(node)


def targets(items: list[Item], *beginnings: str) -> set[str]:
    """Return the images in the lab's registry whose paths have one of some beginnings."""
    images = {item.target for item in items if item.kind is Kind.IMAGE}
    return {image for image in images if image.removeprefix(f"{REGISTRY}/").startswith(beginnings)}


def metallb_settings(registry: str) -> Settings:
    return Settings(registry=registry, log_level="info", node_selector=(), tolerations=())


def storage_objects(server: Version, registry: str) -> list[dict[str, object]]:
    storage_class = StorageClass("nfs", True, "lab/provisioner", "Delete", True, "", "")
    source = ExportSource("10.0.0.1", "/nfsroot", ())
    return make_objects(default_release(server), storage_class, source, registry)


def test_image_of_the_check_of_claims_is_in_the_kit(example_items: list[Item]) -> None:
    assert targets(example_items, "library/busybox:") >= {read_params({}, REGISTRY).image}


def test_images_of_the_example_are_those_of_the_applied_objects(
    example_items: list[Item],
) -> None:
    (release,) = [row for row in release_table().releases if row.name == "v0.8.1"]
    objects: list[object] = [
        built_in_objects(release, metallb_settings(REGISTRY), enforces_pod_security=False),
        storage_objects((1, 13), REGISTRY),
        plugin_objects((1, 13), PluginSettings(choose_version((1, 13), "auto"), REGISTRY, True)),
    ]
    own = targets(example_items, "metallb/", "external_storage/", "nvidia/")
    assert own == set(pod_images(objects))
    results = list_images.results(
        "0.6.2",
        kubeflow_options(
            {"version": "0.6.2", "user": "a@lab.example", "image-registry": f"{REGISTRY}/kubeflow"}
        ),
    )
    assert targets(example_items, "kubeflow/") == set(json.loads(results["pulled-from"]))


@pytest.mark.parametrize("name", [row.name for row in release_table().releases])
def test_images_of_each_metallb_release_are_those_of_its_objects(name: str) -> None:
    release = metallb.find_release(name)
    (row,) = [row for row in release_table().releases if row.name == name]
    assert release is not None
    assert (release.digest, release.manifest_url) == (row.digest, row.manifest_url)
    if row.uses_custom_resources:
        # The manifest is upstream's; the charm renames these images when a site has a registry.
        pods = [{"image": image} for image in release.images]
        workload = {"kind": "Deployment", "spec": {"template": {"spec": {"containers": pods}}}}
        objects = adapted_objects([workload], metallb_settings(REGISTRY), row, False)
        names = [image_names.in_registry(image, REGISTRY) for image in release.images]
        assert list(pod_images(objects)) == names
    else:
        objects = built_in_objects(row, metallb_settings(""), enforces_pod_security=False)
        assert set(pod_images(objects)) == set(release.images)


@pytest.mark.parametrize("server", KUBERNETES)
def test_images_of_the_provisioner_and_the_plugin_follow_the_cluster(server: Version) -> None:
    assert {provisioners.provisioner_image(server, "")} == set(
        pod_images(storage_objects(server, ""))
    )
    settings = PluginSettings(choose_version(server, "auto"), "", True)
    image = device_plugins.plugin_image(server, "auto")
    assert {image} == set(pod_images(plugin_objects(server, settings)))


def test_images_of_named_releases_do_not_need_the_cluster() -> None:
    for release in releases():
        image = provisioners.provisioner_image(None, release.name)
        assert image == f"{release.registry}/{release.image}:{release.name}"
    for version in ("1.0.0-beta4", "v0.9.0", "v0.10.0"):
        objects = plugin_objects((1, 30), PluginSettings(version, "", True))
        assert {device_plugins.plugin_image(None, version)} == set(pod_images(objects))
    assert provisioners.provisioner_image(None, "") is None
    assert device_plugins.plugin_image(None, "auto") is None
    assert provisioners.provisioner_image((1, 30), "v9") is None


@pytest.mark.parametrize("release", [release.name for release in table.all_releases()])
def test_names_of_kubeflows_images_are_those_of_the_charm(release: str) -> None:
    for image in release_images(release):
        is_gone = withdrawn.is_withdrawn(image)
        assert public_name(image) == (withdrawn.replacement(image) if is_gone else image)
        assert image_names.in_registry(image, REGISTRY) == in_registry(image, REGISTRY)
    names = [file_name(image) for image in release_images(release)]
    assert len({*names}) == len(names)
    assert all(len(name) <= 84 and ":" not in name and "/" not in name for name in names)


def write_layer(directory: Path, text: str) -> Path:
    file = directory / "layer.yaml"
    file.write_text(text)
    return file


def test_image_that_no_registry_serves_needs_another_lab(example_items: list[Item]) -> None:
    (item,) = [item for item in example_items if item.name.startswith("minio/minio:")]
    assert item.get.startswith("no public registry serves minio/minio:RELEASE.2018")
    assert item.target == f"{REGISTRY}/kubeflow/minio/minio:RELEASE.2018-02-09T22-40-05Z"


def test_override_of_an_image_is_loaded_under_its_own_name(tmp_path: Path) -> None:
    layer = write_layer(
        tmp_path,
        "applications: {kubeflow-installer: {options: {image-overrides:"
        f" 'mysql:5.6={REGISTRY}/old/mysql:5.6,mysql:8.0.3=example.com/mysql:8'}}}}}}\n",
    )
    items = kit_items(EXAMPLE, make_directory(tmp_path), layer)
    inside = {item.target for item in items if item.name == "docker.io/library/mysql:5.6"}
    assert inside == {f"{REGISTRY}/old/mysql:5.6"}
    (outside,) = [item for item in items if item.name == "docker.io/library/mysql:8.0.3"]
    assert (outside.path, outside.target) == ("", "")
    assert outside.get == (
        "name an image in the lab's registry instead of example.com/mysql:8 (image-overrides)"
    )


def test_further_images_are_loaded_under_their_own_path(tmp_path: Path) -> None:
    digest = f"sha256:{'a' * 64}"
    images = ["busybox:1.37", f"quay.io/x/y@{digest}"]
    items = kit_items(EXAMPLE, make_directory(tmp_path), images=images)
    by_name = {item.name: item for item in items}
    assert by_name["docker.io/library/busybox:1.37"].target == f"{REGISTRY}/library/busybox:1.37"
    pinned = by_name[f"quay.io/x/y@{digest}"]
    assert (pinned.digest, pinned.target) == (digest, f"{REGISTRY}/x/y@{digest}")
    assert pinned.get.startswith("skopeo copy --all --preserve-digests docker://quay.io/x/y@sha")


def test_device_plugin_and_ingress_follow_the_options(tmp_path: Path) -> None:
    layer = write_layer(
        tmp_path,
        "kubernetes: {ingress: true, dashboard: false}\n"
        "applications: {nvidia-runtime: {options: {device-plugin: none}}}\n",
    )
    names = {item.name for item in kit_items(EXAMPLE, make_directory(tmp_path), layer)}
    assert "k8s.gcr.io/defaultbackend-amd64:1.5" in names
    assert "k8s.gcr.io/kubernetes-dashboard-amd64:v1.10.1" not in names
    assert not {name for name in names if "k8s-device-plugin" in name}


def make_directory(parent: Path) -> Path:
    directory = parent / "staging"
    directory.mkdir()
    return directory
