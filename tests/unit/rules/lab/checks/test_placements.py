"""Rules about the machines that units are placed on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.catalogue.model import Charm
from botlab.juju import Juju
from helpers.assessments import assess_layer, bundle_findings, of_rule, paths_of


def unit_of(charm: str, *placements: str, **keys: Any) -> dict[str, Any]:
    """Return an application with placed units."""
    return {"charm": charm, "num_units": len(placements), "to": list(placements), **keys}


@pytest.mark.parametrize(
    ("constraints", "ignored"),
    [
        ("arch=arm64", ""),
        ("arch=amd64 mem=4G", "mem=4G"),
        ("cores=2 arch=amd64 root-disk=8G", "cores=2 root-disk=8G"),
    ],
)
def test_constraint_arch_is_not_reported(constraints: str, ignored: str) -> None:
    """It decides for which architecture Juju takes the charm."""
    app = unit_of("ubuntu", "0", channel="stable", revision=24, constraints=constraints)
    bundle = {"applications": {"a": app}, "machines": {"0": {}}}
    findings = of_rule(bundle_findings(bundle, Juju.V3_6), "BL025")

    assert [finding.message for finding in findings] == [
        f"the constraints {ignored!r} of a have no effect in this deployment, because all its"
        " units are placed on declared machines"
    ][: bool(ignored)]


@pytest.mark.parametrize(("units", "is_reported"), [(1, True), (2, False), (0, False)])
def test_units_beyond_the_placements_take_the_constraints(units: int, is_reported: bool) -> None:
    """Juju adds machines for them."""
    app = {"charm": "cs:a-1", "num_units": units, "to": ["0"][:units], "constraints": "mem=4G"}
    bundle = {"applications": {"a": app}, "machines": {"0": {}}}

    assert paths_of(bundle_findings(bundle), "BL025") == ["applications.a.constraints"] * (
        is_reported
    )


@pytest.mark.parametrize(
    ("port", "is_reported"), [(8443, False), ("6443", False), (443, True), (80, True)]
)
def test_load_balancer_on_another_port_does_not_meet_the_ingress(
    port: int | str, is_reported: bool
) -> None:
    """The ingress listens on 80 and 443. The fix names the option and the bundle's keys."""
    applications = {
        "lb": unit_of("cs:~containers/kubeapi-load-balancer-617", "0", options={"port": port}),
        "w": unit_of("cs:~containers/kubernetes-worker-508", "0"),
    }
    findings = bundle_findings({"applications": applications, "machines": {"0": {}}}, Juju.V2_6)

    assert [finding.fix for finding in of_rule(findings, "BL023")] == [
        "place one of them on another machine, set the option port of lb to another port, or set"
        " ingress of w to false"
    ] * is_reported


def test_fix_of_a_shared_port_names_the_option_only_if_the_charm_has_it(tmp_path: Path) -> None:
    """Today's load balancer has no option `port`."""
    machines = {"node3": {"roles": ["load-balancer", "worker"]}}
    layer = {"machines": machines, "juju": "3.6", "kubernetes": {"profile": "charmed-k8s"}}
    (today,) = of_rule(assess_layer(tmp_path, layer).findings, "BL023")
    (of_2019,) = of_rule(assess_layer(tmp_path, {"machines": machines}).findings, "BL023")

    assert "option port" not in today.fix
    assert "set the option port of kubeapi-load-balancer to another port" in of_2019.fix
    assert today.fix.endswith("or set kubernetes.ingress: false")


@pytest.mark.parametrize(
    ("charm", "is_proposed"),
    [
        ("cs:~containers/kubernetes-master-542", False),
        ("cs:~containers/kubernetes-master-700", False),
        ("cs:~containers/kubernetes-master-912", True),
        ("./kubernetes-master", False),
    ],
)
def test_container_is_proposed_for_a_control_plane_whose_charm_has_an_lxd_profile(
    charm: str, is_proposed: bool
) -> None:
    """The charms of 2019 do not run there."""
    applications = {"m": unit_of(charm, "0"), "w": unit_of("cs:kubernetes-worker-398", "0")}
    bundle = {"applications": applications, "machines": {"0": {}}}
    (finding,) = of_rule(bundle_findings(bundle), "BL022")

    assert ("lxd:MACHINE" in finding.fix) is is_proposed
    assert finding.fix.startswith("place the workers on other machines")


def test_control_plane_of_2019_in_a_container_is_reported(tmp_path: Path) -> None:
    """Once for all its units."""
    layer = {"applications": {"kubernetes-master": {"to": ["node0", "lxd:node1", "lxd:node2"]}}}
    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL114")

    assert finding.path == ("applications", "kubernetes-master", "to", 1)
    assert finding.message == (
        "the charm kubernetes-master of kubernetes-master has no LXD profile, so kube-proxy and"
        " the container network do not start in a container"
    )


@pytest.mark.parametrize(
    ("charm", "placement", "is_reported"),
    [
        ("cs:~containers/kubernetes-worker-549", "lxd:0", True),
        ("cs:~containers/kubernetes-worker-613", "lxd:0", False),
        ("cs:~containers/kubernetes-worker-549", "kvm:0", False),
        ("cs:~containers/etcd-378", "lxd:0", False),
        ("./kubernetes-worker", "lxd:0", False),
    ],
)
def test_worker_in_a_container_is_judged_by_its_revision(
    charm: str, placement: str, is_reported: bool
) -> None:
    """A virtual machine has its own kernel, and etcd needs no privileges."""
    bundle = {"applications": {"w": unit_of(charm, placement)}, "machines": {"0": {}}}

    assert paths_of(bundle_findings(bundle), "BL114") == ["applications.w.to[0]"] * is_reported


@pytest.mark.parametrize(("kind", "is_reported"), [("", True), ("kubernetes", False)])
def test_labels_of_nodes_are_not_host_names(kind: str, is_reported: bool) -> None:
    """In a bundle for Kubernetes, placements select nodes."""
    app = unit_of("local:a", "kubernetes.io/hostname=node1.maas")
    bundle = {"bundle": kind, "applications": {"a": app}}

    assert paths_of(bundle_findings(bundle), "BL024") == ["applications.a.to[0]"] * is_reported


@pytest.mark.parametrize(("container", "is_reported"), [("lxd", True), ("kvm", False)])
def test_nfs_server_runs_in_a_virtual_machine(container: str, is_reported: bool) -> None:
    """It has a kernel of its own, and so an NFS server."""
    app = unit_of("./nfs-server.charm", f"{container}:0")
    bundle = {"applications": {"s": app}, "machines": {"0": {}}}

    assert paths_of(bundle_findings(bundle), "BL060") == ["applications.s.to[0]"] * is_reported


@pytest.mark.parametrize("has_profile", [True, False, None])
def test_local_charm_says_itself_whether_it_has_an_lxd_profile(has_profile: bool | None) -> None:
    """A charm that is not known is not reported."""
    charms = {"m": Charm("kubernetes-master", has_lxd_profile=has_profile)}
    bundle = {
        "applications": {"m": unit_of("./kubernetes-master.charm", "lxd:0")},
        "machines": {"0": {}},
    }
    findings = bundle_findings(bundle, charms=charms)

    assert paths_of(findings, "BL114") == ["applications.m.to[0]"] * (has_profile is False)
