"""Any site becomes one whose charms and resources are files of the kit."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.assessment import Request
from botlab.catalogue.profiles import OWN_CHARMS
from botlab.kit.charms import architecture_notes
from botlab.kit.errors import KitError
from botlab.kit.file_paths import is_inside
from botlab.kit.items import Item, Kind
from botlab.kit.staging import Staged, stage
from helpers.kit_files import charm_files
from helpers.kits import EXAMPLE, ROOT, kit_items
from helpers.kubeconfigs import kubeconfig_text

REGISTRY = "kubernetes: {registry: 'registry.lab.example:5000'}\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "staging"
    path.mkdir()
    return path


def staged(example: str, directory: Path, *layers: str) -> Staged:
    """Return an example in the layout of a kit, with further layers."""
    files = []
    for number, text in enumerate(layers):
        file = directory.parent / f"{number}.yaml"
        file.write_text(text)
        files.append(file)
    return stage(Request(ROOT / f"examples/{example}/site.yaml", layers=files), directory)


def applications(stage: Staged) -> dict[str, tuple[str, dict[str, int | str | None]]]:
    """Return the charm and the resources of each application in the bundle."""
    bundle = stage.assessment.bundle
    assert bundle is not None
    bodies = {name: app for name, app in bundle.applications.items() if app is not None}
    return {name: (app.charm, app.resources) for name, app in bodies.items()}


def test_air_gapped_site_stays_as_it_is(directory: Path) -> None:
    stage = staged("air-gapped", directory)
    assert stage.layers == ()
    assert stage.files["bundle.yaml"] == EXAMPLE.with_name("bundle.yaml").read_bytes()


def test_charms_of_a_store_become_files(directory: Path) -> None:
    stage = staged("modern", directory, REGISTRY)
    assert stage.layers == ("layers/1-0.yaml", "offline.yaml")
    charms = applications(stage)
    assert charms["containerd"] == ("./charms/containerd.charm", {})
    assert charms["metallb"] == (
        "./charms/metallb_jammy-noble_amd64.charm",
        {"manifest": "./resources/metallb/metallb-native.yaml"},
    )
    assert charms["calico"][1] == {"calico": "./resources/calico/calico.tar.gz"}


def test_charm_that_the_site_names_in_charmhub_becomes_a_file(directory: Path) -> None:
    stage = staged("modern-store", directory, REGISTRY)
    for name, (charm, resources) in applications(stage).items():
        assert charm.startswith("./charms/"), name
        assert all(str(file).startswith("./resources/") for file in resources.values())
    own = {charm for charm, _ in applications(stage).values() if "jammy-noble" in charm}
    assert len(own) == len(OWN_CHARMS)


def test_manifests_that_must_be_built_are_a_yaml_file(directory: Path) -> None:
    stage = staged("modern-store", directory, REGISTRY)
    _, resources = applications(stage)["kubeflow-installer"]
    assert resources == {"manifests": "./resources/kubeflow-installer/manifests.yaml.gz"}


def test_charm_and_resource_outside_the_site_move_into_the_kit(directory: Path) -> None:
    layer = """
charms: {folder: ../charms, own: /srv/charms}
applications:
  etcd:
    charm: {local: /srv/charms/my-etcd.charm}
    resources: {etcd: ../downloads/etcd.snap}
"""
    charms = applications(staged("air-gapped", directory, layer))
    assert charms["etcd"] == (
        "./charms/my-etcd.charm",
        {"etcd": "./resources/etcd/etcd.snap"},
    )
    assert charms["flannel"][0] == "./charms/flannel.charm"
    assert charms["metallb"][0] == "./charms/metallb_bionic-focal_amd64.charm"


def test_revision_of_a_resource_becomes_a_file(directory: Path) -> None:
    layer = "applications: {etcd: {resources: {etcd: 3, snapshot: 0}}}\n"
    charms = applications(staged("air-gapped", directory, layer))
    assert charms["etcd"][1] == {
        "etcd": "./resources/etcd/etcd.snap",
        "snapshot": "./resources/etcd/snapshot",
    }


def test_pinned_charms_are_downloaded_by_their_revision(tmp_path: Path, directory: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text((ROOT / "examples/modern/site.yaml").read_text())
    (tmp_path / "revisions.yaml").write_text("etcd: 744\n")
    layer = tmp_path / "layer.yaml"
    layer.write_text("charms: {revisions: revisions.yaml}\n")
    charms = {i.name: i for i in kit_items(site, directory, layer) if i.kind is Kind.CHARM}
    assert charms["etcd"].version == "revision 744"
    assert charms["etcd"].get == ("juju download etcd --revision=744 --filepath=charms/etcd.charm")
    assert charms["calico"].get == (
        "juju download calico --channel=1.35/stable --arch=amd64 --base=ubuntu@24.04"
        " --filepath=charms/calico.charm"
    )


def test_charm_of_the_closed_store_comes_from_another_lab(directory: Path) -> None:
    items = kit_items(ROOT / "examples/botlab/site.yaml", directory)
    (etcd,) = [item for item in items if item.kind is Kind.CHARM and item.name == "etcd"]
    assert etcd.get.startswith("copy the file from a lab that has it: the Charm Store has been")


def test_directory_of_a_charm_becomes_a_packed_file(tmp_path: Path, directory: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(EXAMPLE.read_text())
    layer = tmp_path / "layer.yaml"
    layer.write_text("applications: {etcd: {charm: {local: ./my/etcd}}}\n")
    (tmp_path / "my/etcd").mkdir(parents=True)
    for name, text in charm_files("etcd"):
        (tmp_path / "my/etcd" / name).write_text(text)
    items = [item for item in kit_items(site, directory, layer) if item.kind is Kind.CHARM]
    (etcd,) = [item for item in items if item.name == "etcd"]
    assert (etcd.path, etcd.get) == (
        "charms/etcd.charm",
        "pack the directory ./my/etcd (charmcraft pack) to charms/etcd.charm",
    )


def test_other_revision_of_a_charm_has_a_file_of_its_own(tmp_path: Path, directory: Path) -> None:
    """Charmhub gives both files the same name."""
    layer = tmp_path / "layer.yaml"
    layer.write_text("""
