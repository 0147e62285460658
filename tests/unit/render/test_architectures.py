"""The architectures of the machines decide the archives and the `arch` constraints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.bundle.constraints import constraint_error
from botlab.catalogue.profiles import load_profile
from botlab.cli import main
from botlab.juju import Juju
from helpers.rendered import EXAMPLES, render_example

JUJU_OF_EXAMPLE = {"botlab": ["2.6", "2.9"], "modern": ["3.6", "4.0"]}
SUBORDINATES = {
    *("flannel", "calico", "cilium", "kube-ovn"),
    *("containerd", "filesystem-client", "keepalived", "nvidia-runtime"),
}


def render_layer(
    directory: Path, example: str, juju: str, layer: dict[str, Any]
) -> dict[str, Any]:
    """Render an example with a layer, and return the bundle as data."""
    file, output = directory / "layer.yaml", directory / "bundle.yaml"
    file.write_text(yaml.safe_dump(layer), encoding="utf-8")
    site = str(EXAMPLES / example / "site.yaml")
    options = ["--juju", juju, "--output", str(output), "--force"]
    assert main(["render", site, "--layer", str(file), *options]) == 0
    return dict(yaml.safe_load(output.read_text(encoding="utf-8")))


def constraints_of(bundle: dict[str, Any], section: str = "applications") -> dict[str, str]:
    """Return the constraints of the applications or machines that have some."""
    bodies = bundle[section].items()
    return {name: body["constraints"] for name, body in bodies if "constraints" in body}


def archives_of(bundle: dict[str, Any]) -> dict[str, str]:
    """Return the file name of each of this project's archives."""
    charms = {name: body["charm"] for name, body in bundle["applications"].items()}
    return {name: Path(charm).name for name, charm in charms.items() if charm.endswith(".charm")}


@pytest.mark.parametrize(
    ("example", "juju"), [(name, juju) for name, all_ in JUJU_OF_EXAMPLE.items() for juju in all_]
)
def test_principals_have_an_arch_constraint_and_subordinates_have_none(
    tmp_path: Path, example: str, juju: str
) -> None:
    """Every release of Juju accepts it."""
    bundle = render_layer(tmp_path, example, juju, {})
    principals = set(bundle["applications"]) - SUBORDINATES

    assert constraints_of(bundle) == dict.fromkeys(principals, "arch=amd64")
    assert constraint_error("arch=amd64", Juju.parse(juju)) == ""
    assert constraint_error("arch=arm64", Juju.parse(juju)) == ""
    assert not [text for text in constraints_of(bundle, "machines").values() if "arch=" in text]


def test_bundle_without_local_charms_on_amd64_has_no_arch_constraint(tmp_path: Path) -> None:
    layer = {"metallb": None, "nfs": None, "kubeflow": None, "gpu": {"stack": "worker"}}
    applications = {"applications": {"kubeflow-installer": None}}
    bundle = render_layer(tmp_path, "modern", "4.0", {**layer, **applications})

    assert archives_of(bundle) == {}
    assert constraints_of(bundle) == {}


def test_application_of_a_local_charm_brings_the_constraint_to_all_principals(
    tmp_path: Path,
) -> None:
    layer = {"metallb": None, "nfs": None, "kubeflow": None, "gpu": {"stack": "worker"}}
    local = {"kubeflow-installer": None, "etcd": {"charm": {"local": "./mine/etcd.charm"}}}
    bundle = render_layer(tmp_path, "modern", "4.0", {**layer, "applications": local})

    assert set(constraints_of(bundle)) == set(bundle["applications"]) - SUBORDINATES


