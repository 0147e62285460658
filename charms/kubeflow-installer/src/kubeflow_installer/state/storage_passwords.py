"""The passwords of the object store and the databases, which are stored on the cluster alone.

A database keeps the password that it was created with, and its Secret is applied before it starts.
So the Secret on the cluster is right even if the agent was killed, and Juju has stored nothing.
"""

import re
import secrets
from typing import Callable, List, Optional

from kubeflow_installer.transform.normalize import decode_secret, encode_secret
from kubeflow_installer.transform.storage import NAMESPACE, STORES, Passwords, Store
from labcharm.json_types import JsonObject
from labkube.client.api import Api

_MINIO = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "minio", "namespace": NAMESPACE},
}
_OBJECT_STORE = STORES[0]
# The MinIO of Kubeflow 1.7 to 1.10. It takes its key from its environment at each start and
# encrypts nothing with it (minio/minio at that tag: docs/config, cmd/config-current.go). From
# minio/minio #8474 (October 2019) on, MinIO encrypts its configuration, which another key cannot
# read.
_LAST_WITHOUT_ENCRYPTION = "RELEASE.2019-08-14"
_RELEASE = re.compile(r":(RELEASE\.\d{4}-\d{2}-\d{2})T[^/@]*$")


def read(api: Api) -> Passwords:
    """Return the passwords that the cluster has, and generate those that it does not have yet.

    A store that has upstream's password keeps it until `rotate` changes it, so that an existing
    installation stays as it is.
    """
    passwords = ((store.secret, _password(api, store)) for store in STORES)
    return tuple((secret, password) for secret, password in passwords if password is not None)


def rotate(api: Api, owns: Callable[[JsonObject], bool]) -> List[str]:
    """Replace the passwords on the cluster; the next reconcile step applies them to the pods.

    Args:
        api: The cluster.
        owns: Returns whether an object belongs to the application (`Objects.owns`).

    Returns:
        The names of the Secrets that were changed.
    """
    changed = []
    for store in STORES:
        live = api.get(_reference(store))
        if live is None or not owns(live):
            continue
        if store == _OBJECT_STORE and _encrypts_with_its_key(api.get(_MINIO)):
            continue
        api.patch(_reference(store), {"data": {store.key: encode_secret(_generate())}})
        changed.append(store.secret)
    return changed


def _password(api: Api, store: Store) -> Optional[str]:
    """Return a store's password; None if it is upstream's."""
    live = api.get(_reference(store))
    if live is None:
        return _generate()
    password = decode_secret((live.get("data") or {}).get(store.key, ""))
    return None if password == store.shipped else password


def _encrypts_with_its_key(minio: Optional[JsonObject]) -> bool:
    """Return whether data may depend on MinIO's key; an image without a known release counts."""
    if minio is None:
        return False
    release = _RELEASE.search(str(minio["spec"]["template"]["spec"]["containers"][0]["image"]))
    return release is None or release.group(1) > _LAST_WITHOUT_ENCRYPTION


def _generate() -> str:
    """Return a new password: only letters and digits, for use in SQL and on command lines."""
    return secrets.token_hex(16)


def _reference(store: Store) -> JsonObject:
    metadata = {"name": store.secret, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
