"""Failures that Kubeflow is known for on bare metal, by what tells them, and their mends.

Sources: the issues that are named; kubelet's, scheduler's and API server's own words.
"""

import re
from typing import Tuple

from kubeflow_installer.preflight import api_server_flags

Version = Tuple[int, int]
_NFS_ROOT = (
    "on NFS its folder must be root's to write and empty: export it with no_root_squash, mount it"
    " with sec=sys, and clear what an earlier try left"
)
# What the words of an event, a condition or a container's end tell.
_BY_WORDS = (
    # kubeflow/manifests #959, #1911, kubeflow/kfctl #170
    (r"failed to fetch token|does not have TokenRequest", "{tokens}"),
    # kubeflow/kfctl #154, kubeflow/manifests #543
    (
        r"failed calling (admission )?webhook",
        "it passes when the webhook's pod is ready; else the API server's machine must reach pods",
    ),
    (r"mount\.<type> helper|mount\.nfs: not found", "install nfs-common on every worker"),
    # kubeflow/kubeflow #4827, #4630, kubeflow/katib #725
    (r"/var/lib/mysql'?: Permission denied|Access denied for user 'root'", _NFS_ROOT),
    # kubeflow/kubeflow #5551, kubeflow/manifests #622
    (
        r"data\.db: permission denied",
        "fsGroup has no effect on NFS: the claim's folder needs the mode 0777",
    ),
    # kubeflow/manifests #2087
    (
        r"too many open files",
        "on every worker: sysctl -w fs.inotify.max_user_instances=2280"
        " fs.inotify.max_user_watches=1255360",
    ),
    # kubeflow/manifests #2876, kserve #2241, kubeflow/manifests #3270: gone upstream
    (
        r"(ErrImagePull|ImagePullBackOff).*gcr\.io/(arrikto|kfserving|ml-pipeline)/",
        "upstream serves it no longer: put it into a mirror (list-images) and set image-registry",
    ),
    (
        r"toomanyrequests|[Rr]ate limit",
        "the registry limits pulls: use a mirror (list-images) and set image-registry",
    ),
    (r"ImagePullBackOff|ErrImagePull", "where the nodes have no way out: set image-registry"),
    (
        r"Insufficient (cpu|memory)|Too many pods",
        "add a worker, or leave out components (excluded-components)",
    ),
    (r"disallowed by cluster policy|[Pp]rivileged containers are not allowed", "{privileged}"),
    (
        r"violates PodSecurity",
        "label the namespace pod-security.kubernetes.io/enforce=privileged",
    ),
    (r"OOMKilled", "its node or its limit has too little memory"),
)
# What a workload's name tells where its containers end: their own words are in their logs alone.
_BY_NAME = (
    (
        r"mysql|katib-db|metadata-db",
        _NFS_ROOT + "; and no AppArmor profile of the node may hold mysqld: "
        "apparmor_parser -R /etc/apparmor.d/usr.sbin.mysqld",
    ),
    (r"authservice", "fsGroup has no effect on NFS: the claim's folder needs the mode 0777"),
)


def mend(words: str, server: Version) -> str:
    """Return the mend of a failure that these words tell; empty for an unknown one."""
    for pattern, told in _BY_WORDS:
        if re.search(pattern, words):
            return told.format(
                tokens=api_server_flags.issue_tokens(server),
                privileged=api_server_flags.allow_privileged(server),
            )
    return ""


def mend_of_crash(name: str) -> str:
    """Return what makes a workload of this name end at its start; empty where nothing is known."""
    for pattern, told in _BY_NAME:
        if re.search(pattern, name):
            return told
    return ""
