"""The generator and the charm metallb agree about MetalLB's releases."""

from __future__ import annotations

import pytest

from botlab.catalogue import metallb
from botlab.catalogue.kubernetes import Version, version_text
from labkube.charm.releases import ReleaseError
from metallb import releases as charm_releases

KUBERNETES_RELEASES = [(1, minor) for minor in range(10, 41)]
NAMES = [
    "v0.8.1", "0.8.1", "v0.8.2", "v0.9.3", "v0.9.6", "v0.12.1", "v0.12.2", "v0.13.0", "v0.13.12",
    "v0.13.99", "v0.14.0", "0.14.9", "v0.17.0", "v1.0.0", "v0.13", "v1.0", "0", "v0.13.12.1",
    "v0.14.9-rc1", "latest", "v", "v0.14.x",
]  # fmt: skip
NOT_NAMES = ["v0.13", "v1.0", "0", "v0.13.12.1", "v0.14.9-rc1", "latest", "v", "v0.14.x"]


@pytest.mark.parametrize("kubernetes", KUBERNETES_RELEASES, ids=version_text)
@pytest.mark.parametrize("name", NAMES)
def test_charm_installs_a_release_exactly_where_the_catalogue_says_so(
    name: str, kubernetes: Version
) -> None:
    """Every name on every Kubernetes release, also names that are not in the table."""
    release = metallb.find_release(name)

    if release is not None and release.fits(kubernetes):
        chosen = charm_releases.choose(kubernetes, name)
        assert (chosen.name, chosen.oldest, chosen.newest) == (
            release.name, release.kubernetes.oldest, release.kubernetes.newest,
        )  # fmt: skip
    else:
        with pytest.raises(ReleaseError):
            charm_releases.choose(kubernetes, name)


@pytest.mark.parametrize("kubernetes", KUBERNETES_RELEASES, ids=version_text)
def test_default_release_is_the_one_that_the_charm_installs(kubernetes: Version) -> None:
    """For every Kubernetes release, also those that the charm refuses."""
    release = metallb.choose_release(kubernetes, "")

    if release is None:
        with pytest.raises(ReleaseError):
            charm_releases.choose(kubernetes, "")
    else:
        assert charm_releases.choose(kubernetes, "").name == release.name


def test_release_uses_custom_resources_where_the_charm_says_so() -> None:
    """The charm downloads the manifests of these releases."""
    assert [release.uses_custom_resources for release in metallb.releases()] == [
        charm_releases.find(release.name).uses_custom_resources for release in metallb.releases()
    ]


def test_release_names_have_three_numbers() -> None:
    """The charm refuses other names with an example of a name."""
    assert [name for name in NAMES if not metallb.is_release_name(name)] == NOT_NAMES
    for name in NOT_NAMES:
        with pytest.raises(ReleaseError, match="write one such as"):
            charm_releases.find(name)
