"""Upstream's manifest comes from the resource, from the cache or from a download."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from helpers.file_server import Server
from labcharm.errors import BlockedError, WaitingError
from labcharm.machine import Machine
from labcharm.proxies import DIRECT
from metallb.manifests.sources import (
    ManifestSources,
    PinnedUrl,
    download_manifest,
    upstream_source,
)
from metallb.releases import find

MANIFEST = "kind: Namespace\n"
DIGEST = hashlib.sha256(MANIFEST.encode()).hexdigest()


def test_download_is_checked_against_its_digest() -> None:
    """The expected content is accepted; other content and a refused download block."""
    with Server() as server:
        server.files["manifest.yaml"] = MANIFEST.encode()
        url = f"{server.url}/manifest.yaml"

        assert download_manifest(PinnedUrl(url, DIGEST), DIRECT) == MANIFEST
        with pytest.raises(BlockedError, match=f"has the SHA-256 {DIGEST}, not 00"):
            download_manifest(PinnedUrl(url, "00"), DIRECT)
        with pytest.raises(BlockedError, match="attach the resource manifest"):
            download_manifest(PinnedUrl(f"{server.url}/absent", DIGEST), DIRECT)
        server.statuses["/manifest.yaml"] = 503
        with pytest.raises(WaitingError, match="attach the resource manifest"):
            download_manifest(PinnedUrl(url, DIGEST), DIRECT)


def test_token_in_the_query_is_not_shown() -> None:
    """Neither by a failed download nor by one with another digest."""
    with Server() as server:
        server.files["manifest.yaml?sig=hunter2"] = MANIFEST.encode()
        for path in ("manifest.yaml?sig=hunter2", "absent?sig=hunter2"):
            with pytest.raises(BlockedError, match=r"\?\*\*\* (has the|cannot be)") as raised:
                download_manifest(PinnedUrl(f"{server.url}/{path}", "00"), DIRECT)
            assert "hunter2" not in str(raised.value)


def test_manifest_is_downloaded_once(tmp_path: Path) -> None:
    """The cached file is used as long as its digest is right."""
    machine = Machine(str(tmp_path))
    sources = ManifestSources("", machine, "/manifest.yaml", DIRECT)
    with Server() as server:
        server.files["manifest.yaml"] = MANIFEST.encode()
        pinned = PinnedUrl(f"{server.url}/manifest.yaml", DIGEST)
        assert sources.manifest(find("v0.15.3"), pinned) == MANIFEST

    assert sources.manifest(find("v0.15.3"), pinned) == MANIFEST
    machine.write("/manifest.yaml", "changed")
    with pytest.raises(WaitingError):
        sources.manifest(find("v0.15.3"), pinned)


def test_attached_manifest_comes_first(tmp_path: Path) -> None:
    """Nothing is downloaded then."""
    sources = ManifestSources(MANIFEST, Machine(str(tmp_path)), "/manifest.yaml", DIRECT)
    assert sources.manifest(find("v0.15.3"), PinnedUrl("http://127.0.0.1:1/", "00")) == MANIFEST


def test_release_without_a_known_digest_is_not_downloaded() -> None:
    """Its content could not be checked."""
    with pytest.raises(BlockedError, match=r"no digest of MetalLB v0\.15\.2; set manifest-url"):
        upstream_source(find("v0.15.2"))
    url = upstream_source(find("v0.15.3")).url
    assert url.endswith("/v0.15.3/config/manifests/metallb-native.yaml")
