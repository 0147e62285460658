"""A claim of the packed charm nfs-server, the whole way: server, mount, API, kubelet, provisioner.

Two virtual machines (as in tests/host) reach a real API server on this host, with all its
controllers and a scheduler: one is made the server by the charm as Juju runs it, the other is a
node with a real kubelet and dockerd. The Deployment's pod runs nfs-client-provisioner itself,
which makes volumes by selfLink; 1.20 gives that on demand (feature gate RemoveSelfLink). So behind
the name of the image that 1.20 gets (v4.0.2, which is no Go module) is v3.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from helpers.host.pairs import SERVER, Pair
from helpers.host.vms import UnavailableError as NoMachineError
from helpers.kube.builds import UnavailableError, binaries, provisioner
from helpers.kube.nfs import OTHER_CLASS, add_node
from helpers.kube.related import pack, relations
from helpers.kube.servers import ApiServer
from labkube.client.access import Access
from labkube.client.api import Api

NAME = "nfs-client-provisioner"
NETWORK = {
    "bind-addresses": [{"interface-name": "ens4", "addresses": [{"value": SERVER}]}],
    "ingress-addresses": [SERVER],
    "egress-subnets": [f"{SERVER}/32"],
}
IMAGE = "registry.k8s.io/sig-storage/nfs-subdir-external-provisioner:v4.0.2"
# Of the pods' sandbox, of the provisioner, and of the pod that `verify` makes. As processes with
# the number 1 the first two would hear no signal, and a kubelet would wait half a minute for each.
IMAGES = f"""
systemctl start docker
mkdir -p /tmp/box/bin /tmp/box/tmp
cp /bin/busybox /tmp/box/bin/
for name in sh cat rm sleep; do ln -s busybox /tmp/box/bin/$name; done
image() {{
  tar -C /tmp/box -c . | docker import -c "CMD [\\"/bin/sh\\",\\"-c\\",\\"$1\\"]" - $2
}}
image 'trap exit TERM; sleep 1000000 & wait' pause:1
image true busybox:1.36
cp /lab/{NAME} /tmp/box/
image 'trap exit TERM; /{NAME} & wait' {IMAGE}
"""
KUBELET = """\
[Service]
ExecStart=/lab/kubelet --kubeconfig=/lab/kubelet.conf --hostname-override=node1 \
 --pod-infra-container-image=pause:1 --cgroup-driver=cgroupfs --fail-swap-on=false \
 --node-ip=10.99.0.2 --eviction-hard= --container-runtime=docker --housekeeping-interval=60s
Restart=always
RestartSec=1
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: %s}
spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Mi}}}
"""


class Lab:
    """The cluster, the server and its node."""

    def __init__(self, cluster: ApiServer, pair: Pair) -> None:
        self.cluster, self.pair, self.unit = cluster, pair, pair.unit
        self.api = Api(Access(cluster.url, cluster.ca, cluster.token))

    def relate(self) -> None:
        """Relate the unit to the control plane, which it reaches at its own loopback."""
        port = int(urlsplit(self.cluster.url).port or 0)
        for machine in (self.pair.server, self.pair.client):
            machine.reach(port)
        bags, secrets = relations(self.cluster, "today", "nfs-server/0")
        self.unit.put(relations=bags, secrets=secrets, network=NETWORK)

    def live(self, *what: str) -> Any:
        """Return objects of the cluster."""
        return json.loads(self.cluster.kubectl("get", *what, "-o", "json"))

    def node(self) -> None:
        """Make the client a node: images, kubelet, and the way of pods to the API."""
        node, url = self.pair.client, urlsplit(self.cluster.url)
        config = json.loads(self.cluster.kubeconfig.read_text())
        config["clusters"][0]["cluster"]["certificate-authority"] = "/lab/ca.crt"
        node.bring(binaries() / "kubelet", "/lab/kubelet")
        node.bring(provisioner() / NAME, f"/lab/{NAME}")
        node.write("/lab/ca.crt", self.cluster.ca)
        node.write("/lab/kubelet.conf", json.dumps(config))
        node.write("/etc/systemd/system/kubelet.service", KUBELET)
        node.sh(IMAGES)
        node.sh(
            "sysctl -q -w net.ipv4.conf.all.route_localnet=1;"
            "iptables -t nat -A PREROUTING -d 10.152.183.1 -p tcp --dport 443"
            f" -j DNAT --to-destination 127.0.0.1:{url.port};"
            "systemctl daemon-reload; systemctl start kubelet"
        )
        assert until(lambda: self.live("nodes")["items"]), node.sh("journalctl -u kubelet | tail")

    def is_active(self) -> bool:
        """Wait until the provisioner's pod runs, and tell whether the charm says so then."""
        until(self._runs, 240)
        return self.unit.hooks("update-status").startswith("active")

    def _runs(self) -> bool:
        found = self.live("deploy", NAME)
        status = found["status"]
        seen = status.get("observedGeneration") == found["metadata"]["generation"]
        return seen and status.get("updatedReplicas") == status.get("readyReplicas") == 1

    def log(self) -> str:
        """Return what the provisioner says, and what is said of it."""
        pods = self.cluster.kubectl("get", "pods,events", "-A")
        return (
            pods
            + self.pair.client.run(
                "sh", "-c", f"docker logs $(docker ps -qf name=k8s_{NAME}) 2>&1 | tail -15"
            ).out
        )

    def folders(self) -> list[str]:
        """Return what is in the export root."""
        return self.pair.server.sh("ls -A /nfsroot").split()


