"""URLs in messages: a part of a URL that may be a secret is shown as ***.

The query of a URL may be a token, such as `?sig=...` of a storage service's signed URLs.
"""

import re

# What stands before the host of a URL (RFC 3986 section 3.2.1): up to the last @ before the path,
# or behind a colon that no port follows, because people write passwords with a slash as they are.
_CREDENTIALS = re.compile(r"(?<=://)(?:[^/?#\s]*@|[^/?#\s@:]+:(?!\d{1,5}(?:[/?#\s]|$))\S*@)")
# What the options of the charms have behind the URL of a file.
_DIGEST = re.compile(r"^(sha256|fingerprint)=\w*$")
# A query in a sentence. What closes a quotation, a bracket or the sentence is not a part of it.
_QUERY = re.compile(r"(?<=[\w/.~%\]-])\?[^\s#)'\">\],;:.][^\s#]*?(?=[)'\">\],;:.]*(?:[\s#]|$))")


def has_credentials(text: str) -> bool:
    """Return whether a text contains a URL with a user or a password in it."""
    return _CREDENTIALS.search(text) is not None


def redact(text: str) -> str:
    """Return a text whose URLs show neither user and password nor a query."""
    return _QUERY.sub("?***", _CREDENTIALS.sub("***@", text))


def redact_url(url: str) -> str:
    """Return a URL for messages, also one that is not valid, such as one with spaces.

    Of its fragment, which may be a token too, only the expected digest of a file is kept.
    """
    address, _, fragment = _CREDENTIALS.sub("***@", url).partition("#")
    address, query_mark, _ = address.partition("?")
    if fragment and not _DIGEST.match(fragment):
        fragment = "***"
    return address + ("?***" if query_mark else "") + (f"#{fragment}" if fragment else "")
