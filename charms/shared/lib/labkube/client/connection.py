"""The connection to an API server: requests, and the errors that they end with.

The package `kubernetes` carries the requests (connections, TLS, the verification of
certificates).
"""

import json
import os
import re
from typing import Any, Optional
from urllib.parse import urlencode

from labcharm.errors import BlockedError, WaitingError
from labcharm.json_types import JsonMapping, JsonObject, JsonValue
from labkube.client import key_directories
from labkube.client.access import Access

JSON = "application/json"
MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
# Statuses that describe the server or a proxy before it, and not the request.
_TEMPORARY = (429, 500, 502, 503, 504)


class ApiError(WaitingError):
    """A request that failed.

    Attributes:
        status: The HTTP status; 0 when the server was not reached.
        reason: The server's reason, such as "AlreadyExists"; empty where it gives none.
    """

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message or reason or f"status {status}")
        self.status, self.reason = status, reason

    @property
    def is_temporary(self) -> bool:
        """Whether a later try of the same request may succeed."""
        return self.status == 0 or self.status in _TEMPORARY

    @property
    def is_from_webhook(self) -> bool:
        """Whether a webhook that does not answer is the cause, so that a retry does not help."""
        return "failed calling webhook" in str(self)


class UnknownKindError(ApiError):
    """A kind that the server does not have."""

    def __init__(self, message: str) -> None:
        super().__init__(404, "UnknownKind", message)


class RefusedOptionError(ApiError, BlockedError):
    """Credentials of the option `kubeconfig` that the server refuses; waiting does not help."""

    def __init__(self) -> None:
        message = "the API refuses the credentials; set a kubeconfig with valid ones"
        super().__init__(401, "Unauthorized", f"option kubeconfig: {message}")


class Connection:
    """The connection to one server.

    Args:
        access: The server's address and the credentials.

    Attributes:
        reads: How many GET requests were sent.
        writes: How many other requests were sent.
    """

    def __init__(self, access: Access) -> None:
        # Imported here, because the package takes a third of a second, and hooks that need no
        # request should not spend that.
        from kubernetes.client import ApiClient, Configuration

        self._is_option = access.is_option
        key_directories.remove_stale()
        self._directory = key_directories.create()
        configuration: Any = Configuration()  # the package does not declare its fields' types
        configuration.host = access.url
        configuration.verify_ssl = True
        configuration.ssl_ca_cert = self._write_key("ca", access.ca)
        if access.certificate:
            configuration.cert_file = self._write_key("certificate", access.certificate)
            configuration.key_file = self._write_key("key", access.key)
        configuration.retries = False
        # Releases 34 and 35 of the package read the proxy from the environment, but lose its
        # exceptions (kubernetes-client/python issue 2460).
        configuration.no_proxy = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
        self._url = access.url
        self._client = ApiClient(configuration)
        self._headers = {"Authorization": "Bearer " + access.token} if access.token else {}
        self.reads = 0
        self.writes = 0

    def _write_key(self, name: str, text: str) -> str:
        path = os.path.join(self._directory.name, name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(text)
        return path

    def close(self) -> None:
        """Remove the files that hold certificates and keys."""
        self._directory.cleanup()

    def send(
        self,
        method: str,
        path: str,
        body: Optional[JsonMapping] = None,
        content: str = JSON,
        query: Optional[JsonMapping] = None,
    ) -> JsonObject:
        """Send a request once, and return the document of the answer.

        Args:
            method: The HTTP method.
            path: The path on the server.
            body: The document to send.
            content: The document's content type.
            query: The parameters of the URL.

        Raises:
            ApiError: When the request fails.
        """
        # Imported here for the same reason as the package `kubernetes`.
        from urllib3.exceptions import HTTPError

        self.reads += method == "GET"
        self.writes += method != "GET"
        url = self._url + path
        if query:
            url += "?" + urlencode(sorted(query.items()))
        try:
            # Uses the connection pool, because `call_api` would choose the body's encoding and
            # turn every answer into a model of its own.
            answer = self._client.rest_client.pool_manager.request(
                method,
                url,
                body=None if body is None else json.dumps(body).encode(),
                headers=dict(self._headers, **{"Accept": JSON, "Content-Type": content}),
                timeout=30.0,
                retries=False,
            )
        except (HTTPError, OSError) as error:
            raise ApiError(0, type(error).__name__, _connection_failure(error)) from None
        if answer.status == 401 and self._is_option:
            raise RefusedOptionError
        return _read_answer(answer.status, answer.data)


def _read_answer(status: int, content: bytes) -> JsonObject:
    """Return the document of an answer.

    Raises:
        ApiError: When its status is one of an error.
    """
    document = _parse(content)
    if status >= 400:
        message = str(document.get("message", "")) or content[:200].decode("utf-8", "replace")
        if status == 401:
            message = f"the API refuses our credentials ({message or '401'})"
        raise ApiError(status, str(document.get("reason", "")), message)
    return document


def _parse(content: bytes) -> JsonObject:
    try:
        document: JsonValue = json.loads(content.decode("utf-8"))
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _connection_failure(error: Exception) -> str:
    """Return a short message for an error of the connection."""
    text = str(getattr(error, "reason", "") or error)
    text = re.sub(r"<[^>]*>:? ?", "", text)
    return "the API cannot be reached: " + (text.strip() or type(error).__name__)
