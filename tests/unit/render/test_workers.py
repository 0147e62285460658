"""The worker applications of a site, and the nvidia-runtime applications for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.bundle.model import Application, Bundle
from botlab.findings import path_text
from helpers.assessments import assess_layer, of_rule, paths_of

GPU = {"roles": ["worker"], "gpu": True}


def layer(workers: dict[str, Any], profile: str = "charmed-k8s") -> dict[str, Any]:
    """Return a layer with GPU machines of no entry, of `a` and of `b`, and an arm64 one."""
    return {
        "juju": "2.9" if profile == "k8s-1.13" else "3.6",
        "kubernetes": {"profile": profile},
        "workers": workers,
        "machines": {
            "node2": {"gpu": True},
            "a0": {**GPU, "tags": ["a0"], "workers": "a"},
            "b0": {**GPU, "tags": ["b0"], "workers": "b"},
            "c0": {**GPU, "tags": ["c0"], "workers": "c"},
        },
    }


def bundle_of(directory: Path, changes: dict[str, Any]) -> Bundle:
    """Return the bundle of the example site with a layer."""
    bundle = assess_layer(directory, changes).bundle
    assert bundle is not None
    return bundle


def application(bundle: Bundle, name: str) -> Application:
    """Return an application of a bundle."""
    body = bundle.applications[name]
    assert body is not None
    return body


def related(bundle: Bundle, end: str) -> list[str]:
    """Return the ends that an end is related to."""
    pairs = [pair for pair in bundle.relations if end in pair]
    return [other for pair in pairs for other in pair if other != end]


def test_each_entry_has_an_application_with_its_machines_and_relations(tmp_path: Path) -> None:
    """The machines without an entry remain with the application of the profile."""
    bundle = bundle_of(tmp_path, layer({"a": {}, "b": {}, "c": {"arch": "arm64"}}))

    workers = ["kubernetes-worker", *(f"kubernetes-worker-{name}" for name in ("a", "b", "c"))]
    assert [
        name for name in bundle.applications if name.startswith("kubernetes-worker")
    ] == workers
    assert [application(bundle, name).to for name in workers] == [["2"], ["4"], ["5"], ["6"]]
    assert application(bundle, "kubernetes-worker-c").constraints == "arch=arm64"
    assert {application(bundle, name).charm for name in workers} == {"kubernetes-worker"}
    for endpoint, name in (
        ("kubernetes-control-plane:kube-control", "kube-control"),
        ("containerd:containerd", "container-runtime"),
        ("calico:cni", "cni"),
    ):
        assert {f"{worker}:{name}" for worker in workers} <= set(related(bundle, endpoint))


def test_runtime_of_the_same_policy_serves_several_entries(tmp_path: Path) -> None:
    """Another driver or another architecture needs an application of its own."""
    workers = {"a": {}, "b": {"driver": "host"}, "c": {"arch": "arm64", "driver": "auto"}}
    bundle = bundle_of(tmp_path, layer(workers))

    assert related(bundle, "nvidia-runtime:juju-info") == [
        "kubernetes-worker:juju-info",
        "kubernetes-worker-a:juju-info",
    ]
    assert related(bundle, "nvidia-runtime-b:juju-info") == ["kubernetes-worker-b:juju-info"]
    assert related(bundle, "nvidia-runtime-c:juju-info") == ["kubernetes-worker-c:juju-info"]
    assert application(bundle, "nvidia-runtime-b").options["driver"] == "host"
    assert application(bundle, "nvidia-runtime-c").charm.endswith("_arm64.charm")
    plugins = {
        name: application(bundle, name).options.get("device-plugin")
        for name in bundle.applications
        if name.startswith("nvidia-runtime")
    }
    assert plugins == {
        "nvidia-runtime": None,
        "nvidia-runtime-b": "none",
        "nvidia-runtime-c": "none",
    }


def test_workers_without_a_gpu_have_no_runtime(tmp_path: Path) -> None:
    changes = layer({"a": {}, "b": {}, "c": {}})
    changes["machines"]["a0"] = {**changes["machines"]["a0"], "gpu": False}

    bundle = bundle_of(tmp_path, changes)

    assert "kubernetes-worker-a:juju-info" not in related(bundle, "nvidia-runtime:juju-info")
    assert "kubernetes-worker-b:juju-info" in related(bundle, "nvidia-runtime:juju-info")


@pytest.mark.parametrize(
    ("profile", "option", "text"),
    [
        (
            "charmed-k8s",
            "kubelet-extra-config",
            '{"registerWithTaints": [{"key": "x", "value": "y", "effect": "NoSchedule"},'
            ' {"key": "z", "effect": "NoExecute"}]}',
        ),
        ("k8s-1.13", "kubelet-extra-args", "register-with-taints=x=y:NoSchedule,z:NoExecute"),
    ],
)
def test_taints_follow_the_release_of_kubernetes(
    profile: str, option: str, text: str, tmp_path: Path
) -> None:
    """The configuration of kubelet has taints from 1.23 on; before, a flag sets them."""
    taints = {"taints": ["x=y:NoSchedule", "z:NoExecute"]}
    bundle = bundle_of(tmp_path, layer({"a": taints, "b": {}, "c": {}}, profile))

    assert application(bundle, "kubernetes-worker-a").options[option] == text
    assert option not in application(bundle, "kubernetes-worker-b").options


def test_labels_and_options_reach_the_application(tmp_path: Path) -> None:
    """The GPU's model is a label. Options of `applications` come last."""
    entry = {"gpu-model": "A100", "labels": {"pool": "x"}, "options": {"ingress": False}}
    changes = layer({"a": entry, "b": entry, "c": {}})
    changes["applications"] = {"kubernetes-worker-b": {"options": {"ingress": True}}}

    bundle = bundle_of(tmp_path, changes)

    options = application(bundle, "kubernetes-worker-a").options
    assert (options["labels"], options["ingress"]) == ("gpu-model=A100 pool=x", False)
    assert application(bundle, "kubernetes-worker-b").options["ingress"] is True
    assert "labels" not in application(bundle, "kubernetes-worker").options


