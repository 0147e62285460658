"""Whether what is attached is the release that it is to be installed as."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from helpers.kubeflow import generated
from kubeflow_installer.releases import inventory
from kubeflow_installer.releases.table import RELEASES, find
from kubeflow_installer.sources import files, release_match

MANIFESTS = [release.name for release in RELEASES if release.method != "kfctl"]


def known_as(monkeypatch: pytest.MonkeyPatch, name: str, digest: str) -> None:
    """Let a release's archive be one that a test makes."""
    rows = tuple(
        one._replace(archives={**one.archives, "manifests": files.Archive("", digest)})
        if one.name == name else one for one in RELEASES
    )  # fmt: skip
    monkeypatch.setattr(release_match, "RELEASES", rows)


def test_an_archive_of_another_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is known by its tree; a release's own, and one that nobody knows, are taken."""
    path = generated.as_archive(tmp_path / "manifests.tar.gz", generated.objects("1.8.1")[:9])
    assert release_match.of_archive(str(path), find("1.11.0")) == ""
    with tarfile.open(path) as tar:
        tar.extractall(tmp_path / "all", filter="data")
    tree = files.tree(str(tmp_path / "all/manifests-1.2.3"))
    known_as(monkeypatch, "1.10.2", "tree:" + tree)

    assert release_match.of_archive(str(path), find("1.10.2")) == ""
    assert release_match.of_archive(str(path), find("1.11.0")) == (
        "those at hand are of Kubeflow 1.10.2, not of 1.11.0; attach the archive of that"
    )


def test_what_is_no_archive_is_for_others_to_tell(tmp_path: Path) -> None:
    """YAML by its objects; a damaged archive by whoever builds it."""
    text, broken = tmp_path / "built.yaml", tmp_path / "broken.tar.gz"
    text.write_text("kind: Namespace")
    broken.write_bytes(b"\x1f\x8bnothing")

    assert release_match.of_archive(str(text), find("1.10.2")) == ""
    assert release_match.of_archive(str(broken), find("1.10.2")) == ""


@pytest.mark.parametrize("release", MANIFESTS)
def test_each_release_is_itself_and_no_other(release: str) -> None:
    """By names alone, whatever was built: of every two one has what the other has not."""
    objects = generated.objects(release)

    assert release_match.of_objects(objects, release, ["spartakus"]) == ""
    for other in set(MANIFESTS) - {release}:
        assert release_match.of_objects(objects, other, ["spartakus"]).startswith("those at hand")


def test_what_only_another_release_has() -> None:
    """1.11.0 has nothing that 26.03 lacks; objects of the lab's own are nobody's business."""
    own = {"kind": "Deployment", "metadata": {"namespace": "kubeflow", "name": "of-the-lab"}}
    assert release_match.of_objects([*generated.objects("1.11.0"), own], "1.11.0", []) == ""

    theirs = inventory.rows(inventory.load("26.03"))
    ((kind, namespace, name),) = theirs - inventory.rows(inventory.load("1.11.0"))
    assert release_match.of_objects(generated.objects("26.03"), "1.11.0", []) == (
        f"those at hand hold {kind} {namespace}/{name}, which Kubeflow 26.03 has and 1.11.0 has"
        " not; take its own"
    )


def test_of_what_kfctl_makes_nothing_is_said() -> None:
    """Which component brings what is not known up to 1.0."""
    assert release_match.of_objects([], "1.0.2", []) == ""
