"""Rules about the configuration of the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.juju import Juju
from helpers.assessments import assess_layer, bundle_findings, of_rule, paths_of

PREFIXES = ("", "juju-", "apt-", "snap-")
PROXY = "http://192.0.2.1:3128"
# The profile of the example site is for Juju 2.9 at most.
RELEASES: dict[str, dict[str, Any]] = {
    "2.9": {"juju": "2.9"},
    **{juju: {"juju": juju, "kubernetes": {"profile": "charmed-k8s"}} for juju in ("3.6", "4.0")},
}


def test_site_with_a_proxy_names_the_command_for_the_model(tmp_path: Path) -> None:
    """The bundle configures the container engine only."""
    layer = {"proxy": {"http": PROXY, "no-proxy": ["10.0.0.0/24"]}}
    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL115")

    assert finding.path == ("proxy",)
    assert finding.fix == (
        "run this before the deployment: juju model-config -m lab"
        f" juju-http-proxy={PROXY} apt-http-proxy={PROXY} snap-http-proxy={PROXY}"
        " juju-no-proxy=127.0.0.1,localhost,::1,10.0.0.0/24,10.152.183.0/24,10.1.0.0/16"
    )


@pytest.mark.parametrize("layer", [{}, {"proxy": {"no-proxy": ["10.0.0.0/24"]}}])
def test_site_without_a_proxy_is_not_reported(tmp_path: Path, layer: dict[str, object]) -> None:
    """Exceptions alone name no proxy."""
    assert of_rule(assess_layer(tmp_path, layer).findings, "BL115") == []


@pytest.mark.parametrize("charm", ["containerd", "cs:~containers/kubernetes-worker-398"])
@pytest.mark.parametrize("juju", [Juju.V2_6, Juju.V2_9])
def test_bundle_that_configures_an_engine_for_a_proxy_is_reported(juju: Juju, charm: str) -> None:
    """With a command for the values of its options."""
    options = {"https_proxy": PROXY, "no_proxy": "10.0.0.0/8, .lab.example"}
    bundle = {"applications": {"w": {"charm": charm, "options": options}}}
    findings = bundle_findings(bundle, juju)

    assert paths_of(findings, "BL115") == ["applications.w.options.https_proxy"]
    assert of_rule(findings, "BL115")[0].fix == (
        "run this before the deployment: juju model-config"
        f" juju-https-proxy={PROXY} apt-https-proxy={PROXY} snap-https-proxy={PROXY}"
        " juju-no-proxy=127.0.0.1,localhost,::1,10.0.0.0/8,.lab.example"
    )


@pytest.mark.parametrize("options", [{}, {"http_proxy": ""}, {"no_proxy": "10.0.0.0/8"}])
def test_engine_without_a_proxy_is_not_reported(options: dict[str, str]) -> None:
    """An empty option means that there is none."""
    bundle = {"applications": {"c": {"charm": "containerd", "options": options}}}

    assert of_rule(bundle_findings(bundle, Juju.V3_6), "BL115") == []


@pytest.mark.parametrize("charm", ["containerd", "docker"])
def test_password_of_a_proxy_is_not_shown(charm: str) -> None:
    """Findings may be logged."""
    options = {"http_proxy": "http://user:hunter2@192.0.2.1:3128"}
    bundle = {"applications": {"c": {"charm": charm, "options": options}}}
    (finding,) = of_rule(bundle_findings(bundle, Juju.V3_6), "BL115")

    assert "hunter2" not in finding.message + finding.fix


@pytest.mark.parametrize(
    ("configuration", "refused", "unknown"),
    [
        ({"agent-version": "3.6.1", "uuid": "x"}, ["agent-version", "uuid"], []),
        ({"firewall-mode": "none", "apt-mirror": "http://m/ubuntu"}, ["firewall-mode"], []),
        ({"http-proxy": PROXY}, [], []),
        ({"http-proxy": PROXY, "juju-http-proxy": PROXY}, ["http-proxy"], []),
        ({"apt-mirrors": "http://m/ubuntu"}, [], ["apt-mirrors"]),
    ],
)
def test_options_of_the_model_that_have_no_effect_are_reported(
    configuration: dict[str, str], refused: list[str], unknown: list[str], tmp_path: Path
) -> None:
    """Those that Juju refuses, and those that it does not know."""
    findings = assess_layer(tmp_path, {"model-config": configuration}).findings

    assert paths_of(findings, "BL148") == [f"model-config.{key}" for key in refused]
    assert paths_of(findings, "BL149") == [f"model-config.{key}" for key in unknown]
    assert paths_of(findings, "BL115") == []


def test_older_proxy_option_is_refused_beside_the_section_proxy(tmp_path: Path) -> None:
    """From the section, botlab writes the keys with `juju-`."""
    layer = {"proxy": {"http": PROXY}, "model-config": {"no-proxy": "10.0.0.1"}}

    findings = assess_layer(tmp_path, layer).findings

    assert paths_of(findings, "BL148") == ["model-config.no-proxy"]


def test_misspelt_option_names_the_right_one(tmp_path: Path) -> None:
    layer = {"model-config": {"apt-miror": "http://m/ubuntu"}}
    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL149")

    assert finding.fix == "did you mean apt-mirror?"


@pytest.mark.parametrize(
    ("juju", "unknown", "fix"),
    [
        ("2.9", ["default-base"], "remove the key, which is for Juju 3.6, 4.0"),
        ("3.6", [], ""),
        ("4.0", ["default-series"], "remove the key, which is for Juju 2.6, 2.9, 3.6"),
    ],
)
def test_option_of_another_juju_is_reported(
    juju: str, unknown: list[str], fix: str, tmp_path: Path
) -> None:
    """Juju 3.6 turns default-series into default-base."""
    options = {"default-series": "jammy", "default-base": "ubuntu@22.04"}
    findings = assess_layer(tmp_path, {**RELEASES[juju], "model-config": options}).findings

    assert paths_of(findings, "BL149") == [f"model-config.{key}" for key in unknown]
    assert [finding.fix for finding in of_rule(findings, "BL149")] == [fix] * len(unknown)


@pytest.mark.parametrize(("juju", "is_refused"), [("2.9", False), ("3.6", True), ("4.0", True)])
def test_keys_of_users_are_not_an_option_from_juju_3_6_on(
    juju: str, is_refused: bool, tmp_path: Path
) -> None:
    layer = {**RELEASES[juju], "model-config": {"authorized-keys": "ssh-ed25519 AAAA"}}
    findings = assess_layer(tmp_path, layer).findings

    assert paths_of(findings, "BL148") == ["model-config.authorized-keys"] * is_refused
    assert of_rule(findings, "BL149") == []


def test_wrong_values_of_the_model_s_options_are_reported_at_once(tmp_path: Path) -> None:
    """An unquoted value of YAML is checked as the command for Juju has it."""
    options = {"test-mode": True, "development": "yes", "net-bond-reconfigure-delay": "soon"}
    findings = assess_layer(tmp_path, {"model-config": options}).findings

    assert paths_of(findings, "BL165") == [
        "model-config.development",
        "model-config.net-bond-reconfigure-delay",
    ]
    assert of_rule(findings, "BL165")[0].message == (
        "Juju refuses 'yes' for development: it is neither true nor false"
    )


@pytest.mark.parametrize(
    ("key", "text", "is_reported"),
    [
        *((f"{prefix}http-proxy", "proxy.lab:3128", True) for prefix in PREFIXES),
        *((f"{prefix}https-proxy", "10.0.0.1:3128", True) for prefix in PREFIXES),
        ("juju-ftp-proxy", "proxy.lab", True),
        ("juju-http-proxy", "http://", True),
        ("juju-http-proxy", "", False),
        ("apt-ftp-proxy", "ftp://proxy.lab", False),
        ("snap-http-proxy", "http://u:p@proxy.lab:3128/", False),
        ("juju-no-proxy", "10.0.0.0/8", False),
        ("snap-store-proxy", "abc", False),
    ],
)
def test_proxy_of_the_model_without_a_scheme_is_reported(
    key: str, text: str, is_reported: bool, tmp_path: Path
) -> None:
    findings = assess_layer(tmp_path, {"model-config": {key: text}}).findings

    assert paths_of(findings, "BL170") == [f"model-config.{key}"] * is_reported
    for finding in of_rule(findings, "BL170"):
        assert finding.message == (
            f"model-config.{key} is {text!r}, which is not the URL of a proxy"
        )
        assert finding.fix.startswith("write http://HOST:PORT")


def test_password_in_a_proxy_without_a_scheme_is_not_shown(tmp_path: Path) -> None:
    layer = {"model-config": {"juju-http-proxy": "user:hunter2@proxy.lab:3128"}}
    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL170")

    assert "hunter2" not in finding.message + finding.fix
