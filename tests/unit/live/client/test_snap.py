"""A model through a juju snap, which is strictly confined from Juju 3 on."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.live.client.confinement import ConfinedFileError
from botlab.live.connect import Target, connect
from botlab.live.live_model import DeployOptions, LiveModel
from helpers.juju_stub import JujuStub

BUNDLE = "applications: {{metallb: {{charm: {charm}}}}}\n"


class Snap:
    """A juju snap: a link to the launcher of snapd.

    Args:
        directory: A directory of the test.
        version: The version of the program.
    """

    def __init__(self, directory: Path, version: str) -> None:
        self.stub = JujuStub(directory / "snapd", version)
        self.home = directory / "home"
        self.home.mkdir()
        launcher = self.stub.program.rename(directory / "snap")
        self.stub.program.symlink_to(launcher)

    def open(self) -> LiveModel:
        """Open the current model."""
        path = f"{self.stub.program.parent}:/usr/bin:/bin"
        return connect(Target(), {"PATH": path, "HOME": str(self.home)})


def test_bundle_in_the_home_directory_is_deployed(tmp_path: Path) -> None:
    snap = Snap(tmp_path, "3.6.11")
    bundle = snap.home / "bundle.yaml"
    bundle.write_text(BUNDLE.format(charm="./metallb.charm"))
    model = snap.open()
    model.deploy(bundle, DeployOptions())
    model.close()
    assert snap.stub.last_call[0] == "deploy"


@pytest.mark.parametrize(
    ("bundle", "charm", "refused"),
    [
        ("bundle.yaml", "./metallb.charm", "bundle.yaml"),
        ("home/bundle.yaml", "../metallb.charm", "metallb.charm"),
        ("home/bundle.yaml", "./.cache/metallb.charm", "home/.cache/metallb.charm"),
        ("home/.lab/bundle.yaml", "metallb", "home/.lab/bundle.yaml"),
    ],
)
def test_file_that_the_snap_cannot_read_is_refused_before_the_call(
    tmp_path: Path, bundle: str, charm: str, refused: str
) -> None:
    snap = Snap(tmp_path, "3.6.11")
    path = tmp_path / bundle
    path.parent.mkdir(exist_ok=True)
    path.write_text(BUNDLE.format(charm=charm))
    model = snap.open()
    with pytest.raises(ConfinedFileError) as caught:
        model.deploy(path, DeployOptions())
    model.close()
    assert caught.value.path == tmp_path / refused
    assert snap.stub.last_call[0] != "deploy"


def test_snap_of_juju_2_reads_all_files(tmp_path: Path) -> None:
    snap = Snap(tmp_path, "2.9.51")
    bundle = tmp_path / "bundle.yaml"
    bundle.write_text(BUNDLE.format(charm="./metallb.charm"))
    model = snap.open()
    model.deploy(bundle, DeployOptions())
    model.close()
    assert snap.stub.last_call[0] == "deploy"


def test_values_of_options_are_in_a_directory_that_the_snap_reads(tmp_path: Path) -> None:
    snap = Snap(tmp_path, "3.6.11")
    snap.stub.run("config", 'value="${5#*=@}"; ls -l "$value" > mode; cat "$value" > value\n')
    model = snap.open()
    model.configure("metallb", {"token": "secret"})
    model.close()
    file = Path(snap.stub.last_call[-1].removeprefix("token=@"))
    assert file.is_relative_to(snap.home / "snap/juju/common")
    answers = snap.stub.program.parents[1] / "answers"
    assert (answers / "value").read_text() == "secret"
    assert (answers / "mode").read_text().startswith("-rw------- ")
    assert list((snap.home / "snap/juju/common").iterdir()) == []
