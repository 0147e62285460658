"""Upstream's manifest comes from the resource, from the cache or from a download."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from helpers.file_server import Server
from labcharm.errors import BlockedError, WaitingError
from labcharm.machine import Machine
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
    """The expected content is accepted, other content blocks, and a failed download waits."""
    with Server() as server:
        server.files["manifest.yaml"] = MANIFEST.encode()
        url = f"{server.url}/manifest.yaml"

        assert download_manifest(PinnedUrl(url, DIGEST), {}) == MANIFEST
        with pytest.raises(BlockedError, match=f"has the SHA-256 {DIGEST}, not 00"):
            download_manifest(PinnedUrl(url, "00"), {})
        with pytest.raises(WaitingError, match="attach the resource manifest"):
            download_manifest(PinnedUrl(f"{server.url}/absent", DIGEST), {})


def test_manifest_is_downloaded_once(tmp_path: Path) -> None:
    """The cached file is used as long as its digest is right."""
    machine = Machine(str(tmp_path))
    sources = ManifestSources("", machine, "/manifest.yaml", {})
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
    sources = ManifestSources(MANIFEST, Machine(str(tmp_path)), "/manifest.yaml", {})
    assert sources.manifest(find("v0.15.3"), PinnedUrl("http://127.0.0.1:1/", "00")) == MANIFEST


def test_release_without_a_known_digest_is_not_downloaded() -> None:
    """Its content could not be checked."""
    with pytest.raises(BlockedError, match=r"digest of MetalLB v0\.15\.2 is not known"):
        upstream_source(find("v0.15.2"))
    url = upstream_source(find("v0.15.3")).url
    assert url.endswith("/v0.15.3/config/manifests/metallb-native.yaml")
