"""Kubeconfig files for the tests."""

from __future__ import annotations

import base64
import json
from typing import Any


def unverified(token: str) -> str:
    """Return a kubeconfig with a token that turns the verification of TLS off."""
    cluster = {"server": "https://x", "insecure-skip-tls-verify": True}
    document = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": token}}],
    }
    return json.dumps(document)


PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
PEM_DATA = base64.b64encode(PEM.encode()).decode()


def kubeconfig_document(
    server: str = "https://192.168.1.10:6443",
    user: dict[str, Any] | None = None,
    **cluster: Any,
) -> dict[str, Any]:
    """Return a kubeconfig with one context, as control planes write it.

    Args:
        server: The URL of the API.
        user: The body of the user; a token by default.
        cluster: Further keys of the cluster, with `_` for `-`. A key that is None is left out.
    """
    keys = {key.replace("_", "-"): setting for key, setting in cluster.items()}
    body = {"certificate-authority-data": PEM_DATA, "server": server, **keys}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "juju-cluster",
                "cluster": {key: setting for key, setting in body.items() if setting is not None},
            }
        ],
        "contexts": [
            {"name": "juju-context", "context": {"cluster": "juju-cluster", "user": "admin"}}
        ],
        "current-context": "juju-context",
        "users": [{"name": "admin", "user": user or {"token": "secret-token"}}],
    }


def kubeconfig_text(*arguments: Any, **cluster: Any) -> str:
    """Return the text of `kubeconfig_document`."""
    return json.dumps(kubeconfig_document(*arguments, **cluster))


def kubeconfig_of(server: str, ca: str, **user: str) -> str:
    """Return the text of a kubeconfig for a server.

    Args:
        server: The URL of the API.
        ca: The certificate authority as PEM text.
        user: The body of the user, with `_` for `-`.
    """
    body = {key.replace("_", "-"): text for key, text in user.items()}
    encoded = base64.b64encode(ca.encode()).decode()
    return kubeconfig_text(server, body or None, certificate_authority_data=encoded)
