"""The rights of the units on the cluster.

The leader applies the device plugin as an administrator: whoever may change a DaemonSet of
kube-system can run pods with every service account there.
"""

from typing import List, Mapping

from labkube.charm.roles import Grant, Rule, unit_suffix
from nvidia_runtime.cluster.device_plugin import NAME, NAMESPACE, RUNTIME_CLASS

# For the charm's page.
DESCRIPTION = """\
As an administrator the leader also applies the device plugin: a DaemonSet in `kube-system` and,
with `default-runtime=false`, a RuntimeClass. The table allows neither, because whoever may change
a DaemonSet of `kube-system` can run pods with every service account there. A unit that neither
leads nor has a GPU requests no credentials.

If the option `kubeconfig` is set, the charm creates no roles. The user of the kubeconfig needs the
rights of the table, on every node with a GPU, and the verbs create and patch on DaemonSets in
`kube-system` and on RuntimeClasses."""


def grants(nodes: Mapping[str, str]) -> List[Grant]:
    """Return the roles of the units.

    Args:
        nodes: The node of each unit on a machine with a GPU, by the unit's name.
    """
    return [
        Grant(_APPLICATION_RULES),
        Grant(_PLUGIN_RULES, "device-plugin", NAMESPACE),
        *(Grant(_node_rules(nodes[unit]), unit_suffix(unit), unit=unit) for unit in sorted(nodes)),
    ]


def documented_grants() -> List[Grant]:
    """Return the roles for the charm's page."""
    return grants({"UNIT/N": "NODE"})


_APPLICATION_RULES = (
    Rule("apps", "daemonsets", "list", "find the device plugins of others, and compare its own"),
    Rule("node.k8s.io", "runtimeclasses", "list", "compare the RuntimeClass of the plugin"),
    Rule(
        "node.k8s.io", "runtimeclasses", "get delete", "remove it with the application",
        [RUNTIME_CLASS],
    ),
)  # fmt: skip
_PLUGIN_RULES = (
    Rule("apps", "daemonsets", "get delete", "compare the plugin, and remove it", [NAME]),
)


def _node_rules(node: str) -> List[Rule]:
    """Return the rules of the unit on a node, which holds them alone."""
    drain = "drain the node (reboot-node drain=true); no rule can name the pods of one node"
    return [
        Rule("", "nodes", "get patch", "label, drain and verify the unit's own node", [node]),
        Rule("", "pods", "get list", drain),
        Rule("", "pods/eviction", "create", drain),
        Rule("apps", "daemonsets", "get", drain),
    ]
