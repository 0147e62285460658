"""Public keys for apt."""

from __future__ import annotations

import hashlib

import pytest

from helpers.file_server import Server
from helpers.public_key import ARMOURED, BODY, PACKET
from labcharm.download import DownloadError
from labcharm.errors import WaitingError
from nvidia_runtime.host.keys import dearmour, fingerprint, keyring


def test_fingerprint_is_that_of_rfc_4880() -> None:
    """It is the SHA-1 of 0x99, the length and the packet's body (section 12.2)."""
    digest = hashlib.sha1(  # noqa: S324 - RFC 4880 names it
        b"\x99" + len(BODY).to_bytes(2, "big") + BODY
    )

    assert fingerprint(dearmour(ARMOURED.encode())) == digest.hexdigest().upper()


def test_downloaded_key_must_have_the_named_digest_or_fingerprint() -> None:
    """Any other key is refused, and so is one that cannot be downloaded."""
    digest = hashlib.sha256(ARMOURED.encode()).hexdigest()
    with Server() as server:
        server.files["key"] = ARMOURED.encode()
        url = f"{server.url}/key"

        assert keyring(f"{url}#sha256={digest}", {}) == PACKET
        assert keyring(f"{url}#fingerprint={fingerprint(PACKET)}", {}) == PACKET
        with pytest.raises(WaitingError, match="another SHA-256"):
            keyring(f"{url}#sha256={'0' * 64}", {})
        with pytest.raises(WaitingError, match="has fingerprint"):
            keyring(f"{url}#fingerprint={'0' * 40}", {})
        with pytest.raises(DownloadError, match="cannot be fetched"):
            keyring(f"{url}.none#sha256={digest}", {})


@pytest.mark.parametrize("text", [b"", b"hello", ARMOURED.replace("mQ", "!!").encode()])
def test_text_that_is_not_a_key_is_refused(text: bytes) -> None:
    """So that apt never reads it."""
    with pytest.raises(WaitingError):
        dearmour(text)
