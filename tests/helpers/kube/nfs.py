"""A second default StorageClass and nodes, for the tests of nfs-server on real API servers."""

from __future__ import annotations

from labkube.client.api import MERGE, Api

OTHER_CLASS = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: default
  annotations: {storageclass.kubernetes.io/is-default-class: "true"}
provisioner: fuseim.pri/ifs
"""


def add_node(api: Api, name: str, kind: str, address: str) -> None:
    """Make a node that says its address, as a kubelet would.

    By a patch: controllers write to a new node too, and a replacement of theirs is refused.
    """
    api.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
    status = {"status": {"addresses": [{"type": kind, "address": address}]}}
    api.request("PATCH", f"/api/v1/nodes/{name}/status", status, MERGE)
