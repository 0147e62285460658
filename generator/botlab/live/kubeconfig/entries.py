"""The entries that botlab writes into a kubeconfig, and the mark by which it recognizes them.

A cluster, a user and a context of the same name belong together. Each has the extension
``botlab``, which names the site and the model. ``extensions`` is the place that Kubernetes
provides for such data, and kubectl keeps it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from .model import CLUSTER_KEYS, PROGRAMS, USER_KEYS, Kubeconfig

MARK = "botlab"
# The keys of each kind of entry that decide whom a client reaches, and as whom.
DECISIVE_KEYS: Mapping[str, tuple[str, ...]] = {
    "cluster": CLUSTER_KEYS,
    "user": (*USER_KEYS, *PROGRAMS),
    "context": ("cluster", "user"),
}


@dataclass(frozen=True, slots=True)
class Owner:
    """The lab that entries belong to.

    Attributes:
        site: The name of the site.
        model: The model, as CONTROLLER:MODEL.
    """

    site: str
    model: str


def entries_of(kubeconfig: Kubeconfig, name: str) -> dict[str, dict[str, str]]:
    """Return the bodies of the entries of a lab, by kind.

    Args:
        kubeconfig: The access to the cluster.
        name: The name of the context, the cluster and the user.
    """
    cluster, credentials = kubeconfig.cluster, kubeconfig.credentials
    return {
        "cluster": _filled(
            {
                "server": cluster.server,
                "certificate-authority-data": _encode(cluster.ca),
                "tls-server-name": cluster.tls_server_name,
            }
        ),
        "user": _filled(
            {
                "token": credentials.token,
                "client-certificate-data": _encode(credentials.certificate),
                "client-key-data": _encode(credentials.key),
                "username": credentials.username,
                "password": credentials.password,
            }
        ),
        "context": {"cluster": name, "user": name},
    }


def marked(body: Mapping[str, str], owner: Owner) -> dict[str, Any]:
    """Return the body of a new entry with the mark of its owner."""
    extension = {"site": owner.site, "model": owner.model}
    return {**body, "extensions": [{"name": MARK, "extension": extension}]}


def render_kubeconfig(kubeconfig: Kubeconfig, name: str, owner: Owner) -> str:
    """Return a kubeconfig of a lab alone. It is a secret.

    Args:
        kubeconfig: The access to the cluster.
        name: The name of the context, the cluster and the user.
        owner: The lab.
    """
    document: dict[str, Any] = {"apiVersion": "v1", "kind": "Config"}
    for kind, body in entries_of(kubeconfig, name).items():
        document[f"{kind}s"] = [{"name": name, kind: marked(body, owner)}]
    document["current-context"] = name
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=2**31 - 1)


def _filled(fields: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in fields.items() if text}


def _encode(pem: str) -> str:
    return base64.b64encode(pem.encode()).decode("ascii")
