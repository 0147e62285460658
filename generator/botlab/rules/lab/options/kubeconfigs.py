"""What this project's charms accept as their option ``kubeconfig``.

The charms refuse the same: ``charms/shared/lib/labkube/client/kubeconfig.py``, and of a secret
``core/secrets/secret.go`` (ParseURI) of Juju. No text about a kubeconfig quotes a value of it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from ....catalogue.yaml_files import load_value
from ....errors import BotlabError
from ....json_values import list_of, mapping_of
from ....site.defaults import STORED_IN_JUJU
from ....urls import has_credentials

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SECRET = re.compile(rf"{STORED_IN_JUJU}(//)?({_UUID}/)?[0-9a-v]{{20}}")
# Keys whose values lie outside of the file.
_FILES_OF_CLUSTER = ("certificate-authority",)
_FILES_OF_USER = ("client-certificate", "client-key", "tokenFile")
_PROGRAMS = ("exec", "auth-provider")
_WRITE = "write one with all data inside: kubectl config view --raw --flatten --minify > FILE"
_OTHER_USER = "write a kubeconfig for an administrator with a token or a client certificate"


class KubeconfigFault(NamedTuple):
    """What is wrong with a kubeconfig, and what to do."""

    problem: str
    fix: str


def kubeconfig_faults(option: str) -> Iterator[KubeconfigFault]:
    """Yield what prevents the charms from using the value of their option.

    Args:
        option: A kubeconfig, or the id of a secret.
    """
    if option.startswith(STORED_IN_JUJU):
        if not _SECRET.fullmatch(option):
            fix = f"write {STORED_IN_JUJU} and the 20 characters that juju add-secret printed"
            yield KubeconfigFault("is not the id of a secret of Juju", fix)
        return
    try:
        document = load_value(option, "kubeconfig")
    except BotlabError:  # its reason could quote a secret
        yield KubeconfigFault("is not YAML", _WRITE)
        return
    if isinstance(document, Mapping):
        yield from _document_faults(cast("Mapping[str, Any]", document))
    else:
        yield KubeconfigFault("is not a mapping with clusters, contexts and users", _WRITE)


def _document_faults(document: Mapping[str, Any]) -> Iterator[KubeconfigFault]:
    name = document.get("current-context")
    if not name:
        fix = "choose one with kubectl config use-context"
        yield KubeconfigFault("has no current-context", fix)
        return
    context = _entry(document, "contexts", "context", name)
    if context is None:
        yield _missing_entry("contexts")
        return
    cluster = _entry(document, "clusters", "cluster", context.get("cluster"))
    user = _entry(document, "users", "user", context.get("user"))
    yield from [_missing_entry("clusters")] if cluster is None else _cluster_faults(cluster)
    yield from [_missing_entry("users")] if user is None else _user_faults(user)


def _entry(
    document: Mapping[str, Any], section: str, key: str, name: object
) -> Mapping[str, Any] | None:
    """Return the body of the entry with this name in a section; None if there is none."""
    for entry in map(mapping_of, list_of(document.get(section))):
        if entry.get("name") == name and isinstance(entry.get(key), Mapping):
            return mapping_of(entry[key])
    return None


def _missing_entry(section: str) -> KubeconfigFault:
    return KubeconfigFault(f"has no entry of {section} that its current-context names", _WRITE)


def _cluster_faults(cluster: Mapping[str, Any]) -> Iterator[KubeconfigFault]:
    if cluster.get("insecure-skip-tls-verify"):
        fix = "remove the key, and add certificate-authority-data"
        yield KubeconfigFault(
            "has insecure-skip-tls-verify, and the charms always verify the API server", fix
        )
    server = str(cluster.get("server") or "")
    if not server.startswith("https://"):
        fix = "write server: https://ADDRESS:6443"
        yield KubeconfigFault("has no https URL as server of the cluster", fix)
    elif has_credentials(server):
        yield KubeconfigFault("has a user or a password in the URL of the server", _OTHER_USER)
    files = list(_file_faults(cluster, _FILES_OF_CLUSTER))
    yield from files or _data_faults(cluster, "certificate-authority-data")
    if not files and not cluster.get("certificate-authority-data"):
        yield KubeconfigFault(
            "has no certificate-authority-data, without which the charms cannot verify the API"
            " server",
            _WRITE,
        )


def _user_faults(user: Mapping[str, Any]) -> Iterator[KubeconfigFault]:
    for key in _PROGRAMS:
        if user.get(key):
            problem = f"gets its credentials from a program ({key}), which the charms do not run"
            yield KubeconfigFault(problem, _OTHER_USER)
    yield from _file_faults(user, _FILES_OF_USER)
    yield from _data_faults(user, "client-certificate-data")
    yield from _data_faults(user, "client-key-data")
    outside = any(user.get(key) for key in (*_PROGRAMS, *_FILES_OF_USER))
    if not outside and not user.get("token") and not user.get("client-certificate-data"):
        problem = "has neither a token nor client-certificate-data for its user"
        yield KubeconfigFault(problem, _OTHER_USER)


def _file_faults(entry: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[KubeconfigFault]:
    for key in keys:
        if entry.get(key):
            problem = f"names a file ({key}), which the machines of the charms do not have"
            yield KubeconfigFault(problem, _WRITE)


def _data_faults(entry: Mapping[str, Any], key: str) -> Iterator[KubeconfigFault]:
    try:
        base64.b64decode(str(entry.get(key) or ""), validate=True).decode("ascii")
    except ValueError:  # binascii.Error and UnicodeDecodeError, too
        yield KubeconfigFault(f"has a damaged {key}", _WRITE)
