"""Kubeconfig files: written for kubectl and kfctl, and read from the option `kubeconfig`."""

import base64
import json
from typing import Callable, Dict, Mapping, Sequence

from labcharm.errors import BlockedError
from labcharm.json_types import JsonMapping, JsonValue
from labcharm.machine import Machine
from labcharm.urls import has_credentials
from labkube.client.access import Access

_NAME = "cluster"
# Keys whose values lie outside of the file, and so on another machine.
_OUTSIDE_OF_CLUSTER = ("certificate-authority",)
_OUTSIDE_OF_USER = ("client-certificate", "client-key", "tokenFile", "exec", "auth-provider")


class KubeconfigError(BlockedError):
    """A kubeconfig that cannot be used.

    The message names the option, the entry and the rule, and never a value of the file.

    Attributes:
        rule: The rule that the kubeconfig breaks.
    """

    def __init__(self, rule: str) -> None:
        super().__init__(f"option kubeconfig: {rule}")
        self.rule = rule


def render(access: Access) -> str:
    """Return a kubeconfig as JSON, which is also YAML; JSON quotes every value safely."""
    user: Dict[str, str] = {"token": access.token} if access.token else {}
    if access.certificate:
        user = {
            "client-certificate-data": _encode(access.certificate),
            "client-key-data": _encode(access.key),
        }
    cluster = {"server": access.url, "certificate-authority-data": _encode(access.ca)}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": _NAME, "cluster": cluster}],
            "users": [{"name": _NAME, "user": user}],
            "contexts": [{"name": _NAME, "context": {"cluster": _NAME, "user": _NAME}}],
            "current-context": _NAME,
        },
        indent=1,
    )


def write(machine: Machine, path: str, access: Access) -> bool:
    """Write a kubeconfig that only root can read; return whether its content changed."""
    return machine.write(path, render(access) + "\n", 0o600)


def read(text: str, load_yaml: Callable[[str], JsonValue]) -> Access:
    """Return the access that the current context of a kubeconfig gives.

    Args:
        text: The kubeconfig, with all keys and certificates in it.
        load_yaml: Parses YAML. It is passed in because this package needs no YAML library itself.

    Raises:
        KubeconfigError: When the text is not a kubeconfig, refers to files of another machine,
            switches off the verification of TLS, or holds no credentials that can be used.
    """
    # The errors of a YAML library quote the text, and so the secret.
    try:
        document = load_yaml(text)
    except Exception:
        raise KubeconfigError("the kubeconfig is not YAML") from None
    if not isinstance(document, Mapping):
        raise KubeconfigError("the kubeconfig is not a mapping")
    context = _entry(document, "contexts", "context", document.get("current-context"))
    cluster = _entry(document, "clusters", "cluster", context.get("cluster"))
    user = _entry(document, "users", "user", context.get("user"))
    _check_cluster(cluster)
    _check_complete(cluster, _OUTSIDE_OF_CLUSTER)
    _check_complete(user, _OUTSIDE_OF_USER)
    return _access(cluster, user)


def _check_cluster(cluster: JsonMapping) -> None:
    if cluster.get("insecure-skip-tls-verify"):
        raise KubeconfigError("the cluster has insecure-skip-tls-verify; give its CA instead")
    server = str(cluster.get("server", ""))
    if not server.startswith("https://"):
        raise KubeconfigError("the cluster's server is not an https URL")
    if has_credentials(server):
        raise KubeconfigError("the cluster's server contains a user or a password; use a token")


def _check_complete(entry: JsonMapping, keys_outside: Sequence[str]) -> None:
    for key in keys_outside:
        if entry.get(key):
            raise KubeconfigError(
                f"the kubeconfig has {key}, which this machine does not have; write the data into"
                " it (kubectl config view --raw --flatten)"
            )


def _access(cluster: JsonMapping, user: JsonMapping) -> Access:
    ca = _decode(cluster, "certificate-authority-data")
    certificate = _decode(user, "client-certificate-data")
    token = str(user.get("token", "") or "")
    if not ca:
        raise KubeconfigError(
            "the cluster has no certificate-authority-data, without which TLS cannot be verified"
        )
    if not token and not certificate:
        raise KubeconfigError("the user has neither token nor client-certificate-data")
    return Access(str(cluster["server"]), ca, token, certificate, _decode(user, "client-key-data"))


def _entry(document: JsonMapping, section: str, key: str, name: JsonValue) -> JsonMapping:
    """Return the body of the entry with this name in a section of a kubeconfig."""
    entries = document.get(section)
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, Mapping) and entry.get("name") == name:
            body = entry.get(key)
            if isinstance(body, Mapping):
                return body
    raise KubeconfigError(f"the current context names an entry of {section} that does not exist")


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _decode(entry: JsonMapping, key: str) -> str:
    try:
        return base64.b64decode(str(entry.get(key) or ""), validate=True).decode("ascii")
    except (ValueError, UnicodeDecodeError):
        raise KubeconfigError(f"{key} of the kubeconfig is damaged") from None
