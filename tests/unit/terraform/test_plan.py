"""The plan of a bundle has the content of the bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.bundle.includes import Include
from botlab.catalogue.model import Charm
from botlab.juju import Juju
from botlab.terraform import TerraformPlan
from botlab.terraform.document import Block, FileContent, Reference, Template, Value
from botlab.terraform.machines import base_of
from helpers.hcl_format import format_faults
from helpers.terraform_plans import plan_of_bundle, plan_of_example, resource_of, resources

UUID = Reference("juju_model", "lab", "uuid")
ETCD: dict[str, Any] = {"charm": "etcd", "channel": "1.35/stable", "base": "ubuntu@24.04"}
MACHINES_0 = {"0": {"base": "ubuntu@24.04"}}
MACHINES = {name: {"base": "ubuntu@24.04"} for name in ("0", "1")}


def bundle(machines: dict[str, Any] | None = None, **applications: Any) -> dict[str, Any]:
    """Return a bundle of some applications, each with the charm etcd unless it names another."""
    merged = {name: {**ETCD, **fields} for name, fields in applications.items()}
    return {"applications": merged, **({"machines": machines} if machines else {})}


def labels(plan: TerraformPlan, kind: str) -> list[str]:
    """Return the labels of the resources of a kind."""
    return [block.labels[1] for block in resources(plan) if block.labels[0] == kind]


def attributes(plan: TerraformPlan, kind: str, label: str) -> dict[str, Value]:
    """Return the attributes of a resource."""
    return resource_of(plan, kind, label).attributes()


def inner(plan: TerraformPlan, label: str, name: str) -> list[dict[str, Value]]:
    """Return the attributes of the blocks of a type in an application."""
    blocks = resource_of(plan, "juju_application", label).blocks()
    return [block.attributes() for block in blocks if block.type == name]


def machine_ids(*names: str) -> list[Reference]:
    """Return the ids of machines."""
    return [Reference("juju_machine", name, "machine_id") for name in names]


def test_application_has_all_fields_of_the_bundle() -> None:
    fields = {
        "revision": 744,
        "num_units": 2,
        "constraints": "arch=amd64 mem=4G",
        "trust": True,
        "expose": True,
        "options": {"channel": "3.4/stable", "flag": True, "port": 2379, "ratio": 0.5, "no": None},
        "resources": {"etcd": 3},
        "storage": {"data": "loop,2,10G"},
        "bindings": {"": "lan", "db": "cluster"},
    }
    plan = plan_of_bundle(bundle(etcd=fields))

    assert attributes(plan, "juju_application", "etcd") == {
        "model_uuid": UUID,
        "name": "etcd",
        "constraints": "arch=amd64 mem=4G",
        "trust": True,
        "units": 2,
        "config": {"channel": "3.4/stable", "flag": "true", "port": "2379", "ratio": "0.5"},
        "resources": {"etcd": "3"},
        "storage_directives": {"data": "loop,2,10G"},
        "endpoint_bindings": [{"space": "lan"}, {"endpoint": "db", "space": "cluster"}],
    }
    charm = {"name": "etcd", "channel": "1.35/stable", "revision": 744, "base": "ubuntu@24.04"}
    assert inner(plan, "etcd", "charm") == [charm]
    assert inner(plan, "etcd", "expose") == [{}]


@pytest.mark.parametrize(
    ("charm", "expected"),
    [
        ("etcd", ("etcd", None)),
        ("ch:etcd", ("etcd", None)),
        ("ch:amd64/jammy/etcd-7", ("etcd", 7)),
    ],
)
def test_charm_url_gives_name_and_revision(charm: str, expected: tuple[str, int | None]) -> None:
    (block,) = inner(plan_of_bundle(bundle(a={"charm": charm})), "a", "charm")

    assert (block["name"], block.get("revision")) == expected


def test_exposed_endpoints_with_the_same_networks_are_one_block() -> None:
    networks = {"expose-to-spaces": ["lan"], "expose-to-cidrs": ["10.0.0.0/8", "192.168.0.0/16"]}
    plan = plan_of_bundle(bundle(etcd={"exposed-endpoints": {"db": networks, "proxy": networks}}))

    cidrs = "10.0.0.0/8,192.168.0.0/16"
    assert inner(plan, "etcd", "expose") == [
        {"endpoints": "db,proxy", "spaces": "lan", "cidrs": cidrs}
    ]


def test_machines_and_containers_have_the_units() -> None:
    """Each container is a machine of its own, with the constraints of its application."""
    applications: dict[str, Any] = {
        "etcd": {"num_units": 2, "to": ["1", "lxd:0"], "constraints": "mem=1G"},
        "api": {"num_units": 2, "to": ["lxd:0", "etcd/1"]},
    }
    machines = {
        "0": {"constraints": "tags=a", "annotations": {"rack": "r1"}, "base": "ubuntu@24.04"},
        "1": {"series": "jammy"},
    }
    plan = plan_of_bundle(bundle(machines, **applications))

    assert labels(plan, "juju_machine") == [
        "machine_0",
        "machine_1",
        "machine_0_lxd_etcd",
        "machine_0_lxd_api",
    ]
    assert attributes(plan, "juju_machine", "machine_0") == {
        "model_uuid": UUID,
        "base": "ubuntu@24.04",
        "constraints": "tags=a",
        "annotations": {"rack": "r1"},
    }
    assert attributes(plan, "juju_machine", "machine_1")["base"] == "ubuntu@22.04"
    assert attributes(plan, "juju_machine", "machine_0_lxd_etcd") == {
        "model_uuid": UUID,
        "base": "ubuntu@24.04",
        "constraints": "mem=1G",
        "placement": Template("lxd:", machine_ids("machine_0")[0]),
    }
    etcd = attributes(plan, "juju_application", "etcd")["machines"]
    assert etcd == machine_ids("machine_1", "machine_0_lxd_etcd")
    # The unit etcd/1 is in a container.
    api = attributes(plan, "juju_application", "api")["machines"]
    assert api == machine_ids("machine_0_lxd_api", "machine_0_lxd_etcd")


def test_new_machines_belong_to_their_application() -> None:
    plan = plan_of_bundle(bundle(etcd={"num_units": 3, "to": ["new", "lxd:new"]}))

    assert labels(plan, "juju_machine") == ["etcd", "lxd_etcd", "lxd_etcd_2"]
    assert attributes(plan, "juju_machine", "lxd_etcd")["placement"] == "lxd"
    machines = attributes(plan, "juju_application", "etcd")["machines"]
    assert machines == machine_ids("etcd", "lxd_etcd", "lxd_etcd_2")


def test_units_without_a_placement_beside_others_have_machines() -> None:
    """The number of units would replace the placements of the others."""
    fields = {"num_units": 3, "to": ["0"], "constraints": "mem=1G", "bindings": {"": "lan"}}
    plan = plan_of_bundle(bundle(MACHINES_0, etcd=fields))

    machines = attributes(plan, "juju_application", "etcd")["machines"]
    assert machines == machine_ids("machine_0", "etcd", "etcd_2")
    assert attributes(plan, "juju_machine", "etcd_2") == {
        "model_uuid": UUID,
        "base": "ubuntu@24.04",
        "constraints": "spaces=lan mem=1G",
    }


def test_names_of_the_site_are_the_labels() -> None:
    """Not the numbers, which change when a machine is removed from the site."""
    names = {"0": "node-a", "1": "1st"}
    plan = plan_of_bundle(
        bundle(MACHINES, etcd={"num_units": 2, "to": ["0", "1"]}), machine_names=names
    )

    assert labels(plan, "juju_machine") == ["node-a", "machine_1st"]


@pytest.mark.parametrize(
    ("charm", "fields", "expected"),
    [
        (None, {}, {}),
        (None, {"num_units": 1}, {"units": 1}),
        (Charm("etcd"), {}, {"units": 0}),
        (Charm("etcd", subordinate=True), {}, {}),
    ],
)
def test_subordinate_has_neither_units_nor_machines(
    charm: Charm | None, fields: dict[str, Any], expected: dict[str, Value]
) -> None:
    """The provider would add a unit to a principal without this number."""
    plan = plan_of_bundle(bundle(etcd=fields), charms={"etcd": charm} if charm else {})
    block = attributes(plan, "juju_application", "etcd")

    assert {key: block[key] for key in ("units", "machines") if key in block} == expected


def test_relations_are_integrations() -> None:
    data = {
        **bundle(etcd={}, api={}),
        "saas": {"db": {"url": "other:admin/prod.mysql"}},
        "relations": [["api:etcd", "etcd:db"], ["api", "db:server"]],
    }
    plan = plan_of_bundle(data)

    assert labels(plan, "juju_integration") == ["api_etcd__etcd_db", "api__db_server"]
    ends = [block.attributes() for block in _integration(plan, "api_etcd__etcd_db")]
    assert ends == [
        {"name": Reference("juju_application", "api", "name"), "endpoint": "etcd"},
        {"name": Reference("juju_application", "etcd", "name"), "endpoint": "db"},
    ]
    assert [block.attributes() for block in _integration(plan, "api__db_server")] == [
        {"name": Reference("juju_application", "api", "name")},
        {"offer_url": "other:admin/prod.mysql", "endpoint": "server"},
    ]


def _integration(plan: TerraformPlan, label: str) -> list[Block]:
    return list(resource_of(plan, "juju_integration", label).blocks())


def test_offers_have_their_access() -> None:
    acl = {"admin": "admin", "eve": "consume", "bob": "read", "amy": "consume"}
    offers = {"db": {"endpoints": ["db", "proxy"], "acl": acl}}
    overlay = {"applications": {"etcd": {"offers": offers}}}
    plan = plan_of_bundle(bundle(etcd={}), overlay=overlay)

    assert attributes(plan, "juju_offer", "etcd_db") == {
        "model_uuid": UUID,
        "name": "db",
        "application_name": Reference("juju_application", "etcd", "name"),
        "endpoints": ["db", "proxy"],
    }
    assert attributes(plan, "juju_access_offer", "etcd_db") == {
        "offer_url": Reference("juju_offer", "etcd_db", "url"),
        "read": ["bob"],
        "consume": ["eve", "amy"],
    }


def test_included_file_is_read_when_the_plan_is_applied() -> None:
    """An option that an overlay replaced is text."""
    path = ("applications", "etcd", "options")
    includes: dict[tuple[str | int, ...], list[Include]] = {
        (*path, "ca"): [Include("/lab/certs/ca.pem", False, True, "Q0E=")],
        (*path, "key"): [Include("/etc/key", True, False, "secret")],
        (*path, "old"): [Include("/lab/old", False, False, "former")],
    }
    options = {"ca": "Q0E=", "key": "secret", "old": "new"}
    includes["machines", "0", "annotations", "note"] = [Include("/lab/n", False, False, "secret")]
    machines = {"0": {"annotations": {"note": "secret"}}}
    etcd = {"options": options, "num_units": 1, "to": ["0"]}
    plan = plan_of_bundle(bundle(machines, etcd=etcd), includes=includes)

    assert attributes(plan, "juju_application", "etcd")["config"] == {
        "ca": FileContent("certs/ca.pem", is_base64=True),
        "key": FileContent("/etc/key"),
        "old": "new",
    }
    annotations = attributes(plan, "juju_machine", "machine_0")["annotations"]
    assert annotations == {"note": FileContent("n")}
    assert "secret" not in plan.text


def test_model_has_its_name_and_options() -> None:
    plan = plan_of_bundle(bundle(), model="my-lab", model_config={"juju-http-proxy": "http://p"})

    assert attributes(plan, "juju_model", "lab") == {
        "name": "my-lab",
        "config": {"juju-http-proxy": "http://p"},
    }


@pytest.mark.parametrize(("juju", "line"), [("2.9", "1.5"), ("3.6", "2.2"), ("4.0", "2.2")])
def test_plan_asks_for_the_provider_of_its_juju(juju: str, line: str) -> None:
    plan = plan_of_bundle(bundle(etcd={"charm": "ch:etcd"}), Juju.parse(juju))

    assert f'version = "~> {line}"' in plan.text


@pytest.mark.parametrize(
    ("platform", "base"),
    [
        ("ubuntu@24.04/stable", "ubuntu@24.04"),
        ("ubuntu@24.04", "ubuntu@24.04"),
        ("bionic", "ubuntu@18.04"),
        ("", ""),
    ],
)
def test_base_has_no_risk(platform: str, base: str) -> None:
    """With a risk, the provider would see a change in each plan."""
    assert base_of(platform) == base


def test_same_relation_twice_has_two_labels() -> None:
    """Names that HCL cannot have as labels can become the same."""
    data = {**bundle(a={}, b={}), "relations": [["a:x", "b:y"], ["a:x", "b:y"]]}

    assert labels(plan_of_bundle(data), "juju_integration") == ["a_x__b_y", "a_x__b_y_2"]


def test_hostile_texts_stay_texts() -> None:
    """No option can end its text, or make Terraform evaluate an expression."""
    texts = ['"\n}\nresource "x" "y" {}', '${file("/etc/passwd")}\nEOT\n', "%{for}", "\u2028"]
    options = {f"o{number}": text for number, text in enumerate(texts)}
    text = plan_of_bundle(bundle(etcd={"options": options})).text

    assert format_faults(text) == []
    assert r'o0 = "\"\n}\nresource \"x\" \"y\" {}"' in text
    assert r'o1 = "$${file(\"/etc/passwd\")}\nEOT\n"' in text
    assert 'o2 = "%%{for}"' in text
    assert r'o3 = "\u2028"' in text


def test_golden_plan_of_the_example_is_well_formed() -> None:
    """The command writes this text with a mark above it."""
    text = plan_of_example("modern-store").text

    assert format_faults(text) == []
    golden = Path(__file__).resolve().parents[3] / "examples/modern-store/main.tf"
    assert golden.read_text(encoding="utf-8").split("\n", 2)[2] == text
