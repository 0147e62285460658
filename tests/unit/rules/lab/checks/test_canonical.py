"""Rules about Canonical Kubernetes, and about sites whose profile does not use a part of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.assessment import Assessment, Request, assess
from botlab.findings import path_text
from helpers.assessments import bundle_findings, of_rule, paths_of

CONTROL = {"tags": ["a"], "roles": ["control-plane"]}
WORKER = {"tags": ["b"], "roles": ["worker"]}
MACHINES = {"a": CONTROL, "b": WORKER}
METALLB = {"pools": {"default": {"addresses": ["10.0.0.1-10.0.0.9"]}}}


def assess_site(directory: Path, machines: Any = MACHINES, **sections: Any) -> Assessment:
    """Assess a site of the profile canonical-k8s."""
    kubernetes = {"profile": "canonical-k8s", **sections.pop("kubernetes", {})}
    site = {"site": "lab", "juju": "3.6", "kubernetes": kubernetes, "machines": machines}
    path = directory / "site.yaml"
    path.write_text(yaml.safe_dump({**site, **sections}, sort_keys=False), encoding="utf-8")
    return assess(Request(path))


def relations_of(assessment: Assessment) -> set[tuple[str, ...]]:
    """Return the relations of the bundle."""
    assert assessment.bundle is not None
    return {tuple(pair) for pair in assessment.bundle.relations}


def test_smallest_site_has_no_errors_and_no_foreign_applications(tmp_path: Path) -> None:
    """Neither etcd nor easyrsa nor a load balancer is missing."""
    assessment = assess_site(tmp_path, {"a": CONTROL})

    assert assessment.bundle is not None
    assert list(assessment.bundle.applications) == ["k8s"]
    assert [finding.id for finding in assessment.findings] == ["BL021", "BL040"]
    # Two of them would be no better, because the database needs a majority (BL020).
    assert assessment.findings[0].fix == "give two more machines the role control-plane"


def test_cluster_without_control_plane_is_an_error(tmp_path: Path) -> None:
    findings = assess_site(tmp_path, {"b": WORKER}).findings

    assert [finding.message for finding in of_rule(findings, "BL118")] == [
        "no machine has the role control-plane, but the cluster needs k8s on one machine"
    ]


def test_own_charms_use_kube_control_alone(tmp_path: Path) -> None:
    """There is no certificates relation and no relation for the API's address."""
    assessment = assess_site(
        tmp_path, metallb=METALLB, nfs={"server": "a"}, kubeflow={"version": "26.03"}
    )

    assert relations_of(assessment) == {
        ("k8s:k8s-cluster", "k8s-worker:cluster"),
        ("k8s:containerd", "k8s-worker:containerd"),
        ("filesystem-client:juju-info", "k8s:juju-info"),
        ("filesystem-client:juju-info", "k8s-worker:juju-info"),
        ("filesystem-client:filesystem", "nfs-server:filesystem"),
        ("nfs-server:kube-control", "k8s:kube-control"),
        ("metallb:kube-control", "k8s:kube-control"),
        ("kubeflow-installer:kube-control", "k8s:kube-control"),
    }
    errors = [finding for finding in assessment.findings if finding.severity.value == "error"]
    assert errors == []


@pytest.mark.parametrize(
    ("with_gpu", "hosts"),
    [(["b"], ["k8s-worker"]), (["a"], ["k8s-worker", "k8s"]), (["a", "b"], ["k8s-worker", "k8s"])],
)
def test_nvidia_runtime_runs_where_pods_use_gpus(
    tmp_path: Path, with_gpu: list[str], hosts: list[str]
) -> None:
    """On a control plane with GPUs, too."""
    machines = {name: {**body, "gpu": name in with_gpu} for name, body in MACHINES.items()}
    assessment = assess_site(tmp_path, machines)
    own = [right for left, right in relations_of(assessment) if left == "nvidia-runtime:juju-info"]

    assert sorted(own) == sorted(f"{host}:juju-info" for host in hosts)
    assert of_rule(assessment.findings, "BL052") == []
    assert of_rule(assessment.findings, "BL053") == []


