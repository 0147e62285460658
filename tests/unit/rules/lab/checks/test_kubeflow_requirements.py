"""Rules about what Kubeflow requires of the cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.catalogue.kubeflow import INOTIFY_LIMITS
from botlab.findings import Severity, path_text
from helpers.assessments import assess_layer, bundle_findings, of_rule, paths_of

CHARMS = Path(__file__).resolve().parents[5] / "charms"
POOL = {"pools": {"default": {"addresses": ["10.0.0.150-10.0.0.160"]}}}
WORKER = "cs:kubernetes-worker-398"


def bundle_with_kubeflow(version: str = "", **options: str) -> dict[str, Any]:
    """Return a bundle of the installer and a control plane of 2019 with options."""
    installer: dict[str, Any] = {"charm": "./kubeflow-installer_bionic-focal_amd64.charm"}
    if version:
        installer["options"] = {"version": version}
    return {
        "applications": {
            "m": {"charm": "cs:kubernetes-master-542", "options": options},
            "kubeflow": installer,
        }
    }


def test_lab_that_has_everything_is_only_warned_about_its_old_kubernetes(tmp_path: Path) -> None:
    """Upstream does not document Kubernetes 1.13. The charms and kfctl's file do not exist yet."""
    layer = {
        "kubeflow": {"version": "0.6.2", "registry": "registry.lab.example:5000"},
        "metallb": POOL,
        "nfs": {"server": "node3", "storage": "mounted"},
        "applications": {"kubeflow-installer": {"resources": {"kfctl": "./kfctl.tar.gz"}}},
    }
    findings = assess_layer(tmp_path, layer).findings

    assert {finding.id for finding in findings} == {"BL015", "BL066", "BL084"}
    assert paths_of(findings, "BL084") == ["applications.kubeflow-installer.resources.kfctl"]
    assert paths_of(findings, "BL066") == ["kubeflow.version"]
    assert all(finding.severity is Severity.WARNING for finding in findings)


@pytest.mark.parametrize(
    ("channel", "flags", "is_reported"),
    [
        ("1.13/stable", "", False),  # 0.6.2
        ("1.14/stable", "", True),  # 1.0.2
        ("1.19/stable", "", True),  # 1.2.0
        ("1.20/stable", "", False),
        ("1.14/stable", "service-account-issuer=a service-account-signing-key-file=/b", False),
        ("1.14/stable", "service-account-signing-key-file=/b", True),
        ("latest/edge", "", False),  # the release is unknown
    ],
)
def test_flags_for_tokens_are_required_where_the_charm_does_not_set_them(
    channel: str, flags: str, is_reported: bool
) -> None:
    """And where the Kubeflow release needs the tokens."""
    bundle = bundle_with_kubeflow(channel=channel, **{"api-extra-args": flags})

    expected = ["applications.m.options.api-extra-args"] * is_reported
    assert paths_of(bundle_findings(bundle), "BL076") == expected


def test_rendered_site_has_the_flags_for_tokens(tmp_path: Path) -> None:
    """Besides the site's own flags."""
    layer = {
        "kubernetes": {"channel": "1.15/stable"},
        "kubeflow": {"version": "1.0.2"},
        "applications": {"kubernetes-master": {"options": {"api-extra-args": "v=2"}}},
    }

    assert paths_of(assess_layer(tmp_path, layer).findings, "BL076") == []


@pytest.mark.parametrize(
    ("version", "constraints", "is_small"),
    [
        ("0.6.2", ["cores=4 mem=12G root-disk=50G"], False),
        ("0.6.2", ["cores=4 mem=12G root-disk=40G"], True),
        ("0.6.2", ["cores=3 mem=12G"], True),
        ("0.6.2", ["cores=4 mem=12287M"], True),
        ("0.6.2", ["mem=0.5T"], False),
        ("0.6.2", ["cores=2", ""], False),  # MAAS may provide any machine for the second worker
        ("0.6.2", ["cores=2", "mem=4G"], True),
        ("0.6.2", ["mem=0 cores=0"], False),  # asks for nothing
        ("0.6.2", [""], False),
        ("1.8.1", ["cores=4 mem=8G root-disk=40G", "cores=4 mem=8G root-disk=40G"], False),
        ("1.8.1", ["cores=2 mem=8G", "cores=2 mem=8G"], True),
        ("1.8.1", ["mem=4G", "mem=4G", "mem=4G"], True),
        ("1.8.1", ["mem=4G", "mem=4G", ""], False),
        ("1.8.1", ["cores=64 mem=64G root-disk=20G"], False),  # the claims are on the NFS server
    ],
)
def test_workers_must_be_as_large_as_the_release_needs(
    version: str, constraints: list[str], is_small: bool
) -> None:
    """Releases of kfctl need one large worker; later ones need all workers together."""
    numbers = [str(number) for number in range(len(constraints))]
    bundle = bundle_with_kubeflow(
        version, channel="1.15/stable" if version < "1" else "1.26/stable"
    )
    bundle["applications"]["w"] = {"charm": WORKER, "num_units": len(numbers), "to": numbers}
    bundle["machines"] = {
        number: {"constraints": text} for number, text in zip(numbers, constraints, strict=True)
    }

    expected = ["machines.0.constraints"] * is_small
    assert paths_of(bundle_findings(bundle), "BL077") == expected


