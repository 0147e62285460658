"""Files at hand: attached, fetched through a proxy or not, and held against their digests."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.file_server import Server
from kubeflow_installer.releases.table import Archive, find
from kubeflow_installer.sources import files as files_module
from kubeflow_installer.sources.files import SourceError, Sources
from labcharm.machine import Machine


@pytest.fixture
def server() -> Iterator[Server]:
    """Serve files on loopback."""
    with Server() as found:
        yield found


def archive(files: dict[str, bytes], runs: tuple[str, ...] = ()) -> bytes:
    """Make an archive as GitHub does: one folder at its top."""
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
    folder: Path, juju: Juju, pinned: dict[str, Archive] | None = None, **proxies: str
) -> Sources:
    """Return the sources of a unit whose files are below a folder."""
    return Sources(Machine(), str(folder / "files"), "kubeflow", juju, pinned or {}, proxies)


def pin(url: str, body: bytes) -> Archive:
    return Archive(url, "sha256:" + hashlib.sha256(body).hexdigest())


def test_git_trees_are_gits(tmp_path: Path) -> None:
    """As git itself names them: folders, programs, odd names, order."""
    files = {
        "a/b": b"1", "a.b": b"2", "a-b/c": b"3", "a0": b"", "run": b"#!/bin/sh\n",
        "d/e/f/g": b"x" * 70000, "\u00e4": b"4",
    }  # fmt: skip
    for name, body in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(body)
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "empty" / "inner").mkdir(parents=True)

    def git(*args: str) -> str:
        command = ["git", "-C", str(tmp_path), *args]
        environment = {**os.environ, "GIT_DIR": str(tmp_path.with_suffix(".git"))}
        environment["GIT_WORK_TREE"] = str(tmp_path)
        done = subprocess.run(command, check=True, capture_output=True, env=environment)
        return done.stdout.decode().strip()

    git("init", "-q")
    git("-c", "core.autocrlf=false", "add", "-A")
    assert files_module.tree(str(tmp_path)) == git("write-tree")


def test_attached_files_go_before_all(tmp_path: Path, juju: Juju) -> None:
    """Nothing is fetched."""
    release = find("1.0.2")
    for name in ("kfctl", "manifests"):
        path = tmp_path / name
        path.write_bytes(b"\x1f\x8b attached")
        juju.attached[name] = str(path)
    found = make(tmp_path, juju).files(release)
    assert found == {name: str(tmp_path / name) for name in ("kfctl", "manifests")}


def test_an_empty_resource_is_none(tmp_path: Path, juju: Juju) -> None:
    """Charmhub wants a file for every resource."""
    (tmp_path / "kfctl").touch()
    juju.attached["kfctl"] = str(tmp_path / "kfctl")
    (tmp_path / "manifests").write_bytes(b"\x1f\x8b")
    juju.attached["manifests"] = str(tmp_path / "manifests")
    with pytest.raises(SourceError) as error:
        make(tmp_path, juju).files(find("1.0.2"))
    assert "kfctl is published without a digest" not in str(error.value)
    assert "is published without a digest; attach it (juju attach-resource kubeflow kfctl=" in str(
        error.value
    )
    assert "or set kfctl-url=URL#sha256=DIGEST" in str(error.value)
    assert not error.value.passes


def test_fetched_once_and_known_by_its_tree(tmp_path: Path, juju: Juju, server: Server) -> None:
    """Other bytes of the same content are the same; other content is refused and not kept."""
    body = archive({"README.md": b"hello", "bin/run": b"x"}, runs=("bin/run",))
    (tmp_path / "x").mkdir()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        tar.extractall(tmp_path / "x", filter="data")
    tree = files_module.tree(str(tmp_path / "x/top"))
    server.files["m.tar.gz"] = body
    release = find("26.03")._replace(
        archives={"manifests": Archive(f"{server.url}/m.tar.gz", f"tree:{tree}")}
    )
    sources = make(tmp_path, juju)

    path = sources.files(release)["manifests"]
    assert Path(path).read_bytes() == body
    assert sources.files(release)["manifests"] == path
    assert len(server.asked) == 1

    server.files["m.tar.gz"] = archive({"README.md": b"hallo"})
    other = release._replace(
        archives={"manifests": Archive(f"{server.url}/m.tar.gz", "tree:" + "0" * 40)}
    )
    with pytest.raises(SourceError, match=r"has the git tree [0-9a-f]{40}, not 0{40}") as error:
        sources.files(other)
    assert not error.value.passes
    assert len(list((tmp_path / "files").iterdir())) == 1


def test_pinned_by_the_site(tmp_path: Path, juju: Juju, server: Server) -> None:
    """The option goes before the release's own; its digest counts."""
    server.files["k"] = b"program"
    release = find("1.0.2")._replace(archives={"kfctl": Archive("https://nowhere.invalid", "")})
    good = make(tmp_path, juju, {"kfctl": pin(f"{server.url}/k", b"program")})
    assert Path(good.files(release)["kfctl"]).read_bytes() == b"program"
    bad = make(tmp_path, juju, {"kfctl": pin(f"{server.url}/k", b"other")})
    with pytest.raises(SourceError, match=f"kfctl: {server.url}/k has the SHA-256"):
        bad.files(release)


