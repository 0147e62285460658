"""The roles of an application on a cluster: the rights of its units' narrow identity.

Every role is a ClusterRole named after the application. A binding gives it to all units or to a
single one, on the whole cluster or in one namespace. The server collects the objects of a role
that is deleted, because they name it as their owner: the last right that a unit uses is to delete
its role.
"""

import hashlib
import json
import time
from typing import Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence

from labcharm.json_types import JsonObject
from labkube.apply.objects import Objects
from labkube.client.api import Api, ApiError
from labkube.client.identity import PREFIX, narrow_identity

_GROUP = "rbac.authorization.k8s.io"
_API_VERSION = f"{_GROUP}/v1"
_ROLE, _BINDING, _LOCAL_BINDING = "ClusterRole", "ClusterRoleBinding", "RoleBinding"
_KINDS = [(_API_VERSION, kind) for kind in (_ROLE, _BINDING, _LOCAL_BINDING)]
# On the binding that is applied last: the digest of all roles and bindings.
_DIGEST = "app.lab-charms/roles-digest"


class RolesOutdatedError(ApiError):
    """Roles on the cluster that are not those of the charm's revision."""

    def __init__(self) -> None:
        super().__init__(403, "RolesOutdated", "the roles of this application are outdated")


class Rule(NamedTuple):
    """The rights on some objects.

    Attributes:
        group: The API group; empty for the core group.
        resources: The resources, separated by spaces.
        verbs: The verbs, separated by spaces.
        purpose: What the charm needs the rights for, for its page.
        names: The names of the objects; empty for all objects.
    """

    group: str
    resources: str
    verbs: str
    purpose: str
    names: Sequence[str] = ()

    def manifest(self) -> JsonObject:
        """Return the rule as a role has it."""
        rule: JsonObject = {
            "apiGroups": [self.group],
            "resources": self.resources.split(),
            "verbs": self.verbs.split(),
        }
        return dict(rule, resourceNames=list(self.names)) if self.names else rule


class Grant(NamedTuple):
    """A role and its holder.

    Attributes:
        rules: The role's rules.
        suffix: Distinguishes the role from the application's others; empty for the first.
        namespace: The namespace in which the rules hold; empty for the whole cluster.
        unit: The name of the unit that holds the role alone; empty for all units.
    """

    rules: Sequence[Rule]
    suffix: str = ""
    namespace: str = ""
    unit: str = ""


def role_name(application: str, suffix: str = "") -> str:
    """Return the name of a role.

    Args:
        application: The application's identity on the cluster (`compat.identity`).
        suffix: The suffix of the role's grant.
    """
    return f"{PREFIX}{application}" + (f":{suffix}" if suffix else "")


def unit_suffix(unit: str) -> str:
    """Return the suffix of the role that a unit holds alone."""
    return f"unit-{unit.rpartition('/')[2]}"