@pytest.mark.parametrize(
    ("version", "channel", "needs", "constraints"),
    [
        (
            "0.6.2",
            "1.15/stable",
            "4 CPUs, 12 GiB of memory, 50 GB of disk, and by the constraints no worker has",
            "cores=, mem=, root-disk=",
        ),
        (
            "1.8.1",
            "1.26/stable",
            "4.4 CPUs, 12.3 GiB of memory, and by the constraints the workers together do not"
            " have",
            "cores=, mem=",
        ),
    ],
)
def test_finding_about_small_workers_says_what_the_release_needs(
    version: str, channel: str, needs: str, constraints: str
) -> None:
    """Upstream only names a disk for releases of kfctl."""
    bundle = bundle_with_kubeflow(version, channel=channel)
    bundle["applications"]["w"] = {"charm": WORKER, "num_units": 1, "constraints": "mem=4G"}
    (finding,) = of_rule(bundle_findings(bundle), "BL077")

    assert finding.message == f"Kubeflow {version} needs {needs} that much"
    assert finding.fix == f"ask for larger machines ({constraints}), or add a worker"


@pytest.mark.parametrize(
    ("worker", "path"),
    [
        ({"num_units": 2, "constraints": "mem=4G"}, "applications.w.constraints"),
        ({"num_units": 4, "constraints": "mem=4G cores=2 root-disk=20G"}, ""),
        ({"num_units": 2, "to": ["lxd:0", "lxd:1"]}, ""),
        ({"num_units": 0}, "applications.kubeflow"),
    ],
)
def test_machines_that_juju_adds_have_the_constraints_of_the_application(
    worker: dict[str, Any], path: str
) -> None:
    """The size of a container is not known, and without workers no pod can run."""
    bundle = bundle_with_kubeflow(channel="1.26/stable")
    bundle["applications"]["w"] = {"charm": WORKER, **worker}
    bundle["machines"] = {"0": {"constraints": "mem=1G"}, "1": {"constraints": "mem=1G"}}

    assert paths_of(bundle_findings(bundle), "BL077") == ([path] if path else [])


def test_bundle_without_a_control_plane_needs_no_workers() -> None:
    """The installer may serve a cluster outside the model, by its option kubeconfig."""
    installer = {"charm": "./kubeflow-installer.charm", "options": {"version": "0.6.2"}}

    assert paths_of(bundle_findings({"applications": {"k": installer}}), "BL077") == []


@pytest.mark.parametrize(
    ("pools", "is_reported"),
    [
        ({"a": {"addresses": ["10.0.0.150/32"]}}, False),
        ({"a": {"addresses": ["10.0.1.0/32"], "avoid-buggy-ips": True}}, True),
        ({"a": {"addresses": ["10.0.0.255-10.0.1.0"], "avoid-buggy-ips": True}}, True),
        ({"a": {"addresses": ["10.0.0.255-10.0.1.1"], "avoid-buggy-ips": True}}, False),
        ({"a": {"addresses": ["10.0.1.0/32"]}}, False),
        ({"a": {"addresses": ["fd00::/120"]}}, True),
        (
            {
                "a": {"addresses": ["fd00::/120"]},
                "b": {"addresses": ["10.0.0.150/32"], "auto-assign": False},
            },
            True,
        ),
        ({"b": {"addresses": ["10.0.0.150/32"], "auto-assign": False}}, False),  # BL067
    ],
)
def test_gateway_needs_an_automatic_address_of_the_services_family(
    tmp_path: Path, pools: dict[str, Any], is_reported: bool
) -> None:
    """Addresses that `avoid-buggy-ips` excludes do not count."""
    layer = {"kubeflow": {"version": "0.6.2"}, "metallb": {"pools": pools}}
    findings = assess_layer(tmp_path, layer).findings

    assert paths_of(findings, "BL078") == ["metallb.pools"] * is_reported


