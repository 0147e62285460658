"""The kit of the air-gapped example: complete, reproducible, and sufficient without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from botlab.kit.items import Item, Kind
from helpers.kits import EXAMPLE, ROOT, Downloads, unpack

BUNDLE = EXAMPLE.with_name("bundle.yaml").read_bytes()
_HAS_NAMESPACES = shutil.which("unshare") and os.geteuid() == 0


def test_kit_has_the_files_that_the_bundle_names(kit: Path, tmp_path: Path) -> None:
    top = unpack(kit, tmp_path)
    assert top.name == "air-gapped-kit"
    assert (top / "bundle.yaml").read_bytes() == BUNDLE
    assert (top / "site.yaml").read_bytes() == EXAMPLE.read_bytes()
    assert sorted(path.name for path in top.iterdir()) == [
        "INSTALL.md", "SHA256SUMS", "bundle.yaml", "charms", "images", "kit.json",
        "load-images.sh", "resources", "site.yaml", "snaps",
    ]  # fmt: skip
    assert (top / "charms/metallb_bionic-focal_amd64.charm").is_file()
    assert (top / "resources/kubelet.snap").is_file()


@pytest.mark.skipif(not _HAS_NAMESPACES, reason="network namespaces need unshare and root")
def test_kit_is_sufficient_in_a_network_namespace_without_a_route(
    kit: Path, tmp_path: Path
) -> None:
    top = unpack(kit, tmp_path)
    (top / "bundle.yaml").unlink()
    route = without_network("cat", "/proc/net/route", cwd=top)
    assert route.splitlines()[1:] == []
    without_network("sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS", cwd=top, fails=1)
    without_network(*_BOTLAB, "render", "site.yaml", "-o", "bundle.yaml", cwd=top)
    assert (top / "bundle.yaml").read_bytes() == BUNDLE
    without_network("sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS", cwd=top)
    assert "files are as they were" in without_network(*_BOTLAB, "kit", "check", ".", cwd=top)
    report = without_network(*_BOTLAB, "validate", "site.yaml", cwd=top)
    assert "does not exist" not in report
    assert not {rule for rule in ("BL015", "BL084", "BL082", "BL091") if rule in report}
    plan = without_network(*_BOTLAB, "plan", "site.yaml", "--executed", cwd=top)
    assert "added resource kfctl" in plan


_BOTLAB = (sys.executable, "-m", "botlab")


def without_network(*command: str, cwd: Path, fails: int = 0) -> str:
    """Run a command in a network namespace that has only a loopback device, which is down."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "generator")}
    done = subprocess.run(
        ["unshare", "--net", *command], cwd=cwd, env=environment, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_same_input_gives_the_same_bytes(downloads: Downloads, kit: Path, tmp_path: Path) -> None:
    moved = tmp_path / "other" / "place"
    shutil.copytree(downloads.directory, moved)
    again = Downloads(moved, downloads.items).make_kit(EXAMPLE, tmp_path / "again.tar")
    assert again.read_bytes() == kit.read_bytes()


def test_files_of_a_kit_have_no_owner_and_the_requested_time(
    downloads: Downloads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    kit = downloads.make_kit(EXAMPLE, tmp_path / "lab.tar")
    with tarfile.open(kit) as archive:
        members = archive.getmembers()
    assert {(m.uid, m.gid, m.uname, m.mtime) for m in members} == {(0, 0, "root", 1700000000)}
    assert {m.mode for m in members if m.isfile()} == {0o644, 0o755}
    assert [m.name.partition("/")[2] for m in members[:3]] == ["", "kit.json", "SHA256SUMS"]
    names = [m.name for m in members[3:]]
    assert names == sorted(names)


def test_items_name_the_commands_that_fetch_them(example_items: list[Item]) -> None:
    commands = {(item.kind, item.name): item.get for item in example_items}
    assert commands[Kind.RESOURCE, "kubelet of kubernetes-worker"] == (
        "snap download kubelet --channel=1.13/stable --basename=kubelet"
        " --target-directory=resources"
    )
    assert commands[Kind.RESOURCE, "kfctl of kubeflow-installer"].endswith(
        "releases/download/v0.6.2/kfctl_v0.6.2_linux.tar.gz"
    )
    assert commands[Kind.IMAGE, "k8s.gcr.io/pause:3.1"] == (
        "skopeo --override-arch=amd64 --override-os=linux copy"
        " docker://k8s.gcr.io/pause:3.1 oci-archive:images/k8s.gcr.io+pause=3.1.tar"
    )
    assert commands[Kind.SNAP, "core"].startswith("snap download core --channel=latest/stable")
    assert commands[Kind.PACKAGE, "nfs-kernel-server"].startswith("apt-get download nfs-kernel")
    assert "sync-tools --version=2.9" in commands[Kind.SERVICE, "agents of Juju"]
    assert commands[Kind.CHARM, "metallb"] == "botlab charms charms"
