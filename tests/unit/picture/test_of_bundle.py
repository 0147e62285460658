"""What a picture shows of a site or a bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.assessment import Request, assess
from botlab.bundle.relation import RelationEnd
from botlab.inventory.dumps import MaasInventory
from botlab.picture.model import Application, LabPicture, Machine, Relation, Resource
from botlab.picture.of_bundle import picture_of, with_host
from botlab.plan import PlanError
from botlab.rules.lab.facts import Facts
from botlab.rules.subject import Subject
from helpers.live_models import EXAMPLES
from helpers.maas_dump import maas_host
from helpers.pictured_labs import example_picture, picture_of_site, site_of_racks


def bundle_picture(directory: Path, text: str) -> LabPicture:
    """Return the picture of a bundle."""
    path = directory / "lab.yaml"
    path.write_text(text, encoding="utf-8")
    assessment = assess(Request(path, juju="3.6"))
    assert assessment.bundle is not None
    facts = Facts(Subject(assessment.bundle, assessment.juju, assessment.charms))
    return picture_of(facts, "lab")


def test_machines_of_a_site_have_its_names_addresses_and_gpus() -> None:
    machines = example_picture("botlab").machines

    assert [(machine.key, machine.name, machine.gpus) for machine in machines] == [
        ("0", "node0", ""), ("1", "node1", ""), ("2", "node2", "GPU"), ("3", "node3", ""),
    ]  # fmt: skip
    assert machines[2].addresses == ("192.168.1.12",)
    assert [inner.name for inner in machines[0].containers] == ["0/lxd/0", "0/lxd/1"]
    assert [unit.name for unit in machines[1].units] == ["etcd/1", "kubernetes-worker/1"]


def test_zones_are_racks() -> None:
    machines = example_picture("two-racks").machines

    assert {machine.name: machine.rack for machine in machines}["a07"] == "rack-a"


def test_facts_name_the_size_of_the_lab() -> None:
    picture = example_picture("one-machine-2019")

    assert picture.facts == ("Juju 2.9", "k8s-1.13", "1 machine", "8 applications", "6 units")
    assert picture.title == "one-machine-2019"


def test_applications_have_their_charm_and_their_units() -> None:
    applications = {each.name: each for each in example_picture("botlab").applications}

    assert applications["etcd"] == Application("etcd", "cs:~containers/etcd-378", 3)
    assert applications["kubernetes-worker"].is_exposed
    assert applications["flannel"].is_subordinate
    assert applications["metallb"].charm == "metallb (local charm)"


def test_charm_of_a_store_has_its_channel_and_revision(tmp_path: Path) -> None:
    text = "applications:\n  etcd: {charm: etcd, channel: 1.35/stable, revision: 700}\n"

    (application,) = bundle_picture(tmp_path, text).applications

    assert application.charm == "etcd, 1.35/stable, revision 700"


def test_remote_application_is_of_another_model() -> None:
    remote = [each for each in example_picture("ceph").applications if each.is_remote]

    assert remote == [Application("ceph-mon", "admin/ceph.ceph-mon", is_remote=True)]


def test_relations_have_their_interface_and_scope() -> None:
    relations = example_picture("botlab").relations

    assert len(relations) == 25
    left, right = RelationEnd("flannel", "cni"), RelationEnd("kubernetes-master", "cni")
    assert Relation(left, right, "kubernetes-cni", is_local=True) in relations
    assert not relations[0].is_local


def test_bundle_without_site_shows_numbers_and_tags(tmp_path: Path) -> None:
    text = (
        "applications:\n  etcd: {charm: etcd, num_units: 1, to: ['0']}\n"
        "machines:\n  '0': {constraints: 'cores=4 tags=gpu1 zones=rack-a'}\n"
    )

    (machine,) = bundle_picture(tmp_path, text).machines

    assert (machine.name, machine.rack, machine.gpus) == ("machine 0", "rack-a", "")
    assert machine.hardware == ("≥ 4 cores", "tags gpu1")


def test_relation_with_an_unknown_application_is_left_out(tmp_path: Path) -> None:
    text = "applications:\n  a: {charm: a}\nrelations:\n- ['a:x', 'b:x']\n- ['a']\n"

    assert bundle_picture(tmp_path, text).relations == ()


def test_bundle_for_kubernetes_has_no_machines(tmp_path: Path) -> None:
    text = "bundle: kubernetes\napplications:\n  a: {charm: a, scale: 2}\n"

    picture = bundle_picture(tmp_path, text)

    assert (picture.machines, picture.applications[0].units) == ((), 2)


def test_bundle_that_juju_cannot_plan_is_an_error(tmp_path: Path) -> None:
    text = (
        "applications:\n  a: {charm: a, num_units: 1, to: [b]}\n"
        "  b: {charm: b, num_units: 1, to: [a]}\n"
    )

    with pytest.raises(PlanError, match="cycle"):
        bundle_picture(tmp_path, text)


def test_resources_are_networks_pools_and_storage() -> None:
    assert example_picture("two-racks").resources == (
        Resource(
            "network",
            "lan",
            ("10.20.1.0/24", "gateway 10.20.1.1", "DHCP 10.20.1.100-10.20.1.199", "space lan"),
        ),
        Resource(
            "network",
            "rack-b",
            ("10.20.2.0/24", "gateway 10.20.2.1", "DHCP 10.20.2.100-10.20.2.199", "space lan"),
        ),
        Resource("network", "storage", ("10.20.9.0/24", "space storage")),
        Resource(
            "network",
            "cluster",
            (
                "pods 10.1.0.0/16 and fd00:10:1::/64",
                "services 10.152.183.0/24 and fd00:10:152::/112",
            ),
        ),
        Resource(
            "address pool", "rack-a", ("10.30.1.0/26", "64 addresses, BGP"), "metallb"
        ),
        Resource(
            "address pool",
            "rack-b",
            ("10.30.2.0/26", "64 addresses, BGP", "only for services that name the pool"),
            "metallb",
        ),
        Resource(
            "StorageClass",
            "nfs",
            ("default StorageClass", "/nfsroot for 10.20.9.0/24"),
            "nfs-server",
        ),
    )  # fmt: skip


def test_pool_of_a_single_address_is_counted_as_one(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    site = site_of_racks(4).replace("10.0.250.1-10.0.250.99", "10.0.250.9/32")
    path.write_text(site, encoding="utf-8")

    (pool,) = (each for each in picture_of_site(path).resources if each.kind == "address pool")

    assert pool.lines == ("10.0.250.9/32", "1 address, layer 2")


def test_each_server_has_its_class_and_juju_its_storage() -> None:
    resources = example_picture("two-storage-servers").resources

    assert [each for each in resources if each.kind != "network"] == [
        Resource(
            "StorageClass",
            "nfs",
            ("default StorageClass", "/nfsroot for 10.20.0.0/24"),
            "nfs-server",
        ),
        Resource("StorageClass", "fast", ("/srv/fast for 10.20.0.0/24",), "nfs-server-fast"),
        Resource("storage of Juju", "etcd: data", ("loop,20G",), "etcd"),
    ]


def test_class_of_another_server_has_its_export() -> None:
    classes = [each for each in example_picture("nas").resources if each.kind == "StorageClass"]

    assert [each.lines for each in classes] == [
        ("default StorageClass", "nas.lab.example:/tank/k8s"),
        ("10.20.0.9:/volume2/archive",),
    ]


def test_addresses_in_front_of_the_api_servers_are_shown() -> None:
    (cluster,) = [r for r in example_picture("keepalived").resources if r.name == "cluster"]

    assert cluster.lines[2:] == ("API 10.20.0.5 (keepalived)",)


def test_cluster_without_juju_has_no_network_of_its_own() -> None:
    names = [each.name for each in example_picture("existing-cluster").resources]

    assert "cluster" not in names


def test_hardware_of_maas_replaces_the_limits_of_the_site() -> None:
    """For machines that their tags select. Addresses and zones of the site stay."""
    assessment = assess(Request(EXAMPLES / "two-racks" / "site.yaml"))
    assert assessment.bundle is not None
    hosts = (
        maas_host(name="a", tags=("a01",), zone="other", addresses=("10.9.9.9",), memory=515072),
        maas_host(name="b", tags=("a02",), system_id="id2"),
        maas_host(name="c", tags=("a02",), system_id="id3"),
    )
    maas = MaasInventory("maas.json", "admin", hosts)
    subject = Subject(
        assessment.bundle, assessment.juju, assessment.charms, assessment.site, maas=maas
    )

    machines = {each.name: each for each in picture_of(Facts(subject), "lab").machines}

    first = machines["a01"]
    assert first.hardware == ("16 cores", "503 GiB memory")
    assert (first.rack, first.addresses) == ("rack-a", ("10.20.1.21",))
    assert machines["a02"].hardware == ()


@pytest.mark.parametrize(("zone", "rack"), [("default", ""), ("rack1", "rack1")])
def test_machine_takes_from_maas_what_the_site_lacks(zone: str, rack: str) -> None:
    host = maas_host(zone=zone, addresses=("10.5.0.11",), architecture="arm64")

    machine = with_host(Machine("0", "node0", hardware=("≥ 4 cores",)), host)

    assert machine == Machine(
        "0", "node0", ("10.5.0.11",), ("16 cores", "64 GiB memory", "arm64"), rack=rack
    )
