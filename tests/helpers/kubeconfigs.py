"""Kubeconfigs, for what reads them."""

from __future__ import annotations

import json


def unverified(token: str) -> str:
    """Return a kubeconfig with a token that asks for TLS without verification."""
    cluster = {"server": "https://x", "insecure-skip-tls-verify": True}
    document = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": token}}],
    }
    return json.dumps(document)
