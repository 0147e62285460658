"""Public keys for apt: taken from text or fetched, and held against what they must be."""

import base64
import hashlib
import re
import urllib.error
import urllib.request
from typing import Mapping, Tuple

_BLOCK = re.compile(
    r"-----BEGIN PGP PUBLIC KEY BLOCK-----(.*?)-----END PGP PUBLIC KEY BLOCK-----", re.DOTALL
)


class KeyFaultError(Exception):
    """A key that cannot be had, or is another than it must be."""


def keyring(key: str, proxies: Mapping[str, str], timeout: float = 60.0) -> bytes:
    """Return a key as apt reads it (binary, RFC 4880).

    Args:
        key: An armoured public key, or URL#sha256=DIGEST, or URL#fingerprint=FINGERPRINT.
        proxies: http_proxy, https_proxy and no_proxy, where there are any.
        timeout: Seconds to wait for a server.

    Raises:
        KeyFaultError: When it cannot be had, is no key, or is another.
    """
    url, _, promise = key.partition("#")
    if _BLOCK.search(key):
        return dearmour(key.encode())
    data = _fetch(url, proxies, timeout)
    kind, _, wanted = promise.partition("=")
    if kind == "sha256" and hashlib.sha256(data).hexdigest() != wanted:
        raise KeyFaultError("the key at %s has another SHA-256 than toolkit-key says" % url)
    binary = dearmour(data)
    if kind == "fingerprint" and fingerprint(binary) != wanted:
        raise KeyFaultError(
            "the key at %s has fingerprint %s, not %s" % (url, fingerprint(binary), wanted)
        )
    return binary


def _fetch(url: str, proxies: Mapping[str, str], timeout: float) -> bytes:
    ways = {name[:-6]: value for name, value in proxies.items() if name.endswith("_proxy")}
    host = re.sub(r"^\w+://([^/:]+).*", r"\1", url)
    if host in ways.pop("no", "").split(","):
        ways = {}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(ways))
    try:
        with opener.open(url, timeout=timeout) as answer:
            return bytes(answer.read(1 << 20))
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise KeyFaultError("the key at %s cannot be fetched: %s" % (url, error)) from None


def dearmour(data: bytes) -> bytes:
    """Return a key without its armour; binary data comes back as it is.

    Raises:
        KeyFaultError: When it is no public key.
    """
    found = _BLOCK.search(data.decode("latin-1"))
    if found:
        body = found.group(1).replace("\r", "").partition("\n\n")[2]
        lines = [line for line in body.split() if not line.startswith("=")]
        try:
            data = base64.b64decode("".join(lines), validate=True)
        except ValueError:
            raise KeyFaultError("toolkit-key is armoured, but its text is damaged") from None
    if not data or _packet(data)[0] != 6:
        raise KeyFaultError("toolkit-key is no public key")
    return data


def fingerprint(binary: bytes) -> str:
    """Return the fingerprint of the first key: RFC 4880 section 12.2, for version 4 keys."""
    _, start, length = _packet(binary)
    body = binary[start : start + length]
    text = b"\x99" + len(body).to_bytes(2, "big") + body
    return hashlib.sha1(text).hexdigest().upper()  # noqa: S324 - RFC 4880 names SHA-1


def _packet(data: bytes) -> Tuple[int, int, int]:
    """Return the tag of the first packet, where its body starts and how long it is (4.2)."""
    head = data[0]
    if not head & 0x80:
        return 0, 0, 0
    if head & 0x40:
        first = data[1]
        if first < 192:
            return head & 0x3F, 2, first
        if first < 224:
            return head & 0x3F, 3, ((first - 192) << 8) + data[2] + 192
        return head & 0x3F, 6, int.from_bytes(data[2:6], "big")
    size = {0: 1, 1: 2, 2: 4}.get(head & 3, 0)
    return (head >> 2) & 0xF, 1 + size, int.from_bytes(data[1 : 1 + size], "big")
