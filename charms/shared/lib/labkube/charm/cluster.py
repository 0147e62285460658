"""A charm's side of cluster access: its relations, its option, and the kubeconfig that comes out.

Works on any charm object of ops 1.5 to 3; ops itself is not imported here.
"""

from typing import Any, Callable, Dict, List, Mapping, Optional

from labcharm import compat
from labcharm.machine import Machine
from labkube.client import kubeconfig
from labkube.client.access import Access, Bag, MissingError, find_access, request
from labkube.client.api import ApiError

KUBE_CONTROL = "kube-control"
CERTIFICATES = "certificates"
ENDPOINT = "kube-api-endpoint"
RELATIONS = (KUBE_CONTROL, CERTIFICATES, ENDPOINT)


class Cluster:
    """The cluster that a charm is related to, or that its option `kubeconfig` names.

    Args:
        charm: The charm; its endpoints are named as above.
        machine: Where the kubeconfig is written.
        path: The kubeconfig's path there.
        load: Reads YAML.
    """

    def __init__(
        self, charm: Any, machine: Machine, path: str, load: Callable[[str], Any]
    ) -> None:
        self._charm, self._machine, self._load = charm, machine, load
        self.path = path

    def events(self) -> List[Any]:
        """Return the events upon which access may have come, changed or gone."""
        on = self._charm.on
        kinds = ("relation_joined", "relation_changed", "relation_departed", "relation_broken")
        return [getattr(on[name], kind) for name in RELATIONS for kind in kinds]

    def publish(self, event: Any = None) -> None:
        """Ask the control plane for credentials; nothing is written that stands there already."""
        unit = self._charm.unit
        wanted = request(unit.name, compat.secret_reader(self._charm) is not None)
        for relation in compat.relations(self._charm, KUBE_CONTROL, event):
            bag = relation.data[unit]
            for key, value in wanted.items():
                if bag.get(key) != value:
                    bag[key] = value

    def access(self, event: Any = None) -> Access:
        """Return access, and write the kubeconfig where it is another than before.

        Raises:
            MissingError: When a piece is missing.
            kubeconfig.KubeconfigError: When the option cannot be used.
        """
        given = str(self._charm.config.get("kubeconfig") or "").strip()
        if given:
            found = kubeconfig.read(given, self._load)
        else:
            found = find_access(
                self._charm.unit.name,
                self._bags(KUBE_CONTROL, event),
                self._bags(CERTIFICATES, event),
                self._bags(ENDPOINT, event),
                compat.secret_reader(self._charm),
            )
        kubeconfig.write(self._machine, self.path, found)
        return found

    def leave(self, remove: Callable[[Access], List[str]]) -> List[str]:
        """Take away what stands on the cluster as the application goes; only the leader does.

        The relations may be gone by then, so access is what was last written.

        Args:
            remove: Removes it by this access, and returns what is left.

        Returns:
            What is left, and why.
        """
        text = self._machine.read(self.path)
        if text is None or not self._charm.unit.is_leader():
            return []
        try:
            return remove(kubeconfig.read(text, self._load))
        except (ApiError, kubeconfig.KubeconfigError) as error:
            return [f"objects of ours: {error}"]

    def forget(self) -> None:
        """Remove the kubeconfig."""
        self._machine.remove(self.path)

    def _bags(self, name: str, event: Any) -> Optional[List[Bag]]:
        """Return the bags of an endpoint's units; None where it is not related."""
        relations = compat.relations(self._charm, name, event)
        if not relations:
            return None
        found: List[Mapping[str, str]] = []
        for relation in relations:
            for unit in sorted(relation.units, key=lambda unit: unit.name):
                bag: Dict[str, str] = dict(relation.data[unit])
                found.append(bag)
        return found


__all__ = ["RELATIONS", "Cluster", "MissingError"]
