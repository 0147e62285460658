"""The passwords of the object store and the databases, in place of those that everybody knows.

Upstream ships the object store's secret key `minio123`, an empty password for the databases of
pipelines and metadata, and `test` for katib's. Sources: applications/pipeline/upstream and
applications/katib/upstream of kubeflow/manifests, 1.7.0 to 26.03.

A database keeps the password that it was created with. For this reason mysqld gets an init file,
which sets the password at every start (the procedure of MySQL's manual, "How to Reset the Root
Password"). SeaweedFS sets its key at every start by itself.
"""

import hashlib
import json
from typing import Any, Dict, List, NamedTuple, Set, Tuple

from kubeflow_installer.transform.normalize import encode_secret
from labcharm.json_types import JsonObject

NAMESPACE = "kubeflow"
_INIT_KEY = "set-password.sql"
_DIRECTORY = "/etc/lab-charms"
_VOLUME = "set-password"


class Store(NamedTuple):
    """A store of data that has a password.

    Attributes:
        secret: The Secret in the namespace kubeflow that holds it.
        key: Its key there.
        shipped: Upstream's password.
        database: The Deployment of the database; empty for the object store.
    """

    secret: str
    key: str
    shipped: str
    database: str = ""


STORES = (
    Store("mlpipeline-minio-artifact", "secretkey", "minio123"),
    Store("mysql-secret", "password", "", "mysql"),
    Store("katib-mysql-secrets", "MYSQL_ROOT_PASSWORD", "test", "katib-mysql"),
)
# Pairs of a Secret and its password. A store that is not among them keeps upstream's.
Passwords = Tuple[Tuple[str, str], ...]


def secrets_among(manifests: List[JsonObject]) -> Set[str]:
    """Return the names of the stores' Secrets that are among a release's objects."""
    names = {store.secret for store in STORES}
    secrets = [manifest["metadata"] for manifest in manifests if manifest["kind"] == "Secret"]
    return {
        metadata["name"]
        for metadata in secrets
        if metadata["name"] in names and metadata.get("namespace") == NAMESPACE
    }


def use_passwords(manifest: JsonObject, passwords: Passwords) -> None:
    """Put the passwords into a Secret, or into the pods that read one, in place.

    Args:
        manifest: The object; a Secret must have its values in `data`.
        passwords: The passwords.
    """
    for secret, password in passwords:
        store = _store(secret)
        if manifest["metadata"].get("namespace") != NAMESPACE:
            continue
        key = (manifest["kind"], manifest["metadata"]["name"])
        if key == ("Secret", secret):
            _change_secret(manifest, store, password)
        elif key == ("Deployment", store.database):
            _change_database(manifest["spec"]["template"]["spec"], store)


def digest_for(manifest: JsonObject, passwords: Passwords) -> str:
    """Return a digest of the passwords that an object's pods read; empty if they read none."""
    if manifest["kind"] != "Deployment" or manifest["metadata"].get("namespace") != NAMESPACE:
        return ""
    text = json.dumps(manifest["spec"]["template"]["spec"])
    read = [password for secret, password in passwords if f'"{secret}"' in text]
    return hashlib.sha256("\n".join(read).encode("utf-8")).hexdigest()[:16] if read else ""


def _store(secret: str) -> Store:
    return next(store for store in STORES if store.secret == secret)


def _change_secret(manifest: JsonObject, store: Store, password: str) -> None:
    content: Dict[str, str] = dict(manifest.get("data") or {})
    content[store.key] = encode_secret(password)
    if store.database:
        content[_INIT_KEY] = encode_secret(_init_file(password))
    manifest["data"] = content


def _init_file(password: str) -> str:
    """Return the statements that set the password of root, each on a line of its own.

    When a database is created, only root@localhost exists, and the image's entrypoint needs its
    empty password. The entrypoint then creates root@% with the password of the Secret.
    """
    change = (
        f"ALTER USER 'root'@'%' IDENTIFIED BY '{password}',"
        f" 'root'@'localhost' IDENTIFIED BY '{password}'"
    )
    is_new = "(SELECT COUNT(*) FROM mysql.user WHERE user = 'root' AND host = '%') = 0"
    return (
        f"SET @statement = IF({is_new}, 'DO 0', \"{change}\");\n"
        "PREPARE set_password FROM @statement;\n"
        "EXECUTE set_password;\n"
    )


def _change_database(pod: JsonObject, store: Store) -> None:
    """Let a database require the password from its creation on, and set it at every start."""
    container: JsonObject = pod["containers"][0]
    reference = {"secretKeyRef": {"name": store.secret, "key": store.key}}
    names = ("MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_ROOT_PASSWORD")
    variables = [entry for entry in container.get("env") or [] if entry.get("name") not in names]
    container["env"] = [*variables, {"name": names[1], "valueFrom": reference}]
    _append(container, "args", f"--init-file={_DIRECTORY}/{_INIT_KEY}")
    mount = {"name": _VOLUME, "mountPath": _DIRECTORY, "readOnly": True}
    _append(container, "volumeMounts", mount)
    items = [{"key": _INIT_KEY, "path": _INIT_KEY}]
    secret = {"secretName": store.secret, "items": items}
    _append(pod, "volumes", {"name": _VOLUME, "secret": secret})


def _append(owner: JsonObject, key: str, entry: Any) -> None:
    entries: List[Any] = list(owner.get(key) or [])
    owner[key] = entries if entry in entries else [*entries, entry]