applications:
  kubernetes-worker-t4: {charm: {charmhub: kubernetes-worker, channel: 1.34/stable}}
""")
    site = ROOT / "examples/mixed-workers/site.yaml"
    items = {i.path: i for i in kit_items(site, directory, layer) if i.kind is Kind.CHARM}
    assert items["charms/kubernetes-worker_kubernetes-worker-t4.charm"].version == "1.34/stable"
    workers = [item for item in items.values() if item.content == "kubernetes-worker"]
    assert sorted(item.version for item in workers) == [
        "1.34/stable", "1.35/stable", "1.35/stable",
    ]  # fmt: skip


def test_each_architecture_has_its_charm(directory: Path) -> None:
    """An archive of Charmhub is for one architecture."""
    items = kit_items(ROOT / "examples/mixed-workers/site.yaml", directory)
    charms = {item.path: item.get for item in items if item.content == "kubernetes-worker"}
    assert set(charms) == {
        "charms/kubernetes-worker_amd64.charm",
        "charms/kubernetes-worker_arm64.charm",
    }
    assert all(f" --arch={path[-11:-6]} " in command for path, command in charms.items())


def test_subordinate_on_two_architectures_is_noted(directory: Path) -> None:
    """Its application has one file. Juju would download one for each architecture."""
    notes = list(architecture_notes(staged("mixed-workers", directory)))
    assert notes[0] == (
        "calico runs on amd64 and arm64, but a kit has one archive for it, charms/calico.charm;"
        " check with unzip -l that the archive has no compiled files"
    )
    assert [note.partition(" ")[0] for note in notes] == ["calico", "containerd"]


def test_charms_for_one_architecture_have_no_notes(directory: Path) -> None:
    assert list(architecture_notes(staged("modern", directory))) == []


def test_resources_of_one_application_with_equal_names_have_files_of_their_own(
    directory: Path,
) -> None:
    layer = """
applications:
  etcd: {resources: {etcd: /srv/a/etcd.snap, snapshot: /srv/b/etcd.snap}}
"""
    assert applications(staged("air-gapped", directory, layer))["etcd"][1] == {
        "etcd": "./resources/etcd/etcd/etcd.snap",
        "snapshot": "./resources/etcd/snapshot/etcd.snap",
    }


def test_workers_with_resources_of_their_own_keep_all_of_them(directory: Path) -> None:
    layer = """
applications:
  kubernetes-worker: {resources: {cni-plugins: /srv/cni.tar.gz}}
