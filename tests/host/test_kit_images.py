"""The images of a kit go through real skopeo, from one registry to another, with their digests."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from botlab.kit.content import content_problem, image_transport
from botlab.kit.image_script import LoadedImage, image_script
from botlab.kit.images import file_name
from botlab.kit.items import Item, Kind
from botlab.kit.reading import manifest_of, read_kit
from botlab.kit.verification import problems
from helpers.archives import pack_charms
from helpers.kits import EXAMPLE, Downloads, kit_items, unpack
from helpers.processes import until

_PROGRAMS = ("skopeo", "docker-registry")
_MISSING = [program for program in _PROGRAMS if not shutil.which(program)]
pytestmark = pytest.mark.skipif(bool(_MISSING), reason=f"{_MISSING} are not installed")
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"


class Registry:
    """A registry on loopback, without TLS."""

    def __init__(self, directory: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        directory.mkdir()
        config = {
            "version": "0.1",
            "storage": {"filesystem": {"rootdirectory": str(directory / "data")}},
            "http": {"addr": self.address},
        }
        (directory / "config.yml").write_text(yaml.safe_dump(config))
        command = ["docker-registry", "serve", str(directory / "config.yml")]
        with (directory / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until(lambda: self.get("/v2/")[0] == 200)

    def get(self, path: str, accept: str = "*/*") -> tuple[int, bytes]:
        """Return the status and the content of an address; 0 while nothing listens."""
        connection = http.client.HTTPConnection(self.address, timeout=10)
        try:
            connection.request("GET", path, headers={"Accept": accept})
            response = connection.getresponse()
            return response.status, response.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def stop(self) -> None:
        """End the registry."""
        self._process.terminate()
        self._process.wait(30)


@pytest.fixture
def upstream(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path / "upstream")
    yield registry
    registry.stop()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path / "lab")
    yield registry
    registry.stop()


class Layout:
    """An OCI layout with an image for two architectures."""

    def __init__(self, directory: Path) -> None:
        self._blobs = directory / "blobs/sha256"
        self._blobs.mkdir(parents=True)
        manifests = [self._image(architecture) for architecture in ("amd64", "arm64")]
        self.index = self._add(_INDEX, {"mediaType": _INDEX, "manifests": manifests})
        table = {"schemaVersion": 2, "manifests": [self.index]}
        (directory / "index.json").write_text(json.dumps(table))
        (directory / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def _image(self, architecture: str) -> dict[str, object]:
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            archive.addfile(tarfile.TarInfo(architecture))
        plain = stream.getvalue()
        layer = self._blob("application/vnd.oci.image.layer.v1.tar+gzip", gzip.compress(plain))
        diff = f"sha256:{hashlib.sha256(plain).hexdigest()}"
        config = {
            "architecture": architecture, "os": "linux", "config": {},
            "rootfs": {"type": "layers", "diff_ids": [diff]},
        }  # fmt: skip
        kind = "application/vnd.oci.image.config.v1+json"
        blob = self._blob(kind, json.dumps(config).encode())
        body = {"mediaType": _MANIFEST, "config": blob, "layers": [layer]}
        image = self._add(_MANIFEST, body)
        return {**image, "platform": {"architecture": architecture, "os": "linux"}}

    def _add(self, kind: str, body: dict[str, object]) -> dict[str, object]:
        return self._blob(kind, json.dumps({"schemaVersion": 2, **body}).encode())

    def _blob(self, kind: str, content: bytes) -> dict[str, object]:
        digest = hashlib.sha256(content).hexdigest()
        (self._blobs / digest).write_bytes(content)
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content)}


def skopeo(*arguments: str, cwd: Path) -> None:
    done = subprocess.run(["skopeo", *arguments], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_digest_of_an_image_survives_the_way_into_the_lab(
    tmp_path: Path, upstream: Registry, lab: Registry
) -> None:
    layout = Layout(tmp_path / "layout")
    digest = str(layout.index["digest"])
    pinned, tagged = f"{upstream.address}/x/pinned@{digest}", f"{upstream.address}/x/tagged:1"
    for name in (f"{upstream.address}/x/pinned:1", tagged):
        push = ("copy", "--all", "--dest-tls-verify=false", "oci:layout", f"docker://{name}")
        skopeo(*push, cwd=tmp_path)
    kit = tmp_path / "kit"
    (kit / "images").mkdir(parents=True)
    images = [
        saved(kit, pinned, f"{lab.address}/x/pinned@{digest}", "--all", "--preserve-digests"),
        saved(kit, tagged, f"{lab.address}/x/tagged:1"),
    ]
    script = kit / "load-images.sh"
    script.write_text(image_script(images))
    environment = {**os.environ, "TLS_VERIFY": "false"}
    done = subprocess.run(
        ["sh", str(script)], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert lab.get(f"/v2/x/pinned/manifests/{digest}", _INDEX) == upstream.get(
        f"/v2/x/pinned/manifests/{digest}", _INDEX
    )
    status, content = lab.get("/v2/x/tagged/manifests/1", _MANIFEST)
    assert status == 200
    assert json.loads(content)["mediaType"] == _MANIFEST


def saved(kit: Path, name: str, target: str, *options: str) -> LoadedImage:
    """Save an image as a kit's command does, and return it as the script loads it."""
    digest = name.partition("@")[2]
    path = f"images/{file_name(name)}"
    before = [] if options else ["--override-arch=amd64", "--override-os=linux"]
    source = ("--src-tls-verify=false", f"docker://{name}", f"oci-archive:{path}")
    skopeo(*before, "copy", *options, *source, cwd=kit)
    item = Item(Kind.IMAGE, name, "", path=path, digest=digest)
    assert content_problem(item, kit / path) == ""
    return LoadedImage(path, image_transport(kit / path), target, bool(digest))


def test_kit_takes_the_packed_charms(tmp_path: Path) -> None:
    (tmp_path / "items").mkdir()
    downloads = Downloads(tmp_path / "downloads", kit_items(EXAMPLE, tmp_path / "items"))
    pack_charms(downloads.directory / "charms")
    kit = downloads.make_kit(EXAMPLE, tmp_path / "lab.tar")
    files, stream = read_kit(kit)
    assert problems(files, manifest_of(files)) == []
    assert stream is not None
    stream.close()
    top = unpack(kit, tmp_path / "unpacked")
    for name in ("metallb", "nfs-server", "nvidia-runtime", "kubeflow-installer"):
        packed = f"charms/{name}_bionic-focal_amd64.charm"
        assert (top / packed).read_bytes() == (downloads.directory / packed).read_bytes()