@pytest.mark.parametrize(
    ("pool", "rule"),
    [({"auto-assign": False}, "BL067"), ({"addresses": ["fd00::/120"]}, "BL078"), ({}, "")],
)
def test_raw_pools_must_have_an_address_for_the_gateway(
    tmp_path: Path, pool: dict[str, Any], rule: str
) -> None:
    """The finding is at the option."""
    pools = [{"name": "a", "protocol": "layer2", "addresses": ["10.0.0.150/32"], **pool}]
    options = {"addresses": "", "pools": yaml.safe_dump(pools)}
    layer = {
        "kubeflow": {"version": "0.6.2"},
        "metallb": POOL,
        "applications": {"metallb": {"options": options}},
    }
    findings = [
        (finding.id, path_text(finding.path))
        for finding in assess_layer(tmp_path, layer).findings
        if finding.id in ("BL067", "BL078")
    ]

    assert findings == ([(rule, "applications.metallb.options.pools")] if rule else [])


@pytest.mark.parametrize(
    ("nfs", "options", "path"),
    [
        ({}, {}, ""),
        ({"default-class": False}, {}, "nfs.default-class"),
        ({"default-class": False}, {"default-class": True}, ""),
        ({}, {"default-class": False}, "applications.nfs-server.options.default-class"),
        (None, {}, "kubeflow"),
    ],
)
def test_default_class_is_required_by_the_option_that_reaches_the_charm(
    tmp_path: Path, nfs: dict[str, Any] | None, options: dict[str, Any], path: str
) -> None:
    """A raw option replaces the key of the section."""
    layer: dict[str, Any] = {"kubeflow": {"version": "0.6.2"}}
    layer |= {} if nfs is None else {"nfs": {"server": "node3", **nfs}}
    layer |= {"applications": {"nfs-server": {"options": options}}} if options else {}

    assert paths_of(assess_layer(tmp_path, layer).findings, "BL058") == ([path] if path else [])


@pytest.mark.parametrize(
    ("sysctl", "is_reported"),
    [
        ("{vm.overcommit_memory: 1}", True),
        ("{fs.inotify.max_user_instances: 2279, fs.inotify.max_user_watches: 1255360}", True),
        ("{fs.inotify.max_user_instances: 2280, fs.inotify.max_user_watches: 1255360}", False),
        ("[", True),
        ("", False),
    ],
)
def test_low_inotify_limits_of_workers_are_reported(sysctl: str, is_reported: bool) -> None:
    """Kubeflow's pods need them. Without the option, the charm's default counts."""
    bundle = bundle_with_kubeflow()
    assert "BL147" not in {finding.id for finding in bundle_findings(bundle)}
    worker = {"charm": "ch:kubernetes-worker", "options": {"sysctl": sysctl}}
    bundle["applications"]["w"] = worker

    paths = paths_of(bundle_findings(bundle), "BL147")

    assert paths == (["applications.w.options.sysctl"] if is_reported else [])


def test_bundle_of_a_site_with_kubeflow_has_the_limits(tmp_path: Path) -> None:
    """They are the same limits that the charm kubeflow-installer checks on a machine."""
    layer = {"juju": "3.6", "kubernetes": {"profile": "charmed-k8s"}, "kubeflow": {}}
    assessment = assess_layer(tmp_path, layer)
    bundle = assessment.bundle
    assert bundle is not None
    worker = bundle.applications["kubernetes-worker"]
    assert worker is not None
    values = yaml.safe_load(str(worker.options["sysctl"]))

    assert paths_of(assessment.findings, "BL147") == []
    assert values["fs.inotify.max_user_watches"] == 1255360
    assert (values["fs.inotify.max_user_instances"], values["kernel.panic"]) == (8192, 10)
    source = (
        CHARMS / "kubeflow-installer/src/kubeflow_installer/preflight/host_limits.py"
    ).read_text(encoding="utf-8")
    for key, limit in INOTIFY_LIMITS.items():
        assert f'("{key.rpartition(".")[2]}", {limit})' in source
