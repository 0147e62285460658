"""How far an installation has come, kept on the cluster: it outlives units, leaders and machines.

A ConfigMap of kube-system, labelled as everything of this application. It goes last.
"""

import json
import re
from typing import Dict, NamedTuple

from kubeflow_installer.state.snapshot import Book
from labkube.apply.objects import Objects
from labkube.client.api import Api, Object

INSTALLING, INSTALLED, UNINSTALLING = "installing", "installed", "uninstalling"
State = NamedTuple(
    "State",
    [
        ("release", str),
        ("phase", str),
        # What the objects were made from, and by which options that fitting does not reach.
        ("files", str),
        ("made", str),
        # The user at the first installation, after whom kfctl names the Profile.
        ("user", str),
        # Whether objects of others were taken over, and volumes shall go with the rest.
        ("adopt", bool),
        ("delete_data", bool),
    ],
)
NOTHING = State("", "", "", "", "", False, False)


def begun(release: str, adopt: bool, user: str = "") -> State:
    """Return the state of a release that is about to be installed."""
    return State(release, INSTALLING, "", "", user, adopt, False)


class Keeper:
    """Reads and writes the state; `book` keeps the release's objects beside it.

    Args:
        api: The cluster.
        objects: The application's objects.
        application: What tells the application from others on the cluster.
    """

    def __init__(self, api: Api, objects: Objects, application: str) -> None:
        self._api, self._objects = api, objects
        # Names of objects are lower case letters, digits, dots and dashes (RFC 1123).
        told = re.sub(r"[^a-z0-9.-]", "-", application.lower())
        self._name = "kubeflow-installer-state-" + told
        self.book = Book(api, objects, "kubeflow-installer-objects-" + told)

    def read(self) -> State:
        """Return the state; NOTHING where none is kept.

        What an older charm did not keep is empty.
        """
        live = self._api.get(self._map({}))
        if live is None or not self._objects.owns(live):
            return NOTHING
        data: Dict[str, str] = live.get("data") or {}
        return State(
            data.get("release", ""),
            data.get("phase", ""),
            data.get("files", ""),
            data.get("made", ""),
            data.get("user", ""),
            data.get("adopt") == "true",
            data.get("delete-data") == "true",
        )

    def write(self, state: State) -> None:
        """Keep a state; nothing is written that stands there already.

        Raises:
            ApiError: When the server does not take it.
        """
        data = {
            "release": state.release,
            "phase": state.phase,
            "files": state.files,
            "made": state.made,
            "user": state.user,
            "adopt": json.dumps(state.adopt),
            "delete-data": json.dumps(state.delete_data),
        }
        self._objects.apply([self._map(data)], prune=False)

    def forget(self) -> None:
        """Remove the state."""
        self._api.delete(self._map({}))

    def is_it(self, found: Object) -> bool:
        """Tell whether an object is the state's own, or the book's."""
        name = found["metadata"]["name"]
        return (found["kind"] == "ConfigMap" and name == self._name) or self.book.is_it(found)

    def record(self) -> Object:
        """Return the state's object, without its content."""
        return self._map({})

    def _map(self, data: Dict[str, str]) -> Object:
        metadata = {"name": self._name, "namespace": "kube-system"}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
