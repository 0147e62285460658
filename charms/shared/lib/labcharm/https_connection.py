"""A connection over verified TLS, direct or through a proxy, and the reasons why it failed."""

import http.client
import select
import socket
import ssl
from typing import Optional, Set

from labcharm.proxies import DIRECT, Proxy, ProxySettings, bracketed

# The errors of requests over a connection. CertificateError is an OSError only from 3.7 on.
FAILURES = (OSError, ssl.CertificateError, http.client.HTTPException)


class HttpsConnection(http.client.HTTPSConnection):
    """A connection to a host; it opens with the first request, and again after `close`.

    Args:
        host: The host name or address that the server's certificate must be for.
        port: The port.
        context: Verifies the certificate.
        timeout: How many seconds the server may be silent.
        proxies: The model's proxy settings.
        connect_timeout: How many seconds connecting may take; None for `timeout`.
        address: The address of the host; empty to resolve its name.

    Raises:
        ProxyError: When the proxy for the host cannot be used.
    """

    def __init__(
        self,
        host: str,
        port: int,
        context: ssl.SSLContext,
        timeout: float,
        proxies: ProxySettings = DIRECT,
        connect_timeout: Optional[float] = None,
        address: str = "",
    ) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self._tls, self._address = context, address or host
        self._timeouts = (timeout if connect_timeout is None else connect_timeout, timeout)
        self.proxy = _proxy_for(proxies, {host, self._address}, port)

    def connect(self) -> None:
        """Connect, and verify that the certificate is valid for the host."""
        plain = self._connect_plain()
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
            self.sock.settimeout(self._timeouts[1])
        except BaseException:
            plain.close()
            raise

    def _connect_plain(self) -> socket.socket:
        if self.proxy is None:
            return socket.create_connection((self._address, self.port), self._timeouts[0])
        try:
            return _open_tunnel(self.proxy, self._address, self.port, self._timeouts[0])
        except FAILURES as error:
            reason = f"proxy {self.proxy.name}: {failure_reason(error)}"
            fix = f"fix it or add {self._address} to juju-no-proxy"
            raise OSError(f"{reason}; {fix}") from None

    def close_if_stale(self) -> None:
        """Close the connection if the server has closed it since the last request.

        Between two requests, a server sends nothing but the end of the connection.
        """
        if self.sock is not None and select.select([self.sock], [], [], 0)[0]:
            self.close()


def client_context(ca: str) -> ssl.SSLContext:
    """Return a TLS context that trusts an authority, and no other.

    `ssl.create_default_context` would refuse, from Python 3.13 on, authorities without key
    identifiers, which old clusters have (kubernetes-client/python issue 2394).

    Args:
        ca: PEM of certificates of authorities.

    Raises:
        ssl.SSLError, ValueError: When it is not.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies certificate and name by default
    context.load_verify_locations(cadata=ca)
    return context


def failure_reason(error: Exception) -> str:
    """Return why a request failed, without the number of the error."""
    reason = getattr(error, "verify_message", "") or getattr(error, "strerror", "")
    return str(reason or error).strip() or type(error).__name__


def _proxy_for(proxies: ProxySettings, hosts: Set[str], port: int) -> Optional[Proxy]:
    """Return the proxy for a host that may be known by a name and an address.

    The host is reached directly if either of them is an exception.
    """
    choices = [proxies.proxy_for(f"https://{bracketed(host)}:{port}") for host in hosts]
    return None if None in choices else choices[0]


def _open_tunnel(proxy: Proxy, host: str, port: int, timeout: float) -> socket.socket:
    """Return a connection to a host through a proxy.

    The method of http.client is not used: up to Python 3.11 it leaves out the brackets of an IPv6
    address.
    """
    plain = socket.create_connection((proxy.host, proxy.port), timeout)
    try:
        name = f"{bracketed(host)}:{port}"
        lines = [f"CONNECT {name} HTTP/1.1", f"Host: {name}"]
        lines += [f"{key}: {text}" for key, text in proxy.headers().items()]
        plain.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
        with http.client.HTTPResponse(plain, method="CONNECT") as answer:
            answer.begin()
            if answer.status != http.client.OK:
                raise OSError(f"{answer.status} {answer.reason}")
    except BaseException:
        plain.close()
        raise
    return plain
