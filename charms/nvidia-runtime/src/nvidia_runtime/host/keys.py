"""Public keys for apt: read from text or downloaded, and checked by digest or fingerprint."""

import base64
import hashlib
import io
import re
from typing import Mapping, NamedTuple

from labcharm.download import download
from labcharm.errors import WaitingError

_BLOCK = re.compile(
    r"-----BEGIN PGP PUBLIC KEY BLOCK-----(.*?)-----END PGP PUBLIC KEY BLOCK-----", re.DOTALL
)
_LARGEST_KEY = 2**20  # bytes
_PUBLIC_KEY = 6  # the tag of a public-key packet (RFC 4880 section 4.3)


def keyring(key: str, proxies: Mapping[str, str], timeout: float = 60.0) -> bytes:
    """Return a key as apt reads it (binary, RFC 4880).

    Args:
        key: An armoured public key, or URL#sha256=DIGEST, or URL#fingerprint=FINGERPRINT.
        proxies: The model's proxies, as `compat.proxy_environment` returns them.
        timeout: How many seconds the server may be silent.

    Raises:
        DownloadError: When the key cannot be downloaded.
        WaitingError: When the text is not a key, or is not the expected key.
    """
    if _BLOCK.search(key):
        return dearmour(key.encode())
    url, _, expectation = key.partition("#")
    kind, _, expected = expectation.partition("=")
    target = io.BytesIO()
    digest = download(url, target, proxies, _LARGEST_KEY, timeout)
    if kind == "sha256" and digest != expected:
        raise WaitingError(f"the key at {url} has another SHA-256 than toolkit-key names")
    binary = dearmour(target.getvalue())
    if kind == "fingerprint" and fingerprint(binary) != expected:
        raise WaitingError(
            f"the key at {url} has fingerprint {fingerprint(binary)}, not {expected}"
        )
    return binary


def dearmour(text: bytes) -> bytes:
    """Return a key without its armour; a binary key is returned as it is.

    Raises:
        WaitingError: When it is not a public key.
    """
    binary = text
    match = _BLOCK.search(text.decode("latin-1"))
    if match:
        body = match.group(1).replace("\r", "").partition("\n\n")[2]
        lines = [line for line in body.split() if not line.startswith("=")]
        try:
            binary = base64.b64decode("".join(lines), validate=True)
        except ValueError:
            raise WaitingError("toolkit-key is armoured, but its text is damaged") from None
    if not binary or _packet(binary).tag != _PUBLIC_KEY:
        raise WaitingError("toolkit-key is not a public key")
    return binary


def fingerprint(binary: bytes) -> str:
    """Return the fingerprint of the first key: RFC 4880 section 12.2, for version 4 keys."""
    packet = _packet(binary)
    body = binary[packet.start : packet.start + packet.length]
    text = b"\x99" + len(body).to_bytes(2, "big") + body
    return hashlib.sha1(text).hexdigest().upper()  # noqa: S324 - RFC 4880 names SHA-1


class _Packet(NamedTuple):
    """The first packet of a key: its tag, and where its body starts and how long it is."""

    tag: int
    start: int
    length: int


def _packet(binary: bytes) -> _Packet:
    """Return the first packet (RFC 4880 section 4.2)."""
    head = binary[0]
    if not head & 0x80:
        return _Packet(0, 0, 0)
    if not head & 0x40:
        size = {0: 1, 1: 2, 2: 4}.get(head & 3, 0)
        return _Packet((head >> 2) & 0xF, 1 + size, int.from_bytes(binary[1 : 1 + size], "big"))
    tag, first = head & 0x3F, binary[1]
    if first < 192:
        return _Packet(tag, 2, first)
    if first < 224:
        return _Packet(tag, 3, ((first - 192) << 8) + binary[2] + 192)
    return _Packet(tag, 6, int.from_bytes(binary[2:6], "big"))
