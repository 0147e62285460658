"""Manifests are compared with the release that they are to be installed as."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from helpers.kubeflow import generated
from helpers.tar_files import extract_all
from kubeflow_installer.releases import inventory
from kubeflow_installer.releases.table import Archive, all_releases, find
from kubeflow_installer.sources import release_match
from kubeflow_installer.sources.git_tree import tree_digest

MANIFESTS = [release.name for release in all_releases() if release.method != "kfctl"]


def let_digest_identify(monkeypatch: pytest.MonkeyPatch, name: str, digest: str) -> None:
    """Change the release table: a release's archive has a digest."""
    rows = tuple(
        release._replace(archives={**release.archives, "manifests": Archive("", digest)})
        if release.name == name
        else release
        for release in all_releases()
    )
    monkeypatch.setattr(release_match, "all_releases", lambda: rows)


def test_archive_of_another_release_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is identified by its tree; the release's own and unknown archives are accepted."""
    path = generated.as_archive(tmp_path / "manifests.tar.gz", generated.objects("1.8.1")[:9])
    assert release_match.archive_mismatch(str(path), find("1.11.0")) == ""
    with tarfile.open(path) as tar:
        extract_all(tar, tmp_path / "all")
    tree = tree_digest(str(tmp_path / "all/manifests-1.2.3"))
    let_digest_identify(monkeypatch, "1.10.2", "tree:" + tree)

    assert release_match.archive_mismatch(str(path), find("1.10.2")) == ""
    assert release_match.archive_mismatch(str(path), find("1.11.0")) == (
        "the archive is Kubeflow 1.10.2, not 1.11.0; attach that of 1.11.0"
    )


def test_yaml_and_damaged_archives_are_not_reported(tmp_path: Path) -> None:
    """YAML is compared by its objects; the build reports a damaged archive."""
    text, broken = tmp_path / "built.yaml", tmp_path / "broken.tar.gz"
    text.write_text("kind: Namespace")
    broken.write_bytes(b"\x1f\x8bnothing")

    assert release_match.archive_mismatch(str(text), find("1.10.2")) == ""
    assert release_match.archive_mismatch(str(broken), find("1.10.2")) == ""


@pytest.mark.parametrize("release", MANIFESTS)
def test_objects_match_only_their_own_release(release: str) -> None:
    """By names alone: of every two releases one has what the other does not."""
    objects = generated.objects(release)

    assert release_match.objects_mismatch(objects, release, ["spartakus"]) == ""
    for another in set(MANIFESTS) - {release}:
        message = release_match.objects_mismatch(objects, another, ["spartakus"])
        assert message.startswith((f"objects of Kubeflow {another}", "some objects belong to"))


def test_objects_of_another_release_are_reported() -> None:
    """1.11.0 has nothing that 26.03 lacks; a site's own objects are accepted."""
    site_object = {
        "kind": "Deployment",
        "metadata": {"namespace": "kubeflow", "name": "of-the-lab"},
    }
    assert (
        release_match.objects_mismatch([*generated.objects("1.11.0"), site_object], "1.11.0", [])
        == ""
    )

    keys = inventory.load("26.03").object_keys()
    ((kind, namespace, name),) = keys - inventory.load("1.11.0").object_keys()
    assert release_match.objects_mismatch(generated.objects("26.03"), "1.11.0", []) == (
        f"some objects belong to Kubeflow 26.03, not 1.11.0: {kind} {namespace}/{name}; use the"
        " manifests of 1.11.0"
    )


def test_objects_of_kfctl_are_not_compared() -> None:
    """Up to 1.0 it is not known which component brings what."""
    assert release_match.objects_mismatch([], "1.0.2", []) == ""
