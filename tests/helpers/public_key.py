"""A public key for apt: a version 4 packet, made by hand, and the same key armoured."""

from __future__ import annotations

import base64

# Tag 6 and a two-octet length, then the packet's body (RFC 4880 sections 4.2 and 5.5.2).
BODY = b"\x04" + b"\x5a\x00\x00\x00" + b"\x01" + b"\x00\x08\xff" + b"\x00\x08\x03"
PACKET = b"\x99" + len(BODY).to_bytes(2, "big") + BODY
ARMOURED = (
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: X\n\n"
    + base64.b64encode(PACKET).decode()
    + "\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"
)
