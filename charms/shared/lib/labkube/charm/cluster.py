"""A charm's access to a cluster: its relations, its option and the kubeconfig that it writes."""

import os
from contextlib import contextmanager, suppress
from typing import Any, Callable, Dict, Iterator, List, Optional

from labcharm import compat
from labcharm.errors import CharmError, error_message
from labcharm.json_types import JsonValue
from labcharm.machine import Machine
from labkube.charm.attempts import LastAttempt
from labkube.charm.kubeconfig_option import read_option
from labkube.client import key_directories, kubeconfig
from labkube.client.access import (
    Access,
    Databag,
    IncompleteAccessError,
    Tokens,
    attached_admin_token,
    client_token,
    kube_control_request,
    narrow_token,
    read_access,
)
from labkube.client.api import Api
from labkube.client.identity import ADMIN_GROUP, Identity, admin_identity, narrow_identity

KUBE_CONTROL = "kube-control"
CERTIFICATES = "certificates"
ENDPOINT = "kube-api-endpoint"
RELATIONS = (KUBE_CONTROL, CERTIFICATES, ENDPOINT)
_RELATION_EVENTS = (
    "relation_joined", "relation_changed", "relation_departed", "relation_broken",
)  # fmt: skip
# Charms and events are objects of ops 1.5 to 3, which this package does not import.
Charm = Any
Event = Any


