"""Files that come slowly, in part, or for ever."""

from __future__ import annotations

import hashlib
import http.server
import io
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from labcharm.download import DownloadError, download

BODY = b"0123456789" * 2000


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves /PIECES/PAUSE/LENGTH: so many pieces of 1000 bytes, and the length that is told."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send the pieces; the connection stays open, as some servers leave it."""
        pieces, pause, length = self.path.split("/")[1:]
        self.send_response(200)
        chunked = length in ("chunked", "broken")
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif length != "untold":
            self.send_header("Content-Length", length)
        self.end_headers()
        for number in range(int(pieces)):
            body = BODY[number * 1000 : number * 1000 + 1000]
            self.wfile.write(b"3e8\r\n%s\r\n" % body if chunked else body)
            self.wfile.flush()
            if Handler.ends.wait(float(pause)):
                return
        if length == "chunked":
            self.wfile.write(b"0\r\n\r\n")
        elif not chunked and length != "untold":
            Handler.ends.wait(5)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    ends = threading.Event()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Start a server."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    Handler.ends.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("length", ["20000", "chunked", "untold"])
def test_a_file_comes_whole(url: str, length: str) -> None:
    """Whatever tells its end; nobody waits for the connection's."""
    body = io.BytesIO()
    start = time.monotonic()
    found = download(f"{url}/20/0/{length}", body, {}, 10**6)
    assert body.getvalue() == BODY
    assert found == hashlib.sha256(BODY).hexdigest()
    assert time.monotonic() - start < 3


@pytest.mark.parametrize(
    ("length", "told"),
    [
        ("20000", r"\([1-9] of 20 kB came within 1 s; the next hook tries again\)"),
        ("chunked", r"\([1-9] kB came within 1 s; the next hook tries again\)"),
    ],
)
def test_a_slow_one_is_given_up(url: str, length: str, told: str) -> None:
    """It is never silent for long, and would take six seconds."""
    start = time.monotonic()
    with pytest.raises(DownloadError, match=told):
        download(f"{url}/20/0.3/{length}", io.BytesIO(), {}, 10**6, seconds=1)
    assert time.monotonic() - start < 3


def test_one_that_is_too_large(url: str) -> None:
    """It is not read to its end."""
    with pytest.raises(DownloadError, match="is larger than 5000 bytes"):
        download(f"{url}/20/0/20000", io.BytesIO(), {}, 5000)


def test_a_silent_server(url: str) -> None:
    """The time of silence counts too."""
    with pytest.raises(DownloadError, match="cannot be fetched"):
        download(f"{url}/1/5/20000", io.BytesIO(), {}, 10**6, timeout=0.2)


def test_a_connection_that_breaks_off(url: str) -> None:
    """Before the last piece: what Python says of it is no OSError."""
    with pytest.raises(DownloadError, match=r"cannot be fetched \(IncompleteRead"):
        download(f"{url}/2/0/broken", io.BytesIO(), {}, 10**6)
