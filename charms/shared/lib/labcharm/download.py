"""Downloads through the model's proxies, with limits of size and time."""

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from typing import IO, Mapping, Optional
from urllib.parse import urlsplit

from labcharm.errors import WaitingError

_CHUNK = 2**16
# The largest file of the charms' releases (kubeflow/kubeflow of 0.6) has 30 MB, so 50 kB/s are
# enough. While a hook runs, all other hooks of its machine wait.
_SECONDS = 600.0


class DownloadError(WaitingError):
    """A file that could not be downloaded.

    Attributes:
        url: Its address.
        reason: Why it could not be downloaded, as the rest of a sentence that begins with the URL.
    """

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url} {reason}")
        self.url, self.reason = url, reason


def download(
    url: str,
    target: IO[bytes],
    proxies: Mapping[str, str],
    limit: int,
    timeout: float = 60.0,
    seconds: float = _SECONDS,
) -> str:
    """Download a file.

    Args:
        url: An http or https URL; no other scheme is opened.
        target: Where the content is written.
        proxies: Proxy settings, as `compat.proxy_environment` returns them.
        limit: The largest size, in bytes.
        timeout: How many seconds the server may be silent.
        seconds: How long the whole download may take.

    Returns:
        The SHA-256 of the content, in hexadecimal digits. The caller compares it.

    Raises:
        DownloadError: When the server does not deliver the file, or not in time, or when the file
            is larger than the limit.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise DownloadError(url, "is not an http or https URL")
    end = time.monotonic() + seconds
    try:
        with _opener(url, proxies).open(url, timeout=min(timeout, seconds)) as response:
            return _copy(response, target, limit, end)
    except urllib.error.HTTPError as error:
        with error:  # it holds the connection
            raise DownloadError(url, f"cannot be fetched ({error})") from None
    except _OutOfTime as progress:
        reason = (
            f"cannot be fetched ({progress} within {seconds:.0f} s; the next hook tries again)"
        )
        raise DownloadError(url, reason) from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise DownloadError(url, f"cannot be fetched ({error})") from None


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
            raise DownloadError(response.geturl(), f"is larger than {limit} bytes")
        if time.monotonic() > end:
            raise _OutOfTime(_progress(size, total))
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()


def _progress(size: int, total: Optional[int]) -> str:
    if total is None:
        return f"only {size // 1000} kB arrived"
    return f"only {size // 1000} of {total // 1000} kB arrived"


def _opener(url: str, proxies: Mapping[str, str]) -> urllib.request.OpenerDirector:
    """Return an opener that uses the proxy of the URL's scheme, unless `no_proxy` has the host."""
    by_scheme = {
        scheme: proxies[f"{scheme}_proxy"]
        for scheme in ("http", "https")
        if proxies.get(f"{scheme}_proxy")
    }
    no_proxy = {"no": proxies.get("no_proxy", "")}
    # The function does not exist on every platform; charms run on Linux.
    if urllib.request.proxy_bypass_environment(urlsplit(url).netloc, no_proxy):  # pyright: ignore
        by_scheme = {}
    return urllib.request.build_opener(urllib.request.ProxyHandler(by_scheme))
