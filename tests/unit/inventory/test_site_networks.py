"""The networks of a proposed site besides that of most machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.cli import main
from helpers.maas_releases import RELEASES, answer, interface, ip_range, link, machine, subnet

Captured = pytest.CaptureFixture[str]
Fields = dict[str, Any]


def host(name: str, *subnets: Fields, **fields: Any) -> Fields:
    """Return a machine that is linked to subnets."""
    cards = [interface("3.6", f"eth{n}", [link(entry)]) for n, entry in enumerate(subnets)]
    return machine("3.6", name, name, interface_set=cards, **fields)


def init_site(directory: Path, *answers: list[Fields], arguments: tuple[str, ...] = ()) -> Path:
    """Write a site file for answers of MAAS, and return its path."""
    site, options = directory / "lab.yaml", list(arguments)
    for number, entries in enumerate(answers):
        path = directory / f"ranges{number}.json"
        path.write_text(answer(entries), encoding="utf-8")
        options += ["--maas", str(path)]
    assert main(["init", "lab", *options, "-o", str(site)]) == 0
    return site


def content(site: Path) -> Fields:
    """Return a site file."""
    return yaml.safe_load(site.read_text("utf-8"))


def errors_of(site: Path, capsys: Captured, *options: str) -> list[str]:
    """Return the ids of the errors about a site, and of warnings about its networks."""
    capsys.readouterr()
    main(["validate", str(site), "--format", "json", *options])
    return [
        finding["id"]
        for finding in json.loads(capsys.readouterr().out)["findings"]
        if finding["severity"] == "error" or finding["path"].startswith(("networks", "nfs.net"))
    ]


def two_racks(release: str) -> list[Fields]:
    """Return forty machines in two racks, each with a subnet of its own."""
    racks = {"rack-a": "10.5.0.0/24", "rack-b": "10.6.0.0/24"}
    return [
        machine(
            release,
            f"{rack}-{number:02}",
            f"{rack}-{number:02}",
            zone=rack,
            interface_set=[interface(release, "eth0", [link(subnet(release, cidr, space="lab"))])],
        )
        for rack, cidr in racks.items()
        for number in range(20)
    ]


@pytest.mark.parametrize("release", RELEASES)
def test_network_of_a_second_rack_is_written_with_all_that_maas_knows(
    release: str, tmp_path: Path, capsys: Captured
) -> None:
    """Its machines mount the storage, too."""
    ranges = [
        ip_range(release, "dynamic", "10.5.0.100", "10.5.0.199"),
        ip_range(release, "dynamic", "10.6.0.50", "10.6.0.99"),
        ip_range(release, "dynamic", "10.6.0.150", "10.6.0.199"),
    ]
    subnets = [subnet(release, cidr, space="lab") for cidr in ("10.5.0.0/24", "10.6.0.0/24")]
    site = init_site(tmp_path, two_racks(release), ranges, subnets)

    assert content(site)["networks"] == {
        "lan": {
            "cidr": "10.5.0.0/24",
            "gateway": "10.5.0.1",
            "dhcp": ["10.5.0.100-10.5.0.199"],
            "space": "lab",
        },
        "rack-b": {
            "cidr": "10.6.0.0/24",
            "gateway": "10.6.0.1",
            "dhcp": ["10.6.0.50-10.6.0.99", "10.6.0.150-10.6.0.199"],
            "space": "lab",
        },
    }
    assert content(site)["nfs"]["networks"] == ["10.5.0.0/24", "10.6.0.0/24"]
    files = [option for n in range(3) for option in ("--maas", str(tmp_path / f"ranges{n}.json"))]
    assert errors_of(site, capsys, *files) == []
    assert main(["render", str(site)]) == 0
    bundle = content(tmp_path / "bundle.yaml")
    assert bundle["applications"]["kubernetes-worker"]["bindings"] == {"": "lab"}


@pytest.mark.parametrize(
    ("fields", "zones", "name"),
    [
        ({"name": "Storage (fast)"}, ["rack1"], "storage-fast"),
        ({"name": "services"}, ["rack1"], "services-2"),
        ({"name": "10.6.0.0/24", "space": "backup"}, ["rack1", "rack2"], "backup"),
        ({"space": "lab"}, ["rack2"], "rack2"),
        ({"space": "lab"}, ["rack1", "rack2"], "network"),
        ({"name": "42", "space": "Space 1"}, ["rack1", "rack2"], "space-1"),
        ({"name": "\u96fb", "space": "lab"}, ["7"], "network"),
    ],
)
def test_further_network_has_a_name_that_people_gave(
    fields: Fields, zones: list[str], name: str, tmp_path: Path, capsys: Captured
) -> None:
    """That of the subnet, of a space of its own, or of the zone of its machines."""
    lan, further = subnet("3.6", space="lab"), subnet("3.6", "10.6.0.0/24", **fields)
    hosts = [host(f"m{n}", lan, zone=f"zone{n}") for n in range(4)]
    hosts += [host(f"n{n}", lan, further, zone=zone) for n, zone in enumerate(zones)]
    site = init_site(tmp_path, hosts)

    networks = content(site)["networks"]
    assert list(networks) == ["lan", name]
    assert networks[name]["cidr"] == "10.6.0.0/24"
    assert errors_of(site, capsys) == []


def test_networks_of_the_same_name_are_numbered(tmp_path: Path) -> None:
    cidrs = ["10.5.0.0/24", "10.6.0.0/24", "10.7.0.0/24"]
    subnets = [subnet("3.6", cidr, name="rack") for cidr in cidrs]
    site = init_site(tmp_path, [host("m0", *subnets)])

    assert list(content(site)["networks"]) == ["lan", "rack", "rack-2"]


def test_values_that_a_site_refuses_are_left_out(tmp_path: Path, capsys: Captured) -> None:
    """Overlapping subnets, gateways and ranges outside, and spaces that Juju names differently."""
    lan = subnet("3.6", space="My Space")
    wide = subnet("3.6", "10.0.0.0/8", name="wide")
    odd = subnet("3.6", "172.16.9.0/24", name="odd", gateway_ip="10.5.0.1", space="undefined")
    six = subnet("3.6", "2001:db8::/64", name="six", gateway_ip="2001:db8::1")
    ranges = [
        ip_range("3.6", "dynamic", "172.16.8.250", "172.16.9.9"),
        ip_range("3.6", "dynamic", "2001:db8::10", "2001:db8::20"),
    ]
    site = init_site(tmp_path, [host(f"m{n}", lan, wide, odd, six) for n in range(3)], ranges)

    networks = content(site)["networks"]
    assert networks == {
        "lan": {"cidr": "10.5.0.0/24", "gateway": "10.5.0.1"},
        "odd": {"cidr": "172.16.9.0/24"},
        "six": {
            "cidr": "2001:db8::/64",
            "gateway": "2001:db8::1",
            "dhcp": ["2001:db8::10-2001:db8::20"],
        },
    }
    assert "# 3 machines are also in 10.0.0.0/8" in site.read_text("utf-8")
    assert errors_of(site, capsys) == []


@pytest.mark.parametrize(("spaces", "space"), [(["lab", "lab"], "lab"), (["lab", "dmz"], None)])
def test_space_of_the_lan_is_written_if_all_machines_are_in_it(
    spaces: list[str], space: str | None, tmp_path: Path
) -> None:
    """It becomes the binding of all applications, which a machine in no such space refuses."""
    subnets = [subnet("3.6", f"10.{5 + n}.0.0/24", space=name) for n, name in enumerate(spaces)]
    hosts = [host("m0", subnets[0]), host("m1", subnets[0]), host("m2", subnets[1])]

    assert content(init_site(tmp_path, hosts))["networks"]["lan"].get("space") == space


@pytest.mark.parametrize("profile", ["charmed-k8s", "canonical-k8s", "k8s-1.13"])
@pytest.mark.parametrize(
    ("cidrs", "cluster"),
    [
        (["10.1.5.0/24"], {"pods": "10.244.0.0/16"}),
        (["10.5.0.0/24", "10.152.0.0/16"], {"services": "10.245.183.0/24"}),
        (["10.0.0.0/8"], {"services": "172.21.183.0/24", "pods": "172.20.0.0/16"}),
        (
            ["10.0.0.0/8", "172.16.0.0/12"],
            {"services": "100.65.183.0/24", "pods": "100.64.0.0/16"},
        ),
    ],
)
def test_networks_of_the_cluster_are_not_those_of_machines(
    cidrs: list[str], cluster: Fields, profile: str, tmp_path: Path, capsys: Captured
) -> None:
    """Where the default is, another private network is proposed (BL034)."""
    subnets = [subnet("3.6", cidr) for cidr in cidrs]
    site = init_site(
        tmp_path,
        [host(f"m{n}", *subnets) for n in range(4)],
        arguments=("--profile", profile),
    )

    networks = content(site)["networks"]
    assert {key: networks[key] for key in ("services", "pods") if key in networks} == cluster
    assert errors_of(site, capsys) == []


def test_networks_of_an_existing_cluster_stay_examples(tmp_path: Path) -> None:
    """MAAS does not know them."""
    hosts = [host("m0", subnet("3.6", "10.1.5.0/24")), host("m1", subnet("3.6", "10.6.0.0/24"))]
    site = init_site(tmp_path, hosts, arguments=("--profile", "existing"))

    assert set(content(site)["networks"]) == {"lan", "network"}
    assert content(site)["nfs"]["networks"] == ["10.1.5.0/24", "10.6.0.0/24"]
