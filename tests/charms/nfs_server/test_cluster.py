"""What is told of a cluster's provisioner, volumes and classes, by an API of dictionaries."""

from __future__ import annotations

from typing import Any

import pytest

from labcharm.text import some
from labkube.apply.references import name_of
from nfs_server.cluster.provisioner import V3, V4, Class, Source, objects
from nfs_server.cluster.storage import LeftBehindError, NoDefaultError, Storage, Wish
from nfs_server.server.local_host import Here

KIND = Class("nfs", True, "cluster.local/nfs-client-provisioner", "Delete", True, "", "")
HELPER = "wrong fs type, bad option, ... you might need a /sbin/mount.<type> helper program"


class Cluster:
    """An API with a Deployment that is not ready, and events: name, message and time of each."""

    def __init__(self, *events: tuple[str, str, dict[str, Any]]) -> None:
        self._events = events

    def get(self, found: Any) -> Any:
        """Return the Deployment as a cluster has it."""
        return {**found, "status": {"observedGeneration": 1}}

    def request(self, *_: str, **__: Any) -> Any:
        """Return the events of pods."""
        return {
            "items": [
                {"involvedObject": {"name": name}, "message": text, **times}
                for name, text, times in self._events
            ]
        }


class Lists:
    """An API with volumes and classes; it takes no writes."""

    def __init__(self, **objects: list[Any]) -> None:
        self._objects = objects

    def list(self, _: str, kind: str, *__: str) -> Any:
        """Return the objects of a kind."""
        return self._objects.get(kind, [])


OURS = {"app.lab-charms/application": "nfs-server.0", "app.lab-charms/charm": "nfs-server"}
HELMS = "cluster.local/nfs-nfs-client-provisioner"


def volume(server: str = "10.0.0.10", maker: str = KIND.provisioner, **spec: Any) -> Any:
    """Return a volume that claim default/c has."""
    notes = {"pv.kubernetes.io/provisioned-by": maker} if maker else {}
    given = {
        "nfs": {"server": server, "path": "/nfsroot/c"},
        "claimRef": {"namespace": "default", "name": "c"}, "storageClassName": "nfs",
        "persistentVolumeReclaimPolicy": "Delete", **spec,
    }  # fmt: skip
    return {"metadata": {"name": "pv", "annotations": notes}, "spec": given}


# What the provisioner itself mounts, with mount options.
OUR_OWN = volume(maker="", nfs={"server": "10.0.0.10", "path": "/nfsroot"})
OUR_OWN["metadata"]["labels"] = OURS


def with_lists(**objects: list[Any]) -> Storage:
    """Return the storage of an application on a cluster with these."""
    return Storage(Lists(**objects), "nfs-server.0")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "before", "lost"),
    [
        (volume(), [], True), (volume("192.168.1.10"), [], True), (volume("node0"), [], True),
        (volume("10.0.0.11"), ["/nfsroot"], False), (volume("node1"), ["/nfsroot"], False),
        (volume(maker=HELMS), ["/nfsroot"], True), (volume(maker=HELMS), ["/data"], False),
        (volume(maker=""), ["/nfsroot"], True), (volume(claimRef=None), ["/nfsroot"], False),
        (volume(nfs={"server": "10.0.0.10", "path": "/srv/c"}), ["/nfsroot"], False),
        (OUR_OWN, ["/nfsroot"], False),
    ],
)  # fmt: skip
def test_claims_that_would_lose_their_folder(found: Any, before: list[str], lost: bool) -> None:
    """By any address and name of this machine: the provisioner's, and others' that we serve."""
    names = {"node0": ["10.0.0.10"]}
    here = Here(["10.0.0.10", "192.168.1.10"], lambda name: names.get(name, []))
    storage = with_lists(PersistentVolume=[found])

    told = storage.stranded(KIND.provisioner, here.has, before, ["/srv"])

    assert told == (["default/c in /nfsroot/c"] if lost else [])


