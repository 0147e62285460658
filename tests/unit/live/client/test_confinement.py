"""The files that the juju snap can read, and those that a bundle names."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.live.client.bundle_files import deployed_files
from botlab.live.client.confinement import ConfinedFileError, check_readable
from botlab.live.client.installation import Installation, find_installation
from botlab.live.errors import ClientMissingError

BUNDLE = """
applications:
  metallb:
    charm: ./charms/metallb.charm
    resources: {core: ./core.tgz, etcd: 3}
    options:
      kubeconfig: include-file://config
      image: include-base64:///srv/image
  etcd:
    charm: etcd
    annotations: {note: ./no-file}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    directory = tmp_path / "home"
    (directory / "lab").mkdir(parents=True)
    return directory


def test_files_of_the_home_directory_are_readable(home: Path) -> None:
    check_readable([home / "lab/bundle.yaml", home / "bundle.yaml", home / "lab/.hidden/x"], home)
    check_readable([home / "snap/juju/common/x", home / "snapshots/x"], home)


@pytest.mark.parametrize("path", [".config/bundle.yaml", ".x.yaml", "snap/lxd/x", "snap"])
def test_hidden_files_and_those_of_other_snaps_are_not_readable(home: Path, path: str) -> None:
    with pytest.raises(ConfinedFileError, match="is in a hidden directory or in one of snaps"):
        check_readable([home / path], home)


def test_file_outside_the_home_directory_is_not_readable(home: Path) -> None:
    with pytest.raises(ConfinedFileError) as caught:
        check_readable([home / "lab/bundle.yaml", Path("/tmp/my lab/a.charm")], home)
    assert caught.value.path == Path("/tmp/my lab/a.charm")
    assert str(caught.value) == (
        "/tmp/my lab/a.charm: the juju snap cannot read this file, because it is outside the home"
        f" directory {home}; move the site and all files of the bundle to a directory such as"
        f" {home}/lab, for example with `cp -r '/tmp/my lab' {home}/lab`"
    )


def test_link_to_a_file_outside_the_home_directory_is_not_readable(home: Path) -> None:
    (home / "lab/bundle.yaml").symlink_to("/etc/hostname")
    with pytest.raises(ConfinedFileError):
        check_readable([home / "lab/bundle.yaml"], home)


def test_files_of_a_bundle_and_its_overlays(home: Path) -> None:
    bundle, overlay = home / "lab/bundle.yaml", home / "overlay.yaml"
    bundle.write_text(BUNDLE)
    overlay.write_text("applications: {metallb: {charm: ../m.charm}}\n---\nmachines:\n")
    assert deployed_files(bundle, [overlay]) == [
        bundle,
        home / "lab/charms/metallb.charm",
        home / "lab/core.tgz",
        home / "lab/config",
        Path("/srv/image"),
        overlay,
        home.parent / "m.charm",
    ]


def program(path: Path, target: Path | None = None) -> dict[str, str]:
    """Create a program, and return the environment in which it is found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if target is None:
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("#!/bin/sh\n")
        target.chmod(0o755)
        path.symlink_to(target)
    return {"PATH": str(path.parent), "HOME": "/home/user"}


def test_program_that_is_not_a_snap(tmp_path: Path) -> None:
    environment = program(tmp_path / "bin/juju")
    installation = find_installation(environment)
    assert installation == Installation(str(tmp_path / "bin/juju"), environment, is_snap=False)
    assert installation.home == Path("/home/user")
    assert not installation.is_confined("3.6.11")


def test_link_to_the_launcher_of_snapd_is_a_snap(tmp_path: Path) -> None:
    """/snap/bin/juju is a link to /usr/bin/snap."""
    environment = program(tmp_path / "bin/juju", tmp_path / "usr/bin/snap")
    assert find_installation(environment).is_snap


@pytest.mark.parametrize(
    ("path", "version", "is_confined"),
    [("/snap/bin/juju", "3.6.11", True), ("/snap/bin/juju", "4.0.15", True),
     ("/snap/bin/juju", "2.9.51", False)],
)  # fmt: skip
def test_snap_is_confined_from_juju_3_on(path: str, version: str, is_confined: bool) -> None:
    assert Installation(path, {}, is_snap=True).is_confined(version) is is_confined


def test_missing_program_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(ClientMissingError) as caught:
        find_installation({"PATH": str(tmp_path)})
    assert str(caught.value) == (
        "the program juju is not installed, or not in PATH; install it with `sudo snap install"
        " juju`, or use --backend libjuju"
    )
