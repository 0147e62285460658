"""The service accounts, roles and bindings of the releases up to 0.12."""

from typing import List

from labcharm.json_types import JsonObject
from metallb.manifests.fields import new_object
from metallb.manifests.namespace import NAMESPACE
from metallb.releases import Release

_API_GROUP = "rbac.authorization.k8s.io"
_API_VERSION = f"{_API_GROUP}/v1"


def service_accounts() -> List[JsonObject]:
    """Return the service accounts."""
    return [new_object("v1", "ServiceAccount", name) for name in ("controller", "speaker")]


def roles(release: Release) -> List[JsonObject]:
    """Return the roles of a release."""
    objects = [
        _cluster_role("controller", _controller_rules(release)),
        _cluster_role("speaker", _speaker_rules(release)),
        _role("config-watcher", [_rule("", ["configmaps"], "get list watch")]),
    ]
    if release.number >= (0, 9, 0):
        objects.append(_role("pod-lister", [_rule("", ["pods"], "list")]))
    if release.number >= (0, 10, 0):
        rules = [
            _rule("", ["secrets"], "create"),
            _rule("", ["secrets"], "list", "memberlist"),
            _rule("apps", ["deployments"], "get", "controller"),
        ]
        objects.append(_role("controller", rules))
    return objects


def bindings(release: Release) -> List[JsonObject]:
    """Return the bindings of a release's roles."""
    objects = [_cluster_binding(name) for name in ("controller", "speaker")]
    objects.append(_binding("config-watcher", "controller", "speaker"))
    if release.number >= (0, 9, 0):
        objects.append(_binding("pod-lister", "speaker"))
    if release.number >= (0, 10, 0):
        objects.append(_binding("controller", "controller"))
    return objects


def _controller_rules(release: Release) -> List[JsonObject]:
    verbs = "get list watch" if release.number >= (0, 10, 0) else "get list watch update"
    rules = [
        _rule("", ["services"], verbs),
        _rule("", ["services/status"], "update"),
        _rule("", ["events"], "create patch"),
    ]
    if release.number >= (0, 9, 0):
        rules.append(_rule("policy", ["podsecuritypolicies"], "use", "controller"))
    return rules


def _speaker_rules(release: Release) -> List[JsonObject]:
    rules = [_rule("", ["services", "endpoints", "nodes"], "get list watch")]
    if release.number >= (0, 10, 0):
        rules.append(_rule("discovery.k8s.io", ["endpointslices"], "get list watch"))
    policy_group = "policy" if release.number >= (0, 9, 0) else "extensions"
    rules.append(_rule("", ["events"], "create patch"))
    rules.append(_rule(policy_group, ["podsecuritypolicies"], "use", "speaker"))
    return rules


def _rule(group: str, resources: List[str], verbs: str, *names: str) -> JsonObject:
    rule = {"apiGroups": [group], "resources": resources, "verbs": verbs.split()}
    return dict(rule, resourceNames=list(names)) if names else rule


def _cluster_role(account: str, rules: List[JsonObject]) -> JsonObject:
    name = f"{NAMESPACE}:{account}"
    return new_object(_API_VERSION, "ClusterRole", name, is_namespaced=False, rules=rules)


def _role(name: str, rules: List[JsonObject]) -> JsonObject:
    return new_object(_API_VERSION, "Role", name, rules=rules)


def _cluster_binding(account: str) -> JsonObject:
    name = f"{NAMESPACE}:{account}"
    return new_object(
        _API_VERSION,
        "ClusterRoleBinding",
        name,
        is_namespaced=False,
        roleRef={"apiGroup": _API_GROUP, "kind": "ClusterRole", "name": name},
        subjects=[{"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}],
    )


def _binding(role: str, *accounts: str) -> JsonObject:
    return new_object(
        _API_VERSION,
        "RoleBinding",
        role,
        roleRef={"apiGroup": _API_GROUP, "kind": "Role", "name": role},
        subjects=[{"kind": "ServiceAccount", "name": account} for account in accounts],
    )
