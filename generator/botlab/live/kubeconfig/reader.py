"""Read the access that the current context of a kubeconfig gives."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from ...errors import BotlabError
from ...text_files import read_text
from ...yaml_nodes import compose_documents
from ..errors import LiveError
from ..fields import JsonObject, mappings_at, text_at
from .model import (
    CLUSTER_KEYS,
    PROGRAMS,
    USER_KEYS,
    ClusterAddress,
    Credentials,
    Kubeconfig,
)
from .plain import plain

LARGEST_TEXT = 2**20
_FALSE = ("", "false", "False", "FALSE")


class KubeconfigError(LiveError):
    """A kubeconfig that cannot be used. The message never quotes a value of it."""


def read_kubeconfig(text: str, source: str, directory: Path | None = None) -> Kubeconfig:
    """Return the access that the current context of a kubeconfig gives.

    Args:
        text: The kubeconfig.
        source: Where the text comes from, for messages.
        directory: The directory in which relative paths of the kubeconfig start. None for a text
            from another machine, which must not name files of this one.

    Raises:
        KubeconfigError: When the text is not a kubeconfig, runs a program to get credentials,
            switches off the verification of TLS, or has no credentials.
    """
    return _Reader(source, directory).read(text)


class _Reader:
    """The reader of one kubeconfig.

    Args:
        source: Where the text comes from, for messages.
        directory: The directory in which relative paths start; None where none may be named.
    """

    def __init__(self, source: str, directory: Path | None) -> None:
        self._source = source
        self._directory = directory

    def read(self, text: str) -> Kubeconfig:
        document = self._document(text)
        context = self._entry(document, "contexts", "context", document.get("current-context"))
        cluster = self._entry(document, "clusters", "cluster", context.get("cluster"))
        user = self._entry(document, "users", "user", context.get("user"))
        return Kubeconfig(
            self._cluster(cluster), self._credentials(user), self._unread(cluster, user)
        )

    def _document(self, text: str) -> JsonObject:
        if len(text) > LARGEST_TEXT:
            raise self._error(f"is larger than {LARGEST_TEXT >> 20} MiB")
        try:
            composed = compose_documents(text, self._source)
        except BotlabError as error:
            raise KubeconfigError(error.message) from None
        if composed.fault is not None:
            # The reason of the fault could quote a part of a key.
            raise KubeconfigError(f"{self._source}{composed.fault.position}: is not YAML")
        if len(composed.roots) != 1:
            raise self._error("is not one mapping, as a kubeconfig is")
        try:
            document = plain(composed.roots[0])
        except ValueError as error:
            raise self._error(f"line {error} has a key twice, or a key that is not text") from None
        if not isinstance(document, dict):
            raise self._error("is not one mapping, as a kubeconfig is")
        return cast("JsonObject", document)

    def _entry(self, document: JsonObject, section: str, key: str, name: object) -> JsonObject:
        """Return the body of the entry with this name in a section."""
        for entry in mappings_at(document, section):
            body = entry.get(key)
            if name and entry.get("name") == name and isinstance(body, dict):
                return cast("JsonObject", body)
        raise self._error(
            f"its current context names no entry of {section}; choose a context with kubectl"
            " config use-context"
        )

    def _cluster(self, fields: JsonObject) -> ClusterAddress:
        if text_at(fields, "insecure-skip-tls-verify") not in _FALSE:
            raise self._error(
                "cluster.insecure-skip-tls-verify switches off the verification of TLS, which"
                " botlab does not do; remove the key, and add certificate-authority-data"
            )
        server = text_at(fields, "server")
        if not _is_https(server):
            raise self._error("cluster.server is not a URL such as https://192.168.1.10:6443")
        return ClusterAddress(
            server=server.rstrip("/"),
            ca=self._pem(fields, "cluster", "certificate-authority"),
            tls_server_name=text_at(fields, "tls-server-name"),
            # The control plane does not decide through which proxy this machine connects.
            proxy_url=text_at(fields, "proxy-url") if self._directory else "",
        )

    def _credentials(self, fields: JsonObject) -> Credentials:
        for key in PROGRAMS:
            if fields.get(key) is not None:
                raise self._error(
                    f"user.{key} runs a program to get credentials, which botlab does not do; use"
                    " a kubeconfig with a token or a client certificate"
                )
        credentials = Credentials(
            token=text_at(fields, "token") or self._file(fields, "user", "tokenFile").strip(),
            certificate=self._pem(fields, "user", "client-certificate"),
            key=self._pem(fields, "user", "client-key"),
            username=text_at(fields, "username"),
            password=text_at(fields, "password"),
        )
        self._check(credentials)
        return credentials

    def _check(self, credentials: Credentials) -> None:
        has_pair = bool(credentials.certificate and credentials.key)
        if bool(credentials.certificate) != bool(credentials.key):
            raise self._error("the user needs both client-certificate-data and client-key-data")
        if not (credentials.token or has_pair or credentials.username):
            raise self._error("the user has neither a token nor a client certificate")
        if not credentials.token.isascii() or not credentials.token.isprintable():
            raise self._error("user.token has characters that a token cannot have")

    def _pem(self, fields: JsonObject, entry: str, key: str) -> str:
        """Return a certificate or a key, which stands in the text or in a file that it names."""
        encoded = text_at(fields, f"{key}-data")
        if not encoded:
            return self._file(fields, entry, key)
        try:
            pem = base64.b64decode("".join(encoded.split()), validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            raise self._error(f"{entry}.{key}-data is not the base64 of a PEM text") from None
        if "-----BEGIN " not in pem:
            raise self._error(f"{entry}.{key}-data is not the base64 of a PEM text")
        return pem

    def _file(self, fields: JsonObject, entry: str, key: str) -> str:
        name = text_at(fields, key)
        if not name:
            return ""
        if self._directory is None:
            raise self._error(
                f"{entry}.{key} names a file of another machine; the kubeconfig must contain the"
                " data (kubectl config view --raw --flatten)"
            )
        try:
            return read_text(self._directory / name)
        except BotlabError as error:
            raise self._error(f"{entry}.{key}: {error.message}") from None

    def _unread(self, cluster: JsonObject, user: JsonObject) -> tuple[str, ...]:
        cluster_keys = CLUSTER_KEYS if self._directory is None else (*CLUSTER_KEYS, "proxy-url")
        keys = [f"cluster.{key}" for key in cluster if key not in cluster_keys]
        return (*keys, *(f"user.{key}" for key in user if key not in USER_KEYS))

    def _error(self, problem: str) -> KubeconfigError:
        return KubeconfigError(f"{self._source}: {problem}")


def _is_https(url: str) -> bool:
    """Return whether a text is an https URL, without a password and without white space."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    is_plain = url.isprintable() and " " not in url and "@" not in parts.netloc
    return parts.scheme == "https" and has_host and is_plain
