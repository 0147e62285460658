"""Every charm of this suite accepts the image registries that the site file accepts."""

from __future__ import annotations

import pytest
import yaml

from botlab.findings import path_text
from botlab.site.load import Layer, load_site
from helpers.charm_projects import default_options
from kubeflow_installer import options as kubeflow_options
from metallb import options as metallb_options
from nfs_server import options as nfs_options
from nvidia_runtime import options as nvidia_options

SITE = """
site: lab
juju: "2.9"
kubernetes: {{profile: k8s-1.13, registry: {registry!r}}}
machines: {{node0: {{}}}}
kubeflow: {{registry: {registry!r}}}
"""
REGISTRIES = [
    "", "registry", "registry.lab.example:5000", "10.0.0.5:5000/kube", "r.lab/a/b_c/d-e.f",
]  # fmt: skip
OTHER_TEXTS = [
    "https://registry.lab.example", "registry/", "registry//a", "-registry", "two words",
    "registry/Path", "registry:port", "/path",
]  # fmt: skip


def config_with(charm: str, registry: str) -> dict[str, object]:
    """Return the default config of a charm with an image registry."""
    # The charm metallb accepts no configuration without addresses.
    addresses = {"addresses": "10.0.0.8/29"} if charm == "metallb" else {}
    return {**default_options(charm), **addresses, "image-registry": registry}


@pytest.mark.parametrize("registry", REGISTRIES)
def test_registry_of_the_site_file_is_accepted_by_every_charm(registry: str) -> None:
    """The charms do not change it."""
    assert load_site([Layer(SITE.format(registry=registry))]).findings == ()
    nfs_config = config_with("nfs-server", registry)
    assert [
        kubeflow_options.read_options(config_with("kubeflow-installer", registry)).registry,
        metallb_options.read_options(config_with("metallb", registry)).settings.registry,
        nfs_options.read_options(nfs_config, yaml.safe_load).image_registry,
        nvidia_options.read_options(config_with("nvidia-runtime", registry)).registry,
    ] == [registry] * 4


@pytest.mark.parametrize("text", OTHER_TEXTS)
def test_other_text_is_reported_with_the_format_of_a_registry(text: str) -> None:
    """Both keys are reported before a charm would refuse the text."""
    findings = load_site([Layer(SITE.format(registry=text))]).findings

    paths = [path_text(finding.path) for finding in findings]
    assert paths == ["kubernetes.registry", "kubeflow.registry"]
    assert findings[0].message == (
        f"kubernetes.registry is {text!r}, which is not an image registry; write HOST:PORT/PATH,"
        " without https:// and without a slash at the end"
    )
