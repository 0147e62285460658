"""MAAS must never assign the addresses of the pools."""

from __future__ import annotations

import json

import pytest

from botlab.bundle.model import Application, Bundle
from botlab.inventory.dumps import Dump, MaasInventory, inventory_of_dumps
from botlab.juju import Juju
from botlab.live.preflight.addresses import check_addresses
from botlab.live.preflight.check import Check
from botlab.rules.lab.facts import Facts
from botlab.rules.subject import Subject
from helpers.maas_dump import maas_machine

_POOL = "10.5.0.200-10.5.0.220"


def _facts(addresses: str = _POOL) -> Facts:
    application = Application(charm="./metallb.charm", options={"addresses": addresses})
    return Facts(Subject(Bundle(applications={"metallb": application}), Juju.V3_6))


def _inventory(
    ranges: list[tuple[str, str, str]] | None, subnets: list[str] | None = None
) -> MaasInventory:
    dumps = [Dump(json.dumps([maas_machine("node1")]), "machines.json")]
    if ranges is not None:
        entries = [{"type": kind, "start_ip": a, "end_ip": b} for kind, a, b in ranges]
        dumps.append(Dump(json.dumps(entries), "ranges.json"))
    if subnets is not None:
        dumps.append(Dump(json.dumps([{"cidr": cidr} for cidr in subnets]), "subnets.json"))
    return inventory_of_dumps(dumps, "maas", "lab")


def _check(inventory: MaasInventory, addresses: str = _POOL) -> Check:
    (check,) = check_addresses(_facts(addresses), inventory)
    return check


@pytest.mark.parametrize(
    "reserved",
    [
        [("10.5.0.200", "10.5.0.220")],
        [("10.5.0.190", "10.5.0.255")],
        [("10.5.0.211", "10.5.0.230"), ("10.5.0.200", "10.5.0.210")],
    ],
)
def test_reserved_pool_passes(reserved: list[tuple[str, str]]) -> None:
    check = _check(_inventory([("reserved", first, last) for first, last in reserved]))
    assert check.name == f"addresses {_POOL}"
    assert (check.is_ok, check.message) == (True, "MAAS has reserved these addresses")


@pytest.mark.parametrize(
    "reserved",
    [
        [],
        [("10.5.0.201", "10.5.0.220")],
        [("10.5.0.200", "10.5.0.209"), ("10.5.0.211", "10.5.0.220")],
    ],
)
def test_pool_that_is_not_wholly_reserved_fails(reserved: list[tuple[str, str]]) -> None:
    ranges = [("reserved", first, last) for first, last in reserved]
    check = _check(_inventory([*ranges, ("dynamic", "10.5.0.1", "10.5.0.99")]))
    assert not check.is_ok
    assert check.fix == (
        "maas lab ipranges create type=reserved start_ip=10.5.0.200 end_ip=10.5.0.220"
        " comment=metallb"
    )


def test_pool_in_the_range_of_the_dhcp_server_fails() -> None:
    check = _check(_inventory([("dynamic", "10.5.0.220", "10.5.0.250")]))
    assert check.message == (
        "the DHCP server of MAAS assigns addresses from 10.5.0.220-10.5.0.250"
    )


def test_pool_with_the_address_of_a_machine_fails() -> None:
    check = _check(_inventory([("reserved", "10.5.0.1", "10.5.0.250")]), "10.5.0.11-10.5.0.20")
    assert check.message == "the machine node1 has the address 10.5.0.11"


def test_unknown_ranges_are_not_checked_and_name_the_command() -> None:
    check = _check(_inventory(None))
    assert (check.is_ok, check.is_skipped) == (True, True)
    assert check.fix == (
        "add the output of a further command with --maas FILE: maas lab ipranges read"
    )


def test_pool_outside_the_subnets_of_maas_passes() -> None:
    check = _check(_inventory([("dynamic", "10.6.0.1", "10.6.0.9")], ["10.6.0.0/24"]))
    assert check.message == "MAAS assigns no addresses there"
