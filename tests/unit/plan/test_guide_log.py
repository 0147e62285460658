"""The plan of the guide's lab, compared with the guide's deploy log.

The guide is the botlab guide of 2019, which this project started from.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab import plan
from botlab.assessment import Request, assess
from botlab.juju import Juju

ROOT = Path(__file__).resolve().parents[3]
RELATIONS = """
kubernetes-master:kube-api-endpoint - kubeapi-load-balancer:apiserver
kubernetes-master:loadbalancer - kubeapi-load-balancer:loadbalancer
kubernetes-master:kube-control - kubernetes-worker:kube-control
kubernetes-master:certificates - easyrsa:client
etcd:certificates - easyrsa:client
kubernetes-master:etcd - etcd:db
kubernetes-worker:certificates - easyrsa:client
kubernetes-worker:kube-api-endpoint - kubeapi-load-balancer:website
kubeapi-load-balancer:certificates - easyrsa:client
flannel:etcd - etcd:db
flannel:cni - kubernetes-master:cni
flannel:cni - kubernetes-worker:cni
""".strip().splitlines()
CHARMS = {
    "easyrsa-195": ["easyrsa"],
    "etcd-378": ["etcd", "snapshot"],
    "flannel-351": ["flannel-amd64", "flannel-arm64", "flannel-s390x"],
    "kubeapi-load-balancer-525": [],
    "kubernetes-master-542": [
        "cdk-addons",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-proxy",
        "kube-scheduler",
        "kubectl",
    ],
    "kubernetes-worker-398": [
        "cni-amd64",
        "cni-arm64",
        "cni-s390x",
        "kube-proxy",
        "kubectl",
        "kubelet",
    ],
}
UNITS = {
    "easyrsa": "0",
    "etcd": "012",
    "kubeapi-load-balancer": "0",
    "kubernetes-master": "03",
    "kubernetes-worker": "312",
}


def guide_log() -> list[str]:
    """Return the output of the guide's `juju deploy`, made from the facts above."""
    lines = [f"Resolving charm: cs:~containers/{charm}" for charm in CHARMS]
    lines.append("Executing changes:")
    for charm, resources in CHARMS.items():
        name, url = charm.rpartition("-")[0], f"cs:~containers/{charm}"
        lines.append(f"- upload charm {url} for series bionic")
        lines.append(f"- deploy application {name} on bionic using {url}")
        lines += [f"  added resource {resource}" for resource in resources]
        if name in ("kubeapi-load-balancer", "kubernetes-worker"):
            lines.append(f"- expose {name}")
        lines.append(f"- set annotations for {name}")
    lines += [f"- add new machine {machine}" for machine in range(4)]
    lines += [f"- add relation {relation}" for relation in RELATIONS]
    for name, machines in UNITS.items():
        lines += [
            f"- add unit {name}/{number} to new machine {machine}"
            for number, machine in enumerate(machines)
        ]
    return [*lines, "Deploy of bundle completed."]


def test_plan_of_the_reference_site_contains_the_guides_log_in_order() -> None:
    """This suite's charms only add lines."""
    assessment = assess(Request(ROOT / "examples/botlab/site.yaml", juju="2.6"))
    bundle, charms = assessment.bundle, assessment.charms
    assert bundle is not None
    changes = plan.changes(bundle, assessment.juju, charms=charms)
    lines = plan.located(bundle, assessment.juju) + plan.executed(changes, bundle, charms)
    printed = iter([line.text for line in lines])

    missing = [line for line in guide_log() if line not in printed]
    assert missing == []


@pytest.mark.parametrize(
    ("juju", "line"),
    [
        (Juju.V2_6, "- upload charm cs:~containers/etcd-378 for series bionic"),
        (
            Juju.V2_9,
            "- upload charm etcd from charm-store for series bionic with architecture=amd64",
        ),
    ],
)
def test_description_of_a_change_depends_on_the_juju_release(juju: Juju, line: str) -> None:
    """Each release has its own texts."""
    assessment = assess(Request(ROOT / "examples/botlab/site.yaml", juju=juju.value))
    assert assessment.bundle is not None
    changes = plan.changes(assessment.bundle, juju, charms=assessment.charms)

    assert plan.Line(line) in plan.dry_run(changes)
