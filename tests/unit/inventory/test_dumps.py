"""What the maas command prints, of each release of MAAS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from botlab.address_spans import read_span
from botlab.errors import BotlabError
from botlab.inventory.dumps import Dump, MaasInventory, inventory_of_dumps
from botlab.inventory.networks import AddressRange
from helpers.maas_dump import maas_machine
from helpers.maas_releases import (
    RELEASES,
    answer,
    device,
    interface,
    ip_range,
    link,
    machine,
    subnet,
)

_MACHINES = json.dumps([maas_machine("node1", power_type="ipmi", storage=480103.9)])
_RANGES = json.dumps([{"type": "dynamic", "start_ip": "10.0.0.1", "end_ip": "10.0.0.9"}])
_SUBNETS = json.dumps([{"cidr": "10.0.0.0/24", "gateway_ip": None}])


def read(*texts: str) -> MaasInventory:
    """Return what the texts say about MAAS."""
    return inventory_of_dumps([Dump(text, f"file{n}") for n, text in enumerate(texts)], "files")


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("on_terminal", [False, True])
def test_each_release_is_read(release: str, on_terminal: bool) -> None:
    """All fields that the site needs, from whole answers."""
    owner_data = {"juju-model-uuid": "deadbeef", "juju-is-controller": "true"}
    inventory = read(
        answer([machine(release, "node1", "gpu", pool="lab", zone="rack-a", locked=True)]),
        answer([machine(release, "node2", owner_data=owner_data)], on_terminal=on_terminal),
        answer([subnet(release, vid=100, space="lab", managed=False)], on_terminal=on_terminal),
        answer([ip_range(release, "reserved", "10.5.0.2", "10.5.0.9", "switches")]),
    )

    first, second = inventory.machines
    assert (first.name, first.tags, first.zone, first.pool) == ("node1", ("gpu",), "rack-a", "lab")
    assert (first.cores, first.memory, first.disk) == (16, 65536, 480103)
    assert (first.status, first.architecture, first.kind) == ("Ready", "amd64", "Machine")
    assert (first.is_locked, first.is_controller, first.model) == (True, False, "")
    assert (second.is_locked, second.is_controller, second.model) == (False, True, "deadbeef")
    assert [found.cidr for found in first.subnets] == ["10.5.0.0/24"]
    assert first.boot_subnets == {"10.5.0.0/24"}
    (lan,) = inventory.subnets or [None]
    assert lan is not None
    assert (lan.cidr, lan.gateway, lan.is_managed) == ("10.5.0.0/24", "10.5.0.1", False)
    assert lan.describe() == "VLAN 100, fabric-0, space lab"
    assert inventory.ranges == (
        AddressRange("reserved", read_span("10.5.0.2-10.5.0.9"), "switches"),
    )


@pytest.mark.parametrize("release", RELEASES)
def test_bonds_bridges_vlans_and_several_cards_give_their_subnets(release: str) -> None:
    """Their parents have no links; a link without a subnet gives none."""
    lan, storage = subnet(release), subnet(release, "10.6.0.0/24", vid=60)
    cards = [
        interface(release, "eth0", [], children=["bond0"]),
        interface(release, "eth1", [], children=["bond0"]),
        interface(release, "bond0", [link(lan)], "bond", parents=["eth0", "eth1"]),
        interface(release, "bond0.60", [link(storage)], "vlan", parents=["bond0"]),
        interface(release, "br0", [link(lan, "10.5.0.20")], "bridge", parents=["eth2"]),
        interface(release, "eth3", [link(None, mode="link_up")]),
    ]
    inventory = read(answer([machine(release, "node1", interface_set=cards)]))

    (host,) = inventory.machines
    assert [found.cidr for found in host.subnets] == ["10.5.0.0/24", "10.6.0.0/24"]
    assert host.vlan_ids == {5005, 5006}


def test_address_that_was_only_discovered_does_not_count() -> None:
    """It comes from the DHCP server, and the machine gets another one when it is deployed."""
    lease = [{"ip_address": "10.5.0.150", "subnet": subnet("3.4")}]
    card = interface("3.4", "eth0", [link(subnet("3.4"))], discovered=lease)
    fixed = interface("3.4", "eth1", [link(subnet("3.4"), "10.5.0.11", "static")])
    fields: dict[str, Any] = {"interface_set": [card, fixed]}
    hosts = read(
        answer(
            [
                machine("3.4", "node1", ip_addresses=["10.5.0.150"], **fields),
                machine("3.4", "node2", ip_addresses=["10.5.0.11", "fe80::1", "::1"], **fields),
            ]
        )
    ).machines

    assert [host.addresses for host in hosts] == [(), ("10.5.0.11",)]


def test_kinds_are_recognised_in_any_order() -> None:
    inventory = read(_SUBNETS, _RANGES, _MACHINES, answer([device("id1", "10DE")]))

    assert [host.name for host in inventory.machines] == ["node1"]
    assert inventory.machines[0].power_type == "ipmi"
    assert inventory.machines[0].disk == 480103
    assert inventory.ranges == (AddressRange("dynamic", read_span("10.0.0.1-10.0.0.9")),)
    assert [found.cidr for found in inventory.subnets or ()] == ["10.0.0.0/24"]
    assert inventory.gpus == {"id1": {"10de"}}
    assert inventory.profile == "PROFILE"


def test_reserved_addresses_of_3_6_are_ranges() -> None:
    """MAAS keeps each of them for a network card."""
    reserved = {"id": 1, "ip": "10.5.0.7", "subnet": subnet("3.6"), "mac_address": "aa:bb",
                "comment": ""}  # fmt: skip
    ranges = read(_MACHINES, answer([reserved]), _RANGES).ranges or ()

    assert [(entry.kind, str(entry.span.first)) for entry in ranges] == [
        ("card", "10.5.0.7"),
        ("dynamic", "10.0.0.1"),
    ]


def test_unknown_parts_are_none_and_not_empty() -> None:
    inventory = read(_MACHINES)
    assert (inventory.ranges, inventory.subnets, inventory.gpus) == (None, None, {})


def test_several_answers_in_a_file_are_read() -> None:
    """A loop over the machines writes them, in a terminal each with its header."""
    devices = [answer([device(f"id{n}", "10de")], on_terminal=n == 1) for n in range(3)]
    inventory = read(_MACHINES, "".join(devices))

    assert set(inventory.gpus) == {"id0", "id1", "id2"}


def test_brackets_in_a_name_do_not_split_an_answer() -> None:
    named = answer([machine("3.4", "node1", description='a] [b "]\n["')])
    assert [host.name for host in read(named + named.replace("node1", "node2")).machines] == [
        "node1",
        "node2",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "file0: is not a list; use the output of"),
        ("[{}]", "file0: lists something that botlab does not know; use the output of `maas"),
        ("", "file0: is empty; use the output of `maas PROFILE machines read`"),
        ("[]", "files: lists no machines; use the output of"),
        ("[NaN", "file0: is not valid JSON"),
        ("Success.\n", "file0: is empty; use the output of"),
        ('[{"hostname": 3}]', "file0: machine 0 has no hostname"),
        (
            answer([machine("3.4", f"node{number}") for number in range(9)]) * 2,
            "files: more than one machine has the host name node0, node1, node2, node3, node4 and"
            " 4 more; rename them",
        ),
        ('[{"hostname": "a"}][{"hostname": "a"}]', "files: more than one machine has the host"),
    ],
)
def test_text_that_is_something_else_is_refused(text: str, message: str) -> None:
    with pytest.raises(BotlabError) as caught:
        read(text)
    assert str(caught.value).startswith(message)
