"""The virtual address of the API servers, in the bundle and in the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.assessments import assess_layer, of_rule, paths_of

ADDRESS = "10.0.0.5"
TWO = {"node1": {"roles": ["etcd", "worker", "load-balancer"]}}


def layer(keepalived: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return a layer with the section `keepalived`."""
    section = {"address": ADDRESS} if keepalived is None else keepalived
    kubernetes = {
        "profile": "charmed-k8s", "keepalived": section, **changes.pop("kubernetes", {}),
    }  # fmt: skip
    return {"juju": "3.6", "kubernetes": kubernetes, **changes}


def test_bundle_has_the_address_on_all_load_balancers(tmp_path: Path) -> None:
    """The API servers announce it, and the certificates have it."""
    section = {"address": ADDRESS, "hostname": "k8s.lab.example", "interface": "eno1"}
    networks = {"lan": {"cidr": "10.0.0.0/16"}}
    bundle = assess_layer(tmp_path, layer(section, machines=TWO, networks=networks)).bundle
    assert bundle is not None
    options = {name: bundle.applications[name].options for name in bundle.applications}
    relations = [[str(end) for end in relation] for relation in bundle.relations]

    assert options["keepalived"] == {
        "virtual_ip": f"{ADDRESS}/16",
        "vip_hostname": "k8s.lab.example",
        "network_interface": "eno1",
        "router_id": 23,
    }
    assert options["kubernetes-control-plane"]["loadbalancer-ips"] == ADDRESS
    for name in ("kubernetes-control-plane", "kubeapi-load-balancer"):
        assert options[name]["extra_sans"] == f"{ADDRESS} k8s.lab.example"
    assert ["keepalived:juju-info", "kubeapi-load-balancer:juju-info"] in relations


def test_lab_without_the_section_has_no_keepalived(tmp_path: Path) -> None:
    """Settings for it have no effect then."""
    changes = {
        "juju": "3.6",
        "kubernetes": {"profile": "charmed-k8s"},
        "applications": {"keepalived": {"options": {"router_id": 7}}},
    }
    assessment = assess_layer(tmp_path, changes)

    assert assessment.bundle is not None
    assert "keepalived" not in assessment.bundle.applications
    (finding,) = of_rule(assessment.findings, "BL011")
    assert finding.fix.startswith("add the section `kubernetes: {keepalived: {address: ADDRESS}}`")


@pytest.mark.parametrize(("profile", "juju"), [("canonical-k8s", "3.6"), ("k8s-1.13", "2.9")])
def test_profile_without_keepalived_is_reported_once(
    profile: str, juju: str, tmp_path: Path
) -> None:
    changes = {**layer(kubernetes={"profile": profile}), "juju": juju}
    findings = assess_layer(tmp_path, changes).findings

    assert paths_of(findings, "BL159") == ["kubernetes.keepalived"]
    assert of_rule(findings, "BL166") + of_rule(findings, "BL167") == []


LAN = {"cidr": "10.0.0.0/24", "gateway": "10.0.0.1", "dhcp": ["10.0.0.100-10.0.0.199"]}


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        (
            layer(machines={"node3": {"roles": ["worker"]}}),
            "kubernetes.keepalived",
            "no machine has the role",
        ),
        (
            layer(kubernetes={"api-addresses": ["10.0.0.6"]}),
            "kubernetes.api-addresses",
            "exclude each other",
        ),
        (
            layer({"address": "10.0.0.1"}, networks={"lan": LAN}),
            "kubernetes.keepalived.address",
            "belongs to the gateway of networks.lan",
        ),
        (
            layer({"address": "10.0.0.150"}, networks={"lan": LAN}),
            "kubernetes.keepalived.address",
            "belongs to the DHCP range 10.0.0.100-10.0.0.199",
        ),
        (
            layer(machines={"node1": {"addresses": [ADDRESS]}}),
            "kubernetes.keepalived.address",
            "belongs to machine node1",
        ),
        (
            layer({"address": "10.0.0.0"}, networks={"lan": LAN}),
            "kubernetes.keepalived.address",
            "is the network address of networks.lan",
        ),
        (
            layer({"address": "10.0.0.255"}, networks={"lan": LAN}),
            "kubernetes.keepalived.address",
            "is the broadcast address of networks.lan",
        ),
        (
            layer({"address": "10.0.1.5"}, networks={"lan": LAN}),
            "kubernetes.keepalived.address",
            "in none of the machines' networks",
        ),
        (
            layer(
                machines={"node1": {**TWO["node1"], "addresses": ["10.1.0.7"]}},
                networks={"lan": LAN, "rack1": {"cidr": "10.1.0.0/24"}},
            ),
            "machines.node1.addresses",
            "cannot move it there",
        ),
    ],
)
def test_address_that_leads_to_no_load_balancer_is_reported(
    changes: dict[str, Any], path: str, message: str, tmp_path: Path
) -> None:
    (finding,) = of_rule(assess_layer(tmp_path, changes).findings, "BL166")

    assert paths_of([finding], "BL166") == [path]
    assert message in finding.message


def test_both_addresses_of_a_point_to_point_network_can_be_used(tmp_path: Path) -> None:
    for address in ("10.0.0.4", "10.0.0.5"):
        changes = layer({"address": address}, networks={"lan": {"cidr": "10.0.0.4/31"}})
        findings = assess_layer(tmp_path, changes).findings
        assert "kubernetes.keepalived.address" not in paths_of(findings, "BL166")


def test_free_address_of_the_network_is_not_reported(tmp_path: Path) -> None:
    changes = layer(machines=TWO, networks={"lan": LAN})
    findings = assess_layer(tmp_path, changes).findings

    assert of_rule(findings, "BL166") + of_rule(findings, "BL167") == []


def test_single_load_balancer_is_a_warning(tmp_path: Path) -> None:
    findings = assess_layer(tmp_path, layer()).findings

    assert paths_of(findings, "BL167") == ["kubernetes.keepalived"]


def test_pool_must_not_contain_the_virtual_address(tmp_path: Path) -> None:
    pools = {"default": {"addresses": ["10.0.0.1-10.0.0.9"]}}
    findings = assess_layer(tmp_path, layer(metallb={"pools": pools})).findings

    assert f"the virtual address of the API servers ({ADDRESS})" in " ".join(
        finding.message for finding in of_rule(findings, "BL031")
    )


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ({}, "address"),
        ({"address": "k8s.lab.example"}, "not an IP address"),
        ({"address": ADDRESS, "hostname": "10.0.0.5"}, "not a host name"),
        ({"address": ADDRESS, "interface": "a b"}, "not the name of a network interface"),
        ({"address": ADDRESS, "router-id": 256}, "255"),
    ],
)
def test_malformed_section_is_reported(
    section: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    findings = assess_layer(tmp_path, layer(section), is_valid=False).findings

    errors = [finding for finding in findings if finding.id < "BL010"]
    assert len(errors) == 1
    assert problem in errors[0].message + errors[0].fix + str(errors[0].path)