"""
    charms = applications(staged("mixed-workers", directory, layer))
    workers = {name: body for name, body in charms.items() if name.startswith("kubernetes-worker")}
    assert {resources["cni-plugins"] for _, resources in workers.values()} == {
        f"./resources/{name}/cni.tar.gz" for name in workers
    }


def test_kubeconfig_is_not_put_into_a_kit(tmp_path: Path, directory: Path) -> None:
    site = tmp_path / "site.yaml"
    text = (ROOT / "examples/existing-cluster/site.yaml").read_text()
    site.write_text(text)
    layer = tmp_path / "layer.yaml"
    layer.write_text("kubernetes: {kubeconfig: ./admin.conf}\n")
    (tmp_path / "admin.conf").write_text(kubeconfig_text())
    with pytest.raises(KitError) as raised:
        stage(Request(site, layers=[layer]), directory)
    assert all("which a kit must not have" in reason for reason in raised.value.reasons)
    assert "secret:NAME" in raised.value.reasons[0]


def test_site_with_errors_is_refused_with_all_of_them(tmp_path: Path, directory: Path) -> None:
    layer = tmp_path / "layer.yaml"
    layer.write_text("nfs: {server: nowhere}\nmetallb: {pools: {default: {addresses: [x]}}}\n")
    with pytest.raises(KitError) as raised:
        stage(Request(EXAMPLE, layers=[layer]), directory)
    assert len(raised.value.reasons) >= 2
    assert any("nowhere" in reason for reason in raised.value.reasons)


@pytest.mark.parametrize(
    ("path", "inside"),
    [("./charms", True), ("a/b", True), ("../a", False), ("/a", False), ("a/../../b", False),
     ("", False), ("a..b", True)],
)  # fmt: skip
def test_paths_below_the_site_are_recognized(path: str, inside: bool) -> None:
    assert is_inside(path) is inside


def test_address_that_an_option_names_must_answer_in_the_lab(
    tmp_path: Path, directory: Path
) -> None:
    layer = tmp_path / "layer.yaml"
    url = f"http://files.lab.example/k.tar.gz?token=x#sha256={'0' * 64}"
    layer.write_text(f"kubeflow: {{manifests-url: '{url}'}}\n")
    services = [item for item in kit_items(EXAMPLE, directory, layer) if item.kind is Kind.SERVICE]
    (item,) = [item for item in services if item.name == "manifests-url of kubeflow-installer"]
    assert "token=x" not in item.get
    assert "must answer in the lab" in item.get


@pytest.mark.parametrize(
    ("driver", "packages"),
    [
        ("nvidia-headless-580-server", {"nvidia-headless-580-server"}),
        ("host", set[str]()),
        (
            "auto",
            {
                "ubuntu-drivers-common", "nvidia-headless-NNN-server", "nvidia-utils-NNN-server",
            },
        ),
    ],
)  # fmt: skip
def test_packages_follow_the_driver(
    tmp_path: Path, directory: Path, driver: str, packages: set[str]
) -> None:
    layer = tmp_path / "layer.yaml"
    layer.write_text(f"applications: {{nvidia-runtime: {{options: {{driver: {driver}}}}}}}\n")
    items = kit_items(EXAMPLE, directory, layer)
    assert {item.name for item in items if item.version == "for nvidia-runtime"} == packages


def names(items: list[Item], kind: Kind) -> set[str]:
    return {item.name for item in items if item.kind is kind}


def test_todays_lab_needs_its_snaps_and_images(tmp_path: Path, directory: Path) -> None:
    layer = tmp_path / "layer.yaml"
    layer.write_text(REGISTRY)
    items = kit_items(ROOT / "examples/modern/site.yaml", directory, layer)
    assert {"kubelet", "kube-apiserver", "cdk-addons", "etcd"} <= names(items, Kind.SNAP)
    images = {item.name: item.target for item in items if item.kind is Kind.IMAGE}
    assert images["ghcr.io/canonical/cdk/calico/node:v3.29.3"] == (
        "registry.lab.example:5000/calico/node:v3.29.3"
    )
    assert "quay.io/metallb/speaker:v0.16.1" in images
    assert "nvcr.io/nvidia/k8s-device-plugin:v0.20.0" in images


@pytest.mark.parametrize("example", ["cilium", "kube-ovn", "canonical"])
def test_images_that_no_list_has_are_named_in_a_file(
    tmp_path: Path, directory: Path, example: str
) -> None:
    layer = tmp_path / "layer.yaml"
    layer.write_text(REGISTRY)
    site = ROOT / f"examples/{example}/site.yaml"
    charm = "k8s" if example == "canonical" else example
    (item,) = [i for i in kit_items(site, directory, layer) if i.name == f"images of {charm}"]
    assert item.path == ""
    assert item.get.startswith("name them in a file with --images FILE; they are in ")
    again = tmp_path / "again"
    again.mkdir()
    items = kit_items(site, again, layer, images=["ghcr.io/canonical/coredns:1"])
    assert f"images of {charm}" not in names(items, Kind.IMAGE)
    assert "ghcr.io/canonical/coredns:1" in names(items, Kind.IMAGE)


def test_release_that_depends_on_an_unknown_cluster_is_asked_for(directory: Path) -> None:
    """With the key that ends the question."""
    site = ROOT / "examples/existing-cluster/site.yaml"
    unknown = {
        item.name: item.get.partition("; ")[0]
        for item in kit_items(site, directory)
        if item.kind is Kind.IMAGE and not item.path
    }
    keys = {
        "nfs-server": "applications.nfs-server.options.provisioner-version",
        "metallb": "applications.metallb.options.version",
    }
    assert unknown == {
        f"images of {name}": f"write the release into the site file ({key})"
        for name, key in keys.items()
    }

    layer, again = directory.parent / "releases.yaml", directory.parent / "again"
    layer.write_text(
        "applications:\n  nfs-server: {options: {provisioner-version: v4.0.2}}\n"
        "  metallb: {options: {version: v0.14.9}}\n"
    )
    again.mkdir()
    items = kit_items(site, again, layer)
    assert not [item for item in items if item.kind is Kind.IMAGE and not item.path]
