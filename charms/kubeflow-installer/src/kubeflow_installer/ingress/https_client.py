"""A client for one HTTPS host: it verifies the certificate and keeps cookies.

It does not follow redirects, and it never sends a request to another host, so that secrets such as
a password reach that host only.
"""

import http.client
import socket
import ssl
import time
from http.cookiejar import CookieJar
from typing import Any, Mapping, NamedTuple, Sequence
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import Request

from labcharm.errors import WaitingError
from labcharm.https_connection import (
    FAILURES,
    HttpsConnection,
    client_context,
    failure_reason,
)
from labcharm.proxies import DIRECT, ProxySettings
from labcharm.urls import redact_url

# dex has its own port in 0.6.2 (deployment/existing/auth_oidc/gateway.yaml).
DEX_PORT = 5556
_LARGEST_PAGE = 1024 * 1024
_HEADERS = {"Accept": "text/html", "User-Agent": "kubeflow-installer", "Connection": "close"}
# Accepts a host's own certificate as the trusted one, even if its issuer is unknown (x509_vfy.h;
# `ssl` has a name for this flag from Python 3.10 on).
_PARTIAL_CHAIN = 0x80000


class HttpsError(WaitingError):
    """A page that cannot be read; the message contains neither query nor form."""


class Page(NamedTuple):
    """An answer.

    Attributes:
        url: The requested URL.
        status: The HTTP status.
        location: The absolute URL of a redirect; empty if the answer is not one.
        text: The body.
    """

    url: str
    status: int
    location: str
    text: str


class HttpsClient:
    """A client for one host.

    Args:
        url: https://HOST or https://HOST:PORT.
        ca: PEM of trusted certificates: of authorities, or of the host itself.
        address: The host's address; when empty, the resolver is asked for the name.
        ports: The ports that may be used besides the URL's.
        seconds: The time limit of everything that this client does.
        proxies: The model's proxy settings.
    """

    def __init__(
        self,
        url: str,
        ca: str,
        address: str = "",
        ports: Sequence[int] = (DEX_PORT,),
        seconds: float = 60.0,
        proxies: ProxySettings = DIRECT,
    ) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self._address, self._proxies = address or self.host, proxies
        self._ports = {parts.port or 443, *ports}
        self._context = _tls_context(ca)
        self._cookies = CookieJar()
        self._end = time.monotonic() + seconds

    def get(self, url: str) -> Page:
        """Return a page.

        Raises:
            HttpsError: When the URL is another host's, or the page cannot be read in time.
        """
        request = Request(url, headers=_HEADERS)  # noqa: S310 - `_port` allows only https
        return self._send(request)

    def post(self, url: str, fields: Mapping[str, str]) -> Page:
        """Send a form, and return the answer.

        Raises:
            HttpsError: As for `get`.
        """
        body = urlencode(fields).encode()
        return self._send(Request(url, body, _HEADERS))  # noqa: S310 - `_port` allows only https

    def check_target(self, url: str) -> None:
        """Check the target of a redirect without following it.

        Raises:
            HttpsError: When it is on another host or port.
        """
        self._port(url)

    def _send(self, request: Request) -> Page:
        name = redact_url(request.full_url)
        port = self._port(request.full_url)
        remaining = self._end - time.monotonic()
        if remaining <= 0:
            raise HttpsError(f"{name}: not finished within the time limit")
        self._cookies.add_cookie_header(request)
        link = HttpsConnection(
            self.host, port, self._context, min(remaining, 15.0), self._proxies,
            address=self._address,
        )  # fmt: skip
        try:
            return self._receive(link, request)
        except (ssl.SSLError, ssl.CertificateError) as error:  # two classes up to 3.6
            raise HttpsError(f"{name}: {_tls_reason(error)}") from None
        except (*FAILURES, ValueError) as error:
            raise HttpsError(f"{name} does not answer: {failure_reason(error)}") from None
        finally:
            link.close()

    def _receive(self, link: HttpsConnection, request: Request) -> Page:
        body: Any = request.data
        headers = dict(request.header_items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        link.request(request.get_method(), request.selector, body, headers)
        answer = link.getresponse()
        self._cookies.extract_cookies(answer, request)  # type: ignore[arg-type]
        text = self._read(answer).decode("utf-8", "replace")
        location = answer.getheader("Location") or "" if 300 <= answer.status < 400 else ""
        target = absolute_url(request.full_url, location) if location else ""
        return Page(request.full_url, answer.status, target, text)

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        """Read a body; the time limit also covers a body that arrives in small pieces."""
        body = b""
        while len(body) < _LARGEST_PAGE:
            piece = answer.read1(64 * 1024)
            if not piece:
                break
            if time.monotonic() > self._end:
                raise socket.timeout("timed out")
            body += piece
        return body

    def _port(self, url: str) -> int:
        parts = urlsplit(url)
        try:
            port = parts.port or 443
        except ValueError:
            port = 0
        if parts.scheme != "https" or parts.hostname != self.host or port not in self._ports:
            raise HttpsError(f"redirects to {redact_url(url)}, away from https://{self.host}")
        return port


def absolute_url(base: str, target: str) -> str:
    """Return the absolute URL of a link on a page.

    Raises:
        HttpsError: When the link is not a URL.
    """
    try:
        url = urljoin(base, target)
        urlsplit(url)
    except ValueError:
        raise HttpsError(f"{redact_url(base)} leads to an invalid URL") from None
    return url


def _tls_context(ca: str) -> ssl.SSLContext:
    try:
        context = client_context(ca)
    except (ssl.SSLError, ValueError):
        raise HttpsError("there is no certificate to verify the gateway with") from None
    context.verify_flags |= _PARTIAL_CHAIN  # type: ignore[assignment]
    return context


def _tls_reason(error: Exception) -> str:
    reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
    if isinstance(error, ssl.CertificateError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"has an invalid certificate, or not the expected one: {reason}"
    return f"TLS failed: {reason}"
