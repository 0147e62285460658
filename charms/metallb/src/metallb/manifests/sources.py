"""The sources of upstream's manifest: the attached resource, or a download that is cached."""

import hashlib
import io
from typing import NamedTuple

from labcharm.documents import decode_text
from labcharm.download import DownloadError, RefusedDownloadError, download
from labcharm.errors import BlockedError, WaitingError
from labcharm.machine import Machine
from labcharm.proxies import ProxySettings
from metallb.releases import Release

_LIMIT = 5 * 2**20  # bytes; the largest release's manifest has 90 kB


class PinnedUrl(NamedTuple):
    """An address and the SHA-256 of what it serves."""

    url: str
    digest: str


class ManifestSources:
    """The manifest that is attached, and the manifests that can be downloaded.

    Args:
        attached: The text of the attached resource; empty when none is attached.
        machine: The machine that caches a download.
        cache: The path of the cached manifest.
        proxies: The model's proxies.
    """

    def __init__(
        self, attached: str, machine: Machine, cache: str, proxies: ProxySettings
    ) -> None:
        self.attached = attached
        self._machine, self._cache, self._proxies = machine, cache, proxies

    def manifest(self, release: Release, pinned: PinnedUrl) -> str:
        """Return the manifest of a release. Each is downloaded once.

        Args:
            release: The release.
            pinned: The address that the site names; if its URL is empty, upstream's is used.

        Raises:
            BlockedError: When there is no address whose content can be checked, when the server
                refuses the download, or when the content has another digest.
            WaitingError: When the download fails.
        """
        if self.attached:
            return self.attached
        source = pinned if pinned.url else upstream_source(release)
        cached = self._machine.read(self._cache)
        if (
            cached is not None
            and _digest(cached.encode("utf-8", "surrogateescape")) == source.digest
        ):
            return cached
        manifest = download_manifest(source, self._proxies)
        self._machine.write(self._cache, manifest)
        return manifest


def upstream_source(release: Release) -> PinnedUrl:
    """Return upstream's address of a release's manifest.

    Raises:
        BlockedError: When the release table has no digest to check the manifest against.
    """
    if not release.digest:
        raise BlockedError(
            f"no digest of MetalLB {release.name}; set manifest-url=URL#sha256=DIGEST or attach"
            " the resource manifest"
        )
    return PinnedUrl(release.manifest_url, release.digest)


def download_manifest(source: PinnedUrl, proxies: ProxySettings) -> str:
    """Download a manifest and check its digest.

    Raises:
        WaitingError: When the download fails.
        BlockedError: When the server refuses it, or the content has another digest.
    """
    body = io.BytesIO()
    try:
        digest = download(source.url, body, proxies, _LIMIT)
    except DownloadError as error:
        message = f"no manifest; attach the resource manifest or allow the download: {error}"
        is_refused = isinstance(error, RefusedDownloadError)
        raise (BlockedError if is_refused else WaitingError)(message) from None
    if digest != source.digest:
        fix = "attach the resource manifest or correct manifest-url"
        raise BlockedError(
            f"the manifest has another digest; {fix}:"
            f" {source.url} has the SHA-256 {digest}, not {source.digest}"
        )
    return decode_text(body.getvalue(), source.url)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
