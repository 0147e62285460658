"""Failures that Kubeflow is known for on bare metal: how to recognize them, and how to fix them.

Sources: the issues that are named; messages of the kubelet, the scheduler and the API server.
"""

import re
from typing import Callable, Tuple, Union

from kubeflow_installer.preflight import api_server_flags
from kubeflow_installer.releases import withdrawn

Version = Tuple[int, int]
# A text, or a function that returns one for the server's version.
_Fix = Union[str, Callable[[Version], str]]
_NFS_ROOT = (
    "on NFS its directory must be empty and writable by root: export it with no_root_squash, mount"
    " it with sec=sys, and delete what an earlier attempt left there"
)
_NFS_MODE = "fsGroup has no effect on NFS: the claim's directory needs the mode 0777"
_PULL_FAILURE = r"ImagePullBackOff|ErrImagePull"
_WITHDRAWN = (
    "upstream deleted this image: set image-registry to a mirror that has it, or image-overrides"
)
# Patterns of the message of an event, a condition or a container's end.
_BY_MESSAGE: Tuple[Tuple[str, _Fix], ...] = (
    # kubeflow/manifests #959, #1911, kubeflow/kfctl #170
    (r"failed to fetch token|does not have TokenRequest", api_server_flags.issue_tokens),
    # kubeflow/kfctl #154, kubeflow/manifests #543
    (
        r"failed calling (admission )?webhook",
        "this clears when the webhook's pod is ready; otherwise the API server's machine cannot"
        " reach pods",
    ),
    (r"mount\.<type> helper|mount\.nfs: not found", "install nfs-common on every worker"),
    # kubeflow/kubeflow #4827, #4630, kubeflow/katib #725
    (r"/var/lib/mysql'?: Permission denied|Access denied for user 'root'", _NFS_ROOT),
    # kubeflow/kubeflow #5551, kubeflow/manifests #622
    (r"data\.db: permission denied", _NFS_MODE),
    # kubeflow/manifests #2087
    (
        r"too many open files",
        "on every worker: sysctl -w fs.inotify.max_user_instances=2280"
        " fs.inotify.max_user_watches=1255360",
    ),
    (
        r"toomanyrequests|[Rr]ate limit",
        "the registry limits pulls: use a mirror (list-images) and set image-registry",
    ),
    (
        _PULL_FAILURE,
        "if the nodes cannot reach the registry: set image-registry to a mirror",
    ),
    (
        r"Insufficient (cpu|memory)|Too many pods",
        "add a worker, or exclude components (excluded-components)",
    ),
    (
        r"disallowed by cluster policy|[Pp]rivileged containers are not allowed",
        api_server_flags.allow_privileged,
    ),
    (
        r"violates PodSecurity",
        "label the namespace pod-security.kubernetes.io/enforce=privileged",
    ),
    (r"OOMKilled", "the node has too little memory, or the container's limit is too low"),
)
# Patterns of the name of a workload whose containers end: the cause is only in their logs.
_BY_NAME = (
    (
        r"mysql|katib-db|metadata-db",
        f"{_NFS_ROOT}; also, no AppArmor profile of the node may apply to mysqld: "
        "apparmor_parser -R /etc/apparmor.d/usr.sbin.mysqld",
    ),
    (r"authservice", _NFS_MODE),
)


def fix_for_message(message: str, server: Version) -> str:
    """Return the fix of the failure that a message shows; empty if the failure is unknown."""
    if re.search(_PULL_FAILURE, message) and any(map(withdrawn.is_withdrawn, message.split())):
        return _WITHDRAWN
    for pattern, fix in _BY_MESSAGE:
        if re.search(pattern, message):
            return fix if isinstance(fix, str) else fix(server)
    return ""


def fix_for_crash(name: str) -> str:
    """Return the fix of the usual failure of a workload of this name; empty if none is known."""
    for pattern, fix in _BY_NAME:
        if re.search(pattern, name):
            return fix
    return ""
