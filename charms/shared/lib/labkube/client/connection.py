"""The connection to an API server: requests, and the errors that they end with.

The requests need nothing but the standard library. The package `kubernetes` takes half a second of
processor time to import, in every hook, and reads proxies from the environment without their
exceptions (kubernetes-client/python issue 2460).
"""

import http.client
import json
import re
from typing import Collection, Dict, Optional
from urllib.parse import urlencode, urlsplit

from labcharm.documents import parse_object
from labcharm.errors import BlockedError, WaitingError
from labcharm.https_connection import FAILURES, HttpsConnection, failure_reason
from labcharm.json_types import JsonMapping, JsonObject
from labcharm.proxies import DIRECT, ProxySettings
from labkube.client.access import Access
from labkube.client.tls import tls_context

JSON = "application/json"
MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
# Statuses that describe the server or a proxy before it, and not the request.
_TEMPORARY = (429, 500, 502, 503, 504)
# Seconds. A server that exists accepts a connection at once, or after its first packet was lost.
_CONNECT_SECONDS = 5.0
_SILENT_SECONDS = 30.0

_REFUSED = "the API refuses the credentials; set a kubeconfig with valid ones"
# OpenSSL's errors for files that are not PEM, and for a key of another certificate.
_UNREADABLE = re.compile(
    r"PEM lib|KEY_VALUES_MISMATCH|\[(X509|PEM|ASN1)\b|not enough data|cadata|unknown error"
)
# The text of an authorizer: apiserver, endpoints/handlers/responsewriters/errors.go.
_DENIED = re.compile(r'User "[^"]*" cannot \w+ ')


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
    """A kind that the server does not have.

    Attributes:
        served: The kinds of the same API version that the server has; None where that is not
            known.
    """

    def __init__(self, message: str, served: Optional[Collection[str]] = None) -> None:
        super().__init__(404, "UnknownKind", message)
        self.served = served


class RefusedOptionError(ApiError, BlockedError):
    """A kubeconfig of the option that does not fit the server; waiting does not help."""

    def __init__(
        self, message: str = _REFUSED, status: int = 401, reason: str = "Unauthorized"
    ) -> None:
        super().__init__(status, reason, f"option kubeconfig: {message}")

    @property
    def is_temporary(self) -> bool:
        """Whether a later try of the same request may succeed."""
        return False


class Connection:
    """The connection to one server. It is kept open between requests, for one thread at a time.

    Args:
        access: The server's address and the credentials.
        proxies: The model's proxy settings.

    Attributes:
        reads: How many GET requests were sent.
        writes: How many other requests were sent.
        is_reached: Whether the server, or a proxy before it, answered the last request.
    """

    def __init__(self, access: Access, proxies: ProxySettings = DIRECT) -> None:
        self._access, self._proxies = access, proxies
        self._link: Optional[HttpsConnection] = None
        self.reads = 0
        self.writes = 0
        self.is_reached = True

    def close(self) -> None:
        """Close the connection; another request would open it again."""
        if self._link is not None:
            self._link.close()

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
            ProxyError: When the proxy for the server cannot be used.
        """
        self.reads += method == "GET"
        self.writes += method != "GET"
        target = urlsplit(self._access.url).path.rstrip("/") + path
        if query:
            target += f"?{urlencode(sorted(query.items()))}"
        text = None if body is None else json.dumps(body).encode()
        try:
            answer = self._exchange(method, target, text, self._headers(content))
            document = answer.read()
        except (*FAILURES, ValueError) as error:  # a port or a certificate that is not one
            self.close()
            self.is_reached = False
            refusal = _certificate_problem(error) if self._access.is_option else ""
            if refusal:
                raise RefusedOptionError(refusal, 0, "Certificate") from None
            raise ApiError(0, type(error).__name__, _connection_failure(error)) from None
        self.is_reached = True
        if answer.status == http.client.UNAUTHORIZED and self._access.is_option:
            raise RefusedOptionError
        try:
            return _read_answer(answer.status, document)
        except ApiError as error:
            if self._access.is_option and _is_denied(error):
                message = f"its user lacks a permission; grant it ({error})"
                raise RefusedOptionError(message, 403, "Forbidden") from None
            raise

    def _exchange(
        self, method: str, target: str, body: Optional[bytes], headers: Dict[str, str]
    ) -> http.client.HTTPResponse:
        if self._link is None:
            self._link = self._connect()
        self._link.close_if_stale()
        self._link.request(method, target, body, headers)
        return self._link.getresponse()

    def _connect(self) -> HttpsConnection:
        url = urlsplit(self._access.url)
        context = tls_context(self._access)
        return HttpsConnection(
            url.hostname or "", url.port or 443, context, _SILENT_SECONDS, self._proxies,
            _CONNECT_SECONDS,
        )  # fmt: skip

    def _headers(self, content: str) -> Dict[str, str]:
        headers = {"Accept": JSON, "Content-Type": content}
        if self._access.token:
            headers["Authorization"] = f"Bearer {self._access.token}"
        return headers


def _certificate_problem(error: Exception) -> str:
    """Return what is wrong with a kubeconfig's certificates; empty for another TLS error."""
    text = str(error)
    if _UNREADABLE.search(text):
        return "its CA, certificate or key is damaged; correct it"
    if "CERTIFICATE_VERIFY_FAILED" in text or "doesn't match" in text:
        return "its CA did not sign the API's certificate, or for another name; correct it"
    return ""


def _is_denied(error: ApiError) -> bool:
    """Return whether the user has no permission; admission answers 403 for other reasons too."""
    return error.status == 403 and _DENIED.search(str(error)) is not None


def _read_answer(status: int, content: bytes) -> JsonObject:
    """Return the document of an answer.

    Raises:
        ApiError: When its status is one of an error, or it holds no document.
    """
    document = parse_object(content)
    if document is None and status < 400:
        raise ApiError(0, "NoDocument", f"the API answers {status} without a JSON object")
    document = document or {}
    if status >= 400:
        message = str(document.get("message", "")) or content[:200].decode("utf-8", "replace")
        if status == 401:
            message = f"the API refuses our credentials ({message or '401'})"
        raise ApiError(status, str(document.get("reason", "")), message)
    return document


def _connection_failure(error: Exception) -> str:
    """Return a short message for an error of the connection."""
    if isinstance(error, UnicodeError) or "header value" in str(error):  # quotes the token
        return "the credentials for the API have characters that HTTP does not allow"
    return f"the API cannot be reached: {failure_reason(error)}"
