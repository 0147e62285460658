"""Which release fits which server."""

from __future__ import annotations

import pytest

from kubeflow_installer.releases.table import (
    KFCTL,
    RELEASES,
    ReleaseError,
    choose,
    doubt,
    find,
    fits,
    follows,
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
        ((1, 25), "1.8.1"),
        ((1, 29), "1.9.1"),
        ((1, 32), "1.10.2"),
        ((1, 33), "1.11.0"),
        ((1, 34), "26.03"),
        ((1, 40), "26.03"),
    ],
)
def test_the_one_that_comes_by_itself(server: tuple[int, int], name: str) -> None:
    """By the server's version, and it fits there."""
    release = choose(server, "")
    assert release.name == name
    assert fits(release, server)


def test_servers_before_the_guides() -> None:
    """None is offered."""
    with pytest.raises(ReleaseError, match=r"older than 1\.13, the oldest"):
        choose((1, 12), "")


def test_one_that_is_asked_for() -> None:
    """With or without v."""
    assert choose((1, 32), "v1.9.1").name == "1.9.1"


def test_one_that_does_not_fit() -> None:
    """Those that do are named."""
    with pytest.raises(ReleaseError) as error:
        choose((1, 20), "0.6.2")
    assert str(error.value) == (
        "version 0.6.2 does not fit Kubernetes 1.20; those that do are 1.0.2, 1.2.0"
    )


def test_one_that_nobody_knows() -> None:
    """All are named."""
    with pytest.raises(ReleaseError, match=r"version is '3\.0'.*0\.6\.2, .*26\.03"):
        find("3.0")


def test_the_guides_server_gets_a_doubt_and_goes_on() -> None:
    """Upstream's tables contradict each other for 1.13; it is told, not refused."""
    release = choose((1, 13), "0.6.2")
    assert doubt(release, (1, 13)) == (
        "upstream names Kubernetes 1.14 to 1.15 for Kubeflow 0.6.2, not 1.13"
    )
    assert doubt(release, (1, 14)) == ""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("1.10.2", "1.11.0", ""),
        ("1.11.0", "26.03", ""),
        ("1.0.2", "1.2.0", ""),
        ("1.11.0", "1.10.2", "no way back"),
        ("0.6.2", "1.0.2", "uninstall (volumes are kept), then install"),
        ("1.2.0", "1.8.1", "uninstall (volumes are kept), then install"),
        ("1.10.2", "1.10.2", ""),
        ("1.10.2", "26.03", "the next release alone: from 1.10.2 to 26.03 by way of 1.11.0"),
        ("1.7.0", "26.03", "from 1.7.0 to 26.03 by way of 1.8.1, 1.9.1, 1.10.2, 1.11.0"),
    ],
)
def test_moves(before: str, after: str, told: str) -> None:
    """As upstream supports them."""
    found = follows(find(before), find(after))
    assert told in found
    assert bool(told) == bool(found)


@pytest.mark.parametrize(("name", "version"), [("1.7.0", "5.7.1"), ("1.11.0", "5.7.1"),
                                              ("26.03", "5.8.1")])  # fmt: skip
def test_the_kustomize_that_a_release_names(name: str, version: str) -> None:
    """For both architectures."""
    archives = find(name).archives
    urls = {key: one.url for key, one in archives.items() if "kustomize" in key}
    home = "https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize"

    assert urls == {
        f"kustomize-{arch}": f"{home}/v{version}/kustomize_v{version}_linux_{arch}.tar.gz"
        for arch in ("amd64", "arm64")
    }


def test_the_table_holds_together() -> None:
    """Each has its files; those of a git commit are known by its tree, kfctl's by nobody."""
    for release in RELEASES:
        names = set(release.archives)
        assert "manifests" in names
        assert (KFCTL in names) == (release.method == KFCTL)
        assert ("kustomize-amd64" in names) == (release.method != KFCTL)
        for name, archive in release.archives.items():
            assert archive.url.startswith("https://")
            kind = "" if name == KFCTL else "sha256" if "kustomize" in name else "tree"
            assert archive.digest.partition(":")[0] == kind
        assert release.newest is None or release.oldest <= release.newest
