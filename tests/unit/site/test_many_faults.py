"""A site file with forty faults gets an error for each of them, and no other error."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.assessment import Request, assess
from botlab.findings import Finding, Severity, path_text

# Wrong values, by key path.
Faults = dict[str, Any]

ROLES = {
    "node0": ["easyrsa", "etcd", "control-plane"],
    "node1": ["etcd", "control-plane"],
    "node2": ["etcd", "load-balancer"],
}
SECTIONS = {
    "site": "lab",
    "juju": "2.9",
    "kubernetes": {"profile": "k8s-1.13"},
    "networks": {"lan": {"cidr": "10.0.0.0/24", "gateway": "10.0.0.1", "dhcp": []}},
    "nfs": {"server": "node0"},
    "kubeflow": {"version": "0.6.2"},
    "gpu": {"stack": "charm"},
    "applications": {
        "etcd": {"options": {}},
        "kubernetes-worker": {"options": {}, "to": [f"node{n}" for n in range(3, 20)]},
        "kubernetes-master": {"options": {}},
    },
}


def valid_site() -> dict[str, Any]:
    """Return a site without errors that has room for forty faults."""
    machines = {
        f"node{number}": {
            "tags": [f"node{number}"],
            "roles": ROLES.get(f"node{number}", ["worker"]),
            "addresses": [f"10.0.0.{number + 10}"],
        }
        for number in range(20)
    }
    pools = {f"pool{n}": {"addresses": [f"10.0.0.{200 + n}/32"]} for n in range(8)}
    metallb = {"version": "v0.8.1", "pools": pools}
    return copy.deepcopy({**SECTIONS, "machines": machines, "metallb": metallb})


WORKERS = "applications.kubernetes-worker"
MASTERS = "applications.kubernetes-master"
# Values of the right type that a rule of the lab or of Juju reports as an error.
RULE_FAULTS: Faults = {
    # BL029. The tags of the machine follow its constraints, so the constraints have tags.
    **{f"machines.node{n}.constraints": "tags=x,^x" for n in range(3, 9)},
    **{f"machines.node{n}.addresses[0]": "10.0.0.10" for n in range(9, 15)},  # BL035
    **{f"machines.node{n}.constraints": "mem=lots" for n in range(15, 20)},  # a rule of Juju
    "metallb.pools.pool0.addresses[0]": "10.1.0.0/24",  # BL031
    **{f"metallb.pools.pool{n}.addresses[0]": f"10.152.183.{n}/32" for n in range(1, 6)},
    **{f"metallb.pools.pool{n}.protocol": "bgp" for n in (6, 7)},  # BL036
    "metallb.version": "v0.14.9",  # BL065
    "nfs.server": "node99",  # BL013
    "nfs.path": "/etc",  # BL070
    "networks.lan.gateway": "10.9.9.9",  # BL064
    "networks.lan.dhcp[0]": "10.9.9.10-10.9.9.20",  # BL064
    "applications.etcd.options.chanel": "3.2/stable",  # BL045
    "applications.etcd.options.port": "twelve",  # the type of an option, a rule of Juju
    f"{WORKERS}.options.docker_runtime": "podman",  # BL046
    f"{WORKERS}.options.ingress": "perhaps",  # the type of an option, a rule of Juju
    f"{WORKERS}.options.labls": "a=b",  # BL045
    f"{WORKERS}.to[17]": "node77",  # BL012
    f"{MASTERS}.options.allow-privileged": "yes",  # BL046
    f"{MASTERS}.options.dns_domian": "x",  # BL045
    "applications.flanel": {},  # BL011
    "applications.docker": {},  # BL011
    "kubeflow.version": "0.6.9",  # BL074
    "kubeflow.hostname": "kubeflow.cluster.local",  # BL080
    "applications.kubeflow-installer.resources.kfctl": "./kfctl.zip",  # BL083
}
# Values that the model of the site file refuses.
MODEL_FAULTS: Faults = {
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


def set_value(site: Any, path: str, fault: Any) -> None:
    """Set a value in nested mappings and lists, and create those that are missing."""
    has_index = "[" in path
    parts = path.replace("[", ".").replace("]", "").split(".")
    *parents, last = [int(part) if part.isdigit() and has_index else part for part in parts]
    for key, next_key in zip(parents, [*parents[1:], last], strict=True):
        if not isinstance(key, int):
            site = site.setdefault(key, [] if isinstance(next_key, int) else {})
    if isinstance(last, int):
        site[last:] = [fault]
    else:
        site[last] = fault


def errors_of(directory: Path, faults: Faults) -> list[Finding]:
    """Return the errors of the valid site with some faults."""
    site = valid_site()
    for path, fault in faults.items():
        set_value(site, path, fault)
    file = directory / "site.yaml"
    file.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")
    findings = assess(Request(file)).findings
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def test_site_without_faults_has_no_errors(tmp_path: Path) -> None:
    """The errors of the other test therefore come from its faults."""
    assert errors_of(tmp_path, {}) == []


MIXED_FAULTS = dict([*RULE_FAULTS.items()][::2]) | MODEL_FAULTS


@pytest.mark.parametrize("faults", [RULE_FAULTS, MIXED_FAULTS], ids=["rules", "mixed"])
def test_each_of_forty_faults_has_an_error_and_no_other_value_has_one(
    tmp_path: Path, faults: Faults
) -> None:
    """Every error has an id, the path of a fault, and a fix."""
    errors = errors_of(tmp_path, faults)

    assert len(faults) >= 40
    assert {path_text(finding.path) for finding in errors} ^ set(faults) == set()
    assert all(finding.fix and finding.id for finding in errors)
