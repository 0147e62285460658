"""The lab that a site or a bundle describes."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.assessment import Request, assess
from botlab.errors import BotlabError
from botlab.juju import Juju
from botlab.live.lab import Lab, lab_of
from botlab.live.verify.nodes import node_channels
from helpers.live_models import ready_status

EXAMPLES = Path(__file__).parents[3] / "examples"


def lab_of_file(file: Path, juju: str = "") -> Lab:
    """Return the lab of a file."""
    return lab_of(assess(Request(file, juju)), file.stem)


def test_lab_of_site_has_its_name_release_and_profile() -> None:
    lab = lab_of_file(EXAMPLES / "modern" / "site.yaml")

    assert (lab.name, lab.juju, lab.profile) == ("modern", Juju.V3_6, "charmed-k8s")


def test_lab_names_own_applications_and_those_of_the_cluster() -> None:
    lab = lab_of_file(EXAMPLES / "modern" / "site.yaml")

    assert lab.own_applications == (
        "nvidia-runtime",
        "nfs-server",
        "metallb",
        "kubeflow-installer",
    )
    assert lab.control_planes == ("kubernetes-control-plane",)
    assert lab.workers == ("kubernetes-worker",)
    assert node_channels(lab) == ["1.35/stable"]


def test_lab_names_gpu_machines_by_the_numbers_of_the_bundle() -> None:
    assert lab_of_file(EXAMPLES / "modern" / "site.yaml").gpu_machines == {"gpu0": "4"}


def test_subordinates_have_the_principals_of_container_scoped_relations() -> None:
    lab = lab_of_file(EXAMPLES / "modern" / "site.yaml")

    assert lab.principals == {
        "calico": ("kubernetes-control-plane", "kubernetes-worker"),
        "containerd": ("kubernetes-worker", "kubernetes-control-plane"),
        "filesystem-client": ("kubernetes-worker",),
        "nvidia-runtime": ("kubernetes-worker",),
    }


def test_lab_of_bundle_has_the_name_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text("applications: {etcd: {charm: etcd, num_units: 1}}\n", encoding="utf-8")

    lab = lab_of_file(file, "3.6")

    assert (lab.name, lab.profile, lab.site, lab.gpu_machines) == ("small", "", None, {})
    assert node_channels(lab) == []


def test_charm_that_is_not_packed_does_not_prevent_the_lab_of_a_bundle() -> None:
    lab = lab_of_file(EXAMPLES / "modern" / "bundle.yaml", "3.6")

    assert list(lab.applications)[-1] == "kubeflow-installer"


def test_site_with_errors_has_no_lab(tmp_path: Path) -> None:
    site = (EXAMPLES / "modern" / "site.yaml").read_text("utf-8")
    file = tmp_path / "site.yaml"
    file.write_text(site.replace("server: control0", "server: nowhere"), encoding="utf-8")

    with pytest.raises(
        BotlabError, match=r"^site: has errors; the first is: .*nowhere.* run `botlab validate`"
    ):
        lab_of_file(file)


def test_fake_model_has_each_unit_of_the_lab_on_its_machine() -> None:
    status = ready_status(lab_of_file(EXAMPLES / "modern" / "site.yaml"))

    assert len(status.units) == 24
    assert status.units["nvidia-runtime/1"].principal == "kubernetes-worker/1"
    assert status.machines["0/lxd/1"].parent == "0"
