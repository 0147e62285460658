"""The kinds that the charm looks for when it prunes and removes objects."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.metallb_api import EveryKindApi
from labcharm.machine import Machine
from labcharm.proxies import DIRECT
from labkube.apply.objects import Applied, Comparison, ForeignObjectError
from metallb.config.custom_resources import CUSTOM_RESOURCE_KINDS
from metallb.deployment import KINDS, MetallbDeployment
from metallb.desired_state import DesiredState
from metallb.manifests.built_in import built_in_objects
from metallb.manifests.settings import Settings
from metallb.manifests.sources import ManifestSources
from metallb.options import read_options
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


OPTIONS = {"addresses": "10.0.0.10-10.0.0.19", "version": "v0.9.8"}
EXPECTED = [
    "ClusterRole metallb-system:controller",
    "ClusterRole metallb-system:speaker",
    "ClusterRoleBinding metallb-system:controller",
    "ClusterRoleBinding metallb-system:speaker",
    "ConfigMap metallb-system/config",
    "DaemonSet metallb-system/speaker",
    "Deployment metallb-system/controller",
    "Namespace metallb-system",
    "PodSecurityPolicy controller",
    "PodSecurityPolicy speaker",
    "Role metallb-system/config-watcher",
    "Role metallb-system/pod-lister",
    "RoleBinding metallb-system/config-watcher",
    "RoleBinding metallb-system/pod-lister",
    "Secret metallb-system/memberlist",
    "ServiceAccount metallb-system/controller",
    "ServiceAccount metallb-system/speaker",
]


def deployment_on(api: EveryKindApi) -> MetallbDeployment:
    """Return the MetalLB of an application on a server."""
    return MetallbDeployment(api, "metallb.x", lambda _: None)  # type: ignore[arg-type]


def desired_on(deployment: MetallbDeployment, **options: str) -> DesiredState:
    """Return the desired state with some options."""
    return deployment.desired_state(
        read_options({**OPTIONS, **options}), ManifestSources("", Machine("/nowhere"), "", DIRECT)
    )


def test_release_is_applied_compared_and_removed() -> None:
    """The second run writes nothing."""
    api = EveryKindApi((1, 19))
    deployment = deployment_on(api)
    desired = desired_on(deployment)

    assert sorted(deployment.apply(desired).created) == EXPECTED
    assert deployment.apply(desired_on(deployment)) == Applied([], [], len(EXPECTED), [])
    comparison = deployment.compare(desired)
    assert sorted(comparison.correct) == EXPECTED
    assert comparison[1:] == ([], [], [])
    assert deployment.not_ready(desired) == [
        "DaemonSet metallb-system/speaker is not scheduled yet",
        "Deployment metallb-system/controller has 0 of 1 ready",
    ]
    assert deployment.remove() == []
    assert api.objects == {}


def test_objects_of_the_cluster_have_no_namespace_and_the_others_have_metallbs() -> None:
    deployment = deployment_on(EveryKindApi((1, 19)))
    namespaces = {
        (entry["kind"], entry["metadata"].get("namespace"))
        for entry in desired_on(deployment).objects
    }

    wide = {"ClusterRole", "ClusterRoleBinding", "Namespace", "PodSecurityPolicy"}
    assert {kind for kind, namespace in namespaces if namespace is None} == wide
    assert {namespace for kind, namespace in namespaces if kind not in wide} == {"metallb-system"}


def test_namespace_with_foreign_objects_stays_and_names_them() -> None:
    """What MetalLB and the control plane create by themselves does not count."""
    api = EveryKindApi((1, 19))
    deployment = deployment_on(api)
    deployment.apply(desired_on(deployment))
    for kind, name in (("ConfigMap", "mine"), ("ConfigMap", "kube-root-ca.crt"), ("Pod", "web")):
        metadata = {"name": name, "namespace": "metallb-system"}
        api.create({"apiVersion": "v1", "kind": kind, "metadata": metadata})

    assert deployment.remove(0) == [
        "Namespace metallb-system stays, because it contains foreign objects: ConfigMap mine,"
        " Pod web"
    ]
    assert sorted(key[3] for key in api.objects) == [
        "kube-root-ca.crt", "metallb-system", "mine", "web",
    ]  # fmt: skip


def test_foreign_installation_is_refused_before_anything_is_written() -> None:
    api = EveryKindApi((1, 19))
    api.create(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "controller", "namespace": "metallb-system"},
        }
    )
    before = list(api.writes)
    deployment = deployment_on(api)

    with pytest.raises(ForeignObjectError) as raised:
        deployment.apply(desired_on(deployment))
    assert raised.value.names == ["Deployment metallb-system/controller"]
    assert api.writes == before
    assert deployment.apply(desired_on(deployment), adopt=True).changed == raised.value.names
