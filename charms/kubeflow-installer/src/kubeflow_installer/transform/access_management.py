"""Closes what Kubeflow 0.6 to 1.2 offers to every pod of the cluster: KFAM and the databases.

The access management (KFAM) believes the header with the user's name. Later releases let only the
dashboard reach it, by an AuthorizationPolicy (kubeflow/manifests, profiles-kfam). The releases
that kfctl installs do not, so any pod could add users to the profile of any other user.

Their databases have the passwords that upstream ships, and some of their programs have these
passwords built in. Only programs in the namespace kubeflow use the databases.

The network of the cluster must support NetworkPolicies. Flannel does not.
"""

from typing import Dict, List

from labcharm.json_types import JsonObject

_NAMESPACE = "kubeflow"
# The names and labels are those of kubeflow/manifests at the commits of 0.6.2 to 1.2.0.
_PROFILES = "profiles-deployment"
_DASHBOARD = {"matchLabels": {"app": "centraldashboard"}}
_EVERY_POD: Dict[str, str] = {}  # of the same namespace
_DATABASES = ("mysql", "katib-mysql", "katib-db", "metadata-db")


def policies(objects: List[JsonObject]) -> List[JsonObject]:
    """Return the NetworkPolicies for a release's objects.

    Args:
        objects: The objects; a Deployment that they do not have needs no policy.
    """
    deployments = {
        manifest["metadata"]["name"]: manifest
        for manifest in objects
        if manifest["kind"] == "Deployment" and manifest["metadata"].get("namespace") == _NAMESPACE
    }
    closed = [_policy(deployments[name], _EVERY_POD) for name in _DATABASES if name in deployments]
    if _PROFILES in deployments:
        closed.append(_policy(deployments[_PROFILES], _DASHBOARD))
    return closed


def _policy(deployment: JsonObject, source: JsonObject) -> JsonObject:
    """Return a policy that admits only some pods of the namespace to a Deployment's pods."""
    labels = deployment["spec"]["template"].get("metadata", {}).get("labels") or {}
    metadata = {"name": deployment["metadata"]["name"], "namespace": _NAMESPACE}
    spec = {
        "podSelector": {"matchLabels": labels},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": source}]}],
    }
    policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    return dict(policy, metadata=metadata, spec=spec)
