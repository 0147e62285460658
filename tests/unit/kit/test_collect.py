"""A kit has charms that fit the site."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest

from botlab.kit import collect as collection
from botlab.kit import tar_format
from botlab.kit.collect import collect
from botlab.kit.errors import KitError
from botlab.kit.tar_format import read_entries
from helpers.kit_files import packed_charm, zip_archive
from helpers.kits import EXAMPLE, Downloads, kit_request


@pytest.fixture
def copied(downloads: Downloads, tmp_path: Path) -> Downloads:
    """A directory of downloads that can be changed."""
    target = tmp_path / "downloads"
    shutil.copytree(downloads.directory, target)
    return Downloads(target, downloads.items)


@pytest.mark.parametrize("partial", [False, True])
def test_charm_of_another_time_is_refused_before_the_kit_is_written(
    copied: Downloads, tmp_path: Path, *, partial: bool
) -> None:
    """The lab would refuse the kit, where nobody can download another charm."""
    file = copied.directory / "charms/kubernetes-worker.charm"
    file.write_bytes(packed_charm("kubernetes-worker", is_modern=True))
    with pytest.raises(KitError) as raised:
        copied.make_kit(EXAMPLE, tmp_path / "lab.tar", partial=partial)
    reasons = "\n".join(raised.value.reasons)
    assert "the charm kubernetes-worker has no resource cni-amd64" in reasons
    assert not (tmp_path / "lab.tar").exists()


def test_links_to_nothing_are_all_reported(copied: Downloads, tmp_path: Path) -> None:
    """Both a file that the site names and one of the source. Neither passes for a missing file."""
    site = tmp_path / "site/site.yaml"
    shutil.copytree(EXAMPLE.parent, site.parent)
    named = site.parent / "resources/etcd.snap"
    named.parent.mkdir(exist_ok=True)
    downloaded = copied.directory / "snaps/core.snap"
    downloaded.unlink()
    for link in (named, downloaded):
        link.symlink_to("nowhere")
    with pytest.raises(KitError) as raised:
        copied.make_kit(site, tmp_path / "lab.tar", partial=True)
    assert raised.value.reasons == [
        f"resource etcd of etcd: {named} is a link to a file that does not exist",
        f"snap core latest/stable: {downloaded} is a link to a file that does not exist",
    ]


def test_charm_without_an_endpoint_of_the_site_is_listed(
    copied: Downloads, tmp_path: Path
) -> None:
    file = copied.directory / "charms/flannel.charm"
    file.write_bytes(zip_archive({"metadata.yaml": "{name: flannel, subordinate: true}"}))
    (tmp_path / "staging").mkdir()
    request = kit_request(EXAMPLE, source=str(copied.directory))
    problems = collect(request, tmp_path / "staging").problems
    assert any('"flannel" has no "cni" relation' in problem for problem in problems)


def test_kit_has_only_as_many_files_as_can_be_read(
    copied: Downloads, kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(kit) as archive:
        entries = len(archive.getmembers())
    for module in (collection, tar_format):
        monkeypatch.setattr(module, "MOST_FILES", entries + 1)
    (copied.directory / "packages").mkdir()
    with copied.make_kit(EXAMPLE, tmp_path / "lab.tar").open("rb") as stream:
        assert len(read_entries(stream, "lab.tar")) == entries - 1
    (copied.directory / "packages/a.deb").write_bytes(b"a")
    with pytest.raises(KitError) as raised:
        copied.make_kit(EXAMPLE, tmp_path / "lab.tar")
    assert "files; leave out some of the packages" in raised.value.reasons[0]
