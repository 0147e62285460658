"""Files of a release are attached, or downloaded and compared with their digests."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.file_server import Server
from helpers.tar_files import extract_all
from kubeflow_installer.releases.table import Archive, find
from kubeflow_installer.sources import release_files
from kubeflow_installer.sources.git_tree import tree_digest
from kubeflow_installer.sources.release_files import ReleaseFiles
from labcharm.errors import BlockedError, WaitingError
from labcharm.machine import Machine
from labcharm.proxies import DIRECT, ProxySettings


@pytest.fixture
def server() -> Iterator[Server]:
    """Serve files on loopback."""
    with Server() as file_server:
        yield file_server


def archive(files: dict[str, bytes], runs: tuple[str, ...] = ()) -> bytes:
    """Return an archive as GitHub makes it, with one directory at its top."""
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"top/{name}")
            entry.size, entry.mode = len(text), 0o775 if name in runs else 0o664
            tar.addfile(entry, io.BytesIO(text))
    return body.getvalue()


class Juju:
    """The resources that are attached."""

    def __init__(self) -> None:
        self.attached: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """Return a resource's path."""
        return self.attached.get(name, "")


@pytest.fixture
def juju() -> Juju:
    return Juju()


def make(
    folder: Path,
    juju: Juju,
    pinned: dict[str, Archive] | None = None,
    proxies: ProxySettings = DIRECT,
) -> ReleaseFiles:
    """Return the release files of a unit, below a directory."""
    return ReleaseFiles(Machine(), str(folder / "files"), "kubeflow", juju, pinned or {}, proxies)


def pin(url: str, body: bytes) -> Archive:
    return Archive(url, "sha256:" + hashlib.sha256(body).hexdigest())


def test_attached_files_take_precedence(tmp_path: Path, juju: Juju) -> None:
    """Nothing is downloaded."""
    release = find("1.0.2")
    for name in ("kfctl", "manifests"):
        path = tmp_path / name
        path.write_bytes(b"\x1f\x8b attached")
        juju.attached[name] = str(path)
    paths = make(tmp_path, juju).fetch(release)
    assert paths == {name: str(tmp_path / name) for name in ("kfctl", "manifests")}


def test_empty_resource_counts_as_missing(tmp_path: Path, juju: Juju) -> None:
    """Charmhub requires a file for every resource."""
    (tmp_path / "kfctl").touch()
    juju.attached["kfctl"] = str(tmp_path / "kfctl")
    (tmp_path / "manifests").write_bytes(b"\x1f\x8b")
    juju.attached["manifests"] = str(tmp_path / "manifests")
    with pytest.raises(BlockedError) as error:
        make(tmp_path, juju).fetch(find("1.0.2"))
    url = find("1.0.2").archives["kfctl"].url
    assert str(error.value) == (
        "kfctl: upstream publishes no checksum; attach it (juju attach-resource kubeflow"
        f" kfctl=FILE), or set kfctl-url; its archive: {url}"
    )


def test_archive_is_downloaded_once_and_identified_by_its_tree(
    tmp_path: Path, juju: Juju, server: Server
) -> None:
    """Other bytes with the same content are accepted; other content is refused and not kept."""
    body = archive({"README.md": b"hello", "bin/run": b"x"}, runs=("bin/run",))
    (tmp_path / "x").mkdir()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        extract_all(tar, tmp_path / "x")
    tree = tree_digest(str(tmp_path / "x/top"))
    server.files["m.tar.gz"] = body
    release = find("26.03")._replace(
        archives={"manifests": Archive(f"{server.url}/m.tar.gz", f"tree:{tree}")}
    )
    sources = make(tmp_path, juju)

    path = sources.fetch(release)["manifests"]
    assert Path(path).read_bytes() == body
    assert sources.fetch(release)["manifests"] == path
    assert len(server.requests) == 1

    server.files["m.tar.gz"] = archive({"README.md": b"hallo"})
    changed_release = release._replace(
        archives={"manifests": Archive(f"{server.url}/m.tar.gz", "tree:" + "0" * 40)}
    )
    with pytest.raises(BlockedError, match=r"has the git tree [0-9a-f]{40}, not 0{40}"):
        sources.fetch(changed_release)
    assert len(list((tmp_path / "files").iterdir())) == 1


