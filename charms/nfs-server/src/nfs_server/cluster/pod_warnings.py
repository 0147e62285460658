"""Why the provisioner's pod does not run, as the cluster's events report it."""

from labcharm.json_types import JsonObject
from labkube.client.api import Api
from labkube.inspect.events import list_events, messages_about

# The objects whose warnings matter: the pod, and the ReplicaSet when it cannot create a pod.
_KINDS = ("Pod", "ReplicaSet")
_MISSING_CLIENT = "its node cannot mount NFS; install nfs-common on every worker"
# What mount(8) prints without the helper of a file system (util-linux, sys-utils/mount.c).
_NO_HELPER = "mount.<type> helper"
_FORBIDDEN = "is forbidden: "
_MOUNT_ERROR = "mount.nfs: "
# The pod is tried again and again, and other warnings come in between.
_RECENT = 3


def pod_warning(api: Api, deployment: JsonObject) -> str:
    """Return the cause of the latest warnings about a Deployment's pods; empty without one.

    A quota, a policy or an admission webhook that refuses the pod is reported by its ReplicaSet
    (event FailedCreate); a mount or an image that fails is reported by the pod.

    Args:
        api: The cluster.
        deployment: The Deployment.

    Raises:
        ApiError: When the request fails.
    """
    metadata = deployment["metadata"]
    events = [
        event
        for event in list_events(api, metadata["namespace"], "type=Warning")
        if event.get("involvedObject", {}).get("kind") in _KINDS
    ]
    messages = messages_about(events, prefix=f"{metadata['name']}-")
    if any(_NO_HELPER in message for message in messages[-_RECENT:]):
        return _MISSING_CLIENT
    return _cause_of(messages[-1]) if messages else ""


def _cause_of(message: str) -> str:
    """Return the part of a message that names the cause; names of pods and volumes come before."""
    for marker, prefix in ((_FORBIDDEN, "its pod is forbidden: "), (_MOUNT_ERROR, _MOUNT_ERROR)):
        _, separator, rest = message.rpartition(marker)
        if separator:
            return prefix + rest
    return message
