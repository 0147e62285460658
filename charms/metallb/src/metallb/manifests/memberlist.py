"""The Secret that the speakers encrypt their memberlist traffic with."""

import base64
import os
from typing import Callable, List

from labcharm.json_types import JsonObject
from labkube.client.api import Api
from metallb.manifests.namespace import NAMESPACE
from metallb.releases import Release


def memberlist_secret(
    api: Api, is_owned: Callable[[JsonObject], bool], release: Release
) -> List[JsonObject]:
    """Return the Secret if this application manages it. Its key is made once and then retained.

    Args:
        api: The cluster.
        is_owned: Returns whether an object on the cluster belongs to this application.
        release: The release.
    """
    metadata = {"name": "memberlist", "namespace": NAMESPACE}
    secret: JsonObject = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
    live = api.get(secret)
    if live is not None and is_owned(live):
        return [dict(secret, data=live.get("data") or {})]
    if live is not None or not needs_memberlist_secret(release):
        return []
    # As in MetalLB's installation guide: openssl rand -base64 128.
    key = base64.b64encode(base64.b64encode(os.urandom(128))).decode("ascii")
    return [dict(secret, data={"secretkey": key})]


def needs_memberlist_secret(release: Release) -> bool:
    """Return whether the Secret must come from outside. From 0.10 on the controller makes it."""
    return (0, 9, 2) <= release.number < (0, 10, 0)
