"""Objects of other owners and views of a cluster, for tests of nfs-server on real API servers."""

from __future__ import annotations

import json

from helpers.kube.api_server import ApiServer
from helpers.nfs.defaults import SOURCE, STORAGE_CLASS
from labcharm.json_types import JsonObject
from labkube.client.api import MERGE, Api
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState
from nfs_server.cluster.provisioner import make_objects
from nfs_server.cluster.releases import find_release
from nfs_server.cluster.storage_class import ExportSource, StorageClass

# All kinds of objects that the charm makes, and the label of its objects.
OWNED_KINDS = "ns,sa,deploy,sc,clusterrole,clusterrolebinding,role,rolebinding,pv,pvc"
# Kinds that servers have from 1.30 on.
_POLICY_KINDS = "validatingadmissionpolicies,validatingadmissionpolicybindings"
NAMESPACE = STORAGE_CLASS.namespace
OWNED_LABEL = "app.lab-charms/charm=nfs-server"
# The class that kubernetes-worker makes for its endpoint `nfs`.
OTHER_CLASS = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: default
  annotations: {storageclass.kubernetes.io/is-default-class: "true"}
provisioner: fuseim.pri/ifs
"""
# A volume that the provisioner made for the claim default/claim.
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
# A Deployment that helm made.
HELM_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: nfs-client-provisioner, namespace: default}
spec:
  selector: {matchLabels: {app: nfs-client-provisioner, release: nfs-client-provisioner}}
  template:
    metadata: {labels: {app: nfs-client-provisioner, release: nfs-client-provisioner}}
    spec:
      containers:
      - name: old
        image: quay.io/old:1
        env: [{name: PROVISIONER_NAME, value: cluster.local/nfs-client-provisioner}]
"""


def add_node(api: Api, name: str, kind: str, address: str) -> None:
    """Create a node with an address, as a kubelet reports it.

    The address is set by a patch, because controllers write to a new node too, and a replacement
    of what they wrote would be refused.
    """
    api.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
    status = {"status": {"addresses": [{"type": kind, "address": address}]}}
    api.request("PATCH", f"/api/v1/nodes/{name}/status", status, MERGE)


def helm_release() -> list[JsonObject]:
    """Return what helm 2 made for the guide: the chart's objects, with its labels and selector."""
    release = find_release("v3.1.0-k8s1.11")
    text = json.dumps(make_objects(release, STORAGE_CLASS, SOURCE, ""))
    text = text.replace(f'"{NAMESPACE}"', '"default"')
    manifests = [each for each in json.loads(text) if each["kind"] != "Namespace"]
    name = STORAGE_CLASS.object_name
    for manifest in manifests:
        manifest["metadata"]["labels"] = {
            "app": name, "chart": "nfs-client-provisioner-1.2.8", "heritage": "Tiller",
            "release": name,
        }  # fmt: skip
    spec = manifests[-1]["spec"]
    spec["selector"]["matchLabels"] = {"app": name, "release": name}
    spec["template"]["metadata"]["labels"] = {"app": name, "release": name}
    return list(manifests)


def desired_of(
    storage: ClusterStorage,
    storage_class: StorageClass = STORAGE_CLASS,
    source: ExportSource = SOURCE,
) -> DesiredState:
    """Return the desired state of the cluster."""
    return storage.desired_state(storage_class, source, "", "")


def live(cluster: ApiServer, *query: str) -> JsonObject:
    """Return objects of the cluster."""
    return dict(json.loads(cluster.kubectl("get", *query, "-o", "json")))


def uid_of(cluster: ApiServer, kind: str, name: str, namespace: str = "default") -> str:
    """Return the UID of an object, which another object of the same name does not have."""
    return str(live(cluster, kind, name, "-n", namespace)["metadata"]["uid"])


def provisioner_pod(cluster: ApiServer) -> JsonObject:
    """Return the pod's spec of the provisioner's Deployment."""
    deployment = live(cluster, "deploy", "-n", NAMESPACE, "nfs-client-provisioner")
    return dict(deployment["spec"]["template"]["spec"])


def resource_versions(cluster: ApiServer) -> dict[str, str]:
    """Return the resource version of each object of the charm: a write changes it."""
    has_policies = _POLICY_KINDS.partition(",")[0] in cluster.kubectl("api-resources")
    kinds = f"{OWNED_KINDS},{_POLICY_KINDS}" if has_policies else OWNED_KINDS
    objects = live(cluster, kinds, "-A", "-l", OWNED_LABEL)["items"]
    return {
        f"{manifest['kind']} {manifest['metadata']['name']}": manifest["metadata"][
            "resourceVersion"
        ]
        for manifest in objects
    }
