"""URLs as Go's package net/url reads and prints them."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote as percent_encode
from urllib.parse import unquote

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):", re.ASCII)
# What may stand unescaped in a path that is printed as it was written (``validEncoded``).
_VALID_PATH = re.compile(r"[A-Za-z0-9_.~!$&'()*+,;=:@\[\]/%-]*", re.ASCII)


class GoUrl(NamedTuple):
    """The parts of a URL.

    Attributes:
        scheme: The scheme in lower-case letters; empty for none.
        opaque: What follows the scheme, if it does not start with a slash.
        path: The path, with escapes replaced; empty for an opaque URL.
        has_extras: Whether the URL has a user, a query or a fragment.
        text: The URL as Go prints it.
    """

    scheme: str
    opaque: str
    path: str
    has_extras: bool
    text: str


def parse_go_url(text: str) -> GoUrl | None:
    """Parse a URL; None when Go cannot."""
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in text):
        return None
    body, _, fragment = text.partition("#")
    body, mark, query = body.partition("?")
    match = _SCHEME.match(body)
    scheme = match.group(1).lower() if match else ""
    rest = body[match.end() :] if match else body
    if not match and (body.startswith(":") or ":" in body.split("/", 1)[0]):
        return None
    ending = f"{mark}{query}{'#' if fragment else ''}{fragment}"
    if scheme and not rest.startswith("/"):
        # Go prints an opaque part as it was written.
        return GoUrl(scheme, rest, "", bool(query or fragment), f"{scheme}:{rest}{ending}")
    if re.search(r"%(?![0-9a-fA-F]{2})", rest):
        return None
    host, path = "", rest
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        host, path = f"//{host}", slash + path
    has_extras = bool("@" in host or query or fragment)
    start = f"{scheme}:" if scheme else ""
    return GoUrl(scheme, "", unquote(path), has_extras, f"{start}{host}{_escaped(path)}{ending}")


def _escaped(path: str) -> str:
    """Return a path as ``URL.EscapedPath`` does."""
    if _VALID_PATH.fullmatch(path):
        return path
    return percent_encode(unquote(path), safe="$&+,/:;=@~")
