"""What the generator knows of the charm metallb's releases is what the charm says itself."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.catalogue import metallb as ours
from botlab.catalogue.kubernetes import version_text

SERVERS = [(1, minor) for minor in range(10, 41)]
NAMES = [
    "v0.8.1", "0.8.1", "v0.8.2", "v0.9.3", "v0.9.6", "v0.12.1", "v0.12.2", "v0.13.0", "v0.13.12",
    "v0.13.99", "v0.14.0", "0.14.9", "v0.17.0", "v1.0.0", "v0.13", "v1.0", "0", "v0.13.12.1",
    "v0.14.9-rc1", "latest", "v", "v0.14.x",
]  # fmt: skip


@pytest.fixture
def theirs(charm_modules: Any) -> Any:
    """Return the charm's table."""
    return charm_modules("metallb")("mlb_releases")


@pytest.mark.parametrize("server", SERVERS, ids=version_text)
@pytest.mark.parametrize("name", NAMES)
def test_the_charm_takes_what_is_taken_here(
    theirs: Any, name: str, server: tuple[int, int]
) -> None:
    """Every name on every Kubernetes, whether it stands in the table or not."""
    found = ours.find_release(name)

    if found is not None and found.fits(server):
        chosen = theirs.choose(server, name)
        assert (chosen.name, chosen.oldest, chosen.newest) == (
            found.name, found.kubernetes.oldest, found.kubernetes.newest,
        )  # fmt: skip
    else:
        with pytest.raises(theirs.ReleaseError):
            theirs.choose(server, name)


@pytest.mark.parametrize("server", SERVERS, ids=version_text)
def test_default_release_is_the_one_that_the_charm_installs(
    theirs: Any, server: tuple[int, int]
) -> None:
    """For every Kubernetes release, also those that the charm refuses."""
    release = ours.choose_release(server, "")

    if release is None:
        with pytest.raises(theirs.ReleaseError):
            theirs.choose(server, "")
    else:
        assert theirs.choose(server, "").name == release.name


def test_releases_from_0_13_on_use_custom_resources(theirs: Any) -> None:
    """The charm downloads the manifests of these releases."""
    assert [row.uses_custom_resources for row in ours.releases()] == [
        theirs.by_resources(row) for row in theirs.RELEASES
    ]


def test_what_is_a_release_name(theirs: Any) -> None:
    """Three numbers; the charm says the same of any other."""
    strange = [name for name in NAMES if not ours.is_release_name(name)]

    assert strange == ["v0.13", "v1.0", "0", "v0.13.12.1", "v0.14.9-rc1", "latest", "v", "v0.14.x"]
    for name in strange:
        with pytest.raises(theirs.ReleaseError, match="write one such as"):
            theirs.find(name)
