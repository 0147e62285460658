"""What is told of a provisioner that does not run, by an API of dictionaries."""

from __future__ import annotations

from typing import Any

import pytest
from labcharm.words import some
from nfs_cluster import Storage, Wish
from nfs_provisioner import V4, Class, Source, objects

KIND = Class("nfs", True, "cluster.local/nfs-client-provisioner", "Delete", True, "", "")
HELPER = "wrong fs type, bad option, ... you might need a /sbin/mount.<type> helper program"


class Cluster:
    """An API with a Deployment that is not ready, and events."""

    def __init__(self, *events: tuple[str, str]) -> None:
        self._events = events

    def get(self, found: Any) -> Any:
        """Return the Deployment as a cluster has it."""
        return {**found, "status": {"observedGeneration": 1}}

    def request(self, *_: str, **__: Any) -> Any:
        """Return the events of pods."""
        return {
            "items": [
                {"involvedObject": {"name": name}, "message": text} for name, text in self._events
            ]
        }


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ((), ""),
        ((("nfs-client-provisioner-7f", f"MountVolume.SetUp failed\n{HELPER}"),),
         ": its node cannot mount NFS; install nfs-common on every worker"),
        ((("nfs-client-provisioner-7f", "Failed to pull  image"),), ": Failed to pull image"),
        ((("somebody-elses-7f", "Failed"),), ""),
    ],
)  # fmt: skip
def test_why_the_provisioner_does_not_run(events: Any, told: str) -> None:
    """The latest warning about its pods; a missing nfs-common by its name."""
    wish = Wish(V4, KIND, objects(V4, KIND, Source("10.0.0.10", "/nfsroot", ()), ""))
    storage = Storage(Cluster(*events), "nfs-server.0")  # type: ignore[arg-type]

    assert some(storage.not_ready(wish)) == (
        "Deployment default/nfs-client-provisioner has 0 of 1 ready" + told
    )
