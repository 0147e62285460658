"""Kubeconfig files: written for kubectl and kfctl, and read from people with foreign clusters."""

import base64
import json
from typing import Any, Callable, Dict, Mapping

from labcharm.errors import BlockedError
from labcharm.machine import Machine
from labkube.client.access import Access

_NAME = "cluster"


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
    """Return a kubeconfig; JSON, which is YAML, so that no value can break out of its place."""
    user: Dict[str, str] = {"token": access.token} if access.token else {}
    if access.certificate:
        user = {
            "client-certificate-data": _encoded(access.certificate),
            "client-key-data": _encoded(access.key),
        }
    cluster = {"server": access.url, "certificate-authority-data": _encoded(access.ca)}
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
    """Write a kubeconfig that root alone can read; tell whether it is another than before."""
    return machine.write(path, render(access) + "\n", 0o600)


def read(text: str, load: Callable[[str], Any]) -> Access:
    """Read the current context of a kubeconfig.

    Args:
        text: The kubeconfig, all data within it.
        load: Reads YAML; handed in, as this package itself needs no YAML.

    Raises:
        KubeconfigError: When it is none, points to files of another machine, asks not to verify
            TLS, or holds no credentials that can be used here.
    """
    # A YAML library's errors quote the text, and so the secret.
    try:
        document = load(text)
    except Exception:
        raise KubeconfigError("the kubeconfig is no YAML") from None
    if not isinstance(document, Mapping):
        raise KubeconfigError("the kubeconfig is no mapping")
    context = _named(document, "contexts", "context", document.get("current-context"))
    cluster = _named(document, "clusters", "cluster", context.get("cluster"))
    user = _named(document, "users", "user", context.get("user"))
    return _access(cluster, user)


def _access(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> Access:
    url = str(cluster.get("server", ""))
    if cluster.get("insecure-skip-tls-verify"):
        raise KubeconfigError("the cluster has insecure-skip-tls-verify; give its CA instead")
    if not url.startswith("https://"):
        raise KubeconfigError("the cluster's server is no https URL")
    for entry, keys in (
        (cluster, ("certificate-authority",)),
        (user, ("client-certificate", "client-key", "tokenFile", "exec", "auth-provider")),
    ):
        for key in keys:
            if entry.get(key):
                raise KubeconfigError(
                    "the kubeconfig has %s, which this machine does not have; write the data into"
                    " it (kubectl config view --raw --flatten)" % key
                )
    ca = _decoded(cluster, "certificate-authority-data")
    certificate = _decoded(user, "client-certificate-data")
    token = str(user.get("token", "") or "")
    if not ca:
        raise KubeconfigError(
            "the cluster has no certificate-authority-data; TLS is verified here"
        )
    if not token and not certificate:
        raise KubeconfigError("the user has neither token nor client-certificate-data")
    return Access(url, ca, token, certificate, _decoded(user, "client-key-data"))


def _named(document: Mapping[str, Any], section: str, key: str, name: Any) -> Mapping[str, Any]:
    entries = document.get(section)
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, Mapping) and entry.get("name") == name:
            body = entry.get(key)
            if isinstance(body, Mapping):
                return body
    raise KubeconfigError("the kubeconfig's %s hold none that its current context names" % section)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _decoded(entry: Mapping[str, Any], key: str) -> str:
    try:
        return base64.b64decode(str(entry.get(key) or ""), validate=True).decode("ascii")
    except (ValueError, UnicodeDecodeError):
        raise KubeconfigError("%s of the kubeconfig is damaged" % key) from None
