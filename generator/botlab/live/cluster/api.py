"""The cluster behind the interface ``ClusterAccess``, through the package ``kubernetes``."""

from __future__ import annotations

import contextlib
import functools
import json
import ssl
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from ..fields import JsonObject, mapping_at, mappings_at, text_at
from ..kubeconfig.model import Kubeconfig
from ..kubeconfig.reader import read_kubeconfig
from ..parallel import OutOfTimeError, call_within
from . import decode
from .access import ClusterAccess, ClusterError
from .connection_errors import answer_error, connection_error
from .model import LoadBalancer, Node, Pod, StorageClass

CALL_SECONDS = 20.0
_PAGE = 500
_MOST_PAGES = 400
_LARGEST_ANSWER = 64 * 2**20


def open_cluster(
    kubeconfig: str,
    source: str,
    directory: Path | None = None,
    seconds: float = CALL_SECONDS,
) -> ClusterAccess:
    """Return access to the cluster of a kubeconfig. No request is sent yet.

    Args:
        kubeconfig: The text of the kubeconfig.
        source: Where the text comes from, for messages.
        directory: The directory in which relative paths of the kubeconfig start. None for a text
            from another machine, which must not name files of this one.
        seconds: The time limit of a request.

    Raises:
        KubeconfigError: When the kubeconfig cannot be used.
        ClusterError: When the package ``kubernetes`` cannot use it.
    """
    return ApiCluster(read_kubeconfig(kubeconfig, source, directory), seconds)


