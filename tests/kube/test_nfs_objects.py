"""The provisioner's objects of the charm nfs-server on real API servers of both ends.

What the charm's own modules do is called here; the packed charm as a whole, with a real server and
a real provisioner, is in test_nfs_claims.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.kube.builds import UnavailableError
from helpers.kube.nfs import OTHER_CLASS, add_node
from helpers.kube.servers import ApiServer
from labkube.apply.objects import ForeignObjectError
from labkube.client.access import Access
from labkube.client.api import Api
from nfs_server.cluster import provisioner
from nfs_server.cluster.provisioner import DEFAULT, V3, V4, Class, Source
from nfs_server.cluster.storage import LeftBehindError, NoDefaultError, Storage, Wish
from nfs_server.server.local_host import Here

GUIDE = Class("nfs", True, "cluster.local/nfs-client-provisioner", "Delete", True, "", "")
FROM = Source("10.0.0.10", "/nfsroot", ())
ALL = "sa,deploy,sc,clusterrole,clusterrolebinding,role,rolebinding,pv,pvc"
OURS = "app.lab-charms/charm=nfs-server"
VOLUME = """\
apiVersion: v1
kind: PersistentVolume
metadata:
  name: pvc-1
  annotations: {pv.kubernetes.io/provisioned-by: cluster.local/nfs-client-provisioner}
spec:
  accessModes: [ReadWriteMany]
  capacity: {storage: 1Mi}
  storageClassName: nfs
  persistentVolumeReclaimPolicy: Delete
  nfs: {server: 10.0.0.10, path: /nfsroot/default-claim-pvc-1}
  claimRef: {namespace: default, name: claim}
"""
HELMS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: nfs-client-provisioner, namespace: default}
spec:
  selector: {matchLabels: {app: nfs-client-provisioner, release: nfs-client-provisioner}}
  template:
    metadata: {labels: {app: nfs-client-provisioner, release: nfs-client-provisioner}}
    spec: {containers: [{name: old, image: "quay.io/old:1"}]}
"""


