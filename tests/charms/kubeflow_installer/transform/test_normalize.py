"""Objects are brought into the form that they will have on the server."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from helpers.kubeflow.transform_cases import (
    UPSTREAM,
    config_map,
    container_of,
    manifest_of,
    workload,
)
from kubeflow_installer.transform import normalize
from kubeflow_installer.transform.transform import (
    transform_object,
)
from labkube.inspect.quantity import canonical_quantity


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("1000m", "1"), ("1", "1"), (1, "1"), (2.5, "2500m"), ("0.1", "100m"), ("100m", "100m"),
        ("1500m", "1500m"), ("0.5Gi", "512Mi"), ("1024Mi", "1Gi"), ("2000Mi", "2000Mi"),
        ("1000Mi", "1000Mi"), ("10Gi", "10Gi"), ("1000", "1k"), ("1000k", "1M"), (0, "0"),
        ("0.5", "500m"), ("128974848", "128974848"), ("1e3", "1e3"), ("0Mi", "0"), ("1G", "1G"),
        ("0.0000000001", "1n"), ("1.5Mi", "1536Ki"), ("0.1Ki", "102400m"), ("", ""), ("x", "x"),
        (True, True), (None, None), ("1024Ei", "1024Ei"),
    ],
)  # fmt: skip
def test_quantities_are_written_as_the_server_does(written: Any, canonical: Any) -> None:
    """tests/kube compares them with real servers: a second run of all objects writes nothing."""
    assert canonical_quantity(written) == canonical
    assert canonical_quantity(canonical) == canonical


def test_quantities_in_pods_and_claims_are_normalized() -> None:
    """Those of custom resources stay."""
    resources = {"requests": {"cpu": "1000m"}, "limits": {"memory": "0.5Gi", "nvidia.com/gpu": 1}}
    after = {"requests": {"cpu": "1"}, "limits": {"memory": "512Mi", "nvidia.com/gpu": "1"}}
    container = {"resources": resources, "livenessProbe": {"initialDelaySeconds": 0}}
    claim = {"spec": {"resources": {"requests": {"storage": "1024Mi"}}}}
    manifest = workload("StatefulSet", "x", container)
    manifest["spec"]["volumeClaimTemplates"] = [claim]
    manifest["spec"]["template"]["spec"]["volumes"] = [{"emptyDir": {"sizeLimit": "1024Ki"}}]
    transformed = transform_object(manifest, UPSTREAM)

    assert container_of(transformed) == {"name": "main", "resources": after, "livenessProbe": {}}
    claims = transformed["spec"]["volumeClaimTemplates"]
    assert claims == [{"spec": {"resources": {"requests": {"storage": "1Gi"}}}}]
    assert transformed["spec"]["template"]["spec"]["volumes"] == [
        {"emptyDir": {"sizeLimit": "1Mi"}}
    ]
    claim = manifest_of("PersistentVolumeClaim", "x", **copy.deepcopy(claim))
    assert transform_object(claim, UPSTREAM)["spec"]["resources"] == {
        "requests": {"storage": "1Gi"}
    }
    spec = {"template": {"spec": {"containers": [{"resources": {"limits": {"cpu": "1000m"}}}]}}}
    runtime = manifest_of(
        "ClusterServingRuntime", "x", api="serving.kserve.io/v1alpha1", spec=spec
    )
    assert transform_object(runtime, UPSTREAM) is runtime


def test_ca_bundle_is_left_to_the_program_that_serves() -> None:
    """Otherwise each run would delete what katib, kserve or cert-manager wrote."""
    client = {"caBundle": "Cg==", "service": {"name": "webhook"}}
    hooks = [{"name": "a.kserve.io", "clientConfig": client, "failurePolicy": "Fail"}]
    manifest = manifest_of("ValidatingWebhookConfiguration", "x", webhooks=hooks)
    assert transform_object(manifest, UPSTREAM)["webhooks"] == [
        {"name": "a.kserve.io", "clientConfig": {"service": {"name": "webhook"}},
         "failurePolicy": "Fail"}
    ]  # fmt: skip
    spec = {"group": "x.org", "conversion": {"strategy": "Webhook", "webhook": {
        "clientConfig": dict(client)}}}  # fmt: skip
    manifest = manifest_of("CustomResourceDefinition", "x", spec=spec)
    assert transform_object(manifest, UPSTREAM)["spec"]["conversion"]["webhook"][
        "clientConfig"
    ] == {"service": {"name": "webhook"}}
    assert spec["conversion"]["webhook"]["clientConfig"]["caBundle"] == "Cg=="
    manifest = manifest_of("APIService", "x", spec={"caBundle": "Cg==", "group": "x.org"})
    assert transform_object(manifest, UPSTREAM)["spec"] == {"group": "x.org"}


def test_fields_that_programs_write_into_webhooks_are_removed() -> None:
    """Knative writes its rules, Istio its failure policy as soon as it runs."""
    rules = [{"apiGroups": ["serving.knative.dev"], "resources": ["*"]}]
    name = "webhook.serving.knative.dev"
    manifest = manifest_of(
        "MutatingWebhookConfiguration", name, webhooks=[{"name": name, "rules": rules}]
    )
    assert transform_object(manifest, UPSTREAM)["webhooks"] == [{"name": name}]
    hook = {"name": "rev.validation.istio.io", "failurePolicy": "Ignore", "rules": rules}
    manifest = manifest_of(
        "ValidatingWebhookConfiguration", "istio-validator-istio-system", webhooks=[hook]
    )
    assert transform_object(manifest, UPSTREAM)["webhooks"] == [
        {"name": hook["name"], "rules": rules}
    ]


def test_rules_of_aggregated_cluster_roles_are_removed() -> None:
    """The server collects them; an empty list would never be the live state."""
    manifest = manifest_of(
        "ClusterRole", "x", aggregationRule={"clusterRoleSelectors": []}, rules=[]
    )
    assert "rules" not in transform_object(manifest, UPSTREAM)
    manifest.pop("aggregationRule")
    assert transform_object(manifest, UPSTREAM) is manifest


def test_nulls_are_removed_except_in_schemas() -> None:
    """The server removes them; a definition's schema is too large to search each time."""
    manifest = config_map("x", a="b")
    manifest["metadata"].update(creationTimestamp=None, labels={"a": None, "b": "c"})
    manifest["extra"] = None
    assert transform_object(manifest, UPSTREAM) == config_map("x", a="b") | {
        "metadata": {"name": "x", "namespace": "kubeflow", "labels": {"b": "c"}}
    }
    definition = manifest_of(
        "CustomResourceDefinition", "x", spec={"versions": [{"schema": None}]}
    )
    definition["metadata"]["creationTimestamp"] = None
    transformed = transform_object(definition, UPSTREAM)
    assert "creationTimestamp" not in transformed["metadata"]
    assert transformed["spec"]["versions"] is definition["spec"]["versions"]


def test_string_data_of_secrets_becomes_data() -> None:
    """Plain values take precedence, as on the server."""
    manifest = manifest_of(
        "Secret", "x", data={"a": "eA==", "b": "eA=="}, stringData={"b": "y", "c": 1}
    )
    assert transform_object(manifest, UPSTREAM)["data"] == {"a": "eA==", "b": "eQ==", "c": "MQ=="}
    assert normalize.decode_secret("////") == ""
