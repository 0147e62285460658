"""The juju commands that give Charmed Kubernetes' API server the flags that Kubeflow needs."""

from typing import Tuple

Version = Tuple[int, int]
# kubernetes-master was renamed in 1.24.
_RENAMED = (1, 24)
# The key is where the charm stores the key of its service accounts. From 1.20 on the charm sets
# these flags by default.
_ISSUER = (
    "service-account-issuer=kubernetes.default.svc"
    " service-account-signing-key-file=/root/cdk/serviceaccount.key"
    " service-account-api-audiences=api,istio-ca"
)


def control_plane(server: Version) -> str:
    """Return the name of the application that runs the API server."""
    return "kubernetes-control-plane" if server >= _RENAMED else "kubernetes-master"


def allow_privileged(server: Version) -> str:
    """Return the command that allows privileged containers."""
    return f"juju config {control_plane(server)} allow-privileged=true"


def issue_tokens(server: Version) -> str:
    """Return the command that makes the API server issue tokens for service accounts."""
    application = control_plane(server)
    return (
        f'juju config {application} api-extra-args="{_ISSUER}"'
        " (append it to the current content of the option)"
    )
