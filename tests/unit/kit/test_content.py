"""A file stands for an item only if it is one of that kind and name."""

from __future__ import annotations

import hashlib
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from botlab.kit import content
from botlab.kit.content import content_problem, image_transport
from botlab.kit.items import Item, Kind
from helpers.kit_files import OCI_DIGEST, docker_archive, oci_archive, packed_charm, plain_tar

CHARM = Item(Kind.CHARM, "metallb", "", path="charms/metallb.charm", content="metallb")
IMAGE = Item(Kind.IMAGE, "x/y:1", "", path="images/y.tar")
PINNED = Item(Kind.IMAGE, "x/y", "", path="images/y.tar", digest=OCI_DIGEST)
SNAP = Item(Kind.SNAP, "core", "", path="snaps/core.snap")
RESOURCE = Item(Kind.RESOURCE, "manifest", "", path="resources/m.yaml")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.mark.parametrize(
    ("item", "body"),
    [
        (CHARM, packed_charm("metallb")),
        (IMAGE, oci_archive(OCI_DIGEST)),
        (IMAGE, docker_archive()),
        (IMAGE, plain_tar({"./index.json": b'{"manifests": [{"digest": "x"}]}'})),
        (PINNED, oci_archive(OCI_DIGEST)),
        (SNAP, b"hsqs\0"),
        (RESOURCE, b"x"),
    ],
)
def test_file_of_an_item_is_accepted(file: Path, item: Item, body: bytes) -> None:
    file.write_bytes(body)
    assert content_problem(item, file) == ""


@pytest.mark.parametrize(
    ("item", "body", "problem"),
    [
        (CHARM, b"", "is empty"),
        (CHARM, b"<html>404</html>", "cannot be used: "),
        (CHARM, packed_charm("nfs-server"), "is the charm nfs-server, not metallb"),
        (IMAGE, b"<html>404</html>", "is not an archive of an image: "),
        (IMAGE, plain_tar({"layer.tar": b"x"}), "is not an archive of an image, such as skopeo"),
        (IMAGE, oci_archive(OCI_DIGEST, OCI_DIGEST), "has not exactly one image"),
        (IMAGE, oci_archive(index=[]), "has not exactly one image"),
        (IMAGE, oci_archive(index={"manifests": "x"}), "has not exactly one image"),
        (IMAGE, plain_tar({"index.json": b"{"}), "index.json: is not valid JSON"),
        (IMAGE, plain_tar({"index.json": b"\xff"}), "is not an archive of an image: "),
        (PINNED, oci_archive("sha256:1"), f'has the image "sha256:1", not {OCI_DIGEST}'),
        (PINNED, oci_archive(index={"manifests": [7]}), f"has the image null, not {OCI_DIGEST}"),
        (PINNED, docker_archive(), f"is a Docker archive, which loses the digest {OCI_DIGEST}"),
        (SNAP, b"<html>", "is not a snap"),
    ],
)
def test_other_file_is_refused(file: Path, item: Item, body: bytes, problem: str) -> None:
    file.write_bytes(body)
    assert content_problem(item, file).startswith(problem)


def test_file_with_a_known_digest_is_compared(file: Path) -> None:
    file.write_bytes(b"manifest")
    digest = hashlib.sha256(b"manifest").hexdigest()
    right = Item(Kind.RESOURCE, "m", "", path="m", digest=f"sha256:{digest}")
    wrong = Item(Kind.RESOURCE, "m", "", path="m", digest=f"sha256:{'0' * 64}")
    assert content_problem(right, file) == ""
    assert content_problem(wrong, file) == f"has the digest sha256:{digest}, not {wrong.digest}"


def test_index_in_a_link_or_of_any_size_is_not_read(file: Path) -> None:
    with tarfile.open(file, "w") as archive:
        link = tarfile.TarInfo("index.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert content_problem(IMAGE, file).startswith("is not an archive of an image")
    file.write_bytes(plain_tar({"index.json": b" " * (2**20 + 1)}))
    assert content_problem(IMAGE, file).startswith("is not an archive of an image")


def test_archive_with_too_many_entries_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "_MOST_ENTRIES", 1)
    file.write_bytes(plain_tar({str(number): b"" for number in range(3)}))
    assert "it has too many entries" in content_problem(IMAGE, file)


def test_transport_follows_the_format(file: Path) -> None:
    file.write_bytes(oci_archive(OCI_DIGEST))
    assert image_transport(file) == "oci-archive"
    file.write_bytes(docker_archive())
    assert image_transport(file) == "docker-archive"


@pytest.mark.parametrize("item", [SNAP, replace(RESOURCE, digest="sha256:0")])
def test_file_that_cannot_be_read_is_a_problem(
    file: Path, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, who can read all files."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    file.write_bytes(b"hsqs\0")
    monkeypatch.setattr(Path, "open", refuse)
    assert content_problem(item, file) == "cannot be read: Permission denied"
