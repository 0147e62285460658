"""The access to a cluster that a kubeconfig gives."""

from __future__ import annotations

from dataclasses import dataclass, field

# The keys of a cluster and of a user that decide whom a client reaches, and as whom.
CLUSTER_KEYS = (
    "server",
    "certificate-authority-data",
    "certificate-authority",
    "tls-server-name",
    "insecure-skip-tls-verify",
)
USER_KEYS = (
    "token",
    "tokenFile",
    "client-certificate-data",
    "client-certificate",
    "client-key-data",
    "client-key",
    "username",
    "password",
)
# The keys of a user that run a program.
PROGRAMS = ("exec", "auth-provider")


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """A cluster of a kubeconfig.

    Attributes:
        server: The URL of the API.
        ca: The certificate authority as PEM text; empty if the system's authorities are used.
        tls_server_name: The name that the certificate must have; empty for that of the URL.
        proxy_url: The proxy to the API; empty for the one of the environment.
    """

    server: str
    ca: str = ""
    tls_server_name: str = ""
    proxy_url: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of a user of a kubeconfig. They never appear in a message or a log.

    Attributes:
        token: A bearer token.
        certificate: A client certificate as PEM text.
        key: The key of the certificate as PEM text.
        username: A name for basic authentication, which servers up to 1.18 accept.
        password: The password of that name.
    """

    token: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """The access that the current context of a kubeconfig gives.

    Attributes:
        cluster: The cluster.
        credentials: The user's credentials.
        unread: The keys that botlab did not read, as paths such as ``user.extensions``.
    """

    cluster: ClusterAddress
    credentials: Credentials
    unread: tuple[str, ...] = ()
