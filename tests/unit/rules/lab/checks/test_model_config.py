"""Rules about the configuration of the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.juju import Juju
from helpers.assessments import assess_layer, bundle_findings, of_rule, paths_of

PROXY = "http://192.0.2.1:3128"


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
