"""The release table: which release fits which server, and what it is installed from."""

from __future__ import annotations

import pytest

from kubeflow_installer.releases.table import (
    KFCTL,
    ReleaseError,
    all_releases,
    choose,
    find,
    fits,
    undocumented_server,
)


@pytest.mark.parametrize(
    ("server", "name"),
    [
        ((1, 13), "0.6.2"),
        ((1, 14), "1.0.2"),
        ((1, 16), "1.0.2"),
        ((1, 17), "1.2.0"),
        ((1, 21), "1.2.0"),
        ((1, 22), "1.7.0"),
        ((1, 24), "1.7.0"),
        ((1, 25), "1.11.0"),
        ((1, 33), "1.11.0"),
        ((1, 34), "26.03"),
        ((1, 40), "26.03"),
    ],
)
def test_default_release_fits_the_server(server: tuple[int, int], name: str) -> None:
    """The default follows the server's version."""
    release = choose(server, "")
    assert release.name == name
    assert fits(release, server)


def test_server_older_than_the_guides_is_refused() -> None:
    """No release is offered before 1.13."""
    with pytest.raises(ReleaseError, match=r"older than 1\.13, the oldest"):
        choose((1, 12), "")


def test_requested_release_may_have_a_leading_v() -> None:
    """As in the name of its tag."""
    assert choose((1, 32), "v1.9.1").name == "1.9.1"


def test_release_that_does_not_fit_names_those_that_do() -> None:
    """The message lists every release that fits the server."""
    with pytest.raises(ReleaseError) as error:
        choose((1, 20), "0.6.2")
    assert str(error.value) == (
        "version 0.6.2 does not fit Kubernetes 1.20; those that do are 1.2.0, 1.0.2"
    )


def test_unknown_release_names_all_releases() -> None:
    """The message lists the table."""
    with pytest.raises(ReleaseError, match=r"version is '3\.0'.*0\.6\.2, .*26\.03"):
        find("3.0")


def test_undocumented_server_is_remarked_and_not_refused() -> None:
    """Upstream's tables contradict each other for 1.13."""
    release = choose((1, 13), "0.6.2")
    assert undocumented_server(release, (1, 13)) == (
        "upstream documents Kubernetes 1.14 to 1.15 for Kubeflow 0.6.2, not 1.13"
    )
    assert undocumented_server(release, (1, 14)) == ""


@pytest.mark.parametrize(("name", "version"), [("1.7.0", "5.7.1"), ("1.11.0", "5.7.1"),
                                              ("26.03", "5.8.1")])  # fmt: skip
def test_manifests_release_has_its_kustomize_for_both_architectures(
    name: str, version: str
) -> None:
    """The version is the one in the release's README."""
    archives = find(name).archives
    urls = {key: archive.url for key, archive in archives.items() if "kustomize" in key}
    home = "https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize"

    assert urls == {
        f"kustomize-{arch}": f"{home}/v{version}/kustomize_v{version}_linux_{arch}.tar.gz"
        for arch in ("amd64", "arm64")
    }


def test_every_release_has_archives_with_the_right_kind_of_digest() -> None:
    """A git commit is identified by its tree; kfctl has no digest."""
    for release in all_releases():
        names = set(release.archives)
        assert "manifests" in names
        assert (KFCTL in names) == (release.method == KFCTL)
        assert ("kustomize-amd64" in names) == (release.method != KFCTL)
        for name, archive in release.archives.items():
            assert archive.url.startswith("https://")
            kind = "" if name == KFCTL else "sha256" if "kustomize" in name else "tree"
            assert archive.digest.partition(":")[0] == kind
        assert release.newest is None or release.oldest <= release.newest


def test_requirements_of_the_nodes_are_those_of_the_table() -> None:
    """A release without a figure for the disk has none, and its nodes have the rest together."""
    assert tuple(find("0.6.2").nodes) == (4, 12, 50, True)
    assert tuple(find("1.8.1").nodes) == (4.4, 12.3, 0, False)


def test_releases_before_istio_1_need_no_projected_tokens() -> None:
    without = [row.name for row in all_releases() if not row.needs_projected_tokens]

    assert without == ["0.6.2", "0.7.1"]
