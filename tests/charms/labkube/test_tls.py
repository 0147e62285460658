"""TLS with a real server: the client's certificate, and the authority's."""

from __future__ import annotations

import socket
import ssl
import tempfile
import threading
from pathlib import Path

import pytest

from helpers.fake_apis.scripted_api import make_certificate
from labcharm.https_connection import HttpsConnection
from labkube.client.access import Access
from labkube.client.tls import tls_context


def serve_once(certificate: Path, key: Path, trusted: Path) -> int:
    """Start a server that accepts one client, only with a trusted certificate; return its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(trusted)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener, listener.accept()[0] as plain, context.wrap_socket(plain, True) as client:
            client.recv(2**16)
            client.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    threading.Thread(target=serve, daemon=True).start()
    return int(listener.getsockname()[1])


def test_client_certificate_is_presented_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ssl` reads certificate and key from files only."""
    server, key = make_certificate(tmp_path / "server")
    own, own_key = make_certificate(tmp_path / "client")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    port = serve_once(server, key, own)
    access = Access(
        f"https://127.0.0.1:{port}", server.read_text(), "", own.read_text(), own_key.read_text()
    )
    link = HttpsConnection("127.0.0.1", port, tls_context(access), 10)
    link.request("GET", "/")

    assert link.getresponse().status == 204
    link.close()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_damaged_client_certificate_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _ = make_certificate(tmp_path / "server")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with pytest.raises(ssl.SSLError):
        tls_context(Access("https://127.0.0.1:9", server.read_text(), "", "CERTIFICATE", "KEY"))

    assert list((tmp_path / "temporary").iterdir()) == []


def test_authority_without_key_identifiers_is_trusted(tmp_path: Path) -> None:
    """Old clusters have such authorities; Python 3.13 refuses them where it chooses the flags."""
    certificate, _ = make_certificate(tmp_path / "authority")
    context = tls_context(Access("https://127.0.0.1:9", certificate.read_text()))

    assert context.verify_flags & ssl.VERIFY_X509_STRICT == 0
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
