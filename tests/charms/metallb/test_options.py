"""Options are judged in one place, and all of them at once."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from metallb.options import OptionsError, read_options

GUIDE = {"addresses": "192.168.1.240-192.168.1.250"}


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
    """The guide's case in one line."""
    made = yaml.safe_load(read_options({"addresses": text}).text)

    assert made == {
        "address-pools": [{"name": "default", "protocol": "layer2", "addresses": addresses}]
    }


def test_a_list_of_pools_is_enough() -> None:
    """The document around it is MetalLB's."""
    pool = "- {name: a, protocol: layer2, addresses: [10.0.0.0/28]}\n"
    assert read_options({"pools": pool}).text == "address-pools:\n" + pool


def test_wishes_for_pods() -> None:
    """Selector, taints as kubectl writes them, registry."""
    options = read_options(
        {
            **GUIDE,
            "node-selector": "rack=a, lab.example/role=edge",
            "tolerations": "dedicated=gpu:NoSchedule node.example/x *",
            "image-registry": "reg.lab:5000/mirror/",
        }
    )
    assert options.settings.selector == (("rack", "a"), ("lab.example/role", "edge"))
    assert [dict(one) for one in options.settings.tolerations] == [
        {"key": "dedicated", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"},
        {"key": "node.example/x", "operator": "Exists"},
        {"operator": "Exists"},
    ]
    assert options.settings.registry == "reg.lab:5000/mirror"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, "no address pool; set addresses"),
        ({**GUIDE, "pools": "- {}"}, "addresses and pools are both set"),
        ({**GUIDE, "log-level": "loud"}, "log-level is 'loud'; use one of all, debug"),
        ({**GUIDE, "image-registry": "https://x"}, "image-registry is 'https://x'"),
        ({**GUIDE, "image-registry": "a b"}, "without a scheme"),
        ({**GUIDE, "node-selector": "rack"}, "node-selector holds 'rack'; write KEY=VALUE"),
        ({**GUIDE, "tolerations": "a=b:Never"}, "tolerations holds 'a=b:Never'; write taints"),
        ({**GUIDE, "manifest-url": "https://x"}, "write URL#sha256=DIGEST"),
        ({**GUIDE, "reserved-networks": "10.1"}, "reserved-networks holds '10.1'; write networks"),
    ],
)
def test_a_bad_option_is_named_with_its_mend(config: dict[str, Any], words: str) -> None:
    """Option, value and what to write."""
    with pytest.raises(OptionsError) as caught:
        read_options(config)

    assert words in str(caught.value)


def test_all_at_once() -> None:
    """Every problem in one status."""
    with pytest.raises(OptionsError) as caught:
        read_options({"log-level": "x", "tolerations": "?", "node-selector": "?"})

    assert len(caught.value.problems) == 4
