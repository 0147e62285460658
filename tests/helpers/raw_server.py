"""An HTTP server that answers with bytes as they are, whatever they are."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator

SOUND = b'{"kind": "Namespace", "metadata": {"name": "n"}, "items": []}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Connection: close\r\n\r\n%s" % (len(SOUND), SOUND)
)
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    b"%x\r\n%s\r\n0\r\n\r\n" % (len(SOUND), SOUND)
)
# Answers for which http.client has errors of its own: BadStatusLine, IncompleteRead, LineTooLong,
# too many headers, RemoteDisconnected, UnknownProtocol.
BROKEN = (
    b"SSH-2.0-OpenSSH_9.6\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\nabc",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc",
    b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200 + b"\r\n",
    b"HTTP/1.1 twohundred OK\r\n\r\n",
    b"HTTP/9.9 200 OK\r\n\r\n",
    b"",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
)


class RawServer:
    """A server on loopback; each connection gets `answer` and is then closed.

    Args:
        context: Its side of TLS; None for plain HTTP.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.answer = ANSWER
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def serve(self) -> None:
        """Answer until the socket is closed."""
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError), self._secured(connection) as stream:
                stream.recv(65536)
                stream.sendall(self.answer)

    def _secured(self, connection: socket.socket) -> socket.socket:
        if self._context is None:
            return connection
        return self._context.wrap_socket(connection, server_side=True)

    def close(self) -> None:
        """End the server."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@contextlib.contextmanager
def raw_server(context: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Run a server, over TLS where there is a context."""
    server = RawServer(context)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()
