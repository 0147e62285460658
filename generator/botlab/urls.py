"""URLs in messages: what may be a secret in them is shown as ``***``.

The charms have the same rule (``charms/shared/lib/labcharm/urls.py``), in their own package.
"""

from __future__ import annotations

import re

# What stands before the host of a URL (RFC 3986 section 3.2.1): up to the last @ before the path,
# or behind a colon that no port follows, because people write passwords with a slash as they are.
_CREDENTIALS = re.compile(r"(?<=://)(?:[^/?#\s]*@|[^/?#\s@:]+:(?!\d{1,5}(?:[/?#\s]|$))\S*@)")
# A query may be a token, such as ``?sig=...`` of a storage service's signed URLs. What closes a
# quotation, a bracket or the sentence is not a part of it.
_QUERY = re.compile(r"(?<=://)([^\s?#]+)\?[^\s#]+?(?=[)'\">\],;:.]*(?:[\s#]|$))")


def has_credentials(text: str) -> bool:
    """Return whether a text has a URL with a user or a password in it."""
    return _CREDENTIALS.search(text) is not None


def redact(text: str) -> str:
    """Return a text whose URLs show neither user and password nor a query."""
    return _QUERY.sub(r"\1?***", _CREDENTIALS.sub("***@", text))