class Roles:
    """The roles of an application on a cluster.

    Args:
        application: The application's identity on the cluster (`compat.identity`).
        charm: Name of the charm.
        grants: The grants. The first holds on the whole cluster, for all units.
        sleep: Waits for a number of seconds.
    """

    def __init__(
        self,
        application: str,
        charm: str,
        grants: Iterable[Grant],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._application, self._charm = application, charm
        self._grants, self._sleep = list(grants), sleep

    def check(self, api: Api) -> None:
        """Check that the roles on the cluster are these.

        Raises:
            RolesOutdatedError: When they differ.
            ApiError: When the request fails; without any role of ours, the server refuses it.
        """
        live = api.get(self._reference(_BINDING)) or {}
        annotations = live.get("metadata", {}).get("annotations") or {}
        if annotations.get(_DIGEST) != self._digest():
            raise RolesOutdatedError

    def grant(self, api: Api) -> None:
        """Create or change the roles and bindings, and delete those of earlier grants.

        Args:
            api: The cluster, as an administrator.

        Raises:
            ForeignObjectError: When a role of the same name is not the application's.
            ApiError: When a request fails; the next call continues.
        """
        # With a label of their own, because the workload's objects are pruned separately.
        objects = Objects(api, self._application, f"{self._charm}-roles", _KINDS, self._sleep)
        owners = [self._role(grant) for grant in self._grants if _owns_itself(grant)]
        objects.apply(owners, prune=False)
        uids = {owner["metadata"]["name"]: _uid(api.get(owner)) for owner in owners}
        last, *dependents = [
            self._with_owner(manifest, grant, uids)
            for grant in self._grants
            for manifest in self._dependents(grant)
        ]
        last["metadata"]["annotations"] = {_DIGEST: self._digest()}
        objects.apply(dependents, prune=False)
        objects.apply([last], prune=False)
        objects.prune([*owners, *dependents, last])

    def revoke(self, api: Api, unit: str = "") -> None:
        """Delete the roles of all units, or those of one unit.

        A server that refuses this has no role of ours, or its administrator decides about them.

        Args:
            api: The cluster; the roles give the right to delete themselves.
            unit: The unit; empty for the roles that all units hold.

        Raises:
            ApiError: When the request fails in another way.
        """
        try:
            api.delete(self._reference(_ROLE, unit_suffix(unit) if unit else ""))
        except ApiError as error:
            if error.status != 403:
                raise

    def _reference(self, kind: str, suffix: str = "") -> JsonObject:
        metadata = {"name": role_name(self._application, suffix)}
        return {"apiVersion": _API_VERSION, "kind": kind, "metadata": metadata}

    def _digest(self) -> str:
        manifests = [
            manifest
            for grant in self._grants
            for manifest in (self._role(grant), self._binding(grant))
        ]
        text = json.dumps(manifests, sort_keys=True)
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    def _dependents(self, grant: Grant) -> List[JsonObject]:
        """Return the objects of a grant that are deleted with their owner."""
        binding = self._binding(grant)
        return [binding] if _owns_itself(grant) else [binding, self._role(grant)]

    def _with_owner(
        self, manifest: JsonObject, grant: Grant, uids: Mapping[str, str]
    ) -> JsonObject:
        """Return a manifest that names the role with which it is deleted."""
        name = role_name(self._application, grant.suffix if grant.unit else "")
        owner = {"apiVersion": _API_VERSION, "kind": _ROLE, "name": name, "uid": uids[name]}
        return dict(manifest, metadata=dict(manifest["metadata"], ownerReferences=[owner]))

    def _role(self, grant: Grant) -> JsonObject:
        rules = [rule.manifest() for rule in all_rules(self._application, grant)]
        return dict(self._reference(_ROLE, grant.suffix), rules=rules)

    def _binding(self, grant: Grant) -> JsonObject:
        manifest = self._reference(_LOCAL_BINDING if grant.namespace else _BINDING, grant.suffix)
        if grant.namespace:
            manifest["metadata"]["namespace"] = grant.namespace
        role = {"apiGroup": _GROUP, "kind": _ROLE, "name": manifest["metadata"]["name"]}
        return dict(manifest, roleRef=role, subjects=[self._subject(grant)])

    def _subject(self, grant: Grant) -> Dict[str, str]:
        identity = narrow_identity(self._application, grant.unit)
        if grant.unit:
            return {"apiGroup": _GROUP, "kind": "User", "name": identity.user}
        return {"apiGroup": _GROUP, "kind": "Group", "name": identity.group}


def all_rules(application: str, grant: Grant) -> List[Rule]:
    """Return the rules of a grant, and those about the role itself.

    Args:
        application: The application's identity on the cluster (`compat.identity`).
        grant: The grant.
    """
    rules, names = list(grant.rules), [role_name(application, grant.suffix)]
    if not grant.suffix:
        purpose = "compare the roles on the cluster with these"
        rules.append(Rule(_GROUP, "clusterrolebindings", "get", purpose, names))
    if _owns_itself(grant):
        rules.append(Rule(_GROUP, "clusterroles", "delete", "delete this role at the end", names))
    return rules


def _owns_itself(grant: Grant) -> bool:
    """Return whether a role is deleted by its holder, and not with the role of all units."""
    return bool(grant.unit) or not grant.suffix


def _uid(live: Optional[JsonObject]) -> str:
    return str((live or {}).get("metadata", {}).get("uid", ""))
