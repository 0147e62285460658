"""Rules about the options, files and machine of the charm kubeflow-installer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.findings import path_text
from helpers.assessments import assess_layer, bundle_findings, of_rule, paths_of

PIN = f"http://files.lab.example/x.tar.gz#sha256={'0' * 64}"


@pytest.mark.parametrize(
    ("kubernetes", "kubeflow", "path"),
    [
        ("1.13", {"version": "0.6.2"}, "kubeflow"),
        ("1.13", {"user": "a@b"}, "kubeflow"),
        ("1.13", {"version": "0.6.2", "kfctl-url": PIN}, ""),
        ("1.26", {"version": "1.8.1"}, ""),
        ("1.18", {"version": "1.2.0", "manifests-url": PIN}, "kubeflow"),
    ],
)
def test_kfctl_must_be_attached_or_pinned_for_the_releases_that_it_installs(
    tmp_path: Path, kubernetes: str, kubeflow: dict[str, Any], path: str
) -> None:
    """Later releases do not need it."""
    layer = {"kubernetes": {"channel": f"{kubernetes}/stable"}, "kubeflow": kubeflow}

    assert paths_of(assess_layer(tmp_path, layer).findings, "BL079") == ([path] if path else [])


@pytest.mark.parametrize(
    ("host", "conflict"),
    [
        ("kubeflow.lab.example", ""),
        ("kubeflow.lab.local", "own DNS"),
        ("lab.local", "own DNS"),
        ("mylab.local", ""),
        ("node1", "the name of a machine"),
        ("node1.maas", "the name of a machine"),
        ("node1.lab.example", ""),
        ("k8s.lab.example", "API server"),
        ("lb.lab.example", "API server"),
    ],
)
def test_host_name_that_has_another_meaning_is_reported_with_it(
    tmp_path: Path, host: str, conflict: str
) -> None:
    """In the cluster's DNS, as a machine, or in the API server's certificate."""
    layer = {
        "kubernetes": {"dns-domain": "lab.local", "extra-sans": ["k8s.lab.example", "10.0.0.13"]},
        "kubeflow": {"hostname": host},
        "applications": {"kubeapi-load-balancer": {"options": {"extra_sans": "lb.lab.example"}}},
    }
    findings = of_rule(assess_layer(tmp_path, layer).findings, "BL080")

    expected = ["kubeflow.hostname"] if conflict else []
    assert [path_text(finding.path) for finding in findings] == expected
    assert all(conflict in finding.message for finding in findings)


@pytest.mark.parametrize(
    ("version", "installer", "architecture", "path"),
    [
        ("0.6.2", {"to": ["lxd:0"]}, "arm64", "machines.0.constraints"),
        ("0.6.2", {"to": ["0"]}, "arm64", "machines.0.constraints"),
        ("0.6.2", {"to": ["lxd:0"]}, "amd64", ""),
        ("1.8.1", {"to": ["lxd:0"]}, "arm64", ""),
        ("1.8.1", {"to": ["lxd:0"]}, "s390x", "machines.0.constraints"),
        ("1.8.1", {"to": ["0"], "resources": {"manifests": "./m.yaml.gz"}}, "s390x", ""),
        ("1.8.1", {"constraints": "arch=ppc64el"}, "amd64", "applications.kubeflow.constraints"),
    ],
)
def test_machine_must_have_an_architecture_of_the_releases_program(
    version: str, installer: dict[str, Any], architecture: str, path: str
) -> None:
    """Kfctl exists for amd64, kustomize also for arm64. Built manifests need neither."""
    channel = "1.13/stable" if version < "1" else "1.26/stable"
    bundle = {
        "applications": {
            "m": {"charm": "cs:kubernetes-master-542", "options": {"channel": channel}},
            "kubeflow": {
                "charm": "./kubeflow-installer_bionic-focal_amd64.charm",
                "num_units": 1,
                "options": {"version": version},
                **installer,
            },
        },
        "machines": {"0": {"constraints": f"arch={architecture}"}},
    }

    assert paths_of(bundle_findings(bundle), "BL081") == ([path] if path else [])


@pytest.mark.parametrize(
    ("channel", "version", "name", "fix"),
    [
        (
            "1.13",
            "0.6.2",
            "nonesuch",
            "use one of application-crds, application, metacontroller, ",
        ),
        ("1.13", "0.6.2", "katib-controler", "did you mean katib-controller?"),
        ("1.13", "0.6.2", "katib-controller", ""),
        ("1.14", "1.0.2", "katib-ui", "did you mean katib-crds?"),
        ("1.18", "1.2.0", "spartakus", ""),
        ("1.26", "1.8.1", "nonesuch", ""),  # only the charm knows the components
    ],
)
def test_excluded_component_must_be_one_of_the_release(
    tmp_path: Path, channel: str, version: str, name: str, fix: str
) -> None:
    """The fix names the most similar component, or all of them."""
    layer = {
        "kubernetes": {"channel": f"{channel}/stable"},
        "kubeflow": {"version": version, "excluded-components": ["spartakus", name]},
    }
    findings = of_rule(assess_layer(tmp_path, layer).findings, "BL089")

    expected = ["kubeflow.excluded-components[1]"] if fix else []
    assert [path_text(finding.path) for finding in findings] == expected
    assert all(finding.fix.startswith(fix) for finding in findings)
    assert all(
        finding.message == f"Kubeflow {version} has no component {name}" for finding in findings
    )


@pytest.mark.parametrize(
    ("channel", "version", "unused"),
    [
        ("1.13", "0.6.2", ["gpu-vendor", "kustomize-url", "spawner-tolerations"]),
        ("1.14", "0.7.1", ["gpu-vendor", "kustomize-url", "platform-url", "spawner-tolerations"]),
        ("1.14", "1.0.2", ["kustomize-url", "platform-url", "spawner-tolerations"]),
        ("1.18", "1.2.0", ["kustomize-url", "platform-url"]),
        ("1.26", "1.8.1", ["kfctl-url", "platform-url"]),
    ],
)
def test_settings_that_the_release_does_not_use_are_reported(
    tmp_path: Path, channel: str, version: str, unused: list[str]
) -> None:
    """Each at its key. The other keys of the section are not reported."""
    urls = {f"{name}-url": PIN for name in ("kfctl", "kustomize", "manifests", "platform")}
    notebooks = {"gpu-vendor": "amd.com/gpu", "spawner-tolerations": ["gpu:NoSchedule"]}
    layer = {
        "kubernetes": {"channel": f"{channel}/stable"},
        "kubeflow": {"version": version, **urls, **notebooks},
    }
    findings = assess_layer(tmp_path, layer).findings

    assert sorted(paths_of(findings, "BL090")) == [f"kubeflow.{key}" for key in unused]


@pytest.mark.parametrize("vendor", ["nvidia.com/gpu", "none"])
def test_default_and_none_are_not_reported_as_unused(tmp_path: Path, vendor: str) -> None:
    """They do not ask for anything that the release lacks."""
    layer = {"kubeflow": {"version": "0.6.2", "gpu-vendor": vendor}}

    assert paths_of(assess_layer(tmp_path, layer).findings, "BL090") == []


def test_raw_options_with_their_defaults_are_not_reported_as_unused(tmp_path: Path) -> None:
    """Nor are empty ones."""
    options = {"gpu-vendor": "nvidia.com/gpu", "kustomize-url": ""}
    layer = {
        "kubeflow": {"version": "0.6.2"},
        "applications": {"kubeflow-installer": {"options": options}},
    }

    assert paths_of(assess_layer(tmp_path, layer).findings, "BL090") == []
