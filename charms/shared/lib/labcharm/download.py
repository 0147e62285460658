"""Files from the network: through the model's proxies, up to a limit, known by their digest."""

import hashlib
import urllib.error
import urllib.request
from typing import IO, Mapping
from urllib.parse import urlsplit

_PIECE = 2**16


class DownloadError(Exception):
    """A file that does not come; the text says from where and why."""


def download(
    url: str, target: IO[bytes], proxies: Mapping[str, str], limit: int, timeout: float = 60.0
) -> str:
    """Fetch a file.

    Args:
        url: http or https; nothing else is opened.
        target: What it is written into.
        proxies: As `compat.proxies` returns them.
        limit: The most bytes that are taken.
        timeout: Seconds that the other side may be silent.

    Returns:
        The SHA-256 of what came, in hex; whether it is the right one is the caller's to judge.

    Raises:
        DownloadError: When it does not come, or is larger than the limit.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise DownloadError("%s is no http or https URL" % url)
    digest = hashlib.sha256()
    size = 0
    try:
        with _opener(url, proxies).open(url, timeout=timeout) as answer:
            for piece in iter(lambda: answer.read(_PIECE), b""):
                size += len(piece)
                if size > limit:
                    raise DownloadError("%s is larger than %d bytes" % (url, limit))
                digest.update(piece)
                target.write(piece)
    except urllib.error.HTTPError as error:
        with error:  # it holds the connection
            raise DownloadError("%s cannot be fetched (%s)" % (url, error)) from None
    except (OSError, ValueError) as error:
        raise DownloadError("%s cannot be fetched (%s)" % (url, error)) from None
    return digest.hexdigest()


def _opener(url: str, proxies: Mapping[str, str]) -> urllib.request.OpenerDirector:
    host = urlsplit(url).netloc
    direct = {"no": proxies.get("no_proxy", "")}
    chosen = {
        scheme: proxies["%s_proxy" % scheme]
        for scheme in ("http", "https")
        if proxies.get("%s_proxy" % scheme)
    }
    if urllib.request.proxy_bypass_environment(host, direct):
        chosen = {}
    return urllib.request.build_opener(urllib.request.ProxyHandler(chosen))
