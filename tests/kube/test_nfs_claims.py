"""Claims of the packed charm nfs-server with a real server, API, kubelet and provisioner.

Two virtual machines (as in tests/host) reach a real API server on this host, with all its
controllers and a scheduler. The charm, run as Juju runs it, makes one of them the server. The
other is a node with a real kubelet and dockerd. The Deployment's pod runs nfs-client-provisioner
itself, which makes volumes by selfLink; 1.20 gives that on demand (feature gate RemoveSelfLink).
So the image that 1.20 gets has the name of v4.0.2, which is not a Go module, and contains v3.
v3 always elects a leader. v4.0.2 does not, with the environment variable that the charm sets, so
the charm gives it no right to do so, and the tests give that right to the v3 in its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from helpers.host.pairs import SERVER, Pair
from helpers.host.vms import UnavailableError as NoMachineError
from helpers.kube.api_server import ApiServer
from helpers.kube.builds import UnavailableError, binaries, provisioner
from helpers.kube.nfs import NAMESPACE, OTHER_CLASS, add_node, resource_versions
from helpers.kube.related import pack, relations
from labcharm.json_types import JsonObject
from labcharm.polling import wait_until
from labkube.client.access import Access
from labkube.client.api import Api
from labkube.inspect.readiness import phase_of

NAME = "nfs-client-provisioner"
NETWORK = {
    "bind-addresses": [{"interface-name": "ens4", "addresses": [{"value": SERVER}]}],
    "ingress-addresses": [SERVER],
    "egress-subnets": [f"{SERVER}/32"],
}
IMAGE = "registry.k8s.io/sig-storage/nfs-subdir-external-provisioner:v4.0.2"
# The images of the pods' sandbox, of the provisioner, and of the pod that `verify` makes. As
# processes with number 1 the first two would ignore signals, and a kubelet would wait half a
# minute for each of them.
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
ELECTION = f"""\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: election-of-v3}}
rules:
- apiGroups: [""]
  resources: [endpoints]
  verbs: [get, list, watch, create, update, patch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: election-of-v3}}
