"""Kubeflow's limits on the workers whose charms have no option for them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.catalogue.kubeflow import INOTIFY_LIMITS
from botlab.site_model_options import CLOUD_INIT, limit_commands, missing_limits
from helpers.assessments import assess_layer, of_rule, paths_of

CANONICAL: dict[str, Any] = {
    "juju": "3.6",
    "kubernetes": {"profile": "canonical-k8s"},
    "kubeflow": {"hostname": "a.b"},
}
CHARMED = {**CANONICAL, "kubernetes": {"profile": "charmed-k8s"}}
OF_2019 = {"juju": "2.9", "kubeflow": {"hostname": "a.b"}}
NO_KUBEFLOW = {**CANONICAL, "kubeflow": None}
SUFFICIENT = yaml.safe_dump({"packages": ["jq"], "postruncmd": ["true", *limit_commands()]})


@pytest.mark.parametrize("layer", [CANONICAL, OF_2019])
def test_new_machines_of_the_model_get_the_limits(layer: dict[str, Any], tmp_path: Path) -> None:
    """Juju takes a text of YAML, whose commands are texts."""
    options = assess_layer(tmp_path, layer).model_options

    assert list(options) == [CLOUD_INIT]
    assert "\n" not in options[CLOUD_INIT]
    assert yaml.safe_load(options[CLOUD_INIT]) == {"postruncmd": limit_commands()}
    assert missing_limits(options[CLOUD_INIT]) == []


@pytest.mark.parametrize("layer", [CHARMED, NO_KUBEFLOW])
def test_other_sites_leave_cloud_init_alone(layer: dict[str, Any], tmp_path: Path) -> None:
    """The option of today's worker has the limits, and without Kubeflow nothing needs them."""
    assert CLOUD_INIT not in assess_layer(tmp_path, layer).model_options


def test_own_cloud_init_is_kept(tmp_path: Path) -> None:
    assessment = assess_layer(tmp_path, {**CANONICAL, "model-config": {CLOUD_INIT: SUFFICIENT}})

    assert assessment.model_options == {CLOUD_INIT: SUFFICIENT}
    assert paths_of(assessment.findings, "BL147") == []


@pytest.mark.parametrize(
    ("user_data", "names"),
    [
        ("{packages: [jq]}", list(INOTIFY_LIMITS)),
        ("", list(INOTIFY_LIMITS)),
        (SUFFICIENT.replace("2280", "2279"), ["fs.inotify.max_user_instances"]),
        (SUFFICIENT.replace("2280", "8192"), []),
        ("fs.inotify.max_user_watches = 1255360", ["fs.inotify.max_user_instances"]),
    ],
)
def test_own_cloud_init_without_the_limits_is_reported(
    user_data: str, names: list[str], tmp_path: Path
) -> None:
    layer = {**CANONICAL, "model-config": {CLOUD_INIT: user_data}}
    findings = of_rule(assess_layer(tmp_path, layer).findings, "BL147")

    assert [finding.message.partition(" as ")[0] for finding in findings] == [
        f"{CLOUD_INIT} does not set {' and '.join(names)}"
    ] * bool(names)


def test_commands_of_the_fix_are_yaml_that_ends_the_finding(tmp_path: Path) -> None:
    layer = {**CANONICAL, "model-config": {CLOUD_INIT: "{packages: [jq]}"}}
    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL147")
    commands = yaml.safe_load(finding.fix.partition("postruncmd: ")[2])

    assert commands == limit_commands()


@pytest.mark.parametrize("layer", [CHARMED, NO_KUBEFLOW])
def test_cloud_init_of_other_sites_is_not_checked(layer: dict[str, Any], tmp_path: Path) -> None:
    findings = assess_layer(tmp_path, {**layer, "model-config": {CLOUD_INIT: "{}"}}).findings

    assert paths_of(findings, "BL147") == []


def test_commands_write_what_sysctl_reads(tmp_path: Path) -> None:
    """They run here with another file. A container, where sysctl fails, has no failed command."""
    file = tmp_path / "90-kubeflow.conf"
    for command in limit_commands():
        text = command.replace("/etc/sysctl.d/90-kubeflow.conf", str(file)).replace(
            "sysctl -p", "false"
        )
        subprocess.run(["/bin/sh", "-xec", text], check=True, timeout=10)

    assert file.read_text(encoding="utf-8").splitlines() == [
        f"{key}={limit}" for key, limit in INOTIFY_LIMITS.items()
    ]
