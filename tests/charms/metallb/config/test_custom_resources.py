"""The objects of a configuration: a ConfigMap up to 0.12, custom resources from 0.13 on."""

from __future__ import annotations

from typing import Any

import yaml

from metallb.config.custom_resources import name_problems
from metallb.config.objects import configuration_objects
from metallb.releases import find

CONFIGURATION: dict[str, Any] = {
    "peers": [
        {
            "peer-address": "10.0.0.1", "peer-asn": 64501, "my-asn": 64500, "hold-time": "90s",
            "node-selectors": [{"match-labels": {"rack": "a"}}],
        }
    ],
    "bgp-communities": {"mine": "65535:65282"},
    "address-pools": [
        {"name": "default", "protocol": "layer2", "addresses": ["10.0.0.0/28"]},
        {
            "name": "public", "protocol": "bgp", "addresses": ["198.51.100.0/24"],
            "auto-assign": False, "bgp-advertisements": [{"localpref": 100}, {}],
        },
    ],
}  # fmt: skip


def test_config_map_holds_the_configuration() -> None:
    """Its text reads back as the same configuration."""
    (config_map,) = configuration_objects(find("v0.8.1"), CONFIGURATION)

    assert config_map["kind"] == "ConfigMap"
    assert yaml.safe_load(config_map["data"]["config"]) == CONFIGURATION


def test_custom_resources_have_the_names_of_the_migration_tool() -> None:
    """Each pool is advertised by its protocol."""
    objects = configuration_objects(find("v0.13.12"), CONFIGURATION)
    specs = {f"{entry['kind']} {entry['metadata']['name']}": entry["spec"] for entry in objects}

    assert specs == {
        "IPAddressPool default": {
            "addresses": ["10.0.0.0/28"], "autoAssign": True, "avoidBuggyIPs": False,
        },
        "IPAddressPool public": {
            "addresses": ["198.51.100.0/24"], "autoAssign": False, "avoidBuggyIPs": False,
        },
        "L2Advertisement l2advertisement1": {"ipAddressPools": ["default"]},
        "BGPAdvertisement bgpadvertisement1": {"localPref": 100, "ipAddressPools": ["public"]},
        "BGPAdvertisement bgpadvertisement2": {"ipAddressPools": ["public"]},
        "BGPPeer peer1": {
            "peerAddress": "10.0.0.1", "peerASN": 64501, "myASN": 64500, "holdTime": "90s",
            "nodeSelectors": [{"matchLabels": {"rack": "a"}}],
        },
        "Community communities": {"communities": [{"name": "mine", "value": "65535:65282"}]},
    }  # fmt: skip


def test_pool_name_that_cannot_name_an_object_is_a_problem() -> None:
    """From 0.13 on a pool is an object."""
    assert name_problems(CONFIGURATION) == []
    (message,) = name_problems({"address-pools": [{"name": "My_Pool"}]})
    assert "'My_Pool'" in message