def test_what_does_not_come_passes(tmp_path: Path, juju: Juju, server: Server) -> None:
    """All that is missing is told at once; when only the network is, waiting may help."""
    release = find("26.03")._replace(
        archives={
            "manifests": Archive(f"{server.url}/gone", "sha256:" + "0" * 64),
            "platform": Archive(f"{server.url}/gone", "sha256:" + "0" * 64),
        }
    )
    with pytest.raises(SourceError) as error:
        make(tmp_path, juju).files(release)
    assert str(error.value).count("cannot be fetched") == 2
    assert "juju attach-resource kubeflow platform=FILE" in str(error.value)
    assert error.value.passes


def test_through_the_models_proxy(tmp_path: Path, juju: Juju, server: Server) -> None:
    """But for hosts that no_proxy names."""
    server.files["x"] = b"x"
    elsewhere = Archive("http://mirror.invalid/x", pin("", b"x").digest)
    release = find("26.03")._replace(archives={"platform": elsewhere})
    found = make(tmp_path, juju, http_proxy=server.url).files(release)
    assert Path(found["platform"]).read_bytes() == b"x"
    assert server.asked == ["http://mirror.invalid/x"]

    barred = make(tmp_path / "2", juju, http_proxy=server.url, no_proxy="mirror.invalid")
    with pytest.raises(SourceError, match="cannot be fetched"):
        barred.files(release)


def test_yaml_needs_no_kustomize(tmp_path: Path, juju: Juju) -> None:
    """What is built already is not built again."""
    path = tmp_path / "built.yaml"
    path.write_text("kind: List\n")
    juju.attached["manifests"] = str(path)
    assert make(tmp_path, juju).files(find("26.03")) == {"manifests": str(path)}


def test_the_digest_follows_the_files(tmp_path: Path, juju: Juju) -> None:
    """Another file is another installation."""
    path = tmp_path / "built.yaml"
    found = set()
    for text in ("a: 1\n", "a: 2\n", ""):
        path.write_text(text)
        juju.attached["manifests"] = str(path)
        found.add(make(tmp_path, juju).digest(find("26.03")))
    assert len(found) == 3


def test_the_digest_does_not_follow_what_builds_them(
    tmp_path: Path, juju: Juju, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another architecture's kustomize, or another kustomize, builds the same."""
    (tmp_path / "kustomize").write_text("another")
    found = set()
    for machine, attached in (("x86_64", ""), ("aarch64", ""), ("x86_64", "kustomize")):
        monkeypatch.setattr(files_module.platform, "machine", lambda name=machine: name)
        juju.attached["kustomize-amd64"] = str(tmp_path / attached) if attached else ""
        pinned = {"kustomize": pin("http://x", machine.encode())}
        found.add(make(tmp_path, juju, pinned).digest(find("1.10.2")))
        found.add(make(tmp_path, juju).digest(find("1.10.2")))
    assert len(found) == 1
