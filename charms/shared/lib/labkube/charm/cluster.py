"""A charm's access to a cluster: its relations, its option and the kubeconfig that it writes."""

from typing import Any, Callable, Dict, List, Optional

from labcharm import compat
from labcharm.json_types import JsonValue
from labcharm.machine import Machine
from labkube.client import kubeconfig
from labkube.client.access import Access, Databag, kube_control_request, read_access
from labkube.client.api import ApiError
from labkube.client.kubeconfig import KubeconfigError

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
        machine: Where the kubeconfig is written.
        path: The kubeconfig's path there.
        load_yaml: Parses YAML.
    """

    def __init__(
        self, charm: Charm, machine: Machine, path: str, load_yaml: Callable[[str], JsonValue]
    ) -> None:
        self._charm, self._machine, self._load_yaml = charm, machine, load_yaml
        self.path = path

    def events(self) -> List[Event]:
        """Return the events after which access may have changed."""
        on = self._charm.on
        relation_events = [on[name] for name in RELATIONS]
        events = [getattr(event, kind) for event in relation_events for kind in _RELATION_EVENTS]
        return events + compat.secret_changed_events(self._charm)

    def publish(self, event: Event = None) -> None:
        """Request credentials from the control plane; write only what is not published yet.

        Args:
            event: The event that is being handled.
        """
        unit = self._charm.unit
        request = kube_control_request(unit.name, compat.secret_reader(self._charm) is not None)
        for relation in compat.relations(self._charm, KUBE_CONTROL, event):
            bag = relation.data[unit]
            for key, text in request.items():
                if bag.get(key) != text:
                    bag[key] = text

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
            access = kubeconfig.read(option, self._load_yaml)
            access.is_option = True
        else:
            access = read_access(
                self._charm.unit.name,
                self._bags(KUBE_CONTROL, event),
                self._bags(CERTIFICATES, event),
                self._bags(ENDPOINT, event),
                compat.secret_reader(self._charm),
            )
        if stores:
            kubeconfig.write(self._machine, self.path, access)
        return access

    def remove_objects(self, remove: Callable[[Access], List[str]]) -> List[str]:
        """Remove the objects of an application that is being removed, if this is the leader.

        The relations may be gone by then, so the kubeconfig that was written last gives access.

        Args:
            remove: Removes the objects with this access, and returns what remains.

        Returns:
            What remains, and why.
        """
        text = self._machine.read(self.path)
        if text is None or not self._charm.unit.is_leader():
            return []
        try:
            return remove(kubeconfig.read(text, self._load_yaml))
        except (ApiError, KubeconfigError) as error:
            return [f"objects of this application: {error}"]

    def remove_kubeconfig(self) -> None:
        """Remove the kubeconfig."""
        self._machine.remove(self.path)

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