def test_machines_get_the_constraints_and_the_architecture_of_their_workers(
    tmp_path: Path,
) -> None:
    """A machine's own constraints replace them."""
    entry = {"arch": "arm64", "constraints": "mem=64G"}
    changes = layer({"a": entry, "b": entry, "c": {}})
    changes["machines"]["b0"] = {**changes["machines"]["b0"], "constraints": "mem=8G"}

    bundle = bundle_of(tmp_path, changes)

    constraints = [machine.constraints for machine in bundle.machines.values() if machine]
    assert constraints[4:6] == ["arch=arm64 mem=64G tags=a0", "arch=arm64 mem=8G tags=b0"]


def test_charm_of_the_profile_s_application_is_that_of_all_workers(tmp_path: Path) -> None:
    """An entry's application may name another one."""
    changes = layer({"a": {}, "b": {}, "c": {}})
    changes["applications"] = {
        "kubernetes-worker": {"charm": {"charmhub": "kubernetes-worker", "revision": 7}},
        "kubernetes-worker-b": {"charm": {"charmhub": "kubernetes-worker", "revision": 8}},
    }

    bundle = bundle_of(tmp_path, changes)

    names = [name for name in bundle.applications if name.startswith("kubernetes-worker")]
    assert [application(bundle, name).revision for name in names] == [7, 7, 8, 7]


def test_options_of_a_charm_that_the_site_names_are_not_compared_with_the_profile(
    tmp_path: Path,
) -> None:
    """Neither for the profile's application, nor for those of entries that have its charm."""
    changes = layer({name: {"options": {"of-a-fork": 1}} for name in ("a", "b", "c")})
    is_unknown = of_rule(assess_layer(tmp_path, changes).findings, "J072")
    changes["applications"] = {"kubernetes-worker": {"charm": {"charmhub": "worker-fork"}}}

    assert is_unknown
    assert of_rule(assess_layer(tmp_path, changes).findings, "J072") == []


def test_no_role_is_missing_if_all_workers_are_of_entries(tmp_path: Path) -> None:
    """The cluster has a worker, whatever its application's name is."""
    changes = {"workers": {"a": {}}, "machines": {"node2": {"workers": "a"}}}

    assert of_rule(assess_layer(tmp_path, changes).findings, "BL118") == []


def test_findings_about_these_applications_have_the_keys_of_the_entry(tmp_path: Path) -> None:
    """Options, drivers and missing archives."""
    workers = {
        "a": {"options": {"unknown": 1}, "labels": {"x": "y"}},
        "b": {"driver": "host", "taints": ["x:NoSchedule"]},
        "c": {},
    }
    changes = layer(workers)
    changes["applications"] = {"kubernetes-worker-a": {"options": {"labels": "x=z"}}}

    findings = assess_layer(tmp_path, changes).findings

    paths = {path_text(finding.path) for finding in findings}
    assert "workers.a.options.unknown" in paths
    assert paths_of(findings, "BL146") == ["applications.kubernetes-worker-a.options.labels"]
    missing = of_rule(findings, "BL015")
    assert len(missing) == 2
    assert all("botlab charms" in finding.fix for finding in missing)


def test_findings_about_constraints_have_the_key_that_sets_them(tmp_path: Path) -> None:
    """At the workers, unless the machine or its group overrides them."""
    changes = layer({"a": {"constraints": "mem=x"}, "b": {"constraints": "mem=x"}, "c": {}})
    changes["machines"]["b0"]["constraints"] = "cores=x"
    group = {**GPU, "tags": ["g[0-1]"], "workers": "a"}
    changes["groups"] = {"g[0-1]": group, "h[0-1]": {**group, "constraints": "cores=x"}}

    findings = assess_layer(tmp_path, changes).findings

    assert set(paths_of(findings, "J022")) == {
        "workers.a.constraints",
        "machines.b0.constraints",
        'groups."h[0-1]".constraints',
    }