def test_pinned_archive_takes_precedence_over_the_releases_own(
    tmp_path: Path, juju: Juju, server: Server
) -> None:
    """Its digest must match."""
    server.files["k"] = b"program"
    release = find("1.0.2")._replace(archives={"kfctl": Archive("https://nowhere.invalid", "")})
    good = make(tmp_path, juju, {"kfctl": pin(f"{server.url}/k", b"program")})
    assert Path(good.fetch(release)["kfctl"]).read_bytes() == b"program"
    bad = make(tmp_path, juju, {"kfctl": pin(f"{server.url}/k", b"other")})
    with pytest.raises(BlockedError, match=f"kfctl: {server.url}/k has the SHA-256"):
        bad.fetch(release)


@pytest.mark.parametrize(("status", "kind"), [(503, WaitingError), (404, BlockedError)])
def test_failed_downloads_are_reported_together(
    tmp_path: Path, juju: Juju, server: Server, status: int, kind: type[Exception]
) -> None:
    """Waiting may help when the server has a failure, but not when it lacks the file."""
    server.statuses["/gone"] = status
    release = find("26.03")._replace(
        archives={
            "manifests": Archive(f"{server.url}/gone?sig=hunter2", "sha256:" + "0" * 64),
            "platform": Archive(f"{server.url}/gone?sig=hunter2", "sha256:" + "0" * 64),
        }
    )
    with pytest.raises(kind) as error:
        make(tmp_path, juju).fetch(release)
    assert str(error.value).count("cannot be fetched") == 2
    assert "juju attach-resource kubeflow platform=FILE" in str(error.value)
    assert "hunter2" not in str(error.value)


def test_download_uses_the_models_proxy(tmp_path: Path, juju: Juju, server: Server) -> None:
    """Except for the hosts in no_proxy."""
    server.files["x"] = b"x"
    elsewhere = Archive("http://mirror.invalid/x", pin("", b"x").digest)
    release = find("26.03")._replace(archives={"platform": elsewhere})
    paths = make(tmp_path, juju, proxies=ProxySettings(server.url)).fetch(release)
    assert Path(paths["platform"]).read_bytes() == b"x"
    assert server.requests == ["http://mirror.invalid/x"]

    barred = make(tmp_path / "2", juju, proxies=ProxySettings(server.url, "", ".invalid"))
    with pytest.raises(WaitingError, match="cannot be fetched"):
        barred.fetch(release)


def test_built_yaml_needs_no_kustomize(tmp_path: Path, juju: Juju) -> None:
    """It is not built again."""
    path = tmp_path / "built.yaml"
    path.write_text("kind: List\n")
    juju.attached["manifests"] = str(path)
    assert make(tmp_path, juju).fetch(find("26.03")) == {"manifests": str(path)}


def test_digest_changes_with_the_files(tmp_path: Path, juju: Juju) -> None:
    """Another file is another installation."""
    path = tmp_path / "built.yaml"
    digests = set()
    for text in ("a: 1\n", "a: 2\n", ""):
        path.write_text(text)
        juju.attached["manifests"] = str(path)
        digests.add(make(tmp_path, juju).digest(find("26.03")))
    assert len(digests) == 3


def test_digest_does_not_change_with_kustomize(
    tmp_path: Path, juju: Juju, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another architecture's kustomize, or another version, builds the same."""
    (tmp_path / "kustomize").write_text("another")
    digests = set()
    for machine, attached in (("x86_64", ""), ("aarch64", ""), ("x86_64", "kustomize")):
        monkeypatch.setattr(release_files.platform, "machine", lambda name=machine: name)
        juju.attached["kustomize-amd64"] = str(tmp_path / attached) if attached else ""
        pinned = {"kustomize": pin("http://x", machine.encode())}
        digests.add(make(tmp_path, juju, pinned).digest(find("1.10.2")))
        digests.add(make(tmp_path, juju).digest(find("1.10.2")))
    assert len(digests) == 1


def test_downloads_are_removed_with_their_directory(tmp_path: Path) -> None:
    """A unit that downloaded nothing has none."""
    machine = Machine(str(tmp_path))
    release_files.remove_directory(machine, "/files")
    machine.write("/files/manifests/archive", "x")
    machine.write("/other", "x")
    release_files.remove_directory(machine, "/files")

    assert [path.name for path in tmp_path.iterdir()] == ["other"]
