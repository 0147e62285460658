"""The network that is proposed for the machines of MAAS."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from botlab.inventory.dumps import Dump, inventory_of_dumps
from botlab.inventory.proposal import Proposal, propose
from botlab.inventory.roles import ProfileRoles
from botlab.inventory.selection import Filters
from botlab.inventory.site_lines import starter_values
from botlab.site.starter import starter_text
from helpers.maas_releases import RELEASES, answer, interface, ip_range, link, machine, subnet


def proposal_for(
    machines: list[dict[str, Any]], *further: list[dict[str, Any]], profile: str = "PROFILE"
) -> Proposal:
    """Return the proposal for machines, with further answers of MAAS."""
    dumps = [Dump(answer(entries), "ranges") for entries in (machines, *further)]
    inventory = inventory_of_dumps(dumps, "maas", profile)
    return propose(inventory, ProfileRoles(), Filters())


def site_of(proposal: Proposal) -> dict[str, Any]:
    """Return the site file of a proposal."""
    return yaml.safe_load(starter_text("lab", "3.6", starter_values(proposal)))


def linked(release: str, *subnets: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    """Return the interfaces of a machine that is linked to subnets, without addresses."""
    return [
        interface(release, f"eth{n}", [link(entry)], **fields) for n, entry in enumerate(subnets)
    ]


@pytest.mark.parametrize("release", RELEASES)
def test_network_comes_from_links_even_if_no_address_is_assigned(release: str) -> None:
    """With gateway, VLAN, DHCP ranges and reserved ranges."""
    lan = subnet(release, vid=100, space="lab")
    hosts = [machine(release, f"m{n}", interface_set=linked(release, lan)) for n in range(3)]
    ranges = [
        ip_range(release, "dynamic", "10.5.0.100", "10.5.0.149"),
        ip_range(release, "dynamic", "10.5.0.160", "10.5.0.199"),
        ip_range(release, "reserved", "10.5.0.2", "10.5.0.9", "switches"),
        ip_range(release, "dynamic", "10.9.0.1", "10.9.0.9"),
    ]
    proposal = proposal_for(hosts, [lan], ranges)
    text = starter_text("lab", "3.6", starter_values(proposal))

    assert yaml.safe_load(text)["networks"]["lan"] == {
        "cidr": "10.5.0.0/24",
        "gateway": "10.5.0.1",
        "dhcp": ["10.5.0.100-10.5.0.149", "10.5.0.160-10.5.0.199"],
    }
    assert "# The network of the machines is 10.5.0.0/24 (VLAN 100, fabric-0, space lab)." in text
    assert "# MAAS has reserved 10.5.0.2-10.5.0.9 in it (switches)." in text


def test_interface_without_a_link_is_in_the_subnet_of_its_vlan() -> None:
    """If the subnets of MAAS are given."""
    lan = subnet("3.4")
    cards = [interface("3.4", "eth0", [], vlan=lan["vlan"])]
    hosts = [machine("3.4", "m0", interface_set=cards)]

    assert proposal_for(hosts).lan.subnet is None
    assert site_of(proposal_for(hosts, [lan]))["networks"]["lan"]["cidr"] == "10.5.0.0/24"


def test_network_is_where_most_machines_are_and_has_a_gateway() -> None:
    """Another network of as many machines is noted, and one of few machines does not win."""
    storage = subnet("3.6", "10.4.0.0/24", gateway_ip=None, vid=40, fabric="fabric-1")
    lan, office = subnet("3.6", "10.5.0.0/24"), subnet("3.6", "10.3.0.0/24")
    dual = subnet("3.6", "2001:db8::/64", gateway_ip="2001:db8::1")
    cards = linked("3.6", storage, lan, dual)
    hosts = [machine("3.6", f"m{n}", interface_set=cards) for n in range(4)]
    hosts.append(machine("3.6", "m4", interface_set=linked("3.6", office)))
    proposal = proposal_for(hosts)
    text = starter_text("lab", "3.6", starter_values(proposal))

    assert proposal.lan.subnet is not None
    assert proposal.lan.subnet.cidr == "10.5.0.0/24"
    assert "# 4 machines are also in 10.4.0.0/24 (VLAN 40, fabric-1)." in text
    assert "# 1 machine is also in 10.3.0.0/24 (untagged, fabric-0)." in text
    assert (
        "m4 has no interface in 10.5.0.0/24, so services of the address pool may not reach it"
        in proposal.notes
    )


def test_network_that_the_machines_boot_from_wins_a_tie() -> None:
    first, second = subnet("3.6", "10.4.0.0/24"), subnet("3.6", "10.5.0.0/24")
    cards = linked("3.6", first, second)
    hosts = [machine("3.6", "m0", interface_set=cards, boot_interface=cards[1])]

    assert site_of(proposal_for(hosts))["networks"]["lan"]["cidr"] == "10.5.0.0/24"


@pytest.mark.parametrize(
    ("ranges", "pool"),
    [
        ([], "10.5.0.240-10.5.0.250"),
        ([("dynamic", "10.5.0.200", "10.5.0.254", "")], "10.5.0.189-10.5.0.199"),
        ([("reserved", "10.5.0.245", "10.5.0.249", "")], "10.5.0.234-10.5.0.244"),
        ([("dynamic", "10.5.0.11", "10.5.0.255", "")], "10.5.0.2-10.5.0.10"),
        ([("reserved", "10.5.0.60", "10.5.0.79", "MetalLB")], "10.5.0.60-10.5.0.79"),
        ([("reserved", "10.5.0.60", "10.5.0.79", "load-balancers")], "10.5.0.60-10.5.0.79"),
    ],
)
def test_pool_avoids_what_maas_uses(ranges: list[tuple[str, str, str, str]], pool: str) -> None:
    """Unless MAAS has reserved addresses for services already."""
    entries = [ip_range("3.6", *entry) for entry in ranges]
    proposal = proposal_for([machine("3.6", "m0")], entries, profile="admin")

    assert site_of(proposal)["metallb"]["pools"]["default"]["addresses"] == [pool]
    first, last = pool.split("-")
    command = (
        f"reserve the address pool in MAAS: maas admin ipranges create type=reserved"
        f" start_ip={first} end_ip={last} comment=metallb"
    )
    assert (command in proposal.notes) == (pool != "10.5.0.60-10.5.0.79")


def test_pool_avoids_addresses_of_machines_that_are_left_out() -> None:
    hosts = [
        machine("3.6", "m0"),
        machine("3.6", "m1", status_name="Deployed", ip_addresses=["10.5.0.245"]),
    ]
    pool = site_of(proposal_for(hosts, []))["metallb"]["pools"]["default"]["addresses"]
    assert pool == ["10.5.0.234-10.5.0.244"]


def test_subnet_that_maas_does_not_manage_needs_no_reservation() -> None:
    """There, MAAS assigns the addresses of reserved ranges."""
    lan = subnet("3.6", managed=False)
    hosts = [machine("3.6", "m0", interface_set=linked("3.6", lan))]
    ranges = [ip_range("3.6", "reserved", "10.5.0.240", "10.5.0.250", "metallb")]
    proposal = proposal_for(hosts, ranges)

    pool = site_of(proposal)["metallb"]["pools"]["default"]["addresses"]
    assert pool == ["10.5.0.229-10.5.0.239"]
    assert not any("ipranges create" in note for note in proposal.notes)
    text = starter_text("lab", "3.6", starter_values(proposal))
    assert "# MAAS does not manage its addresses." in text


def test_unknown_ranges_ask_for_the_command_that_shows_them() -> None:
    text = starter_text("lab", "3.6", starter_values(proposal_for([machine("3.6", "m0")])))
    assert "botlab init again, and add the output of `maas PROFILE ipranges read`" in " ".join(
        text.replace("\n# ", " ").split()
    )
    assert "dhcp" not in yaml.safe_load(text)["networks"]["lan"]


def test_no_network_is_invented_for_machines_without_one() -> None:
    """The keys are there as comments, and a note says so."""
    proposal = proposal_for([machine("2.4", "m0", interface_set=[])])
    text = starter_text("lab", "3.6", starter_values(proposal))

    assert {"networks", "metallb"} & set(yaml.safe_load(text)) == set()
    assert "# TODO: MAAS shows no subnet of the machines" in text
    assert "\n# networks:\n#   lan:\n" in text
    assert "\n#       addresses: [192.168.1.240-192.168.1.250]\n" in text
    assert any(note.startswith("MAAS shows no subnet") for note in proposal.notes)
