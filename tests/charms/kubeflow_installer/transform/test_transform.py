"""All objects of each release are transformed for a site."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

from helpers.damage import damaged_texts, refusals
from helpers.kubeflow import generated
from helpers.kubeflow.generated import SHIPPED_COOKIE, SHIPPED_HASH, SHIPPED_SECRET, SHIPPED_USER
from helpers.kubeflow.transform_cases import (
    HASH,
    REGISTRY,
    SITE,
    UPSTREAM,
    USER,
    config_map,
    container_of,
)
from kubeflow_installer.transform.gateway import SERVICE
from kubeflow_installer.transform.image_names import in_registry
from kubeflow_installer.transform.images import images_of
from kubeflow_installer.transform.normalize import decode_secret
from kubeflow_installer.transform.transform import (
    SiteSettings,
    transform_object,
)
from labcharm.documents import DocumentError, parse_object

RELEASES = (
    "0.6.2", "0.7.1", "1.0.2", "1.2.0", "1.7.0", "1.8.1", "1.9.1", "1.10.2", "1.11.0", "26.03",
)  # fmt: skip


def texts(manifest: Any) -> str:
    """Return everything that an object holds, Secrets decoded."""
    secrets = (manifest.get("data") or {}) if manifest["kind"] == "Secret" else {}
    return json.dumps(manifest) + " ".join(decode_secret(secret) for secret in secrets.values())


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("settings", [UPSTREAM, SITE], ids=["plain", "site"])
def test_transforming_again_changes_nothing(release: str, settings: SiteSettings) -> None:
    """The objects that are passed stay as they are."""
    objects = generated.objects(release)
    before = copy.deepcopy(objects)
    transformed = [transform_object(manifest, settings) for manifest in objects]

    assert objects == before
    assert [transform_object(manifest, settings) for manifest in transformed] == transformed
    assert [
        transform_object(manifest, settings) for manifest in json.loads(json.dumps(transformed))
    ] == transformed


@pytest.mark.parametrize("release", RELEASES)
def test_no_secret_of_upstream_remains(release: str) -> None:
    """Neither hash, nor user, nor the secrets that clients and cookies are signed with."""
    transformed = [transform_object(manifest, SITE) for manifest in generated.objects(release)]
    leaks = [
        (manifest["kind"], manifest["metadata"]["name"], word)
        for manifest in transformed
        for word in (SHIPPED_HASH, SHIPPED_USER, SHIPPED_SECRET, SHIPPED_COOKIE,
                     "admin@kubeflow.org")
        if word in texts(manifest)
    ]  # fmt: skip

    assert leaks == []
    assert any(HASH in texts(manifest) for manifest in transformed)
    assert any(USER in texts(manifest) for manifest in transformed)


@pytest.mark.parametrize("release", RELEASES)
def test_every_image_is_in_the_registry(release: str) -> None:
    """Wherever an image is named; no two images become one."""
    objects = generated.objects(release)
    transformed = [transform_object(manifest, SITE) for manifest in objects]
    images = images_of(objects)

    assert images_of(transformed) == sorted(in_registry(image, REGISTRY) for image in images)
    # Each workload has one, so all of the inventory are there that there are workloads for.
    used_images = [
        container_of(manifest)["image"]
        for manifest in objects
        if manifest["apiVersion"] == "apps/v1"
    ]
    assert set(used_images) <= set(images)
    assert {"busybox:1.36", "quay.io/helpers/helper:v1", "kserve/agent:v0.1.2"} <= set(images)
    hosts = re.compile(r"(?<![\w./-])(docker\.io|gcr\.io|ghcr\.io|quay\.io)/")
    assert [
        manifest["metadata"]["name"]
        for manifest in transformed
        if hosts.search(json.dumps(manifest))
    ] == []


@pytest.mark.parametrize("release", RELEASES)
def test_empty_settings_change_only_what_is_necessary(release: str) -> None:
    """An object that needs no change is returned itself."""
    objects = generated.objects(release)
    changed = {
        (manifest["kind"], manifest["metadata"]["name"])
        for manifest in objects
        if transform_object(manifest, UPSTREAM) is not manifest
    }
    kinds = {kind for kind, _ in changed}

    # Quantities; nulls; place for certificates; collected rules; plain text of Secrets.
    expected = {
        "Deployment", "StatefulSet", "DaemonSet", "PersistentVolumeClaim", "ConfigMap",
        "CustomResourceDefinition", "MutatingWebhookConfiguration", "ClusterRole", "Secret",
        "ValidatingWebhookConfiguration", "Service", "Gateway", "Profile",
    }  # fmt: skip
    assert kinds <= expected
    assert {name for kind, name in changed if kind == "Service"} == {"istio-ingressgateway"}
    names = {name for kind, name in changed if kind == "ConfigMap"}
    assert names <= {"dex", "dex-parameters", "default-install-config-9h2h2b6hbk"}
    roles = [manifest for manifest in objects if manifest["kind"] == "ClusterRole"]
    assert len([name for kind, name in changed if kind == "ClusterRole"]) == len(roles) // 10


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret", "Gateway", "Deployment", "Service"])
def test_damaged_object_is_transformed_or_named(kind: str) -> None:
    """Attached manifests may hold anything under the names that the charm changes."""
    objects = [entry for entry in generated.objects("1.8.1") if entry["kind"] == kind]
    copies = [
        parse_object(text) or {}
        for number, manifest in enumerate(objects[:12])
        for text in damaged_texts(json.dumps(manifest), 25, number)
    ]
    # The reader of manifests refuses the others.
    changed = [copy for copy in copies if _is_named(copy)]
    messages = refusals(lambda copy: transform_object(copy, SITE), changed, DocumentError)
    assert all(" of the manifests does not have the expected" in text for text in messages)


def _is_named(manifest: Any) -> bool:
    metadata = manifest.get("metadata")
    return bool(isinstance(metadata, dict) and metadata.get("name") and manifest.get("kind"))


def test_object_of_another_form_is_named() -> None:
    broken = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": SERVICE[1]}}
    broken["metadata"]["namespace"] = SERVICE[0]  # type: ignore[index]
    expected = "^Service istio-system/istio-ingressgateway of the manifests does not have the"
    with pytest.raises(DocumentError, match=expected):
        transform_object(broken, SITE)


def test_dates_in_dexs_settings_do_not_matter() -> None:
    """YAML has a type for them, and JSON has none."""
    text = "enablePasswordDB: true\nsince: 2020-01-01\n"
    dex = dict(config_map("dex"), data={"config.yaml": text})

    assert HASH in transform_object(dex, SITE)["data"]["config.yaml"]


def test_missing_password_hash_is_refused() -> None:
    """Upstream's password must not get through by mistake."""
    with pytest.raises(ValueError, match="never upstream's"):
        transform_object(config_map("any"), UPSTREAM._replace(password_hash=""))
    with pytest.raises(ValueError, match="never upstream's"):
        transform_object(config_map("any"), UPSTREAM._replace(login_key=""))