def test_archive_of_nvidia_runtime_is_for_the_control_plane_that_it_runs_on(
    tmp_path: Path,
) -> None:
    """No worker says which architecture the machine with GPUs has."""
    bundle = assess_site(tmp_path, {"a": {**CONTROL, "gpu": True, "arch": "arm64"}}).bundle
    runtime = bundle.applications["nvidia-runtime"] if bundle else None

    assert runtime is not None
    assert runtime.charm == "./charms/nvidia-runtime_jammy-noble_arm64.charm"


def test_gpu_on_the_only_control_plane_needs_no_worker(tmp_path: Path) -> None:
    assessment = assess_site(tmp_path, {"a": {**CONTROL, "gpu": True}})

    assert ("nvidia-runtime:juju-info", "k8s:juju-info") in relations_of(assessment)
    assert of_rule(assessment.findings, "BL052") == []


@pytest.mark.parametrize(
    ("sections", "options"),
    [
        ({}, {}),
        ({"metallb": METALLB}, {"load-balancer-enabled": False}),
        ({"nfs": {"server": "a"}}, {"local-storage-enabled": False}),
        ({"nfs": {"server": "a", "default-class": False}}, {}),
        ({"kubernetes": {"ingress": True}}, {"ingress-enabled": True}),
        ({"kubernetes": {"ingress": False}}, {}),
        (
            {"kubernetes": {"extra-sans": ["k8s.lab.example", "k8s"]}},
            {"kube-apiserver-extra-sans": "k8s.lab.example k8s"},
        ),
        (
            {"networks": {"pods": "10.2.0.0/16"}, "kubernetes": {"dns-domain": "lab.local"}},
            {"bootstrap-pod-cidr": "10.2.0.0/16", "dns-cluster-domain": "lab.local"},
        ),
    ],
)
def test_site_decides_the_options_of_k8s(
    tmp_path: Path, sections: dict[str, Any], options: dict[str, Any]
) -> None:
    """The features of the cluster that this project's charms replace are off."""
    bundle = assess_site(tmp_path, **sections).bundle
    assert bundle is not None
    application = bundle.applications["k8s"]

    assert application is not None
    assert application.options == {
        "bootstrap-pod-cidr": "10.1.0.0/16",
        "bootstrap-service-cidr": "10.152.183.0/24",
        "dns-cluster-domain": "cluster.local",
        **options,
    }


def test_machine_with_both_roles_is_an_error(tmp_path: Path) -> None:
    machines = {"a": {"tags": ["a"], "roles": ["control-plane", "worker"]}}
    (finding,) = of_rule(assess_site(tmp_path, machines).findings, "BL122")

    assert path_text(finding.path) == "machines.a"
    assert finding.message == (
        "machine 0 has units of k8s and k8s-worker, which both install the snap k8s"
    )


@pytest.mark.parametrize(
    ("setting", "has_metallb", "paths"),
    [
        (True, True, ["applications.k8s.options.load-balancer-enabled"]),
        (True, False, []),
        (False, True, []),
    ],
)
def test_two_load_balancers_are_an_error(
    tmp_path: Path, *, setting: bool, has_metallb: bool, paths: list[str]
) -> None:
    applications = {"k8s": {"options": {"load-balancer-enabled": setting}}}
    sections = {"metallb": METALLB} if has_metallb else {}
    findings = assess_site(tmp_path, applications=applications, **sections).findings

    assert paths_of(findings, "BL123") == paths


@pytest.mark.parametrize(
    ("k8s", "nfs", "is_reported"),
    [
        ({}, {}, True),
        ({"local-storage-enabled": True}, {"default-class": True}, True),
        ({"local-storage-enabled": False}, {}, False),
        ({}, {"default-class": False}, False),
    ],
)
def test_two_default_classes_of_a_bundle_are_an_error(
    k8s: dict[str, Any], nfs: dict[str, Any], *, is_reported: bool
) -> None:
    """Both charms have a default class by default, also where no facts of them are known."""
    bundle = {
        "applications": {
            "k8s": {"charm": "ch:k8s", "options": k8s},
            "storage": {"charm": "./nfs-server", "options": nfs},
        }
    }
    assert bool(paths_of(bundle_findings(bundle), "BL124")) is is_reported


