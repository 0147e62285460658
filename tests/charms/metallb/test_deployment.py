"""The kinds that the charm looks for when it prunes and removes objects."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.memory_api import MemoryApi
from labkube.apply.objects import Comparison
from labkube.client.api import Resource
from metallb.config.custom_resources import CUSTOM_RESOURCE_KINDS
from metallb.deployment import KINDS, MetallbDeployment
from metallb.manifests.built_in import built_in_objects
from metallb.manifests.settings import Settings
from metallb.releases import release_table


def test_every_kind_of_every_release_is_pruned_and_removed() -> None:
    """A kind that is missing here would stay on the cluster."""
    made = {
        (entry["apiVersion"], entry["kind"])
        for release in release_table().releases
        if not release.uses_custom_resources
        for entry in built_in_objects(release, Settings("", (), (), "info"), True)
    }

    # Upstream's manifest, which the charm applies from 0.13 on, adds these.
    from_upstream = {
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
        ("v1", "Service"),
        ("v1", "Secret"),
        ("v1", "ConfigMap"),
        *CUSTOM_RESOURCE_KINDS,
    }
    assert made - set(KINDS) == set()
    assert {
        ("v1", "Namespace"),
        ("v1", "ServiceAccount"),
        ("apps/v1", "Deployment"),
        ("apps/v1", "DaemonSet"),
        ("policy/v1beta1", "PodSecurityPolicy"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole"),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
        ("rbac.authorization.k8s.io/v1", "Role"),
        ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    } <= made
    assert set(KINDS) == made | from_upstream


class EveryKindApi(MemoryApi):
    """A server that has every kind of the charm."""

    def kinds(self) -> list[tuple[str, str]]:
        """Return the charm's kinds."""
        return list(KINDS)

    def kind(self, api_version: str, kind: str) -> Resource:
        """Return where a kind's objects are."""
        is_wide = kind.startswith(("Cluster", "PodSecurity", "Namespace", "Custom", "Validating"))
        return Resource("/", kind.lower(), not is_wide)


BUILT_IN = [row for row in release_table().releases if not row.uses_custom_resources]


@pytest.mark.parametrize("release", BUILT_IN, ids=[row.name for row in BUILT_IN])
def test_all_objects_of_a_release_are_extra_and_removed_when_nothing_is_desired(
    release: Any,
) -> None:
    api = EveryKindApi((1, 16))
    deployment: Any = MetallbDeployment(api, "metallb.x", lambda _: None)  # type: ignore[arg-type]
    objects = built_in_objects(release, Settings("", (), (), "info"), True)
    deployment._objects.apply(objects)
    names = sorted(name for _, kind, _, name in api.objects)

    extra = deployment._objects.compare([])
    assert extra == Comparison([], [], [], extra.extra)
    assert sorted(entry.rpartition("/")[2].split()[-1] for entry in extra.extra) == names
    assert deployment._objects.remove() == []
    assert api.objects == {}
