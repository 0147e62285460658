"""Public keys for apt: read from text or downloaded, and checked by digest or fingerprint."""

import base64
import hashlib
import io
import re
from typing import List, NamedTuple, Tuple

from labcharm.download import download
from labcharm.errors import BlockedError
from labcharm.proxies import ProxySettings
from labcharm.text import summarize

_BLOCK = re.compile(
    r"-----BEGIN PGP PUBLIC KEY BLOCK-----(.*?)-----END PGP PUBLIC KEY BLOCK-----", re.DOTALL
)
_LARGEST_KEY = 2**20  # bytes
# The tags of the packets of a key (RFC 4880 section 4.3): the key itself, and what follows it.
_PUBLIC_KEY, _SIGNATURE, _USER_ID, _SUBKEY, _USER_ATTRIBUTE = 6, 2, 13, 14, 17
_FOLLOWING = (_SIGNATURE, _USER_ID, _SUBKEY, _USER_ATTRIBUTE)
_DAMAGED = "toolkit-key is a damaged or incomplete public key"
_OTHER_KEY = "correct toolkit-key, or publish the expected key there"


class ToolkitKeyError(BlockedError):
    """A key that cannot be used, or that is not the expected one."""


def keyring(key: str, proxies: ProxySettings, timeout: float = 60.0) -> bytes:
    """Return a key as apt reads it (binary, RFC 4880).

    A fingerprint names one key, so other keys of the same file are left out: apt would accept
    packages that they signed.

    Args:
        key: An armoured public key, or URL#sha256=DIGEST, or URL#fingerprint=FINGERPRINT.
        proxies: The model's proxy settings.
        timeout: How many seconds the server may be silent.

    Raises:
        DownloadError: When the key cannot be downloaded.
        ToolkitKeyError: When the text is not a key, or is not the expected key.
    """
    if _BLOCK.search(key):
        return dearmour(key.encode())
    url, _, expectation = key.partition("#")
    kind, _, expected = expectation.partition("=")
    target = io.BytesIO()
    digest = download(url, target, proxies, _LARGEST_KEY, timeout)
    if kind == "sha256" and digest != expected:
        raise ToolkitKeyError(
            f"the key at {url} has another SHA-256 than toolkit-key names; {_OTHER_KEY}"
        )
    binary = dearmour(target.getvalue())
    return _select(binary, expected, url) if kind == "fingerprint" else binary


def _select(binary: bytes, expected: str, url: str) -> bytes:
    """Return the packets of the key that has the expected fingerprint."""
    keys = _split_keys(binary)
    for key in keys:
        if fingerprint(key) == expected:
            return key
    fingerprints = summarize([fingerprint(key) for key in keys])
    raise ToolkitKeyError(
        f"the key at {url} has fingerprint {fingerprints}, not {expected}; {_OTHER_KEY}"
    )


def dearmour(text: bytes) -> bytes:
    """Return the keys of a file without their armour; binary keys are returned as they are.

    Raises:
        ToolkitKeyError: When it is not a public key.
    """
    blocks = _BLOCK.findall(text.decode("latin-1"))
    binary = b"".join(_decode(block) for block in blocks) if blocks else text
    _split_keys(binary)
    return binary


def _decode(block: str) -> bytes:
    """Return the packets in the text between the lines of an armour."""
    body = block.replace("\r", "").partition("\n\n")[2]
    lines = [line for line in body.split() if not line.startswith("=")]
    try:
        return base64.b64decode("".join(lines), validate=True)
    except ValueError:
        raise ToolkitKeyError("toolkit-key is armoured, but its text is damaged") from None


def fingerprint(binary: bytes) -> str:
    """Return the fingerprint of the first key: RFC 4880 section 12.2, for version 4 keys."""
    packet = _packets(binary)[0]
    body = binary[packet.start : packet.end]
    if len(body) > 0xFFFF:
        raise ToolkitKeyError(_DAMAGED)
    text = b"\x99" + len(body).to_bytes(2, "big") + body
    return hashlib.sha1(text).hexdigest().upper()  # noqa: S324 - RFC 4880 names SHA-1


class _Packet(NamedTuple):
    """A packet of a key.

    Attributes:
        tag: The kind of packet.
        head: Where the packet begins.
        start: Where its body begins.
        end: Where the body ends, and the next packet begins.
    """

    tag: int
    head: int
    start: int
    end: int


def _split_keys(binary: bytes) -> List[bytes]:
    """Return each key with the packets that belong to it (RFC 4880 section 11.1).

    Raises:
        ToolkitKeyError: When the file does not consist of public keys.
    """
    keys: List[bytes] = []
    for packet in _packets(binary):
        content = binary[packet.head : packet.end]
        if packet.tag == _PUBLIC_KEY:
            keys.append(content)
        elif not keys:
            raise ToolkitKeyError("toolkit-key is not a public key")
        elif packet.tag in _FOLLOWING:
            keys[-1] += content
    return keys


def _packets(binary: bytes) -> List[_Packet]:
    packets: List[_Packet] = []
    position = 0
    while not packets or position < len(binary):
        packet = _packet(binary, position)
        packets.append(packet)
        position = packet.end
    return packets


def _packet(binary: bytes, head: int) -> _Packet:
    """Return the packet at a position (RFC 4880 section 4.2).

    Lengths that are not known at the beginning (partial, or to the end of the file) are only for
    packets of data, which a key does not have.
    """
    first = int.from_bytes(binary[head : head + 1], "big")
    if not first & 0x80:
        raise ToolkitKeyError("toolkit-key is not a public key")
    if first & 0x40:
        tag, sizes = first & 0x3F, _new_length(binary, head + 1)
    else:
        size = {0: 1, 1: 2, 2: 4}.get(first & 3, 0)
        tag, sizes = (first >> 2) & 0xF, (size, _number(binary, head + 1, size))
    start = head + 1 + sizes[0]
    end = start + sizes[1]
    if not sizes[0] or end > len(binary):
        raise ToolkitKeyError(_DAMAGED)
    return _Packet(tag, head, start, end)


def _new_length(binary: bytes, position: int) -> Tuple[int, int]:
    """Return the size of a length of the new format, 0 for a partial one, and the length."""
    first = _number(binary, position, 1)
    if first < 192:
        return 1, first
    if first < 224:
        return 2, ((first - 192) << 8) + _number(binary, position + 1, 1) + 192
    return (5, _number(binary, position + 1, 4)) if first == 255 else (0, 0)


def _number(binary: bytes, start: int, size: int) -> int:
    return int.from_bytes(binary[start : start + size], "big")
