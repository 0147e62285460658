"""The state of an installation, stored on the cluster: it outlives units, leaders and machines.

A ConfigMap in kube-system holds it. The ConfigMap has the labels of all objects of the application
and is the last object that an uninstall deletes.
"""

import json
import re
from typing import Dict, NamedTuple

from kubeflow_installer.state.snapshot import Snapshot
from labcharm.json_types import JsonObject
from labkube.apply.objects import Objects
from labkube.client.api import Api

INSTALLING, INSTALLED, UNINSTALLING = "installing", "installed", "uninstalling"


class State(NamedTuple):
    """The recorded state of an installation.

    Attributes:
        release: The release's name.
        phase: One of the constants above; empty when nothing is installed.
        files_digest: The digest of the files that the objects were made from.
        baked_in_options: The options that are part of the objects, so fitting cannot change them.
        user: The user at the first installation; kfctl names the Profile after that user.
        adopt: Whether foreign objects were adopted.
        delete_data: Whether the uninstall also deletes volumes.
    """

    release: str
    phase: str
    files_digest: str
    baked_in_options: str
    user: str
    adopt: bool
    delete_data: bool


NOTHING = State("", "", "", "", "", False, False)


def new_state(release: str, adopt: bool, user: str = "") -> State:
    """Return the state of a release whose installation is about to begin."""
    return State(release, INSTALLING, "", "", user, adopt, False)


class StateStore:
    """Reads and writes the state; `snapshot` stores the release's objects beside it.

    Args:
        api: The cluster.
        objects: The application's objects.
        application: The application's identity on the cluster.
    """

    def __init__(self, api: Api, objects: Objects, application: str) -> None:
        self._api, self._objects = api, objects
        # Names of objects are lower case letters, digits, dots and dashes (RFC 1123).
        suffix = re.sub(r"[^a-z0-9.-]", "-", application.lower())
        self._name = "kubeflow-installer-state-" + suffix
        self.snapshot = Snapshot(api, objects, "kubeflow-installer-objects-" + suffix)

    def read(self) -> State:
        """Return the state; NOTHING when none is stored.

        A field that an older revision of the charm did not store is empty.
        """
        live = self._api.get(self._config_map({}))
        if live is None or not self._objects.owns(live):
            return NOTHING
        fields: Dict[str, str] = live.get("data") or {}
        return State(
            fields.get("release", ""),
            fields.get("phase", ""),
            fields.get("files", ""),
            fields.get("made", ""),
            fields.get("user", ""),
            fields.get("adopt") == "true",
            fields.get("delete-data") == "true",
        )

    def write(self, state: State) -> None:
        """Store a state. An equal state is not written again.

        Raises:
            ApiError: When the server refuses the ConfigMap.
        """
        fields = {
            "release": state.release,
            "phase": state.phase,
            "files": state.files_digest,
            "made": state.baked_in_options,
            "user": state.user,
            "adopt": json.dumps(state.adopt),
            "delete-data": json.dumps(state.delete_data),
        }
        self._objects.apply([self._config_map(fields)], prune=False)

    def delete(self) -> None:
        """Delete the stored state."""
        self._api.delete(self._config_map({}))

    def contains(self, live: JsonObject) -> bool:
        """Return whether a live object holds the state or a part of the snapshot."""
        is_state = live["kind"] == "ConfigMap" and live["metadata"]["name"] == self._name
        return is_state or self.snapshot.contains(live)

    def reference(self) -> JsonObject:
        """Return the state's ConfigMap without its content."""
        return self._config_map({})

    def _config_map(self, fields: Dict[str, str]) -> JsonObject:
        metadata = {"name": self._name, "namespace": "kube-system"}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": fields}
