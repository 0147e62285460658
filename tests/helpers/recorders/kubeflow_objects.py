"""Objects that the lists of upstream's manifests lack, each with where it was read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

KFCTL = ("0.6.2", "0.7.1", "1.0.2", "1.2.0")
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
CRDS = "apiextensions.k8s.io/v1"
CRDS_BETA = "apiextensions.k8s.io/v1beta1"
HOOKS_BETA = "admissionregistration.k8s.io/v1beta1"
# Kinds without a namespace.
CLUSTER_WIDE = ("CustomResourceDefinition", "CertificateSigningRequest", *WEBHOOKS)

# Resources that 1.11.0 and 26.03 download while they are built, so that the lists lack them: argo
# v3.7.3 (manifests/base/crds/minimal, manifests/base/workflow-controller) and jobset v0.10.1
# (config/default, as the trainer's overlay renames it).
DOWNLOADED: dict[str, Any] = {
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
# Facts of a release in addition to its lists.
ADDITIONS = {"0.6.2": PLATFORM, "1.11.0": DOWNLOADED, "26.03": DOWNLOADED}

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
    return [(version, "CustomResourceDefinition", "", f"{name}.dex.coreos.com") for name in names]


def _hooks(name: str) -> list[tuple[str, str, str, str]]:
    return [
        (HOOKS_BETA, kind, "", f"{name}-{word}-webhook-config")
        for kind, word in zip(WEBHOOKS, ("mutating", "validating"), strict=True)
    ]


# Istio 1.1 and 1.3: galley/pkg/crd/validation (flag --webhook-name, default istio-galley); its
# owner is a Deployment or ClusterRole, by version, so it may stay. citadel writes a secret for
# every service account (security/pkg/k8s/controller/workloadsecret.go, prefix "istio."). Named
# here are those of the account `default` in namespaces that stay.
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
# names of its own, so they have controller-runtime's (`mutating-webhook-configuration`), which
# any program may use.
# pipelines 1.0.4: backend/src/cache/deployer; later ones bring the webhook as a manifest, and a
# certificate of cert-manager's.
_CACHE = [
    (HOOKS_BETA, "MutatingWebhookConfiguration", "", "cache-webhook-kubeflow"),
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", "", "cache-server.kubeflow"),
]
# kfserving 0.2.2: pkg/constants/constants.go, pkg/webhook/webhook.go.
_KFSERVING = [(HOOKS_BETA, kind, "", "inferenceservice.serving.kubeflow.org") for kind in WEBHOOKS]
RECENT = _definitions(CRDS, _DEX + _DEX_DEVICES) + _ISTIO_NEW + _CERTIFICATES_NEW
# What the workloads create at run time, by release; RECENT for all others.
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
