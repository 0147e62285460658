"""The admission policies that keep pods and volumes away from the export root.

Whoever may create a pod could mount the whole export root in it with a volume of the kind `nfs`,
and would be root on the claims of all namespaces. Two ValidatingAdmissionPolicies, which servers
have from Kubernetes 1.30 on, refuse that: one for pods, one for PersistentVolumes. What they do
not prevent is in the charm's threat model (guarantees.md).
"""

import json
from typing import Iterable, List, NamedTuple, Sequence, Tuple

from labcharm.json_types import JsonObject
from nfs_server.cluster.storage_class import StorageClass

API_VERSION = "admissionregistration.k8s.io/v1"
POLICY, BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"
# The label of a namespace whose pods may mount the export root.
ALLOWING_LABEL = "app.lab-charms/allow-nfs-export-root"
# Another way to write an IPv4 address, such as 167772170, is not taken for another server.
_IPV4 = r"^(0|[1-9][0-9]{0,2})([.](0|[1-9][0-9]{0,2})){3}$"
# Linux takes 0.0.0.0 for the local host too.
_LOCAL_PREFIXES = ("127.", "0.")
# Anything else could end the name of the server in `mount SERVER:PATH`.
_SERVER = r"^[A-Za-z0-9.:%_\\[\\]-]+$"
_DOT_SEGMENT = r"(^|/)[.]{1,2}(/|$)"


class ProtectedExport(NamedTuple):
    """The export root, and how it can be named.

    Attributes:
        addresses: The IPv4 addresses of the server. A host name may be any server.
        root: The export root.
        shares: The directories of the other shares. Volumes may name these directories, but not
            directories in them, which may be links to the export root.
    """

    addresses: Tuple[str, ...]
    root: str
    shares: Tuple[str, ...]


def protected_export(
    addresses: Iterable[str], root: str, shares: Sequence[str]
) -> ProtectedExport:
    """Return the export of a server with these addresses.

    Args:
        addresses: All addresses of the server, in any order. Those of IPv6 and the loopback
            addresses are left out: the policies cover them in any case.
        root: The export root.
        shares: The directories of the other shares.
    """
    named = {
        address
        for address in addresses
        if ":" not in address and not address.startswith(_LOCAL_PREFIXES)
    }
    return ProtectedExport(tuple(sorted(named)), root, tuple(sorted(shares)))


def policy_names(storage_class: StorageClass) -> Tuple[str, str]:
    """Return the names of the policies for pods and for PersistentVolumes."""
    return f"{storage_class.object_name}-pods", f"{storage_class.object_name}-volumes"


def make_policies(storage_class: StorageClass, export: ProtectedExport) -> List[JsonObject]:
    """Return both policies, each with its binding.

    Args:
        storage_class: The class, which the refusal names, and whose provisioner makes volumes.
        export: What they protect.
    """
    for_pods, for_volumes = policy_names(storage_class)
    namespaces = {"matchExpressions": [{"key": ALLOWING_LABEL, "operator": "DoesNotExist"}]}
    pods = _spec(
        "pods",
        "has(object.spec.volumes) ? object.spec.volumes.filter(v, has(v.nfs)).map(v, v.nfs) : []",
        storage_class,
        export,
    )
    pods["matchConstraints"]["namespaceSelector"] = namespaces
    volumes = _spec(
        "persistentvolumes",
        "has(object.spec.nfs) ? [object.spec.nfs] : []",
        storage_class,
        export,
    )
    volumes["matchConditions"] = _conditions(storage_class, for_volumes)
    return [
        *_policy_and_binding(for_pods, pods),
        *_policy_and_binding(for_volumes, volumes),
    ]


def _policy_and_binding(name: str, spec: JsonObject) -> List[JsonObject]:
    binding = {"policyName": name, "validationActions": ["Deny"]}
    return [
        {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": body}
        for kind, body in ((POLICY, spec), (BINDING, binding))
    ]


def _spec(
    resource: str, sources: str, storage_class: StorageClass, export: ProtectedExport
) -> JsonObject:
    message = (
        f"this volume reaches the export root {export.root} of the NFS server, which holds the"
        f" claims of all namespaces; use a claim of the StorageClass {storage_class.name}, or name"
        " another NFS server by its IPv4 address"
    )
    rule = {
        "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
        "resources": [resource],
    }  # fmt: skip
    return {
        # The server evaluates the policy by itself, so no failing webhook can stop the cluster.
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [rule]},
        "variables": [
            {"name": "sources", "expression": sources},
            {"name": "addresses", "expression": json.dumps(export.addresses)},
            {"name": "shares", "expression": json.dumps(export.shares)},
        ],
        "validations": [
            {
                "expression": f"variables.sources.all(n, !({_reaches(export.root)}))",
                "message": message,
                "reason": "Forbidden",
            }
        ],
    }


def _reaches(root: str) -> str:
    """Return the CEL expression for whether the NFS source `n` may reach the export root.

    NFS 4 also offers the directories above an export, down to the export, so a path above the root
    reaches it.
    """
    path = "(n.path.endsWith('/') ? n.path : n.path + '/')"
    is_local = " || ".join(f"n.server.startsWith('{prefix}')" for prefix in _LOCAL_PREFIXES)
    may_be_server = (
        f"!n.server.matches('{_IPV4}') || n.server in variables.addresses || {is_local}"
    )
    may_be_root = (
        f"n.path.contains('//') || n.path.matches('{_DOT_SEGMENT}')"
        f" || {path}.startsWith('{root}/') || '{root}/'.startsWith({path})"
        f" || variables.shares.exists(s, {path} != s + '/' && {path}.startsWith(s + '/'))"
    )
    return f"!n.server.matches('{_SERVER}') || (({may_be_server}) && ({may_be_root}))"


def _conditions(storage_class: StorageClass, policy: str) -> List[JsonObject]:
    """Return who is checked: all but the provisioner, and all but those who may end the check."""
    account = f"system:serviceaccount:{storage_class.namespace}:{storage_class.object_name}"
    resource = "authorizer.group('admissionregistration.k8s.io')"
    resource += f".resource('validatingadmissionpolicies').name('{policy}')"
    return [
        {"name": "not-provisioner", "expression": f"request.userInfo.username != '{account}'"},
        {"name": "not-administrator", "expression": f"!{resource}.check('delete').allowed()"},
    ]
