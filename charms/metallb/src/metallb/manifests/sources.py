"""The sources of upstream's manifest: the attached resource, or a download that is cached."""

import hashlib
import io
from typing import Mapping, NamedTuple

from labcharm.download import DownloadError, download
from labcharm.errors import BlockedError, WaitingError
from labcharm.machine import Machine
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
        self, attached: str, machine: Machine, cache: str, proxies: Mapping[str, str]
    ) -> None:
        self.attached = attached
        self._machine, self._cache, self._proxies = machine, cache, proxies

    def manifest(self, release: Release, pinned: PinnedUrl) -> str:
        """Return the manifest of a release. Each is downloaded once.

        Args:
            release: The release.
            pinned: The address that the site names; if its URL is empty, upstream's is used.

        Raises:
            BlockedError: When there is no address whose content can be checked, or the content
                has another digest.
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
            f"the digest of MetalLB {release.name} is not known to this charm; set"
            " manifest-url=URL#sha256=DIGEST, or attach the resource manifest"
        )
    return PinnedUrl(release.manifest_url, release.digest)


def download_manifest(source: PinnedUrl, proxies: Mapping[str, str]) -> str:
    """Download a manifest and check its digest.

    Raises:
        WaitingError: When the download fails.
        BlockedError: When the content has another digest.
    """
    body = io.BytesIO()
    try:
        digest = download(source.url, body, proxies, _LIMIT)
    except DownloadError as error:
        raise WaitingError(f"{error}; attach the resource manifest instead") from None
    if digest != source.digest:
        raise BlockedError(f"{source.url} has the SHA-256 {digest}, not {source.digest}")
    return body.getvalue().decode("utf-8")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
