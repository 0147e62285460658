"""The trial of the admission policies; a real server refuses the pod in tests/kube."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.nfs.defaults import SOURCE, STORAGE_CLASS
from helpers.nfs.storage_api import StorageApi
from labcharm.json_types import JsonObject
from labcharm.verify import Check
from labkube.client.api import ApiError
from nfs_server.cluster.cluster_storage import ClusterStorage
from nfs_server.verify.params import VerifyParams
from nfs_server.verify.policy_trial import policy_check

DENIAL = (
    "pods \"nfs-verify-x\" is forbidden: ValidatingAdmissionPolicy 'nfs-client-provisioner-pods'"
    " with binding 'nfs-client-provisioner-pods' denied request: this volume reaches the root"
)
QUOTA = 'pods "nfs-verify-x" is forbidden: exceeded quota'


class AdmittingApi(StorageApi):
    """A server that answers the dry run of a pod.

    Args:
        minor: The minor number of its release.
        refusal: Its refusal; empty when it accepts the pod.
    """

    def __init__(self, minor: int, refusal: str) -> None:
        super().__init__((1, minor))
        self.refusal, self.pods = refusal, list[JsonObject]()

    def path_of(self, _: JsonObject, with_name: bool = True) -> str:
        """Return the path of pods."""
        assert not with_name
        return "/api/v1/namespaces/lab/pods"

    def request(self, *request: Any, query: Any = None) -> JsonObject:
        """Answer the dry run."""
        assert query == {"dryRun": "All"}
        self.pods.append(request[2])
        if self.refusal:
            raise ApiError(403, "Forbidden", self.refusal)
        return {}


def check_on(api: Any, is_enabled: bool = True) -> Check:
    """Return the check on a server."""
    storage = ClusterStorage(api, "nfs-server.0", lambda _: None)
    desired = storage.desired_state(STORAGE_CLASS, SOURCE, "v4.0.2", "")
    return policy_check(storage, desired, VerifyParams("busybox", "lab", 1.0), is_enabled)


def test_refused_pod_shows_that_the_export_root_is_protected() -> None:
    """The pod would have mounted exactly the export root."""
    api = AdmittingApi(30, DENIAL)

    message = "the API server refuses a pod that mounts the export root"
    assert check_on(api) == Check("export-root", True, message)
    (pod,) = api.pods
    assert pod["spec"]["volumes"][0]["nfs"] == {"server": "10.0.0.10", "path": "/nfsroot"}
    assert pod["metadata"]["namespace"] == "lab"


@pytest.mark.parametrize(
    ("refusal", "message"),
    [
        ("", "the API server accepts a pod that mounts the export root; has namespace lab the"
             " label app.lab-charms/allow-nfs-export-root?"),
        (QUOTA, "the policy nfs-client-provisioner-pods could not be tried"),
    ],
)  # fmt: skip
def test_other_answers_fail(refusal: str, message: str) -> None:
    """A pod that is accepted, and a refusal that has another reason."""
    check = check_on(AdmittingApi(30, refusal))

    assert (check.ok, check.message.startswith(message)) == (False, True)


@pytest.mark.parametrize(
    ("minor", "is_enabled", "reason"),
    [(29, True, "Kubernetes 1.29 has no admission policies, which need 1.30"),
     (30, False, "admission-policy=false")],
)  # fmt: skip
def test_missing_protection_is_named_with_its_reason(
    minor: int, is_enabled: bool, reason: str
) -> None:
    """It is no failure, because nothing on this cluster would be wrong."""
    api = AdmittingApi(minor, DENIAL)

    message = f"not protected from pods: {reason}; see the threat model"
    assert check_on(api, is_enabled) == Check("export-root", True, message)
    assert api.pods == []
