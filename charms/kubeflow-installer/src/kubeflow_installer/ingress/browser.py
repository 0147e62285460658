"""A client for one HTTPS host: its certificate verified, cookies kept, redirects not followed.

It goes to no other host, so that what it is given, a password too, reaches nobody else.
"""

import http.client
import socket
import ssl
import time
from http.cookiejar import CookieJar
from typing import Any, Mapping, NamedTuple, Sequence
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import Request

# `location` is where a redirect leads, made absolute; empty where the answer is none.
Page = NamedTuple("Page", [("url", str), ("status", int), ("location", str), ("text", str)])
# dex has a port of its own in 0.6.2 (deployment/existing/auth_oidc/gateway.yaml).
DEX = 5556
_LARGEST = 1024 * 1024
_HEADERS = {"Accept": "text/html", "User-Agent": "kubeflow-installer", "Connection": "close"}
# Trust in the very certificate that is shown, also where its issuer is not known (x509_vfy.h;
# `ssl` names it from Python 3.10 on).
_PARTIAL_CHAIN = 0x80000


class BrowserError(Exception):
    """A page that cannot be had; the text holds neither query nor form."""


class Browser:
    """A client for one host.

    Args:
        url: https://HOST or https://HOST:PORT.
        ca: PEM of certificates that are trusted, authorities or the host's own.
        address: Where the host is; empty asks the resolver for its name.
        ports: Which of its ports may be used beside that of the URL.
        seconds: For all that this client does.
    """

    def __init__(
        self,
        url: str,
        ca: str,
        address: str = "",
        ports: Sequence[int] = (DEX,),
        seconds: float = 60.0,
    ) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self._address = address or self.host
        self._ports = {parts.port or 443, *ports}
        self._context = _context(ca)
        self._cookies = CookieJar()
        self._end = time.monotonic() + seconds

    def get(self, url: str) -> Page:
        """Return a page.

        Raises:
            BrowserError: When it is another host's, cannot be had, or takes too long.
        """
        return self._ask(Request(url, headers=_HEADERS))  # noqa: S310 - `_port` takes https alone

    def post(self, url: str, fields: Mapping[str, str]) -> Page:
        """Send a form, and return the page that answers it.

        Raises:
            BrowserError: As for `get`.
        """
        body = urlencode(fields).encode()
        return self._ask(Request(url, body, _HEADERS))  # noqa: S310 - `_port` takes https alone

    def _ask(self, request: Request) -> Page:
        told = where(request.full_url)
        port = self._port(request.full_url)
        left = self._end - time.monotonic()
        if left <= 0:
            raise BrowserError("%s: no end within the time" % told)
        self._cookies.add_cookie_header(request)
        link = _Link(self.host, port, self._address, self._context, min(left, 15.0))
        try:
            answer = self._answer(link, request)
        except (ssl.SSLError, ssl.CertificateError) as error:  # apart up to Python 3.6
            raise BrowserError("%s: %s" % (told, _untrusted(error))) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise BrowserError("%s does not answer: %s" % (told, _words(error))) from None
        finally:
            link.close()
        return answer

    def _answer(self, link: "_Link", request: Request) -> Page:
        body: Any = request.data
        headers = dict(request.header_items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        link.request(request.get_method(), request.selector, body, headers)
        answer = link.getresponse()
        self._cookies.extract_cookies(answer, request)  # type: ignore[arg-type]
        text = self._read(answer).decode("utf-8", "replace")
        location = answer.getheader("Location") or "" if 300 <= answer.status < 400 else ""
        target = joined(request.full_url, location) if location else ""
        return Page(request.full_url, answer.status, target, text)

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        """Read an answer; one that comes in drops ends with the time as well."""
        found = b""
        while len(found) < _LARGEST:
            part = answer.read1(64 * 1024)
            if not part:
                break
            if time.monotonic() > self._end:
                raise socket.timeout("timed out")
            found += part
        return found

    def refuse_others(self, url: str) -> None:
        """Look where a redirect leads, without following it.

        Raises:
            BrowserError: When it is another host or port.
        """
        self._port(url)

    def _port(self, url: str) -> int:
        parts = urlsplit(url)
        try:
            port = parts.port or 443
        except ValueError:
            port = 0
        if parts.scheme != "https" or parts.hostname != self.host or port not in self._ports:
            raise BrowserError("leads to %s, away from https://%s" % (where(url), self.host))
        return port


class _Link(http.client.HTTPSConnection):
    """A connection to an address, in the name of a host."""

    def __init__(
        self, host: str, port: int, address: str, context: ssl.SSLContext, timeout: float
    ) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self._place, self._trust, self._limit = (address, port), context, timeout

    def connect(self) -> None:
        """Connect; the certificate must be the host's."""
        plain = socket.create_connection(self._place, self._limit)
        try:
            self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def joined(base: str, target: str) -> str:
    """Return where a link on a page leads.

    Raises:
        BrowserError: When it is no link.
    """
    try:
        found = urljoin(base, target)
        urlsplit(found)
    except ValueError:
        raise BrowserError("%s leads to what is no URL" % where(base)) from None
    return found


def where(url: str) -> str:
    """Return a URL for people: without its query, which may hold what lets one in."""
    parts = urlsplit(url)
    return "%s://%s%s" % (parts.scheme, parts.netloc.rpartition("@")[2], parts.path)


def _context(ca: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies certificate and name by itself
    context.verify_flags |= _PARTIAL_CHAIN  # type: ignore[assignment]
    try:
        context.load_verify_locations(cadata=ca)
    except (ssl.SSLError, ValueError):
        raise BrowserError("there is no certificate to verify the gateway's by") from None
    return context


def _untrusted(error: Exception) -> str:
    reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
    if isinstance(error, ssl.CertificateError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "shows another certificate than it should, or one that does not hold: %s" % reason
    return "no TLS: %s" % reason


def _words(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or error) or type(error).__name__