@pytest.fixture(scope="module")
def control(age: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start a server of an age for all these tests, with what takes volumes away."""
    server = ApiServer(age, tmp_path_factory.mktemp("kube"), manager=True)
    try:
        server.start("persistentvolume-binder,pv-protection,pvc-protection")
    except UnavailableError as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture
def cluster(control: ApiServer) -> Iterator[ApiServer]:
    """Return the server, and take away what a test leaves on it."""
    yield control
    for kinds, where in ((ALL, ["-n", "default", "-l", OURS]), ("sc,nodes,pv,deploy", ["--all"])):
        control.kubectl("delete", kinds, *where, "--wait=false")
    end = time.monotonic() + 20
    while control.kubectl("get", "pv", "-o", "name") and time.monotonic() < end:
        time.sleep(0.2)


@pytest.fixture
def api(cluster: ApiServer) -> Iterator[Api]:
    """Return a client of the server."""
    client = Api(Access(cluster.url, cluster.ca, cluster.token), patience=3)
    yield client
    client.close()


@pytest.fixture
def storage(api: Api) -> Storage:
    """Return the storage of an application."""
    return Storage(api, "nfs-server.00000000")


def wish(storage: Storage, kind: Class = GUIDE, source: Source = FROM) -> Wish:
    """Return what is wanted of it."""
    return storage.wish(kind, source, "", "")


def live(cluster: ApiServer, *what: str) -> Any:
    """Return objects of the cluster."""
    return json.loads(cluster.kubectl("get", *what, "-o", "json"))


def test_installs_as_the_guide_prints_it(cluster: ApiServer, storage: Storage) -> None:
    """All objects, the release that fits, and the class as `kubectl get sc` shows it."""
    wanted = wish(storage)
    done = storage.apply(wanted)

    assert len(done.created) == len(wanted.objects) == 7
    assert wanted.release is V4
    row = cluster.kubectl("get", "sc", "--no-headers").split()
    assert row[:3] == ["nfs", "(default)", "cluster.local/nfs-client-provisioner"]
    assert storage.compare(wanted)[1:] == ([], [], [])


def test_a_second_run_writes_nothing(storage: Storage, api: Api) -> None:
    """Only reads."""
    for source in (FROM, FROM._replace(options=("nfsvers=4.1",))):
        storage.apply(wish(storage, source=source))
        before = api.writes
        storage.apply(wish(storage, source=source))
        assert api.writes == before


def test_the_account_may_what_it_must(cluster: ApiServer, storage: Storage) -> None:
    """As RBAC itself answers for the provisioner's account."""
    storage.apply(wish(storage))
    account = "--as=system:serviceaccount:default:nfs-client-provisioner"
    for verb, resource, where in (
        ("create", "persistentvolumes", ""), ("delete", "persistentvolumes", ""),
        ("update", "persistentvolumeclaims", "-A"), ("watch", "storageclasses", ""),
        ("create", "events", "-A"), ("get", "nodes", ""), ("update", "endpoints", "-ndefault"),
    ):  # fmt: skip
        args = ["auth", "can-i", verb, resource, account, *([where] if where else [])]
        assert cluster.kubectl(*args).strip() == "yes", (verb, resource)


def test_v3s_objects_are_followed_by_v4s(cluster: ApiServer, storage: Storage) -> None:
    """The Deployment gets another image; the class and its volumes stay.

    Both are applied to one server, which is 1.20.2 or newer as all servers of these tests: none of
    them changes its version. What is chosen as 1.19 becomes 1.20 is in tests/charms/nfs_server.
    """
    old = Wish(V3, GUIDE, provisioner.objects(V3, GUIDE, FROM, ""))
    storage.apply(old)
    cluster.kubectl("apply", "-f", "-", stdin=VOLUME)
    before = {kind: live(cluster, kind, name)["metadata"] for kind, name in STAYS}

    done = storage.apply(wish(storage))

    assert sorted(done.changed) == [
        "ClusterRole nfs-client-provisioner-runner",
        "Deployment default/nfs-client-provisioner",
    ]
    assert done.created == done.pruned == []
    for kind, name in STAYS:
        assert live(cluster, kind, name)["metadata"]["uid"] == before[kind]["uid"]
    pod = live(cluster, "deploy", "nfs-client-provisioner")["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"].endswith("nfs-subdir-external-provisioner:v4.0.2")


STAYS = (("deploy", "nfs-client-provisioner"), ("sc", "nfs"), ("pv", "pvc-1"))


def test_fields_of_the_class_that_cannot_change(cluster: ApiServer, storage: Storage) -> None:
    """The class is made anew; the volumes that it gave stay."""
    storage.apply(wish(storage))
    cluster.kubectl("apply", "-f", "-", stdin=VOLUME)
    before, volume = live(cluster, "sc", "nfs"), live(cluster, "pv", "pvc-1")

    kind = GUIDE._replace(reclaim="Retain", archive=False)
    assert storage.apply(wish(storage, kind)).changed == ["StorageClass nfs"]

    after = live(cluster, "sc", "nfs")
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    assert (after["reclaimPolicy"], after["parameters"]) == (
        "Retain",
        {"archiveOnDelete": "false"},
    )
    assert live(cluster, "pv", "pvc-1")["metadata"]["uid"] == volume["metadata"]["uid"]
    # What may change is changed in its place.
    storage.apply(wish(storage, kind._replace(default=False)))
    assert live(cluster, "sc", "nfs")["metadata"]["uid"] == after["metadata"]["uid"]
    assert "(default)" not in cluster.kubectl("get", "sc")


def test_another_name(cluster: ApiServer, storage: Storage) -> None:
    """The class of the old name goes."""
    storage.apply(wish(storage))
    done = storage.apply(wish(storage, GUIDE._replace(name="shared")))

    assert done.created == ["StorageClass shared"]
    assert done.pruned == ["StorageClass nfs"]


def test_a_second_default_class(cluster: ApiServer, storage: Storage) -> None:
    """Told with its cause, and whether claims are refused; resolved on demand."""
    storage.apply(wish(storage))
    cluster.kubectl("apply", "-f", "-", stdin=OTHER_CLASS)

    told, refused = storage.class_problem(GUIDE)
    assert told.startswith("default is a default StorageClass too; sync-objects only-default=true")
    assert "kubernetes-worker's endpoint nfs makes it anew" in told
    assert refused == (storage.api.version() < (1, 26))
    assert storage.class_problem(GUIDE._replace(default=False)) == ("", False)

    plain = GUIDE._replace(default=False)
    with pytest.raises(NoDefaultError):
        storage.sync(wish(storage, plain), adopt=False, only_default=True)
    # Not by kubectl's "(default)": of several, 1.37 prints it at the one that is taken.
    assert live(cluster, "sc", "default")["metadata"]["annotations"][DEFAULT] == "true"

    done = storage.sync(wish(storage), adopt=False, only_default=True)
    assert done.changed == ["StorageClass default"]
    assert storage.class_problem(GUIDE) == ("", False)
    assert cluster.kubectl("get", "sc").count("(default)") == 1


def test_somebody_elses_provisioner(cluster: ApiServer, storage: Storage) -> None:
    """Nothing is written until it is taken over by a word."""
    cluster.kubectl("apply", "-f", "-", stdin=HELMS)
    with pytest.raises(ForeignObjectError, match="Deployment default/nfs-client-provisioner"):
        storage.apply(wish(storage))
    assert live(cluster, ALL, "-A", "-l", OURS)["items"] == []

    storage.apply(wish(storage), adopt=True)

    found = live(cluster, "deploy", "nfs-client-provisioner")
    assert found["spec"]["selector"]["matchLabels"] == {"app": "nfs-client-provisioner"}
    assert storage.served_from(GUIDE) == "10.0.0.10"


def helms_release() -> list[Any]:
    """Return what helm 2 made for the guide: the chart's objects, with its labels and selector."""
    found = provisioner.objects(V3, GUIDE, FROM, "")
    name = provisioner.name_in(GUIDE)
    for one in found:
        one["metadata"]["labels"] = {
            "app": name, "chart": "nfs-client-provisioner-1.2.8", "heritage": "Tiller",
            "release": name,
        }  # fmt: skip
    spec = found[-1]["spec"]
    spec["selector"]["matchLabels"] = {"app": name, "release": name}
    spec["template"]["metadata"]["labels"] = {"app": name, "release": name}
    return found


def test_the_guides_release_of_helm_is_taken_over(cluster: ApiServer, storage: Storage) -> None:
    """All seven: the class is the same one, the only default, and its claim's volume stays."""
    objects = {"apiVersion": "v1", "kind": "List", "items": helms_release()}
    cluster.kubectl("create", "-f", "-", stdin=json.dumps(objects))
    cluster.kubectl("create", "-f", "-", stdin=VOLUME)
    before = [live(cluster, *one)["metadata"]["uid"] for one in (("sc", "nfs"), ("pv", "pvc-1"))]
    wanted = wish(storage)
    assert len(storage.compare(wanted).changed) == 7
    with pytest.raises(ForeignObjectError) as refused:
        storage.apply(wanted)
    assert len(refused.value.names) == 7
    assert live(cluster, ALL, "-A", "-l", OURS)["items"] == []

    done = storage.apply(wanted, adopt=True)

    assert (done.created, sorted(done.changed)) == ([], sorted(refused.value.names))
    found = live(cluster, "sc")["items"]
    assert [one["metadata"]["name"] for one in found] == ["nfs"]
    assert found[0]["metadata"]["labels"]["heritage"] == "Tiller"
    volume = live(cluster, "pv", "pvc-1")
    assert [found[0]["metadata"]["uid"], volume["metadata"]["uid"]] == before
    assert storage.class_problem(GUIDE) == ("", False)
    assert storage.served_from(GUIDE) == "10.0.0.10"
    assert storage.apply(wanted).same == 7


def test_the_provisioners_own_volume(cluster: ApiServer, storage: Storage) -> None:
    """With mount options it mounts by a claim; without them again that goes."""
    storage.apply(wish(storage, source=FROM._replace(options=("nfsvers=4.1",))))
    assert len(live(cluster, "pv,pvc", "-A", "-l", OURS)["items"]) == 2

    done = storage.apply(wish(storage))

    assert len(done.pruned) == 2
    pod = live(cluster, "deploy", "nfs-client-provisioner")["spec"]["template"]["spec"]
    assert pod["volumes"][0]["nfs"] == {"server": "10.0.0.10", "path": "/nfsroot"}


STRANDED = ["default/claim in /nfsroot/default-claim-pvc-1"]


def test_claims_that_would_lose_their_folder(cluster: ApiServer, storage: Storage) -> None:
    """By the folders that are exported, whatever name of this machine the volume has."""
    cluster.kubectl("apply", "-f", "-", stdin=VOLUME)
    here, other = Here(["10.0.0.10", "10.0.1.10"]), Here(["10.0.0.11"])
    name, now = GUIDE.provisioner, ["/nfsroot"]

    assert storage.stranded(name, here.has, now, ["/nfsroot"]) == []
    assert storage.stranded(name, here.has, now, ["/srv"]) == STRANDED
    assert storage.stranded(name, here.has, [], ["/srv"]) == STRANDED
    assert storage.stranded(name, other.has, now, ["/srv"]) == []
    # Another provisioner's count as far as we serve them.
    assert storage.stranded("lab/other", here.has, now, ["/srv"]) == STRANDED
    assert storage.stranded("lab/other", here.has, [], ["/srv"]) == []

    by_name = VOLUME.replace("10.0.0.10", "node0.lab").replace("pvc-1", "pvc-2")
    cluster.kubectl("apply", "-f", "-", stdin=by_name)
    named = Here(["10.0.0.12"], {"node0.lab": ["10.0.0.12"]}.__getitem__)
    assert storage.stranded(name, named.has, now, ["/srv"]) == [
        "default/claim in /nfsroot/default-claim-pvc-2"
    ]


def test_the_provisioners_own_volume_is_no_claims(storage: Storage) -> None:
    """It names the export root, and follows it."""
    storage.apply(wish(storage, source=FROM._replace(options=("hard",))))
    assert storage.stranded(GUIDE.provisioner, lambda _: True, ["/nfsroot"], ["/srv"]) == []


@pytest.mark.parametrize("change", [{"name": "shared"}, {"provisioner": "lab/nfs"}])
def test_volumes_keep_what_deletes_them(
    cluster: ApiServer, storage: Storage, change: dict[str, str]
) -> None:
    """Neither class nor provisioner of ours gets another name before the volumes are gone."""
    storage.apply(wish(storage))
    cluster.kubectl("apply", "-f", "-", stdin=VOLUME)
    other = wish(storage, GUIDE._replace(**change))

    with pytest.raises(LeftBehindError) as caught:
        storage.apply(other)
    assert caught.value.claims == ["default/claim of nfs, cluster.local/nfs-client-provisioner"]
    assert storage.compare(wish(storage)).changed == []
    assert "shared" not in cluster.kubectl("get", "sc")

    keep = '{"spec": {"persistentVolumeReclaimPolicy": "Retain"}}'
    cluster.kubectl("patch", "pv", "pvc-1", "-p", keep)
    storage.apply(other)
    assert storage.compare(other).missing == []


def test_volumes_whose_class_is_gone(cluster: ApiServer, storage: Storage) -> None:
    """Are told, as their deletion fails; somebody else's class of that name will do."""
    storage.apply(wish(storage))
    old = VOLUME.replace("storageClassName: nfs", "storageClassName: old")
    cluster.kubectl("apply", "-f", "-", stdin=old)

    assert storage.classless(GUIDE) == ["default/claim of old"]
    assert storage.left_behind(GUIDE) == []
    cluster.kubectl("apply", "-f", "-", stdin=OTHER_CLASS.replace("name: default", "name: old"))
    assert storage.classless(GUIDE) == []


def test_removed_but_for_what_claims_have(cluster: ApiServer, storage: Storage) -> None:
    """Everything of ours goes; the volume of a claim stays."""
    storage.apply(wish(storage, source=FROM._replace(options=("nfsvers=4.1",))))
    cluster.kubectl("apply", "-f", "-", stdin=VOLUME)

    assert storage.remove(20) == []

    assert live(cluster, ALL, "-A", "-l", OURS)["items"] == []
    assert live(cluster, "pv", "pvc-1")["metadata"]["name"] == "pvc-1"


def test_nodes(cluster: ApiServer, storage: Storage, api: Api) -> None:
    """Their InternalIPs, and no other addresses."""
    for name, kind, address in (
        ("a", "InternalIP", "10.0.0.20"), ("b", "InternalIP", "10.0.0.3"),
        ("c", "ExternalIP", "192.0.2.1"),
    ):  # fmt: skip
        add_node(api, name, kind, address)

    assert storage.nodes() == ["10.0.0.3", "10.0.0.20"]
