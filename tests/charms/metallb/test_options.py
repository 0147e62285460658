"""The options are checked in one place, and all of them at once."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from labcharm.validators import OptionsError
from metallb.options import read_options

CONFIG = {"addresses": "192.168.1.240-192.168.1.250"}


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("192.168.1.240-192.168.1.250", ["192.168.1.240-192.168.1.250"]),
        ("192.168.1.240 - 192.168.1.250", ["192.168.1.240-192.168.1.250"]),
        ("10.0.0.0/28, 10.0.1.0/28", ["10.0.0.0/28", "10.0.1.0/28"]),
        ("10.0.0.0/28 10.0.1.1-10.0.1.9,fd00::/124",
         ["10.0.0.0/28", "10.0.1.1-10.0.1.9", "fd00::/124"]),
    ],
)  # fmt: skip
def test_addresses_make_the_pool_default(text: str, addresses: list[str]) -> None:
    """One layer-2 pool."""
    configuration = read_options({"addresses": text}).configuration

    assert configuration.option == "addresses"
    assert yaml.safe_load(configuration.text) == {
        "address-pools": [{"name": "default", "protocol": "layer2", "addresses": addresses}]
    }


@pytest.mark.parametrize(
    "pools",
    [
        "- {name: a, protocol: layer2, addresses: [10.0.0.0/28]}\n",
        "- name: a\n  protocol: layer2\n  addresses:\n  - 10.0.0.0/28\n",
        "[{name: a, protocol: layer2, addresses: [10.0.0.0/28]}]",
        "[\n{name: a, protocol: layer2,\naddresses: [10.0.0.0/28]}\n]\n",
        "# the lab's\n---\n- {name: a, protocol: layer2, addresses: [10.0.0.0/28]}\n",
    ],
)
def test_list_of_pools_is_made_a_configuration(pools: str) -> None:
    """The key around the list is MetalLB's; it takes one line."""
    option, text = read_options({"pools": pools}).configuration

    assert option == "pools"
    assert yaml.safe_load(text) == {"address-pools": yaml.safe_load(pools)}
    assert len(text.splitlines()) == len(pools.splitlines()) + 1


@pytest.mark.parametrize("pools", ["---\naddress-pools: []\n", "a", "{", "- [", "!x [1]"])
def test_other_text_is_left_to_metallb(pools: str) -> None:
    """Its own message names what is wrong."""
    text = read_options({"pools": pools}).configuration.text

    assert text in (pools, f"address-pools:\n {pools}")


def test_settings_of_pods_are_read() -> None:
    """Node selector, taints in kubectl's form, and registry."""
    settings = read_options(
        {
            **CONFIG,
            "node-selector": "rack=a, lab.example/role=edge",
            "tolerations": "dedicated=gpu:NoSchedule node.example/x *",
            "image-registry": "reg.lab:5000/mirror/",
        }
    ).settings

    assert settings.node_selector == (("rack", "a"), ("lab.example/role", "edge"))
    assert [dict(toleration) for toleration in settings.tolerations] == [
        {"key": "dedicated", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"},
        {"key": "node.example/x", "operator": "Exists"},
        {"operator": "Exists"},
    ]
    assert settings.registry == "reg.lab:5000/mirror"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "no address pool; set addresses"),
        ({**CONFIG, "pools": "- {}"}, "addresses and pools are both set"),
        ({**CONFIG, "log-level": "loud"}, "log-level is 'loud'; use one of all, debug"),
        ({**CONFIG, "image-registry": "https://x"}, "image-registry is 'https://x'"),
        (
            {**CONFIG, "manifest-url": "https://u:hunter2@x/m.yaml#sha256=" + "0" * 64},
            "manifest-url contains a user or a password; attach the file as a resource instead",
        ),
        ({**CONFIG, "image-registry": "u:hunter2@x"}, "contains a user or a password; set them"),
        ({**CONFIG, "image-registry": "a b"}, "without a scheme"),
        ({**CONFIG, "node-selector": "rack"}, "node-selector contains 'rack'; write KEY=VALUE"),
        (
            {**CONFIG, "tolerations": "a=b:Never"},
            "tolerations contains 'a=b:Never'; write KEY=VALUE:EFFECT",
        ),
        ({**CONFIG, "manifest-url": "https://x"}, "write URL#sha256=DIGEST"),
        (
            {**CONFIG, "reserved-networks": "10.1"},
            "reserved-networks contains '10.1'; write networks",
        ),
    ],
)
def test_bad_option_is_named_with_its_fix(config: dict[str, Any], message: str) -> None:
    """The option, its value, and what to write."""
    with pytest.raises(OptionsError) as caught:
        read_options(config)

    assert message in str(caught.value)


def test_all_problems_are_reported_at_once() -> None:
    """In one status."""
    with pytest.raises(OptionsError) as caught:
        read_options({"log-level": "x", "tolerations": "?", "node-selector": "?"})

    assert len(caught.value.problems) == 4