subjects: [{{kind: ServiceAccount, name: {NAME}, namespace: {NAMESPACE}}}]
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: election-of-v3}}
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: %s}
spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Mi}}}
"""


class Lab:
    """The cluster, the server and its node.

    Args:
        cluster: The API server.
        pair: The server and the node.
    """

    def __init__(self, cluster: ApiServer, pair: Pair) -> None:
        self.cluster, self.pair, self.unit = cluster, pair, pair.unit
        self.api = Api(Access(cluster.url, cluster.ca, cluster.token))

    def relate(self) -> None:
        """Relate the unit to the control plane, which it reaches at its own loopback address."""
        port = int(urlsplit(self.cluster.url).port or 0)
        for machine in (self.pair.server, self.pair.client):
            machine.reach(port)
        bags, secrets = relations(self.cluster, "today", "nfs-server/0")
        self.unit.put(relations=bags, secrets=secrets, network=NETWORK)

    def live(self, *query: str) -> JsonObject:
        """Return objects of the cluster."""
        return dict(json.loads(self.cluster.kubectl("get", *query, "-o", "json")))

    def start_node(self) -> None:
        """Make the client a node: with images, a kubelet, and a route from pods to the API."""
        node = self.pair.client
        node.bring(binaries() / "kubelet", "/lab/kubelet")
        node.bring(provisioner() / NAME, f"/lab/{NAME}")
        node.write("/lab/ca.crt", self.cluster.ca)
        node.write("/etc/systemd/system/kubelet.service", KUBELET)
        node.sh(IMAGES)
        node.sh("sysctl -q -w net.ipv4.conf.all.route_localnet=1; systemctl daemon-reload")
        self.connect_node()
        has_node = wait_until(lambda: self.live("nodes")["items"], 240)
        assert has_node, node.sh("journalctl -u kubelet | tail")

    def connect_node(self) -> None:
        """Lead the kubelet and the pods to the API, at the port that it has since its start."""
        node, port = self.pair.client, urlsplit(self.cluster.url).port
        config = json.loads(self.cluster.kubeconfig.read_text())
        config["clusters"][0]["cluster"]["certificate-authority"] = "/lab/ca.crt"
        node.write("/lab/kubelet.conf", json.dumps(config))
        node.sh(  # the newest rule comes first
            "iptables -t nat -I PREROUTING -d 10.152.183.1 -p tcp --dport 443"
            f" -j DNAT --to-destination 127.0.0.1:{port}; systemctl restart kubelet"
        )

    def is_active(self) -> bool:
        """Wait until the provisioner's pod runs; return whether the unit is active then."""
        wait_until(self._is_running, 480)
        return self.unit.hooks("update-status").startswith("active")

    def _is_running(self) -> bool:
        deployment = self.live("deploy", "-n", NAMESPACE, NAME)
        status = deployment["status"]
        is_observed = status.get("observedGeneration") == deployment["metadata"]["generation"]
        has_pod = status.get("updatedReplicas") == status.get("readyReplicas") == 1
        return is_observed and has_pod

    def log(self) -> str:
        """Return pods, events and the end of the provisioner's log."""
        pods = self.cluster.kubectl("get", "pods,events", "-A")
        command = f"docker logs $(docker ps -qf name=k8s_{NAME}) 2>&1 | tail -15"
        return pods + self.pair.client.run("sh", "-c", command).out

    def directories(self) -> list[str]:
        """Return the names in the export root."""
        return self.pair.server.sh("ls -A /nfsroot").split()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return a server that is related to a cluster with one node.

    Its packages are installed already; that the charm installs them is tested in tests/host.
    """
    directory = tmp_path_factory.mktemp("claims")
    try:
        provisioner()
        cluster = ApiServer(binaries(), directory / "kube", True, gates="RemoveSelfLink=false")
        cluster.start("*", scheduler=True)
        cluster.kubectl("apply", "-f", "-", stdin=ELECTION)
    except UnavailableError as error:
        pytest.skip(str(error))
    try:
        pair = Pair(directory / "vms", pack("nfs-server", directory / "charms"), bare=False)
    except NoMachineError as error:
        cluster.stop()
        pytest.skip(str(error))
    lab = Lab(cluster, pair)
    try:
        lab.relate()
        with ThreadPoolExecutor() as executor:
            node = executor.submit(lab.start_node)
            status = pair.install()
            node.result()
        # The cluster's warning follows, such as one about a node that is not ready.
        assert status.startswith("waiting: "), status
        yield lab
    finally:
        lab.api.close()
        pair.stop()
        cluster.stop()


def test_claim_is_bound_by_the_default_class(lab: Lab) -> None:
    """The node's root stays root, a claim without a class is bound, and gets a directory."""
    wait_until(lambda: lab.live("nodes")["items"], 240)
    status = lab.unit.hooks("update-status")
    assert re.match("waiting: |active: 1 directory exported to 2", status), status
    assert "/nfsroot  10.99.0.2(" in lab.pair.server.sh("exportfs -s | grep -w no_root_squash")
    assert lab.is_active(), lab.log()
    status = lab.unit.hooks("update-status")
    assert status == (
        "active: 1 directory exported to 2 clients; StorageClass nfs (default), provisioner v4.0.2"
    )
    lab.cluster.kubectl("apply", "-f", "-", stdin=CLAIM % "claim")

    is_bound = wait_until(lambda: phase_of(lab.live("pvc", "claim")) == "Bound", 240)

    assert is_bound, lab.log()
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
    command = "stat -c '%n %i %Y' /etc/exports.d/* /var/lib/nfs-server-charm/*"
    before, files = resource_versions(lab.cluster), lab.pair.server.sh(command)
    lab.unit.hooks("config-changed", "update-status")
    assert resource_versions(lab.cluster) == before
    assert lab.unit.action("list-objects")["results"]["ok"] == "true"
    assert lab.pair.server.sh(command) == files


def test_verify_binds_a_claim_and_deletes_it(lab: Lab) -> None:
    """All checks pass, and the trial leaves nothing."""
    before = lab.directories()
    answer = lab.unit.action("verify", timeout=200)
    rows = json.loads(answer["results"]["checks"])
    checks = {row["name"]: row["message"] for row in rows}

    assert answer["results"]["ok"] == "true", answer
    assert list(checks) == [
        "service", "exports", "file-system", "configured", "mount", "write-nobody", "objects",
        "provisioner", "default-class", "export-root", "claim", "pod",
    ]  # fmt: skip
    assert checks["configured"].startswith(f"{SERVER}:/nfsroot is mounted by the configured rules")
    assert checks["file-system"].startswith("warning: /nfsroot: not a file system of its own")
    assert checks["export-root"].startswith("not protected from pods: Kubernetes 1.20 has no")
    assert checks["pod"] == "pods on node1 wrote to the claim"
    assert lab.directories() == before
    assert len(lab.live("pvc")["items"]) == 1