class ApiCluster:
    """The cluster of a kubeconfig.

    Args:
        kubeconfig: The access to it.
        seconds: The time limit of a request, from the search for the host to the last byte.

    Raises:
        ClusterError: When the package ``kubernetes`` cannot use the access.
    """

    def __init__(self, kubeconfig: Kubeconfig, seconds: float = CALL_SECONDS) -> None:
        self._server = kubeconfig.cluster.server
        self._seconds = seconds
        self._keys = tempfile.TemporaryDirectory(prefix="botlab-")
        try:
            self._pool = _pool(kubeconfig, Path(self._keys.name))
        except BaseException:
            self._keys.cleanup()
            raise
        self._headers = _headers(kubeconfig)

    @property
    def server(self) -> str:
        """The URL of the API."""
        return self._server

    def close(self) -> None:
        """End the connections, and remove every file that held a key."""
        self._pool.clear()
        self._keys.cleanup()

    def version(self) -> str:
        """Return the version of the API server, such as ``v1.35.2``."""
        version = text_at(self._get("/version"), "gitVersion")
        if not version:
            raise ClusterError(f"{self._server}: names no version; check that it is Kubernetes")
        return version

    def nodes(self) -> Sequence[Node]:
        """Return the nodes, sorted by name."""
        nodes = map(decode.decode_node, self._list("/api/v1/nodes"))
        return sorted(nodes, key=lambda node: node.name)

    def pods(self) -> Sequence[Pod]:
        """Return the pods of all namespaces, sorted by namespace and name."""
        pods = map(decode.decode_pod, self._list("/api/v1/pods"))
        return sorted(pods, key=lambda pod: (pod.namespace, pod.name))

    def storage_classes(self) -> Sequence[StorageClass]:
        """Return the storage classes, sorted by name."""
        documents = self._list("/apis/storage.k8s.io/v1/storageclasses")
        return sorted(map(decode.decode_storage_class, documents), key=lambda entry: entry.name)

    def load_balancers(self) -> Sequence[LoadBalancer]:
        """Return the services of the type LoadBalancer, sorted by namespace and name."""
        services = map(decode.decode_load_balancer, self._list("/api/v1/services"))
        balancers = [service for service in services if service is not None]
        return sorted(balancers, key=lambda entry: (entry.namespace, entry.name))

    def _list(self, path: str) -> Iterator[JsonObject]:
        """Yield the objects of a list, page by page."""
        token = ""
        for _ in range(_MOST_PAGES):
            page = self._get(path, {"limit": str(_PAGE)} | ({"continue": token} if token else {}))
            yield from mappings_at(page, "items")
            token = text_at(mapping_at(page, "metadata"), "continue")
            if not token:
                return
        raise ClusterError(f"{self._server}{path}: has more than {_PAGE * _MOST_PAGES} objects")

    def _get(self, path: str, query: dict[str, str] | None = None) -> dict[str, Any]:
        """Return the document that the API answers with.

        The time limit holds for the whole call, because the one of a connection starts anew with
        each byte, and the search for a host has none.

        Raises:
            ClusterError: When there is no such answer in time.
        """
        try:
            return call_within(self._seconds, functools.partial(self._request, path, query))
        except OutOfTimeError:
            raise ClusterError(
                f"{self._server}: no answer within {self._seconds:g} seconds; check that the API"
                " is up and that this machine reaches it"
            ) from None

    def _request(self, path: str, query: dict[str, str] | None) -> dict[str, Any]:
        from urllib3.exceptions import HTTPError

        try:
            answer = self._pool.request(
                "GET",
                self._server + path,
                fields=query,
                headers=self._headers,
                timeout=self._seconds,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            with contextlib.closing(answer):
                content: bytes = answer.read(_LARGEST_ANSWER + 1)
        except (HTTPError, OSError) as error:
            raise connection_error(self._server, error) from None
        return self._document(answer.status, content)

    def _document(self, status: int, content: bytes) -> dict[str, Any]:
        if len(content) > _LARGEST_ANSWER:
            raise ClusterError(f"{self._server}: the answer is larger than 64 MiB")
        document = _parsed(content)
        if status != 200:
            raise answer_error(self._server, status, document)
        if document is None:
            raise ClusterError(
                f"{self._server}: does not answer with JSON; check that it is the Kubernetes API"
            )
        return document


def _parsed(content: bytes) -> dict[str, Any] | None:
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", document) if isinstance(document, dict) else None


def _pool(kubeconfig: Kubeconfig, directory: Path) -> Any:
    """Return the connections of the package ``kubernetes``.

    Raises:
        ClusterError: When the package cannot use the access.
    """
    # Imported here, because the package takes a third of a second.
    from kubernetes.client import (  # pyright: ignore[reportMissingTypeStubs]
        ApiClient,
        Configuration,
    )
    from urllib3.exceptions import HTTPError

    cluster = kubeconfig.cluster
    configuration: Any = Configuration()  # the package does not declare its fields' types
    configuration.host = cluster.server
    configuration.verify_ssl = True
    ca, certificate, key = _key_files(kubeconfig, directory)
    configuration.ssl_ca_cert = ca
    configuration.cert_file = certificate
    configuration.key_file = key
    configuration.tls_server_name = cluster.tls_server_name or None
    # By itself, the package takes any proxy of the environment for every host.
    configuration.proxy = cluster.proxy_url or proxy_of_environment(cluster.server)
    configuration.no_proxy = None
    configuration.retries = False
    try:
        client: Any = ApiClient(configuration)
    except (HTTPError, ValueError):
        raise ClusterError(
            f"{cluster.server}: the proxy of the kubeconfig or of HTTPS_PROXY cannot be used; it"
            " must be a URL such as http://proxy.lab.example:3128"
        ) from None
    return client.rest_client.pool_manager


def proxy_of_environment(url: str) -> str | None:
    """Return the proxy that the environment names for a URL; None where NO_PROXY excludes it."""
    from requests.utils import get_environ_proxies, select_proxy

    proxies: dict[str, str] = get_environ_proxies(url, no_proxy=None)
    return select_proxy(url, proxies)


def _key_files(
    kubeconfig: Kubeconfig, directory: Path
) -> tuple[str | None, str | None, str | None]:
    """Write the authority, the certificate and its key into files, as the package needs them.

    Raises:
        ClusterError: When OpenSSL cannot use them.
    """
    cluster, credentials = kubeconfig.cluster, kubeconfig.credentials
    ca = _key_file(directory, "ca", cluster.ca)
    certificate = _key_file(directory, "certificate", credentials.certificate)
    key = _key_file(directory, "key", credentials.key)
    try:
        context = ssl.create_default_context(cafile=ca)
        if certificate:
            # Without a password, OpenSSL would ask for the one of an encrypted key.
            context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError):
        raise ClusterError(
            f"{cluster.server}: a certificate or a key of the kubeconfig is damaged, or they do"
            " not belong together; fetch the kubeconfig anew with botlab kubeconfig"
        ) from None
    return ca, certificate, key


def _key_file(directory: Path, name: str, pem: str) -> str | None:
    if not pem:
        return None
    path = directory / name
    path.touch(0o600)
    path.write_text(pem, encoding="ascii")
    return str(path)


def _headers(kubeconfig: Kubeconfig) -> dict[str, str]:
    from urllib3.util import make_headers

    credentials = kubeconfig.credentials
    headers = {"Accept": "application/json", "User-Agent": "botlab"}
    if credentials.token:
        headers["Authorization"] = f"Bearer {credentials.token}"
    elif credentials.username and not credentials.certificate:
        headers |= make_headers(basic_auth=f"{credentials.username}:{credentials.password}")
    return headers
