"""The options of the charm metallb for a site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.render.metallb import pool_options
from botlab.site.metallb import Metallb
from helpers.rendered import render_example

PEER = {"peer-address": "10.0.0.1", "peer-asn": 64501, "my-asn": 64500}


def options_of(**section: Any) -> dict[str, str]:
    """Return the options for the pools of a section."""
    return pool_options(Metallb.model_validate(section))


def test_one_simple_pool_sets_the_option_addresses() -> None:
    """It is a layer-2 pool with the name default, as in the guide."""
    pool = {"addresses": ["10.0.0.1 - 10.0.0.9", "10.0.1.0/28", "10.0.2.5"]}

    assert options_of(pools={"default": pool}) == {
        "addresses": "10.0.0.1-10.0.0.9, 10.0.1.0/28, 10.0.2.5/32"
    }


@pytest.mark.parametrize(
    ("section", "configuration"),
    [
        (
            {"pools": {"web": {"addresses": ["fd00::5"]}}},
            {
                "address-pools": [
                    {"name": "web", "protocol": "layer2", "addresses": ["fd00::5/128"]}
                ]
            },
        ),
        (
            {
                "peers": [PEER],
                "pools": {
                    "default": {
                        "protocol": "bgp",
                        "addresses": ["10.0.0.0/28"],
                        "auto-assign": False,
                        "avoid-buggy-ips": True,
                    }
                },
            },
            {
                "peers": [PEER],
                "address-pools": [
                    {
                        "name": "default",
                        "protocol": "bgp",
                        "addresses": ["10.0.0.0/28"],
                        "auto-assign": False,
                        "avoid-buggy-ips": True,
                    }
                ],
            },
        ),
    ],
)
def test_other_pools_set_the_option_pools_to_metallbs_configuration(
    section: dict[str, Any], configuration: dict[str, Any]
) -> None:
    """It only contains what differs from MetalLB's defaults."""
    options = options_of(**section)

    assert list(options) == ["pools"]
    assert yaml.safe_load(options["pools"]) == configuration


def test_configuration_of_pools_is_written_in_metallbs_own_order() -> None:
    """One key in a line, as in MetalLB's documentation; peers come before the pools."""
    pool = {"protocol": "bgp", "addresses": ["10.0.0.0/28"]}

    assert options_of(peers=[PEER], pools={"web": pool}) == {
        "pools": (
            "peers:\n"
            "- peer-address: 10.0.0.1\n"
            "  peer-asn: 64501\n"
            "  my-asn: 64500\n"
            "address-pools:\n"
            "- name: web\n"
            "  protocol: bgp\n"
            "  addresses:\n"
            "  - 10.0.0.0/28\n"
        )
    }


def test_version_manifest_and_registry_reach_the_charm(tmp_path: Path) -> None:
    """The other charms get the cluster's registry too."""
    override = {"metallb": {"resources": {"manifest": "./metallb-native.yaml"}}}
    bundle = render_example(
        tmp_path,
        "modern",
        kubernetes={"registry": "registry.lab.example:5000"},
        metallb={"version": "v0.15.3"},
        applications=override,
    )
    metallb = bundle["applications"]["metallb"]

    assert metallb["resources"] == {"manifest": "./metallb-native.yaml"}
    assert metallb["options"]["version"] == "v0.15.3"
    assert metallb["options"]["image-registry"] == "registry.lab.example:5000"
    assert metallb["to"] == ["lxd:0"]
    names = ("calico", "kubernetes-control-plane", "nfs-server", "nvidia-runtime")
    registries = {bundle["applications"][name]["options"].get("image-registry") for name in names}
    assert registries == {"registry.lab.example:5000"}