def test_usage_names_the_claims(lab: Lab) -> None:
    """The directory of a claim with its bytes."""
    lab.pair.client.sh("head -c 3000000 /dev/zero > /claim/large; sync")
    results = lab.unit.action("usage")["results"]
    (share,) = json.loads(results["shares"])
    (directory,) = share["folders"]

    assert directory["claim"] == "default/claim"
    assert 3_000_000 < directory["bytes"] < 3_200_000
    assert share["free-bytes"] > 0
    assert "not enforced" in results["note"]


def test_joining_node_is_admitted(lab: Lab) -> None:
    """By the hook update-status, which comes every few minutes."""
    add_node(lab.api, "node2", "InternalIP", "10.97.0.9")
    assert lab.unit.hooks("update-status").startswith("active: 1 directory exported to 3 clients")
    assert "/nfsroot  10.97.0.9(" in lab.pair.server.sh("exportfs -s")
    lab.cluster.kubectl("delete", "node", "node2")
    assert lab.unit.hooks("update-status").startswith("active: 1 directory exported to 2 clients")


def test_second_default_class_blocks_until_it_is_resolved(lab: Lab) -> None:
    """This server refuses claims meanwhile."""
    lab.cluster.kubectl("apply", "-f", "-", stdin=OTHER_CLASS)
    status = lab.unit.hooks("update-status")
    assert status.startswith("blocked: default is a default StorageClass too")
    answer = lab.unit.action("sync-objects", **{"only-default": True})
    assert json.loads(answer["results"]["changed"]) == ["StorageClass default"]
    assert lab.unit.hooks("update-status").startswith("active")
    lab.cluster.kubectl("delete", "sc", "default")


def test_directory_with_claims_stays_exported(lab: Lab) -> None:
    """Another export root is refused, unless the old one becomes a share."""
    status = lab.pair.exports(networks="10.99.0.0/24", export_root="/srv/new")
    assert status.startswith("blocked: claims would lose their directory; keep it as export-root")
    assert lab.pair.client.read("/claim/file") == "lab\n"
    assert "/nfsroot  10.99.0.2(" in lab.pair.server.sh("exportfs -s")
    old = "old: {path: /nfsroot, clients: [10.99.0.0/24]}"
    status = lab.pair.exports(networks="", export_root="/srv/new", shares=old)
    assert re.match("waiting: |active: 2 directories exported", status), status
    assert lab.pair.client.read("/claim/file") == "lab\n"
    assert "/nfsroot  10.99.0.2(" not in lab.pair.server.sh("exportfs -s")
    lab.pair.exports(networks="10.99.0.0/24")
    assert lab.is_active(), lab.log()


def test_directory_of_a_deleted_claim_is_archived(lab: Lab) -> None:
    """By the class's parameter, as in the guide."""
    lab.pair.client.sh("umount /claim")
    name = next(name for name in lab.directories() if name.startswith("default-claim"))
    lab.cluster.kubectl("delete", "pvc", "claim", "--wait=false")
    assert wait_until(lambda: f"archived-{name}" in lab.directories(), 240), lab.log()
    assert lab.pair.server.read(f"/nfsroot/archived-{name}/file") == "lab\n"


def test_mount_options_reach_class_and_provisioner(lab: Lab) -> None:
    """The provisioner itself mounts with them too."""
    status = lab.pair.exports(networks="10.99.0.0/24", mount_options="nfsvers=4.1,hard")
    # The pod that mounts without them counts as ready until it ends.
    exported = "1 directory exported to 2 clients"
    ready = r"StorageClass nfs \(default\), provisioner v4\.0\.2"
    pattern = f"(waiting: .*|active: {exported}; {ready})"
    assert re.fullmatch(pattern, status), status
    assert lab.live("sc", "nfs")["mountOptions"] == ["nfsvers=4.1", "hard"]
    assert lab.is_active(), lab.log()
    mounted = lab.pair.client.sh("grep /nfsroot /proc/mounts | grep volumes")
    assert "vers=4.1" in mounted


