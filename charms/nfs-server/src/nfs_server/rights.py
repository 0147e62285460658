"""The rights of the units on the cluster.

As an administrator the unit that serves applies what lies outside of the provisioner's namespace,
except the StorageClass, and all roles.
"""

from typing import List, Sequence

from labcharm.json_types import JsonObject
from labkube.charm.roles import Grant, Rule
from nfs_server.cluster.cluster_storage import KINDS
from nfs_server.cluster.storage_class import StorageClass, trial_class_name

# For the charm's page.
DESCRIPTION = """\
In this charm the unit that serves does what is said of the leader. As an administrator it applies
the provisioner's namespace, roles, bindings, admission policies and own volume, ends a former
provisioner, and changes the classes of others for `sync-objects only-default=true`. A change of
the StorageClass or of the provisioner needs no administrator.

The action `verify` creates its claim and its pods in the namespace `default`, so the units may
create pods there. To let it use another one, run `kubectl -n NAMESPACE create rolebinding
nfs-verify --clusterrole=lab-charms:APPLICATION:verify --group=lab-charms:APPLICATION`.

NAME stands for the part of `provisioner-name` after the slash, CLASS for `storage-class`, and HASH
for the hash of the volume through which the provisioner mounts the export root with
`mount-options`. The right to delete all volumes exists only with `reclaim-policy=Retain`.

If the option `kubeconfig` is set, the charm creates no roles. Its user must be an administrator of
the cluster, because only a user who holds the rights of the provisioner's role can create it."""
_RBAC = "rbac.authorization.k8s.io"
_COMPARE = "compare the objects, and find those of earlier releases"
_REMOVE = "remove the provisioner"
_POLICIES = (
    "admissionregistration.k8s.io",
    "validatingadmissionpolicies validatingadmissionpolicybindings",
)
_READ_RULES = (
    Rule("", "nodes", "list", "export to the nodes' addresses, and try a claim on each node"),
    Rule("", "persistentvolumes", "get list", "find the claims that a change would strand"),
    Rule("storage.k8s.io", "storageclasses", "get list create", "keep one default class"),
    Rule("", "namespaces", "get list", _COMPARE),
    Rule("", "serviceaccounts persistentvolumeclaims", "list", _COMPARE),
    Rule("apps", "deployments", "list", "find other provisioners of the name"),
    Rule("", "pods", "list", "wait for the end of other provisioners; remove what verify left"),
    Rule(_RBAC, "clusterroles clusterrolebindings", "get list", _COMPARE),
    Rule(_RBAC, "roles rolebindings", "list", _COMPARE),
    Rule(*_POLICIES, "get list", _COMPARE),
)
_WRITE = "get list create patch update delete"
_NAMESPACE_RULES = (
    Rule("", "serviceaccounts persistentvolumeclaims", _WRITE, "run the provisioner"),
    Rule("apps", "deployments", _WRITE, "run the provisioner"),
    Rule(_RBAC, "roles rolebindings", "get delete", "compare its roles, and remove them"),
    Rule("", "events", "list", "report why the provisioner is not ready"),
)
_VERIFY_RULES = (
    Rule("", "persistentvolumeclaims pods", "get create delete", "try a claim"),
    Rule("", "events", "list", "report why the trial failed"),
)


def grants(storage_class: StorageClass, objects: Sequence[JsonObject]) -> List[Grant]:
    """Return the roles of the units.

    Args:
        storage_class: The StorageClass of the options.
        objects: The desired objects of the cluster.
    """
    own = {kind: _names(objects, kind) for _, kind in KINDS}
    removal = [
        Rule("", "namespaces", "delete", _REMOVE, own["Namespace"]),
        Rule("", "persistentvolumes", "delete", _REMOVE, own["PersistentVolume"]),
        Rule(_RBAC, "clusterroles", "delete", _REMOVE, own["ClusterRole"]),
        Rule(_RBAC, "clusterrolebindings", "delete", _REMOVE, own["ClusterRoleBinding"]),
        Rule(*_POLICIES, "delete", _REMOVE, own["ValidatingAdmissionPolicy"]),
    ]
    class_rule = Rule(
        "storage.k8s.io", "storageclasses", "patch update delete", "change and remove the class",
        [storage_class.name],
    )  # fmt: skip
    trial_class = Rule(
        "storage.k8s.io", "storageclasses", "delete", "remove the class of a trial on a NAS",
        [trial_class_name(storage_class)],
    )  # fmt: skip
    # A rule without names would be one for all objects.
    rules = [*_READ_RULES, class_rule, trial_class, *(rule for rule in removal if rule.names)]
    if storage_class.reclaim_policy == "Retain":
        purpose = "remove the retained volume of a claim of verify"
        rules.append(Rule("", "persistentvolumes", "delete", purpose))
    return [
        Grant(rules),
        Grant(_NAMESPACE_RULES, "namespace", storage_class.namespace),
        Grant(_VERIFY_RULES, "verify", "default"),
    ]


def _names(objects: Sequence[JsonObject], kind: str) -> List[str]:
    return sorted(entry["metadata"]["name"] for entry in objects if entry["kind"] == kind)


def documented_grants() -> List[Grant]:
    """Return the roles for the charm's page."""
    storage_class = StorageClass("CLASS", True, "DOMAIN/NAME", "Retain", True, "", "")
    names = {
        "Namespace": ["NAME-system"],
        "PersistentVolume": ["pv-NAME-HASH"],
        "ClusterRole": ["NAME-runner"],
        "ClusterRoleBinding": ["run-NAME"],
        "ValidatingAdmissionPolicy": ["NAME-pods", "NAME-volumes"],
    }
    objects = [
        {"kind": kind, "metadata": {"name": name}} for kind in names for name in names[kind]
    ]
    return grants(storage_class, objects)
