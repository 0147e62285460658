"""The cause that is reported for a provisioner that is not ready."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.nfs.defaults import SOURCE, STORAGE_CLASS
from labcharm.json_types import JsonObject
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState
from nfs_server.cluster.provisioner import make_objects
from nfs_server.cluster.releases import find_release

V4 = find_release("v4.0.2")
NOT_READY = "Deployment nfs-client-provisioner-system/nfs-client-provisioner has 0 of 1 ready"
POD, REPLICA_SET = "nfs-client-provisioner-7f-x", "nfs-client-provisioner-7f"
HELPER = "wrong fs type, bad option, ... you might need a /sbin/mount.<type> helper program"
MOUNT = f"MountVolume.SetUp failed\n{HELPER}"
DENIED = "MountVolume.SetUp failed for v: exit status 32\nmount.nfs: access denied by server"
QUOTA = f'Error creating: pods "{POD}" is forbidden: exceeded quota: small, requested: pods=1'
EARLY, LATE = {"lastTimestamp": "2026-11-25T00:00:01Z"}, {"lastTimestamp": "2026-11-25T00:00:02Z"}
LATEST = {"metadata": {"creationTimestamp": "2026-11-25T00:00:03Z"}, "lastTimestamp": None}
Event = tuple[str, str, JsonObject]


class UnreadyApi:
    """An API with a Deployment that is not ready, and events: name, message and times of each."""

    def __init__(self, *events: Event) -> None:
        self._events = events

    def get(self, manifest: JsonObject) -> JsonObject:
        """Return the Deployment as a cluster has it."""
        return {**manifest, "status": {"observedGeneration": 1}}

    def request(self, _: str, path: str, query: JsonObject) -> JsonObject:
        """Return the warnings of the provisioner's namespace."""
        assert path == "/api/v1/namespaces/nfs-client-provisioner-system/events"
        assert query == {"fieldSelector": "type=Warning"}
        kinds = {POD: "Pod", REPLICA_SET: "ReplicaSet"}
        return {
            "items": [
                {"involvedObject": {"kind": kinds.get(name, "Job"), "name": name},
                 "message": message, **times}
                for name, message, times in self._events
            ]
        }  # fmt: skip


def reasons_with(*events: Event) -> list[str]:
    """Return why the provisioner is not ready when the cluster has these events."""
    api: Any = UnreadyApi(*events)
    objects = make_objects(V4, STORAGE_CLASS, SOURCE, "")
    return ClusterStorage(api, "nfs-server.0").not_ready(DesiredState(V4, STORAGE_CLASS, objects))


@pytest.mark.parametrize(
    ("events", "cause"),
    [
        (((POD, MOUNT, LATE),),
         "its node cannot mount NFS; install nfs-common on every worker"),
        (((POD, DENIED, LATE),), "mount.nfs: access denied by server"),
        (((POD, "Failed to pull  image", LATE),), "Failed to pull image"),
        (((REPLICA_SET, QUOTA, LATE),),
         "its pod is forbidden: exceeded quota: small, requested: pods=1"),
        (((REPLICA_SET, QUOTA, EARLY), (POD, "late", LATE)), "late"),
        (((POD, "late", LATE), (POD, "early", EARLY)), "late"),
        (((POD, "latest", LATEST), (POD, "late", LATE)), "latest"),
        (((POD, "b", LATE), (POD, "c", LATE), (POD, "d", LATE), (POD, MOUNT, EARLY)), "d"),
    ],
)  # fmt: skip
def test_cause_comes_before_what_is_not_ready(events: tuple[Event, ...], cause: str) -> None:
    """The last cause by time: of the pod, or of a ReplicaSet that may not create it."""
    assert reasons_with(*events) == [f"{cause} ({NOT_READY})"]


@pytest.mark.parametrize("events", [(), (("nfs-client-provisioner-job", "Failed", LATE),)])
def test_provisioner_without_a_warning_is_only_not_ready(events: tuple[Event, ...]) -> None:
    """Warnings about other kinds of objects do not count."""
    assert reasons_with(*events) == [NOT_READY]
