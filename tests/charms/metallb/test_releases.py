"""The release table, and which release fits a server."""

from __future__ import annotations

import pytest

from labkube.charm.releases import ReleaseError
from metallb.releases import choose, find


@pytest.mark.parametrize(
    ("server", "release"),
    [
        ((1, 13), "v0.8.1"),
        ((1, 14), "v0.12.1"),
        ((1, 20), "v0.12.1"),
        ((1, 21), "v0.13.12"),
        ((1, 22), "v0.13.12"),
        ((1, 23), "v0.16.1"),
        ((1, 37), "v0.16.1"),
    ],
)
def test_default_release_follows_the_server(server: tuple[int, int], release: str) -> None:
    """Unless the option names another."""
    assert choose(server, "").name == release


@pytest.mark.parametrize(
    ("server", "version", "message"),
    [
        (
            (1, 13),
            "v0.12.1",
            "does not fit Kubernetes 1.13; those that do are v0.9.3, v0.8.3, v0.8.1",
        ),
        ((1, 25), "0.8.1", "those that do are v0.16.1, v0.15.3, v0.14.9, v0.13.12"),
        ((1, 20), "v0.15.3", "those that do are v0.13.12, v0.12.1"),
        ((1, 20), "v0.9.4", "is not supported; use v0.16.1, v0.15.3"),
        ((1, 20), "latest", "write one such as v0.12.1"),
        ((1, 12), "", "older than 1.13"),
    ],
)
def test_release_that_does_not_fit_is_refused(
    server: tuple[int, int], version: str, message: str
) -> None:
    """The message names the releases that fit."""
    with pytest.raises(ReleaseError, match=message):
        choose(server, version)


@pytest.mark.parametrize(
    ("name", "oldest"), [("v0.13.5", (1, 19)), ("0.14.0", (1, 23)), ("v0.17.0", (1, 23))]
)
def test_release_with_custom_resources_need_not_be_in_the_table(
    name: str, oldest: tuple[int, int]
) -> None:
    """Its digest is not known then, so its manifest must be attached or pinned."""
    release = find(name)

    assert (release.name, release.oldest, release.newest) == (f"v{name.lstrip('v')}", oldest, None)
    assert (release.images, release.digest) == ("quay.io/metallb", "")
