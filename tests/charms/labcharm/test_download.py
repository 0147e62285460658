"""Downloads that are slow, incomplete or endless; test_proxies.py has those through a proxy."""

from __future__ import annotations

import hashlib
import http.server
import io
import threading
import time
from collections.abc import Iterator

import pytest

from helpers.damage import damaged, refusals
from helpers.raw_server import ANSWER, BROKEN, CHUNKED, raw_server
from labcharm.download import DownloadError, RefusedDownloadError, download
from labcharm.errors import BlockedError
from labcharm.proxies import DIRECT

BODY = b"0123456789" * 2000


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves /PIECES/PAUSE/LENGTH: so many pieces of 1000 bytes, and the announced length."""

    protocol_version = "HTTP/1.1"
    stopped = threading.Event()

    def do_GET(self) -> None:
        """Send the pieces; the connection stays open, as some servers do."""
        pieces, pause, length = self.path.split("/")[1:]
        self._send_headers(length)
        is_chunked = length in ("chunked", "broken")
        for number in range(int(pieces)):
            body = BODY[number * 1000 : number * 1000 + 1000]
            self.wfile.write(b"3e8\r\n%s\r\n" % body if is_chunked else body)
            self.wfile.flush()
            if Handler.stopped.wait(float(pause)):
                return
        if length == "chunked":
            self.wfile.write(b"0\r\n\r\n")
        elif length.isdigit():
            Handler.stopped.wait(30)

    def _send_headers(self, length: str) -> None:
        self.send_response(200)
        if length in ("chunked", "broken"):
            self.send_header("Transfer-Encoding", "chunked")
        elif length.isdigit():
            self.send_header("Content-Length", length)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Return the URL of a running server."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    Handler.stopped.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("length", ["20000", "chunked", "unknown"])
def test_file_is_complete_however_its_end_is_announced(url: str, length: str) -> None:
    """The download does not wait until the connection ends."""
    body = io.BytesIO()
    start = time.monotonic()
    digest = download(f"{url}/20/0/{length}", body, DIRECT, 10**6)
    assert body.getvalue() == BODY
    assert digest == hashlib.sha256(BODY).hexdigest()
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("length", "message"),
    [
        ("20000", r"\(only [1-9] of 20 kB arrived within 1 s; the next hook tries again\)"),
        ("chunked", r"\(only [1-9] kB arrived within 1 s; the next hook tries again\)"),
    ],
)
def test_slow_download_ends_at_its_deadline(url: str, length: str, message: str) -> None:
    """The server is never silent for long; the whole file would take 36 seconds."""
    start = time.monotonic()
    address = f"{url}/120/0.3/{length}"
    with pytest.raises(DownloadError, match=message) as raised:
        download(address, io.BytesIO(), DIRECT, 10**6, seconds=1)
    assert raised.value.url == address
    assert str(raised.value) == f"{address} {raised.value.reason}"
    assert time.monotonic() - start < 20


def test_file_that_is_too_large_is_not_read_to_its_end(url: str) -> None:
    with pytest.raises(RefusedDownloadError, match="is larger than 5000 bytes"):
        download(f"{url}/20/0/20000", io.BytesIO(), DIRECT, 5000)


def test_silent_server_times_out(url: str) -> None:
    with pytest.raises(DownloadError, match="cannot be fetched"):
        download(f"{url}/1/5/20000", io.BytesIO(), DIRECT, 10**6, timeout=0.2)


def test_connection_that_breaks_off_is_a_download_error(url: str) -> None:
    """Python's own error for this is not an OSError."""
    with pytest.raises(DownloadError, match=r"cannot be fetched \(IncompleteRead"):
        download(f"{url}/2/0/broken", io.BytesIO(), DIRECT, 10**6)


@pytest.mark.parametrize(
    ("code", "is_refused"),
    [(400, True), (401, True), (403, True), (404, True), (407, True), (410, True),
     (408, False), (425, False), (429, False), (500, False), (503, False)],
)  # fmt: skip
def test_refused_download_needs_the_administrator(code: int, is_refused: bool) -> None:
    """The others may succeed later. None shows the query, which may be a token."""
    with raw_server() as server:
        server.answer = b"HTTP/1.1 %d Reason\r\nContent-Length: 0\r\n\r\n" % code
        url = f"http://127.0.0.1:{server.port}/file"
        with pytest.raises(DownloadError) as raised:
            download(f"{url}?sig=hunter2", io.BytesIO(), DIRECT, 10)
    assert isinstance(raised.value, BlockedError) == is_refused
    assert str(raised.value) == f"{url}?*** cannot be fetched (HTTP Error {code}: Reason)"
    assert raised.value.url == f"{url}?***"


def test_no_query_is_shown_whatever_the_library_says(url: str) -> None:
    """Python quotes the path of a URL with characters that it refuses."""
    address = f"{url}/1/0/1\x01?sig=hunter2"
    with pytest.raises(DownloadError, match="cannot be fetched") as raised:
        download(address, io.BytesIO(), DIRECT, 10)
    assert "hunter2" not in str(raised.value)


def test_only_http_urls_are_opened() -> None:
    with pytest.raises(RefusedDownloadError, match="is not an http or https URL") as raised:
        download("file:///etc/passwd", io.BytesIO(), DIRECT, 10)
    assert raised.value.url == "file:///etc/passwd"


def test_answer_of_any_program_is_a_download_or_an_error() -> None:
    """A broken proxy answers anything; the file's digest is compared afterwards."""
    with raw_server() as server:

        def fetch(answer: bytes) -> None:
            server.answer = answer
            url = f"http://127.0.0.1:{server.port}/file"
            download(url, io.BytesIO(), DIRECT, 10**6, timeout=1, seconds=2)

        answers = [*BROKEN, *damaged(ANSWER, 100), *damaged(CHUNKED, 100)]
        messages = refusals(fetch, answers, DownloadError)
    assert len(messages) > 50
    assert all(message.startswith("http://127.0.0.1:") for message in messages)


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://[v1.x]/a", "https://h:99999/a", "http:///"]
)
def test_url_that_no_parser_reads_is_an_error(url: str) -> None:
    with pytest.raises(DownloadError):
        download(url, io.BytesIO(), DIRECT, 10**6, timeout=1, seconds=2)
