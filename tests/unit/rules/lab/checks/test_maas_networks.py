"""Rules about the networks of a site, compared with those of MAAS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.findings import path_text
from helpers.assessments import assess_layer
from helpers.maas_releases import answer, ip_range, machine, subnet

POOL = "metallb.pools.default.addresses[0]"
LAN = subnet("3.6", "10.0.0.0/24")
CARD = {"links": [{"mode": "auto", "subnet": LAN}]}
HOSTS = [machine("3.6", f"node{n}", f"node{n}", interface_set=[CARD]) for n in range(4)]
Range = tuple[str, str, str]
DHCP: Range = ("dynamic", "10.0.0.100", "10.0.0.149")


def findings_for(
    directory: Path,
    ranges: list[Range] | None,
    pool: str = "",
    subnets: list[dict[str, Any]] | None = None,
    **lan: Any,
) -> list[tuple[str, str, str]]:
    """Return the id, the key and the message of each finding that compares the networks."""
    layer: dict[str, Any] = {"networks": {"lan": lan}} if lan else {"site": "lab"}
    if pool:
        layer["metallb"] = {"pools": {"default": {"addresses": [pool]}}}
    texts = [answer(HOSTS)]
    if ranges:
        texts.append(answer([ip_range("3.6", *entry) for entry in ranges]))
    if subnets:
        texts.append(answer(subnets))
    findings = assess_layer(directory, layer, maas="".join(texts)).findings
    return [
        (finding.id, path_text(finding.path), finding.message)
        for finding in findings
        if finding.id in ("BL138", "BL139")
    ]


@pytest.mark.parametrize(
    ("ranges", "pool", "rule", "message"),
    [
        ([DHCP], "10.0.0.200-10.0.0.210", "BL139", "MAAS has not reserved these addresses"),
        ([("reserved", "10.0.0.200", "10.0.0.210")], "10.0.0.200-10.0.0.210", "", ""),
        ([("reserved", "10.0.0.200", "10.0.0.209")], "10.0.0.200-10.0.0.210", "BL139",
         "MAAS has not reserved"),
        ([("dynamic", "10.0.0.210", "10.0.0.220")], "10.0.0.200-10.0.0.210", "BL138",
         "the DHCP server of MAAS assigns addresses from 10.0.0.210-10.0.0.220"),
        (None, "10.0.0.200-10.0.0.210", "", ""),
    ],
)  # fmt: skip
def test_pool_must_be_reserved_in_maas(
    ranges: list[Range] | None, pool: str, rule: str, message: str, tmp_path: Path
) -> None:
    """If the ranges of MAAS are known."""
    found = [entry for entry in findings_for(tmp_path, ranges, pool) if entry[1] == POOL]

    assert [entry[0] for entry in found] == [rule] * bool(rule)
    assert all(message in entry[2] for entry in found)


def test_pool_of_a_subnet_that_maas_does_not_manage_must_avoid_reserved_ranges(
    tmp_path: Path,
) -> None:
    """There, MAAS assigns the addresses of reserved ranges and no others."""
    unmanaged = [subnet("3.6", "10.0.0.0/24", managed=False)]
    reserved: list[Range] = [("reserved", "10.0.0.200", "10.0.0.210")]
    taken = findings_for(tmp_path, reserved, "10.0.0.205-10.0.0.215", unmanaged)
    safe = findings_for(tmp_path, reserved, "10.0.0.211-10.0.0.220", unmanaged)

    assert [entry[:2] for entry in taken] == [("BL138", POOL)]
    assert "a reserved range of a subnet that MAAS does not manage" in taken[0][2]
    assert safe == []


def test_pool_with_an_address_that_maas_keeps_for_a_card_is_an_error(tmp_path: Path) -> None:
    """Reserved addresses exist from MAAS 3.6 on."""
    card = {"id": 1, "ip": "10.0.0.205", "mac_address": "aa:bb", "comment": "", "subnet": LAN}
    texts = answer(HOSTS) + answer([card])
    layer = {"metallb": {"pools": {"default": {"addresses": ["10.0.0.200-10.0.0.210"]}}}}
    found = [f for f in assess_layer(tmp_path, layer, maas=texts).findings if f.id == "BL138"]

    assert [path_text(finding.path) for finding in found] == [POOL]
    assert "MAAS keeps 10.0.0.205 for the network card of a certain machine" in found[0].message


@pytest.mark.parametrize(
    ("lan", "key", "message"),
    [
        ({"cidr": "10.0.0.0/24"}, "", ""),
        ({"cidr": "10.0.0.0/23"}, "cidr", "MAAS has no subnet 10.0.0.0/23; it has 10.0.0.0/24"),
        ({"gateway": "10.0.0.254"}, "gateway", "the gateway of 10.0.0.0/24 in MAAS is 10.0.0.1"),
        ({"dhcp": []}, "dhcp", "the DHCP server of MAAS assigns 10.0.0.100-10.0.0.149"),
        ({"dhcp": ["10.0.0.90-10.0.0.160"]}, "", ""),
        ({"dhcp": ["10.0.0.110-10.0.0.160"]}, "dhcp", "the DHCP server of MAAS assigns"),
    ],
)
def test_network_must_be_that_of_maas(
    lan: dict[str, Any], key: str, message: str, tmp_path: Path
) -> None:
    found = findings_for(tmp_path, [DHCP], **lan)

    assert [entry[:2] for entry in found] == [("BL139", f"networks.lan.{key}")] * bool(key)
    assert all(entry[2].startswith(message) for entry in found)


def test_all_networks_of_the_machines_are_compared(tmp_path: Path) -> None:
    """Not only the LAN."""
    layer = {"networks": {"rack-b": {"cidr": "10.0.8.0/24", "gateway": "10.0.8.254"}}}
    subnets = [LAN, subnet("3.6", "10.0.8.0/24")]
    ranges = [ip_range("3.6", "dynamic", "10.0.8.100", "10.0.8.149")]
    texts = answer(HOSTS) + answer(subnets) + answer(ranges)

    findings = assess_layer(tmp_path, layer, maas=texts).findings

    paths = [path_text(finding.path) for finding in findings if finding.id == "BL139"]
    assert paths == ["networks.rack-b.gateway", "networks.rack-b.dhcp"]