def test_removed_objects_come_back_by_sync_objects_only(lab: Lab) -> None:
    """Exports and data stay meanwhile."""
    # One action waits for a minute, and a busy machine may need longer to end the pod.
    assert wait_until(lambda: lab.unit.action("remove-objects")["results"]["left"] == "[]", 480)
    assert lab.unit.hooks("update-status").startswith(
        "blocked: objects removed by action; run sync-objects to apply them; 1 directory exported"
    )
    assert lab.live("sc")["items"] == lab.live("pv")["items"] == []
    lab.unit.configure(networks="10.99.0.0/24")
    assert json.loads(lab.unit.action("sync-objects")["results"]["created"])
    assert "mountOptions" not in lab.live("sc", "nfs")
    assert lab.is_active(), lab.log()


def test_exports_stay_while_the_cluster_does_not_answer(lab: Lab) -> None:
    """The status has the reason."""
    before = lab.pair.server.sh("exportfs -s")
    lab.cluster.stop()
    status = lab.unit.hooks("update-status")
    assert status.startswith("waiting: the API cannot be reached"), status
    assert lab.pair.server.sh("exportfs -s") == before
    lab.cluster.start("*", scheduler=True)
    lab.api.close()
    lab.api = Api(Access(lab.cluster.url, lab.cluster.ca, lab.cluster.token))
    lab.relate()
    lab.connect_node()
    assert lab.is_active()


def test_removal_deletes_objects_and_exports_and_keeps_the_data(lab: Lab) -> None:
    """The last status says where the data are."""
    before = lab.directories()
    status = lab.unit.put(leaving=True).hooks("stop")
    # On a busy machine the status also names what the cluster has not deleted yet.
    expected = "maintenance: no longer exported; the data stays in /nfsroot, /srv/new"
    assert status.startswith(expected)
    is_clean = wait_until(lambda: resource_versions(lab.cluster) == {}, 240)
    assert is_clean, f"{resource_versions(lab.cluster)}\n{lab.log()}"
    assert lab.pair.server.sh("exportfs -s").strip() == ""
    assert lab.directories() == before
    assert not lab.pair.server.exists("/var/lib/nfs-server-charm"), "the kubeconfig may be there"


def test_claims_on_a_server_that_the_charm_does_not_manage(lab: Lab) -> None:
    """The kernel of the server exports a directory as a NAS does, without the charm."""
    server, export = lab.pair.server, f"{SERVER}:/tank/k8s"
    line = "/tank/k8s 10.99.0.2(rw,no_root_squash,no_subtree_check)"
    server.sh(f"mkdir -p /tank/k8s /etc/exports.d; echo '{line}' > /etc/exports.d/nas.exports")
    server.sh("exportfs -ra")
    status = lab.unit.put(leaving=False).configure(external_export=export).hooks("config-changed")
    assert re.match(f"waiting: |active: export {export}; ", status), status
    lab.is_active()
    # On a busy machine, the trial of the first hook ends before the provisioner answers it.
    is_active = wait_until(lambda: lab.unit.hooks("update-status").startswith("active"), 480)
    assert is_active, lab.log()
    assert server.sh("ls -A /tank/k8s") == "", "the trial left a directory"
    lab.cluster.kubectl("apply", "-f", "-", stdin=CLAIM % "on-nas")

    is_bound = wait_until(lambda: phase_of(lab.live("pvc", "on-nas")) == "Bound", 240)

    assert is_bound, lab.log()
    source = lab.live("pv", lab.live("pvc", "on-nas")["spec"]["volumeName"])["spec"]["nfs"]
    assert source["server"] == SERVER
    assert server.sh("ls -d /tank/k8s/default-on-nas-*").strip() == source["path"]
    answer = lab.unit.action("verify", timeout=200)
    rows = json.loads(answer["results"]["checks"])
    assert answer["results"]["ok"] == "true", answer
    assert [row["name"] for row in rows] == [
        "export", "objects", "provisioner", "default-class", "export-root", "claim", "pod",
    ]  # fmt: skip

    status = lab.unit.put(leaving=True).hooks("stop")
    assert status.startswith(f"maintenance: the data stays on {export}"), status
    assert "/tank/k8s  10.99.0.2(" in server.sh("exportfs -s"), "the charm changed the exports"
    assert server.sh("ls /tank/k8s").split() == [source["path"].rpartition("/")[2]]
