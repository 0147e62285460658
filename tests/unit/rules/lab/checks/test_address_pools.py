"""Rules about MetalLB's address pools, from the site's section and from raw options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.assessment import Request, assess
from botlab.findings import Finding, path_text
from helpers.assessments import assess_layer, of_rule

ROOT = Path(__file__).resolve().parents[5]
POOLS = {"default": {"addresses": ["10.0.0.150-10.0.0.160"]}}
OPTIONS = "applications.metallb.options"
WEB = {"name": "web", "protocol": "layer2", "addresses": ["10.0.0.150-10.0.0.160"]}
PEER = {"peer-address": "10.0.0.1", "peer-asn": 64501, "my-asn": 64500}
ROUTED = {**WEB, "protocol": "bgp", "addresses": ["172.16.0.0/28"]}


def pool_findings(
    directory: Path, section_pools: dict[str, Any] = POOLS, /, **options: str
) -> dict[str, Finding]:
    """Return the findings about MetalLB by their keys, with raw options of the charm."""
    layer: dict[str, Any] = {"metallb": {"pools": section_pools}}
    if options:
        layer["applications"] = {"metallb": {"options": options}}
    findings = assess_layer(directory, layer).findings
    return {
        path_text(finding.path): finding
        for finding in findings
        if "metallb" in finding.path and finding.id != "BL015"
    }


def rule_ids(findings: dict[str, Finding]) -> dict[str, str]:
    """Return the id of the finding at each key."""
    return {path: finding.id for path, finding in findings.items()}


@pytest.mark.parametrize(
    ("pool", "rule"),
    [
        ("192.168.1.240-192.168.1.250", ""),
        ("192.168.1.5-192.168.1.12", "BL031"),
        ("192.168.1.150-192.168.1.160", "BL031"),
        ("10.1.3.0/24", "BL031"),
        ("172.16.0.0/28", "BL033"),
    ],
)
def test_pool_must_be_inside_the_lan_and_avoid_machines_dhcp_and_pods(
    tmp_path: Path, pool: str, rule: str
) -> None:
    """The guide's site has all of these networks."""
    site = yaml.safe_load((ROOT / "examples/botlab/site.yaml").read_text(encoding="utf-8"))
    site["metallb"]["pools"]["default"]["addresses"] = [pool]
    file = tmp_path / "site.yaml"
    file.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")
    ids = {
        finding.id
        for finding in assess(Request(file)).findings
        if path_text(finding.path) == "metallb.pools.default.addresses[0]"
    }

    assert rule in ids if rule else ids == set()


def test_pool_does_not_contain_the_address_of_the_api_servers(tmp_path: Path) -> None:
    layer = {
        "juju": "3.6",
        "kubernetes": {"profile": "charmed-k8s", "api-addresses": ["10.0.0.155"]},
        "metallb": {"pools": POOLS},
    }
    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL031")

    assert path_text(finding.path) == "metallb.pools.default.addresses[0]"
    assert finding.message == (
        "pool default (10.0.0.150-10.0.0.160) overlaps the address of the API servers (10.0.0.155)"
    )


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        ("10.0.0.150-10.0.0.160", {}),
        ("10.0.0.150/32 10.0.0.12/32", {"addresses[1]": "BL031"}),
        ("10.0.0.150 - 10.0.0.160,10.0.0.160/31", {"addresses[1]": "BL032"}),
        ("172.16.0.0/28", {"addresses[0]": "BL033"}),
        ("10.0.0.150", {"addresses[0]": "BL086"}),
        ("10.0.0.160-10.0.0.150", {"addresses[0]": "BL086"}),
    ],
)
def test_raw_option_addresses_is_checked_instead_of_the_section(
    tmp_path: Path, addresses: str, expected: dict[str, str]
) -> None:
    """The finding is at the option, where the addresses are written."""
    findings = pool_findings(tmp_path, addresses=addresses)

    assert rule_ids(findings) == {f"{OPTIONS}.{key}": rule for key, rule in expected.items()}


def configuration(*pools: dict[str, Any], **keys: Any) -> str:
    """Return MetalLB's configuration with some pools."""
    return yaml.safe_dump({"address-pools": list(pools), **keys})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (configuration(WEB), {}),
        (configuration(ROUTED, peers=[PEER]), {}),
        (configuration(ROUTED), {".address-pools[0].protocol": "BL036"}),
        (configuration(WEB, {**WEB, "name": "b"}), {".address-pools[1].addresses[0]": "BL032"}),
        (yaml.safe_dump([{**WEB, "addresses": ["10.0.0.12/32"]}]), {"[0].addresses[0]": "BL031"}),
        ("nothing", {"": "BL086"}),
        ("[", {"": "BL086"}),
    ],
)
def test_raw_option_pools_is_checked_as_configuration_or_as_list_of_pools(
    tmp_path: Path, text: str, expected: dict[str, str]
) -> None:
    """Text that is neither is reported too."""
    findings = pool_findings(tmp_path, pools=text, addresses="")

    assert rule_ids(findings) == {f"{OPTIONS}.pools{key}": rule for key, rule in expected.items()}


def test_both_options_at_once_are_an_error(tmp_path: Path) -> None:
    """The section sets `addresses`, and the raw option is `pools`."""
    pools = configuration({**WEB, "addresses": ["10.0.0.170/32"]})
    (finding,) = pool_findings(tmp_path, pools=pools).values()

    assert (finding.id, path_text(finding.path)) == ("BL086", f"{OPTIONS}.pools")
    assert finding.message == "the options addresses and pools are both set"


def test_findings_about_pools_of_the_section_are_at_the_section(tmp_path: Path) -> None:
    """Several pools are rendered to the option `pools`."""
    pools = {
        "a": {"addresses": ["10.0.0.150/32", "10.1.0.0/24"], "protocol": "bgp"},
        "b": {"addresses": ["10.0.0.150/32"]},
    }

    assert rule_ids(pool_findings(tmp_path, pools)) == {
        "metallb.pools.a.addresses[1]": "BL031",
        "metallb.pools.a.protocol": "BL036",
        "metallb.pools.b.addresses[0]": "BL032",
    }