class Cluster:
    """The cluster that a charm is related to, or that its option `kubeconfig` names.

    Args:
        charm: The charm; its endpoints have the names of RELATIONS.
        machine: Where the kubeconfig is written; it also has the model's proxy settings.
        path: The kubeconfig's path there.
        load_yaml: Parses YAML.
        is_narrow: Whether the units work with a narrow identity, to which a leader grants roles
            with `admin_access` (see `privileges`). Otherwise every unit requests an
            administrator's.
    """

    def __init__(
        self,
        charm: Charm,
        machine: Machine,
        path: str,
        load_yaml: Callable[[str], JsonValue],
        is_narrow: bool = False,
    ) -> None:
        self._charm, self._machine, self._load_yaml = charm, machine, load_yaml
        self._last_attempt = LastAttempt(machine, f"{path}.unreachable")
        self.path, self._is_narrow = path, is_narrow
        self._missing_path = f"{path}.missing"
        # Keys that a killed hook left are removed by the next one, also if that needs no access.
        key_directories.remove_stale()
        machine.remove_stale_files(os.path.dirname(path))

    def events(self) -> List[Event]:
        """Return the events after which access may have changed."""
        on = self._charm.on
        relation_events = [on[name] for name in RELATIONS]
        events = [getattr(event, kind) for event in relation_events for kind in _RELATION_EVENTS]
        return events + compat.secret_changed_events(self._charm)

    def publish(
        self,
        event: Event = None,
        needs_access: bool = True,
        administers: Optional[bool] = None,
    ) -> None:
        """Request credentials from the control plane; write only what is not published yet.

        Args:
            event: The event that is being handled.
            needs_access: Whether the unit has work on the cluster. Otherwise its request is
                withdrawn.
            administers: Whether a pending request for an administrator's credentials stays; None
                where that is the leader's matter. It does not stay where the credentials of the
                unit's own identity are gone, because only a request brings them back.
        """
        if administers is None:
            administers = bool(self._charm.unit.is_leader())
        if not needs_access:
            self._request({"kubelet_user": "", "auth_group": "", "schema_vers": ""}, event)
        elif not (administers and self._has_requested_admin(event) and self._is_known(event)):
            self._request_identity(self._identity(), event)

    def request_admin(self, event: Event = None) -> None:
        """Request an administrator's identity in place of the narrow one.

        Args:
            event: The event that is being handled.
        """
        self._request_identity(self._admin_identity(), event)

    def withdraw_admin_request(self, event: Event = None) -> None:
        """Request the narrow identity in place of an administrator's.

        Args:
            event: The event that is being handled.
        """
        self._request_identity(self._identity(), event)

    def _identity(self) -> Identity:
        """Return the identity that the unit works with."""
        unit = self._charm.unit.name
        if not self._is_narrow:
            return Identity(unit, ADMIN_GROUP)
        return narrow_identity(compat.identity(self._charm), unit)

    def _admin_identity(self) -> Identity:
        return admin_identity(compat.identity(self._charm), self._charm.unit.name)

    def _has_requested_admin(self, event: Event) -> bool:
        if not self._is_narrow:
            return False
        user, unit = self._admin_identity().user, self._charm.unit
        relations = compat.relations(self._charm, KUBE_CONTROL, event)
        return any(relation.data[unit].get("kubelet_user") == user for relation in relations)

    def _is_known(self, event: Event) -> bool:
        """Return whether the control plane still publishes the unit's own credentials."""
        try:
            self._related_access(self._identity().user, narrow_token, event)
        except IncompleteAccessError:
            return False
        return True

    def _request_identity(self, identity: Identity, event: Event) -> None:
        reads_secrets = compat.secret_reader(self._charm) is not None
        self._request(kube_control_request(identity, reads_secrets), event)

    def _request(self, request: Dict[str, str], event: Event) -> None:
        for relation in compat.relations(self._charm, KUBE_CONTROL, event):
            compat.publish(relation.data[self._charm.unit], request)

    def access(self, event: Event = None, stores: bool = True) -> Access:
        """Return access, and write the kubeconfig if it changed.

        Args:
            event: The event that is being handled.
            stores: Whether the kubeconfig is written. After an action removed the objects, it is
                not: a removal of the application then needs no access.

        Raises:
            IncompleteAccessError: When a piece is missing.
            KubeconfigError: When the option cannot be used.
        """
        option = str(self._charm.config.get("kubeconfig") or "").strip()
        if option:
            access = read_option(
                option,
                self._charm.app.name,
                self._load_yaml,
                compat.user_secret_reader(self._charm),
            )
        else:
            choose = narrow_token if self._is_narrow else client_token
            access = self._related_access(self._identity().user, choose, event)
        if stores:
            kubeconfig.write(self._machine, self.path, access)
        return access

    def admin_access(self, event: Event = None) -> Access:
        """Return an administrator's access, which is stored nowhere; request it if need be.

        Args:
            event: The event that is being handled.

        Raises:
            IncompleteAccessError: When the control plane has yet to answer the request.
        """
        sources = (
            (self._admin_identity(), client_token),
            (self._identity(), attached_admin_token),
        )
        for identity, choose in sources:
            with suppress(IncompleteAccessError):
                return self._related_access(identity.user, choose, event)
        self.request_admin(event)
        raise IncompleteAccessError(
            ["kube-control has yet to give the credentials that create our roles"]
        )

    def _related_access(self, user: str, choose: Callable[[Tokens], str], event: Event) -> Access:
        return read_access(
            user,
            self._bags(KUBE_CONTROL, event),
            self._bags(CERTIFICATES, event),
            self._bags(ENDPOINT, event),
            compat.secret_reader(self._charm),
            choose,
        )

    @contextmanager
    def connect(self, access: Access) -> Iterator[Api]:
        """Connect to the cluster, through the model's proxies, while a `with` block lasts.

        Args:
            access: The server's address and the credentials.
        """
        patience, proxies = self._last_attempt.patience(), self._machine.proxies
        api = Api(access, patience, proxies=proxies)
        try:
            yield api
        finally:
            api.close()
            self._last_attempt.record(api.is_reached)

    def restore_patience(self) -> None:
        """Let the next connection repeat its requests, although the last one failed.

        A hook that removes the application is the last one that can clean up.
        """
        self._last_attempt.forget()

    def keep_access(self, event: Event = None) -> None:
        """Write the kubeconfig of a unit whose application is being removed, if there is none.

        Any unit may become the leader before the end, and the leader removes the objects when the
        relations are gone. Without access, the reason is written, which `last_access` reports.

        Args:
            event: The event that is being handled: not `stop`, which may be repeated after it has
                removed everything. The end of the peer relation precedes it.
        """
        if self._machine.exists(self.path) or not self.is_named(event):
            return
        try:
            self.access(event)
        except (CharmError, OSError) as error:
            with suppress(OSError):
                self._machine.write(self._missing_path, f"{error_message(error)}\n")

    def is_named(self, event: Event = None) -> bool:
        """Return whether a relation or the option `kubeconfig` names a cluster.

        Args:
            event: The event that is being handled.
        """
        is_related = bool(compat.relations(self._charm, KUBE_CONTROL, event))
        return is_related or bool(str(self._charm.config.get("kubeconfig") or "").strip())

    def last_access(self) -> Optional[Access]:
        """Return the access that was written last; None where the unit never worked on a cluster.

        Raises:
            KubeconfigError: When the kubeconfig is damaged.
            IncompleteAccessError: When the unit was to work on a cluster, but never had access.
        """
        text = self._machine.read(self.path)
        if text is not None:
            return kubeconfig.read(text, self._load_yaml)
        reason = self._machine.read(self._missing_path)
        if reason is None:
            return None
        raise IncompleteAccessError([f"this unit never had access: {reason.strip()}"])

    def remove_objects(self, remove: Callable[[Access], List[str]]) -> List[str]:
        """Remove the objects of an application that is being removed, if this is the leader.

        The relations may be gone by then, so the kubeconfig that was written last gives access. No
        error ends the hook, because the rest of the removal must follow.

        Args:
            remove: Removes the objects with this access, and returns what remains.

        Returns:
            What remains, and why.
        """
        if not self._charm.unit.is_leader():
            return []
        try:
            access = self.last_access()
            if access is None:
                return []
            self.restore_patience()
            return remove(access)
        except (CharmError, OSError) as error:
            return [f"objects of this application: {error_message(error)}"]

    def remove_kubeconfig(self) -> None:
        """Remove the kubeconfig, or the reason why there is none."""
        for path in (self.path, self._missing_path):
            self._machine.remove(path)
        self._last_attempt.forget()

    def _bags(self, name: str, event: Event) -> Optional[List[Databag]]:
        """Return the bags of an endpoint's units; None where it is not related."""
        relations = compat.relations(self._charm, name, event)
        if not relations:
            return None
        bags: List[Databag] = []
        for relation in relations:
            for unit in sorted(relation.units, key=lambda unit: unit.name):
                bag: Dict[str, str] = dict(relation.data[unit])
                bags.append(bag)
        return bags