@pytest.mark.parametrize(
    ("found", "kind", "behind"),
    [
        (volume(), KIND, False),
        (volume(), KIND._replace(name="new"), True),
        (volume(), KIND._replace(provisioner="lab/nfs"), True),
        (volume(persistentVolumeReclaimPolicy="Retain"), KIND._replace(name="new"), False),
        (volume(storageClassName="theirs"), KIND._replace(name="new"), False),
        (volume(storageClassName="old", maker=HELMS), KIND._replace(provisioner="a/b"), False),
    ],
)  # fmt: skip
def test_volumes_keep_what_deletes_them(found: Any, kind: Class, behind: bool) -> None:
    """A class or provisioner of ours stays as long as a volume needs it; nothing is written."""
    ours = {"metadata": {"name": "nfs", "labels": OURS}, "provisioner": KIND.provisioner}
    theirs = {"metadata": {"name": "theirs"}, "provisioner": HELMS}
    storage = with_lists(PersistentVolume=[found], StorageClass=[ours, theirs])

    if not behind:
        assert storage.left_behind(kind) == []
        return
    with pytest.raises(LeftBehindError, match=f"default/c of nfs, {KIND.provisioner}"):
        storage.apply(Wish(V4, kind, []))


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (volume(storageClassName="old"), ["default/c of old"]), (volume(), []),
        (volume(storageClassName="theirs"), []), (volume(storageClassName="old", maker=HELMS), []),
    ],
)  # fmt: skip
def test_volumes_whose_class_is_gone(found: Any, told: list[str]) -> None:
    """Those that our provisioner would have to delete."""
    theirs = {"metadata": {"name": "theirs"}, "provisioner": HELMS}
    storage = with_lists(PersistentVolume=[found], StorageClass=[theirs])

    assert storage.classless(KIND) == told


def test_some_class_stays_the_default() -> None:
    """The only default is ours or none: refused before anything is looked at or written."""
    wish = Wish(V4, KIND._replace(default=False), [])

    with pytest.raises(NoDefaultError, match="default-class is false, so the cluster would have"):
        with_lists().sync(wish, adopt=False, only_default=True)


POD = "nfs-client-provisioner-7f"
MOUNT = f"MountVolume.SetUp failed\n{HELPER}"
EARLY, LATE = {"lastTimestamp": "2026-11-25T00:00:01Z"}, {"lastTimestamp": "2026-11-25T00:00:02Z"}
MADE = {"metadata": {"creationTimestamp": "2026-11-25T00:00:03Z"}, "lastTimestamp": None}


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ((), ""),
        (((POD, MOUNT, LATE),),
         ": its node cannot mount NFS; install nfs-common on every worker"),
        (((POD, "Failed to pull  image", LATE),), ": Failed to pull image"),
        ((("somebody-elses-7f", "Failed", LATE),), ""),
        (((POD, "late", LATE), (POD, "early", EARLY)), ": late"),
        (((POD, "made", MADE), (POD, "late", LATE)), ": made"),
        (((POD, "b", LATE), (POD, "c", LATE), (POD, "d", LATE), (POD, MOUNT, EARLY)), ": d"),
    ],
)  # fmt: skip
def test_why_the_provisioner_does_not_run(events: Any, told: str) -> None:
    """The latest warning about its pods by time; a missing nfs-common by its name."""
    wish = Wish(V4, KIND, objects(V4, KIND, Source("10.0.0.10", "/nfsroot", ()), ""))
    storage = Storage(Cluster(*events), "nfs-server.0")  # type: ignore[arg-type]

    assert some(storage.not_ready(wish)) == (
        "Deployment default/nfs-client-provisioner has 0 of 1 ready" + told
    )


class Aging:
    """An API of a server that is upgraded."""

    minor = 19

    def version(self) -> tuple[int, int]:
        """Return what it is now."""
        return (1, self.minor)


def test_the_server_goes_from_1_19_to_1_20() -> None:
    """Then the provisioner is the next, under the same names, in the same class."""
    api = Aging()
    storage = Storage(api, "nfs-server.0")  # type: ignore[arg-type]
    old = storage.wish(KIND, Source("10.0.0.10", "/nfsroot", ()), "", "")
    api.minor = 20
    new = storage.wish(KIND, Source("10.0.0.10", "/nfsroot", ()), "", "")

    assert (old.release, new.release) == (V3, V4)
    assert [name_of(one) for one in old.objects] == [name_of(one) for one in new.objects]
    changed = {name_of(one) for one, other in zip(old.objects, new.objects, strict=True)
               if one != other}  # fmt: skip
    assert changed == {
        "ClusterRole nfs-client-provisioner-runner", "Deployment default/nfs-client-provisioner",
    }  # fmt: skip
