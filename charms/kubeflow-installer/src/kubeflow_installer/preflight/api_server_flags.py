"""How the API server of Charmed Kubernetes is given what Kubeflow needs of it."""

from typing import Tuple

Version = Tuple[int, int]
# With 1.24 kubernetes-master was renamed.
_RENAMED = (1, 24)
# The key is where the charm keeps that of its service accounts. From 1.20 on it sets these flags
# of itself.
_ISSUER = (
    "service-account-issuer=kubernetes.default.svc"
    " service-account-signing-key-file=/root/cdk/serviceaccount.key"
    " service-account-api-audiences=api,istio-ca"
)


def control_plane(server: Version) -> str:
    """Return the application that runs the API server."""
    return "kubernetes-control-plane" if server >= _RENAMED else "kubernetes-master"


def allow_privileged(server: Version) -> str:
    """Return the command that allows privileged containers."""
    return "juju config %s allow-privileged=true" % control_plane(server)


def issue_tokens(server: Version) -> str:
    """Return the command that makes it issue tokens for service accounts."""
    told = 'juju config %s api-extra-args="%s" (after what the option holds already)'
    return told % (control_plane(server), _ISSUER)
