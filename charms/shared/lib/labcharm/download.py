"""Downloads through the model's proxies, with limits of size and time."""

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from typing import IO, Optional
from urllib.parse import urlsplit

from labcharm.errors import BlockedError, WaitingError
from labcharm.proxies import ProxySettings
from labcharm.urls import redact_url

_CHUNK = 2**16
# The largest file of the charms' releases (kubeflow/kubeflow of 0.6) has 30 MB, so 50 kB/s are
# enough. While a hook runs, all other hooks of its machine wait.
_SECONDS = 600.0
# Client errors that clear by themselves: Request Timeout, Too Early, Too Many Requests. The others
# need another URL, or a server or proxy that permits this one (RFC 9110 section 15.5, RFC 6585).
_TEMPORARY = (408, 425, 429)


class DownloadError(WaitingError):
    """A file that could not be downloaded.

    Attributes:
        url: Its address as messages show it, without the query.
        reason: Why it could not be downloaded, as the rest of a sentence that begins with the URL.
    """

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = redact_url(url), reason
        super().__init__(f"{self.url} {reason}")


class RefusedDownloadError(DownloadError, BlockedError):
    """A file that the server refuses or does not have; the administrator must act."""


def download(
    url: str,
    target: IO[bytes],
    proxies: ProxySettings,
    limit: int,
    timeout: float = 60.0,
    seconds: float = _SECONDS,
) -> str:
    """Download a file.

    Args:
        url: An http or https URL; no other scheme is opened.
        target: Where the content is written.
        proxies: The model's proxy settings.
        limit: The largest size, in bytes.
        timeout: How many seconds the server may be silent.
        seconds: How long the whole download may take.

    Returns:
        The SHA-256 of the content, in hexadecimal digits. The caller compares it.

    Raises:
        RefusedDownloadError: When the server refuses the request, when the file is larger than
            the limit, and for other schemes.
        DownloadError: When the server does not deliver the file, or not in time.
        ProxyError: When the proxy for the URL, or for one that it redirects to, cannot be used.
    """
    if _scheme(url) not in ("http", "https"):
        raise RefusedDownloadError(url, "is not an http or https URL")
    end = time.monotonic() + seconds
    try:
        with _opener(proxies).open(url, timeout=min(timeout, seconds)) as response:
            return _copy(response, target, limit, end)
    except urllib.error.HTTPError as error:
        with error:  # it holds the connection
            is_refused = 400 <= error.code < 500 and error.code not in _TEMPORARY
            kind = RefusedDownloadError if is_refused else DownloadError
            raise kind(url, f"cannot be fetched ({error})") from None
    except _OutOfTime as progress:
        reason = (
            f"cannot be fetched ({progress} within {seconds:.0f} s; the next hook tries again)"
        )
        raise DownloadError(url, reason) from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise DownloadError(url, f"cannot be fetched ({error})") from None


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:  # as for http://[::1
        return ""


class _OutOfTime(Exception):  # noqa: N818 - it ends the copying; DownloadError is the error
    """The time for the download is up; the message says how much has arrived."""


def _copy(response: http.client.HTTPResponse, target: IO[bytes], limit: int, end: float) -> str:
    """Write the content of a response, and return its digest.

    `read` would wait for a whole chunk, which a slow server fills byte by byte. `read1` returns
    what has arrived, but does not recognize the end of the content before Python 3.13.
    """
    digest = hashlib.sha256()
    size, total = 0, response.length  # None where the server does not announce the length
    while size != total:
        chunk = response.read1(_CHUNK)
        if not chunk:
            break
        size += len(chunk)
        if size > limit:
            raise RefusedDownloadError(response.geturl(), f"is larger than {limit} bytes")
        if time.monotonic() > end:
            raise _OutOfTime(_progress(size, total))
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()


def _progress(size: int, total: Optional[int]) -> str:
    if total is None:
        return f"only {size // 1000} kB arrived"
    return f"only {size // 1000} of {total // 1000} kB arrived"


class _ProxyHandler(urllib.request.ProxyHandler):
    """Sends each request, also after a redirect, directly or through its proxy."""

    def __init__(self, settings: ProxySettings) -> None:
        super().__init__({})  # without an argument, it would read the environment
        self._settings = settings

    def http_open(self, request: urllib.request.Request) -> None:
        """Choose the way of a request; a handler that comes later sends it."""
        proxy = self._settings.proxy_for(request.full_url)
        if proxy is not None:
            request.set_proxy(proxy.name, "http")
            for name, text in proxy.headers().items():
                request.add_unredirected_header(name, text)

    https_open = http_open


def _opener(proxies: ProxySettings) -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_ProxyHandler(proxies))