def test_workers_on_arm64_have_their_own_archives_and_constraints(tmp_path: Path) -> None:
    """The control plane stays on amd64. The subordinate follows the workers."""
    machines = {"worker0": {"arch": "arm64"}, "gpu0": {"constraints": "arch=arm64 mem=64G"}}
    bundle = render_layer(tmp_path, "modern", "4.0", {"machines": machines})

    assert constraints_of(bundle)["kubernetes-worker"] == "arch=arm64"
    others = {key: text for key, text in constraints_of(bundle).items() if key[-6:] != "worker"}
    assert set(others.values()) == {"arch=amd64"}
    assert archives_of(bundle) == {
        "nvidia-runtime": "nvidia-runtime_jammy-noble_arm64.charm",
        "nfs-server": "nfs-server_jammy-noble_amd64.charm",
        "metallb": "metallb_jammy-noble_amd64.charm",
        "kubeflow-installer": "kubeflow-installer_jammy-noble_amd64.charm",
    }
    assert constraints_of(bundle, "machines") == {
        "0": "arch=amd64 tags=control0",
        "1": "arch=amd64 tags=control1",
        "2": "arch=amd64 tags=control2",
        "3": "arch=arm64 tags=worker0",
        "4": "arch=arm64 mem=64G tags=gpu0",
    }


def test_control_plane_on_arm64_takes_the_containers_on_it_along(tmp_path: Path) -> None:
    """A container has the architecture of its machine. The charms of 2019 do the same."""
    machines = {name: {"arch": "arm64"} for name in ("node0", "node3")}
    nfs, workers = {"server": "node1"}, {"kubernetes-worker": {"to": ["node1", "node2"]}}
    layer = {
        "machines": machines,
        "nfs": nfs,
        "kubeflow": None,
        "applications": {"kubeflow-installer": None, "etcd": {"to": ["node1"]}, **workers},
    }
    bundle = render_layer(tmp_path, "botlab", "2.9", layer)

    assert archives_of(bundle) == {
        "nvidia-runtime": "nvidia-runtime_bionic-focal_amd64.charm",
        "nfs-server": "nfs-server_bionic-focal_amd64.charm",
        "metallb": "metallb_bionic-focal_arm64.charm",
    }
    assert bundle["applications"]["metallb"]["to"] == ["lxd:0"]
    assert constraints_of(bundle) == {
        "easyrsa": "arch=arm64",
        "etcd": "arch=amd64",
        "kubeapi-load-balancer": "arch=arm64",
        "kubernetes-master": "arch=arm64",
        "kubernetes-worker": "arch=amd64",
        "nfs-server": "arch=amd64",
        "metallb": "arch=arm64",
    }


def test_own_constraints_of_an_application_stay_beside_the_architecture(tmp_path: Path) -> None:
    """Constraints that already name it are not changed."""
    settings = {"metallb": {"constraints": "mem=2G"}, "etcd": {"constraints": "arch=amd64 mem=4G"}}
    bundle = render_layer(tmp_path, "botlab", "2.6", {"applications": settings})

    assert constraints_of(bundle)["metallb"] == "arch=amd64 mem=2G"
    assert constraints_of(bundle)["etcd"] == "arch=amd64 mem=4G"


@pytest.mark.parametrize(("juju", "constraints"), [("2.6", None), ("2.9", "arch=amd64")])
def test_mixed_application_gets_the_architecture_of_its_first_unit(
    tmp_path: Path, juju: str, constraints: str | None
) -> None:
    """Juju 2.6 knows no architecture of a charm, and needs no constraint."""
    layer = {"machines": {"node2": {"arch": "arm64"}}}
    bundle = render_layer(tmp_path, "botlab", juju, layer)

    assert constraints_of(bundle).get("etcd") == constraints
    assert archives_of(bundle)["nvidia-runtime"] == "nvidia-runtime_bionic-focal_amd64.charm"
    assert constraints_of(bundle)["metallb"] == "arch=amd64"


def test_subordinates_of_the_profiles_are_known() -> None:
    """The names above are all subordinates that the profiles have."""
    profiles = [load_profile(name) for name in ("k8s-1.13", "charmed-k8s")]
    names = {
        name for profile in profiles for name, charm in profile.charms.items() if charm.subordinate
    }

    assert names | {"nvidia-runtime"} == SUBORDINATES


def test_archives_of_the_examples_are_for_amd64(tmp_path: Path) -> None:
    names = archives_of(render_example(tmp_path, "modern")).values()

    assert len(names) == 4
    assert all(name.endswith("_jammy-noble_amd64.charm") for name in names)
