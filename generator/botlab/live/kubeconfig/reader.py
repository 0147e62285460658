"""Read the access that the current context of a kubeconfig gives."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...errors import BotlabError
from ...text_files import read_text
from ...yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode, compose_documents
from ..errors import LiveError
from .model import ClusterAddress, Credentials, Kubeconfig

LARGEST_TEXT = 2**20
_CLUSTER_KEYS = (
    "server",
    "certificate-authority-data",
    "certificate-authority",
    "tls-server-name",
    "proxy-url",
    "insecure-skip-tls-verify",
)
_USER_KEYS = (
    "token",
    "tokenFile",
    "client-certificate-data",
    "client-certificate",
    "client-key-data",
    "client-key",
    "username",
    "password",
)
_PROGRAMS = ("exec", "auth-provider")
_FALSE = ("", "false", "False", "FALSE")
_NULL = ("", "~", "null", "Null", "NULL")

Fields = Mapping[str, Any]
FileReader = Callable[[str], str]


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
        return Kubeconfig(self._cluster(cluster), self._credentials(user), _unread(cluster, user))

    def _document(self, text: str) -> Fields:
        if len(text) > LARGEST_TEXT:
            raise self._error(f"is larger than {LARGEST_TEXT >> 20} MiB")
        try:
            composed = compose_documents(text, self._source)
        except BotlabError as error:
            raise KubeconfigError(error.message) from None
        if composed.fault is not None:
            # The reason of the fault could quote a part of a key.
            raise self._error(f"is not YAML{composed.fault.position}")
        document = self._plain(composed.roots[0]) if len(composed.roots) == 1 else None
        if not isinstance(document, dict):
            raise self._error("is not one mapping, as a kubeconfig is")
        return document

    def _plain(self, node: Node | None) -> Any:
        """Return the value of a node, with every scalar as its text."""
        if isinstance(node, ScalarNode):
            is_plain = node.style is None
            return None if is_plain and node.value in _NULL else str(node.value)
        if isinstance(node, SequenceNode):
            return [self._plain(child) for child in node.value]
        return self._plain_mapping(node) if isinstance(node, MappingNode) else None

    def _plain_mapping(self, node: MappingNode) -> Fields:
        fields: dict[str, Any] = {}
        for key, child in node.value:
            if not isinstance(key, ScalarNode) or key.value in fields:
                raise self._error(
                    f"line {key.start_mark.line + 1} has a key twice, or a key that is not text"
                )
            fields[str(key.value)] = self._plain(child)
        return fields

    def _entry(self, document: Fields, section: str, key: str, name: object) -> Fields:
        """Return the body of the entry with this name in a section."""
        entries = document.get(section)
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict) and name and entry.get("name") == name:
                body = entry.get(key)
                if isinstance(body, dict):
                    return body
        raise self._error(
            f"its current context names no entry of {section}; choose a context with kubectl"
            " config use-context"
        )

    def _cluster(self, fields: Fields) -> ClusterAddress:
        if _text(fields, "insecure-skip-tls-verify") not in _FALSE:
            raise self._error(
                "cluster.insecure-skip-tls-verify switches off the verification of TLS, which"
                " botlab does not do; remove the key, and add certificate-authority-data"
            )
        server = _text(fields, "server")
        if not _is_https(server):
            raise self._error("cluster.server is not a URL that begins with https://")
        return ClusterAddress(
            server=server.rstrip("/"),
            ca=self._pem(fields, "cluster", "certificate-authority"),
            tls_server_name=_text(fields, "tls-server-name"),
            proxy_url=_text(fields, "proxy-url"),
        )

    def _credentials(self, fields: Fields) -> Credentials:
        for key in _PROGRAMS:
            if fields.get(key) is not None:
                raise self._error(
                    f"user.{key} runs a program to get credentials, which botlab does not do; use"
                    " a kubeconfig with a token or a client certificate"
                )
        credentials = Credentials(
            token=_text(fields, "token") or self._file(fields, "user", "tokenFile").strip(),
            certificate=self._pem(fields, "user", "client-certificate"),
            key=self._pem(fields, "user", "client-key"),
            username=_text(fields, "username"),
            password=_text(fields, "password"),
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

    def _pem(self, fields: Fields, entry: str, key: str) -> str:
        """Return a certificate or a key, which stands in the text or in a file that it names."""
        encoded = _text(fields, f"{key}-data")
        if not encoded:
            return self._file(fields, entry, key)
        try:
            pem = base64.b64decode("".join(encoded.split()), validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            raise self._error(f"{entry}.{key}-data is not the base64 of a PEM text") from None
        if "-----BEGIN " not in pem:
            raise self._error(f"{entry}.{key}-data is not the base64 of a PEM text")
        return pem

    def _file(self, fields: Fields, entry: str, key: str) -> str:
        name = _text(fields, key)
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

    def _error(self, problem: str) -> KubeconfigError:
        return KubeconfigError(f"{self._source}: {problem}")


def _text(fields: Fields, key: str) -> str:
    entry = fields.get(key)
    return entry if isinstance(entry, str) else ""


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _unread(cluster: Fields, user: Fields) -> tuple[str, ...]:
    keys = [f"cluster.{key}" for key in cluster if key not in _CLUSTER_KEYS]
    return (*keys, *(f"user.{key}" for key in user if key not in _USER_KEYS))
