"""A site with one wrong thing in each of forty places: all are named, and no other place is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.findings import Finding, Severity, path_text
from botlab.assessment import Request, assess

Faults = dict[str, Any]


def good_site() -> dict[str, Any]:
    """Return a site without errors, large enough to hold forty faults."""
    machines = {
        f"node{number}": {
            "tags": [f"node{number}"],
            "roles": ["worker"],
            "addresses": [f"10.0.0.{number + 10}"],
        }
        for number in range(20)
    }
    machines["node0"]["roles"] = ["easyrsa", "etcd", "control-plane"]
    machines["node1"]["roles"] = ["etcd", "control-plane"]
    machines["node2"]["roles"] = ["etcd", "load-balancer"]
    pools = {f"pool{n}": {"addresses": [f"10.0.0.{200 + n}/32"]} for n in range(8)}
    return {
        "site": "lab",
        "juju": "2.9",
        "kubernetes": {"profile": "k8s-1.13"},
        "machines": machines,
        "networks": {"lan": {"cidr": "10.0.0.0/24", "gateway": "10.0.0.1", "dhcp": []}},
        "nfs": {"server": "node0"},
        "metallb": {"version": "v0.8.1", "pools": pools},
        "kubeflow": {"version": "0.6.2"},
        "gpu": {"stack": "charm"},
        "applications": {
            "etcd": {"options": {}},
            "kubernetes-worker": {"options": {}, "to": [f"node{n}" for n in range(3, 20)]},
            "kubernetes-master": {"options": {}},
        },
    }


def rule_faults() -> Faults:
    """Return forty values of the right type that a rule, ours or Juju's, calls an error."""
    workers = "applications.kubernetes-worker"
    masters = "applications.kubernetes-master"
    faults: Faults = {
        f"machines.node{n}.constraints": "tags=x,^x" for n in range(3, 9)
    }  # BL029 (the tags of the machine come behind, so they are given here)
    faults |= {f"machines.node{n}.addresses[0]": "10.0.0.10" for n in range(9, 15)}  # BL035
    faults |= {f"machines.node{n}.constraints": "mem=lots" for n in range(15, 20)}  # Juju's
    faults |= {f"metallb.pools.pool{n}.addresses[0]": "10.1.0.0/24" for n in range(1)}  # BL031
    faults |= {f"metallb.pools.pool{n}.addresses[0]": f"10.152.183.{n}/32" for n in range(1, 6)}
    faults |= {f"metallb.pools.pool{n}.protocol": "bgp" for n in (6, 7)}  # BL036
    faults |= {
        "metallb.version": "v0.14.9",  # BL065
        "nfs.server": "node99",  # BL013
        "nfs.path": "/etc",  # BL070
        "networks.lan.gateway": "10.9.9.9",  # BL064
        "networks.lan.dhcp[0]": "10.9.9.10-10.9.9.20",  # BL064
        "applications.etcd.options.chanel": "3.2/stable",  # BL045
        "applications.etcd.options.port": "twelve",  # Juju's option type
        f"{workers}.options.docker_runtime": "podman",  # BL046
        f"{workers}.options.ingress": "perhaps",  # Juju's option type
        f"{workers}.options.labls": "a=b",  # BL045
        f"{workers}.to[17]": "node77",  # BL012
        f"{masters}.options.allow-privileged": "yes",  # BL046
        f"{masters}.options.dns_domian": "x",  # BL045
        "applications.flanel": {},  # BL011
        "applications.docker": {},  # BL011
        "kubeflow.version": "0.6.9",  # BL074
        "kubeflow.hostname": "kubeflow.cluster.local",  # BL080
        "applications.kubeflow-installer.resources.kfctl": "./kfctl.zip",  # BL083
    }
    return faults


TYPE_FAULTS: Faults = {
    "kubernetes.dashboard": "maybe",
    "kubernetes.dns-domain": ["x"],
    "kubernetes.extra-sans": {"a": 1},
    "kubernetes.colour": "red",
    "networks.pods": "10.0.0.0/99",
    "networks.services": "x",
    "gpu.stack": "both",
    "nvidia.pins": ["x"],
    "nvidia.default-runtime": "perhaps",
    "nfs.storage-class": "No Good",
    "kubeflow.user": "nobody",
    "kubeflow.tls-secret": "no-namespace",
    "kubeflow.kfctl-url": "http://files.lab.example/unpinned.tar.gz",
    "charms.source": "shop",
    "proxy.no-proxy": "x",
    **{f"machines.node{n}.gpu": "perhaps" for n in range(3, 10)},
}


def put(data: Any, path: str, value: Any) -> None:
    """Set a value in nested mappings and lists, making what is missing."""
    *parents, last = [
        int(p) if p.isdigit() and "[" in path else p
        for p in path.replace("[", ".").replace("]", "").split(".")
    ]
    for key, follower in zip(parents, [*parents[1:], last], strict=True):
        if not isinstance(key, int):
            data = data.setdefault(key, [] if isinstance(follower, int) else {})
    if isinstance(last, int):
        data[last:] = [value]
    else:
        data[last] = value


def errors(tmp_path: Path, faults: Faults) -> list[Finding]:
    """Return the errors of the good site with these faults put in."""
    data = good_site()
    for path, value in faults.items():
        put(data, path, value)
    site = tmp_path / "site.yaml"
    site.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return [f for f in assess(Request(site)).findings if f.severity is Severity.ERROR]


def test_the_good_site_has_no_error(tmp_path: Path) -> None:
    """So every error below comes from a fault put in."""
    assert errors(tmp_path, {}) == []


MIXED = dict([*rule_faults().items()][::2]) | TYPE_FAULTS


@pytest.mark.parametrize("faults", [rule_faults(), MIXED], ids=["rules", "mixed"])
def test_forty_faults_are_forty_places(tmp_path: Path, faults: Faults) -> None:
    """Every fault has an error with a mend at its path, and no other path has one."""
    found = errors(tmp_path, faults)

    assert len(faults) >= 40
    assert {path_text(finding.path) for finding in found} ^ set(faults) == set()
    assert all(finding.fix and finding.id for finding in found)