def until(seen: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait for something; return it, or what is there instead at the end."""
    end = time.monotonic() + seconds
    while not (found := seen()) and time.monotonic() < end:
        time.sleep(0.5)
    return found


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Make the server, related to a cluster with one node.

    Its packages are there already: that the charm brings them is shown in tests/host.
    """
    folder = tmp_path_factory.mktemp("claims")
    try:
        provisioner()
        cluster = ApiServer(binaries(), folder / "kube", True, gates="RemoveSelfLink=false")
        cluster.start("*", scheduler=True)
    except UnavailableError as error:
        pytest.skip(str(error))
    try:
        pair = Pair(folder / "vms", pack("nfs-server", folder / "charms"), bare=False)
    except NoMachineError as error:
        cluster.stop()
        pytest.skip(str(error))
    found = Lab(cluster, pair)
    try:
        found.relate()
        with ThreadPoolExecutor() as beside:
            node = beside.submit(found.node)
            status = pair.install()
            node.result()
        assert re.match("waiting: 1 folder to [12] clients?; Deployment", status), status
        yield found
    finally:
        found.api.close()
        pair.stop()
        cluster.stop()


def test_a_claim_is_bound_by_the_default_class(lab: Lab) -> None:
    """The node's root is root there, a claim without a class is bound, a folder appears."""
    until(lambda: lab.live("nodes")["items"])
    status = lab.unit.hooks("update-status")
    assert re.match("(waiting|active): 1 folder to 2 clients; ", status), status
    assert "/nfsroot  10.99.0.2(" in lab.pair.server.sh("exportfs -s | grep -w no_root_squash")
    assert lab.is_active(), lab.log()
    status = lab.unit.hooks("update-status")
    assert status == (
        "active: 1 folder to 2 clients; StorageClass nfs (default), provisioner v4.0.2"
    )
    lab.cluster.kubectl("apply", "-f", "-", stdin=CLAIM % "claim")

    phase = until(lambda: lab.live("pvc", "claim")["status"].get("phase") == "Bound")

    assert phase, lab.log()
    claim = lab.live("pvc", "claim")["spec"]
    volume = lab.live("pv", claim["volumeName"])["spec"]
    assert claim["storageClassName"] == "nfs"
    assert volume["nfs"]["server"] == SERVER
    assert volume["nfs"]["path"] == f"/nfsroot/default-claim-{claim['volumeName']}"
    assert lab.pair.server.sh(f"stat -c '%a %u' {volume['nfs']['path']}").split() == ["777", "0"]
    lab.pair.client.sh(
        f"mkdir -p /claim; mount -t nfs {SERVER}:{volume['nfs']['path']} /claim;"
        "setpriv --reuid=1000 --clear-groups sh -c 'echo lab > /claim/file'; chown 33 /claim/file"
    )
    file = f"{volume['nfs']['path']}/file"
    assert lab.pair.server.sh(f"cat {file}; stat -c %u {file}").split() == ["lab", "33"]


def test_hooks_with_nothing_to_do_write_nothing(lab: Lab) -> None:
    """Neither on the cluster nor on the machine."""
    kinds = "sa,deploy,sc,clusterrole,clusterrolebinding,role,rolebinding"
    before = [one["metadata"]["resourceVersion"] for one in lab.live(kinds, "-A")["items"]]
    files = lab.pair.server.sh("stat -c '%n %i %Y' /etc/exports.d/* /var/lib/nfs-server-charm/*")
    lab.unit.hooks("config-changed", "update-status")
    after = [one["metadata"]["resourceVersion"] for one in lab.live(kinds, "-A")["items"]]
    assert before == after
    assert lab.unit.action("list-objects")["results"]["ok"] == "true"
    assert lab.pair.server.sh(
        "stat -c '%n %i %Y' /etc/exports.d/* /var/lib/nfs-server-charm/*"
    ) == files  # fmt: skip


def test_verify_binds_a_claim_and_takes_it_away(lab: Lab) -> None:
    """All checks hold, and nothing of the trial is left."""
    before = lab.folders()
    answer = lab.unit.action("verify", timeout=200)
    checks = {one["name"]: one["message"] for one in json.loads(answer["results"]["checks"])}

    assert answer["results"]["ok"] == "true", answer
    assert list(checks) == [
        "service", "exports", "configured", "mount", "write-root", "write-nobody", "objects",
        "provisioner", "default-class", "claim", "pod",
    ]  # fmt: skip
    assert checks["configured"].startswith(f"{SERVER}:/nfsroot is mounted by the configured rules")
    assert checks["pod"] == "pods on node1 wrote to the claim"
    assert lab.folders() == before
    assert len(lab.live("pvc")["items"]) == 1


def test_usage_names_the_claims(lab: Lab) -> None:
    """The folder of a claim with its bytes."""
    lab.pair.client.sh("head -c 3000000 /dev/zero > /claim/large; sync")
    results = lab.unit.action("usage")["results"]
    (share,) = json.loads(results["shares"])
    (folder,) = share["folders"]

    assert folder["claim"] == "default/claim"
    assert 3_000_000 < folder["bytes"] < 3_200_000
    assert share["free-bytes"] > 0
    assert "not enforced" in results["note"]


def test_a_node_that_joins_is_admitted(lab: Lab) -> None:
    """By the next update-status."""
    add_node(lab.api, "node2", "InternalIP", "10.97.0.9")
    assert lab.unit.hooks("update-status").startswith("active: 1 folder to 3 clients")
    assert "/nfsroot  10.97.0.9(" in lab.pair.server.sh("exportfs -s")
    lab.cluster.kubectl("delete", "node", "node2")
    assert lab.unit.hooks("update-status").startswith("active: 1 folder to 2 clients")


def test_a_second_default_class(lab: Lab) -> None:
    """Blocks, as this server refuses claims then; resolved on demand."""
    lab.cluster.kubectl("apply", "-f", "-", stdin=OTHER_CLASS)
    status = lab.unit.hooks("update-status")
    assert status.startswith("blocked: default is a default StorageClass too")
    answer = lab.unit.action("sync-objects", **{"only-default": True})
    assert json.loads(answer["results"]["changed"]) == ["StorageClass default"]
    assert lab.unit.hooks("update-status").startswith("active")
    lab.cluster.kubectl("delete", "sc", "default")


def test_a_folder_that_claims_lie_in_is_kept(lab: Lab) -> None:
    """Another export root is refused by the claim's name; as a share beside it, it is taken."""
    status = lab.pair.exports(networks="10.99.0.0/24", export_root="/srv/new")
    assert status.startswith("blocked: these claims would lose their folder: default/claim in")
    assert lab.pair.client.read("/claim/file") == "lab\n"
    assert "/nfsroot  10.99.0.2(" in lab.pair.server.sh("exportfs -s")
    old = "old: {path: /nfsroot, clients: [10.99.0.0/24]}"
    status = lab.pair.exports(networks="", export_root="/srv/new", shares=old)
    assert re.match("(waiting|active): 2 folders to 2 clients; ", status), status
    assert lab.pair.client.read("/claim/file") == "lab\n"
    assert "/nfsroot  10.99.0.2(" not in lab.pair.server.sh("exportfs -s")
    lab.pair.exports(networks="10.99.0.0/24")
    assert lab.is_active(), lab.log()


def test_a_deleted_claim_is_archived(lab: Lab) -> None:
    """By the class's parameter, as the guide has it."""
    lab.pair.client.sh("umount /claim")
    folder = next(name for name in lab.folders() if name.startswith("default-claim"))
    lab.cluster.kubectl("delete", "pvc", "claim", "--wait=false")
    assert until(lambda: f"archived-{folder}" in lab.folders()), lab.log()
    assert lab.pair.server.read(f"/nfsroot/archived-{folder}/file") == "lab\n"


def test_mount_options_reach_the_class(lab: Lab) -> None:
    """And the volume that the provisioner itself mounts."""
    status = lab.pair.exports(networks="10.99.0.0/24", mount_options="nfsvers=4.1,hard")
    # The pod that mounts without them counts as ready until it ends.
    waits = f"Deployment default/{NAME} (is not looked at yet|has 0 of 1 ready.*)"
    ready = r"StorageClass nfs \(default\), provisioner v4\.0\.2"
    told = f"(waiting: 1 folder to 2 clients; {waits}|active: 1 folder to 2 clients; {ready})"
    assert re.fullmatch(told, status), status
    assert lab.live("sc", "nfs")["mountOptions"] == ["nfsvers=4.1", "hard"]
    assert lab.is_active(), lab.log()
    mounted = lab.pair.client.sh("grep /nfsroot /proc/mounts | grep volumes")
    assert "vers=4.1" in mounted


def test_objects_that_are_removed_stay_away(lab: Lab) -> None:
    """Exports and data stay; sync-objects brings the objects back."""
    answer = lab.unit.action("remove-objects")
    assert answer["results"] == {"ok": "true", "left": "[]"}
    assert lab.unit.hooks("update-status").startswith(
        "blocked: 1 folder to 2 clients; objects removed by the action"
    )
    assert lab.live("sc")["items"] == lab.live("pv")["items"] == []
    lab.unit.configure(networks="10.99.0.0/24")
    assert json.loads(lab.unit.action("sync-objects")["results"]["created"])
    assert "mountOptions" not in lab.live("sc", "nfs")
    assert lab.is_active(), lab.log()


def test_the_cluster_goes_silent(lab: Lab) -> None:
    """Exports stand as they were, and the status says why nothing else is looked at."""
    before = lab.pair.server.sh("exportfs -s")
    lab.cluster.stop()
    status = lab.unit.hooks("update-status")
    assert status.startswith("waiting: 1 folder to 2 clients; ")
    assert lab.pair.server.sh("exportfs -s") == before
    lab.cluster.start("namespace,serviceaccount")
    lab.api.close()
    lab.api = Api(Access(lab.cluster.url, lab.cluster.ca, lab.cluster.token))
    lab.relate()
    assert lab.is_active()


def test_the_application_goes(lab: Lab) -> None:
    """Objects and exports go, the data stay."""
    kept = lab.folders()
    status = lab.unit.put(leaving=True).hooks("stop")
    assert status == "maintenance: no longer exported; the data stay in /nfsroot, /srv/new"
    label = "app.lab-charms/charm=nfs-server"
    kinds = "sa,deploy,sc,clusterrole,clusterrolebinding,role,rolebinding"
    assert lab.live(kinds, "-A", "-l", label)["items"] == []
    assert lab.pair.server.sh("exportfs -s").strip() == ""
    assert lab.folders() == kept
    assert not lab.pair.server.exists("/var/lib/nfs-server-charm"), "the kubeconfig may be there"
