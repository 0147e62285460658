"""Files from the network: through the model's proxies, up to a limit, known by their digest."""

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from typing import IO, Any, Mapping, Optional
from urllib.parse import urlsplit

from labcharm.errors import WaitingError

_PIECE = 2**16
# The largest file of the charms' releases (kubeflow/kubeflow of 0.6) has 30 MB: 50 kB/s will do.
# A hook that takes longer keeps all others of its machine waiting.
_SECONDS = 600.0


class DownloadError(WaitingError):
    """A file that could not be downloaded.

    Attributes:
        url: Its address.
        reason: Why it could not be downloaded.
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
    """Fetch a file.

    Args:
        url: http or https; nothing else is opened.
        target: What it is written into.
        proxies: As `compat.proxies` returns them.
        limit: The most bytes that are taken.
        timeout: Seconds that the other side may be silent.
        seconds: How long it may take in all.

    Returns:
        The SHA-256 of what came, in hex; whether it is the right one is the caller's to judge.

    Raises:
        DownloadError: When it does not come, or not in time, or is larger than the limit.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise DownloadError(url, "is no http or https URL")
    end = time.monotonic() + seconds
    try:
        with _opener(url, proxies).open(url, timeout=min(timeout, seconds)) as answer:
            return _copy(answer, target, limit, end)
    except urllib.error.HTTPError as error:
        with error:  # it holds the connection
            raise DownloadError(url, f"cannot be fetched ({error})") from None
    except _LateError as error:
        reason = f"cannot be fetched ({error} within {seconds:.0f} s; the next hook tries again)"
        raise DownloadError(url, reason) from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise DownloadError(url, f"cannot be fetched ({error})") from None


class _LateError(Exception):
    """The time is over; the text says how much came."""


def _copy(answer: Any, target: IO[bytes], limit: int, end: float) -> str:
    """Write what comes, and return its digest.

    `read` would wait for a whole piece, which a slow server fills byte by byte; `read1` takes
    what is there, and does not know the end of a body before Python 3.13.
    """
    digest = hashlib.sha256()
    size, whole = 0, answer.length  # None where it is not told
    while size != whole:
        piece = answer.read1(_PIECE)
        if not piece:
            break
        size += len(piece)
        if size > limit:
            raise DownloadError(answer.geturl(), f"is larger than {limit} bytes")
        if time.monotonic() > end:
            raise _LateError(_progress(size, whole))
        digest.update(piece)
        target.write(piece)
    return digest.hexdigest()


def _progress(size: int, whole: Optional[int]) -> str:
    if whole is None:
        return "%d kB came" % (size // 1000)
    return "%d of %d kB came" % (size // 1000, whole // 1000)


def _opener(url: str, proxies: Mapping[str, str]) -> urllib.request.OpenerDirector:
    host = urlsplit(url).netloc
    direct = {"no": proxies.get("no_proxy", "")}
    chosen = {
        scheme: proxies["%s_proxy" % scheme]
        for scheme in ("http", "https")
        if proxies.get("%s_proxy" % scheme)
    }
    # Not in every platform's urllib; charms run on Linux.
    if urllib.request.proxy_bypass_environment(host, direct):  # pyright: ignore
        chosen = {}
    return urllib.request.build_opener(urllib.request.ProxyHandler(chosen))