def test_certificates_of_a_cluster_without_that_endpoint_are_an_error() -> None:
    """Those of an application that does not use the cluster are not."""
    bundle = {
        "applications": {
            "k8s": {"charm": "ch:k8s"},
            "ca": {"charm": "ch:easyrsa"},
            "metallb": {"charm": "./metallb"},
            "web": {"charm": "ch:web"},
        },
        "relations": [
            ["metallb:kube-control", "k8s:kube-control"],
            ["metallb:certificates", "ca:client"],
            ["k8s:certificates", "ca:client"],
            ["web:certificates", "ca:client"],
        ],
    }
    assert paths_of(bundle_findings(bundle), "BL125") == ["relations[1]", "relations[2]"]


def test_worker_without_its_cluster_is_reported() -> None:
    bundle = {
        "applications": {"k8s": {"charm": "ch:k8s"}, "w": {"charm": "ch:k8s-worker"}},
        "relations": [["k8s:k8s-cluster", "w:cluster"]],
    }
    (finding,) = of_rule(bundle_findings(bundle), "BL056")
    assert finding.message == (
        "w:containerd is not related to anything, so w never joins the cluster"
    )


@pytest.mark.parametrize(
    ("datastore", "is_reported"), [("", True), ("managed-etcd", True), ("etcd", False)]
)
def test_even_number_of_control_planes_with_a_database_is_reported(
    datastore: str, *, is_reported: bool
) -> None:
    k8s = {"charm": "ch:k8s", "num_units": 2, "options": {"bootstrap-datastore": datastore}}
    findings = bundle_findings({"applications": {"k8s": k8s}})

    assert bool(of_rule(findings, "BL020")) is is_reported


@pytest.mark.parametrize(
    ("sections", "paths"),
    [
        ({"kubernetes": {"dashboard": False}}, ["kubernetes.dashboard"]),
        ({"kubernetes": {"registry": "r:5000", "dashboard": True}}, ["kubernetes.registry"]),
        ({"kubernetes": {"authorization-mode": "RBAC,Node"}}, []),
        ({"gpu": {"stack": "worker"}}, ["gpu.stack"]),
    ],
)
def test_keys_without_an_option_are_reported(
    tmp_path: Path, sections: dict[str, Any], paths: list[str]
) -> None:
    """A default value promises nothing."""
    assert paths_of(assess_site(tmp_path, **sections).findings, "BL126") == paths


def test_roles_without_an_application_are_reported(tmp_path: Path) -> None:
    machines = {**MACHINES, "c": {"tags": ["c"], "roles": ["worker", "etcd", "easyrsa"]}}
    findings = of_rule(assess_site(tmp_path, machines).findings, "BL127")

    assert [(path_text(entry.path), entry.fix) for entry in findings] == [
        ("machines.c.roles[1]", "remove the role etcd from c"),
        ("machines.c.roles[2]", "remove the role easyrsa from c"),
    ]


@pytest.mark.parametrize(("channel", "is_known"), [("1.32/stable", False), ("1.33/stable", True)])
def test_channel_decides_the_facts_about_the_charm(
    tmp_path: Path, channel: str, *, is_known: bool
) -> None:
    """The option came with 1.33."""
    applications = {"k8s": {"options": {"load-balancer-bgp-peer-asn": 64500}}}
    findings = assess_site(
        tmp_path, kubernetes={"channel": channel}, applications=applications
    ).findings

    assert bool(of_rule(findings, "BL045")) is not is_known


@pytest.mark.parametrize(
    ("options", "reported"),
    [
        ({}, ["BL059"]),
        ({"load-balancer-enabled": True}, []),
        ({"local-storage-enabled": False}, ["BL058", "BL059"]),
    ],
)
def test_kubeflow_can_use_the_storage_and_the_addresses_of_the_cluster(
    tmp_path: Path, options: dict[str, bool], reported: list[str]
) -> None:
    """The local storage is on by default."""
    findings = assess_site(
        tmp_path, kubeflow={"version": "26.03"}, applications={"k8s": {"options": options}}
    ).findings

    assert [rule for rule in ("BL058", "BL059") if of_rule(findings, rule)] == reported
