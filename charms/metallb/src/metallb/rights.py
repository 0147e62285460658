"""The rights of the units on the cluster.

As an administrator the leader applies what lies outside of MetalLB's namespace, and all roles.
"""

from typing import List

from labkube.charm.roles import Grant, Rule
from metallb.manifests.namespace import NAMESPACE

# For the charm's page.
DESCRIPTION = """\
As an administrator the leader applies MetalLB's namespace, roles, bindings, definitions, pod
security policies and webhooks when a release is installed or changes. A change of pools, images or
other settings needs no administrator. Whoever may change MetalLB's workloads can run privileged
pods with MetalLB's service accounts: the rights in `metallb-system` amount to root on the nodes.

The action `verify` creates its service in the namespace `default`. To let it use another one, run
`kubectl -n NAMESPACE create rolebinding metallb-verify
--clusterrole=lab-charms:APPLICATION:verify --group=lab-charms:APPLICATION`.

If the option `kubeconfig` is set, the charm creates no roles. Its user must be an administrator
of the cluster, because only a user who holds the rights of MetalLB's own roles can create them."""
_RBAC = "rbac.authorization.k8s.io"
_ROLES = [f"{NAMESPACE}:controller", f"{NAMESPACE}:speaker"]
# Of all releases from 0.13 on.
_DEFINITIONS = [
    f"{plural}.metallb.io"
    for plural in (
        "addresspools", "bfdprofiles", "bgpadvertisements", "bgppeers", "communities",
        "configurationstates", "ipaddresspools", "l2advertisements", "servicebgpstatuses",
        "servicel2statuses",
    )
]  # fmt: skip
_COMPARE = "compare MetalLB's objects, and find those of earlier releases"
_REMOVE = "remove MetalLB"
_RIVALS = "find other load balancers"
_MODE = "read kube-proxy's mode"
_DEFINITION = ("apiextensions.k8s.io", "customresourcedefinitions")
_WEBHOOK = ("admissionregistration.k8s.io", "validatingwebhookconfigurations")
_CLUSTER_RULES = (
    Rule("", "services", "list", "count addresses in use, and find those that a change takes"),
    Rule("", "nodes", "list", "keep pools and networks of nodes and pods apart"),
    Rule("networking.k8s.io", "servicecidrs", "list", "keep pools and services apart"),
    Rule("apps", "deployments daemonsets", "list", _RIVALS),
    Rule("cilium.io", "ciliumloadbalancerippools", "list", _RIVALS),
    Rule("metallb.io", "*", "list", "read the pools"),
    Rule("", "namespaces", "get list", _COMPARE),
    Rule(_RBAC, "clusterroles clusterrolebindings", "get list", _COMPARE),
    Rule("policy", "podsecuritypolicies", "get list", _COMPARE),
    Rule(*_DEFINITION, "get list", _COMPARE),
    Rule(*_WEBHOOK, "get list", _COMPARE),
    Rule("", "namespaces", "delete", _REMOVE, [NAMESPACE]),
    Rule(_RBAC, "clusterroles clusterrolebindings", "delete", _REMOVE, _ROLES),
    Rule("policy", "podsecuritypolicies", "delete", _REMOVE, ["controller", "speaker"]),
    Rule(*_DEFINITION, "delete", _REMOVE, _DEFINITIONS),
    Rule(*_WEBHOOK, "delete", _REMOVE, ["metallb-webhook-configuration"]),
)
_WRITE = "get list create patch update delete"
_NAMESPACE_RULES = (
    Rule("", "serviceaccounts configmaps secrets services", _WRITE, "configure MetalLB"),
    Rule("apps", "deployments daemonsets", _WRITE, "run MetalLB"),
    Rule("metallb.io", "*", _WRITE, "configure MetalLB"),
    Rule(
        _RBAC, "roles rolebindings", "get list delete", "compare MetalLB's roles, and remove them"
    ),
    Rule("", "pods", "list", "find ready speakers, and pods of others in the namespace"),
)
_KUBE_PROXY_RULES = (
    Rule("", "configmaps", "get", _MODE, ["kube-proxy"]),
    Rule("apps", "daemonsets", "get", _MODE, ["kube-proxy"]),
)
_VERIFY_RULES = (
    Rule(
        "", "services", "get create delete", "verify an address, and ask for the service network"
    ),
    Rule("", "events", "list", "report who assigned and who announces the address"),
)


def grants() -> List[Grant]:
    """Return the roles of the units."""
    return [
        Grant(_CLUSTER_RULES),
        Grant(_NAMESPACE_RULES, "namespace", NAMESPACE),
        Grant(_KUBE_PROXY_RULES, "kube-proxy", "kube-system"),
        Grant(_VERIFY_RULES, "verify", "default"),
    ]


def documented_grants() -> List[Grant]:
    """Return the roles for the charm's page."""
    return grants()
