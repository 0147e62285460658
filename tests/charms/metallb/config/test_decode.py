"""Every field of MetalLB's configuration, by the release that has it first."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from helpers.damage import damaged_texts
from metallb.config import validate
from metallb.config.custom_resources import name_problems
from metallb.config.decode import decode
from metallb.config.errors import RefusedError
from metallb.config.pools import read_pools

# MetalLB's package `config`, in its releases 0.8 to 0.12.
DOCUMENT: dict[str, Any] = {
    "peers": [
        {
            "my-asn": 64500,
            "peer-asn": 64501,
            "peer-address": "10.0.0.1",
            "peer-port": 179,
            "hold-time": "90s",
            "router-id": "10.0.0.2",
            "password": "x",
            "node-selectors": [
                {
                    "match-labels": {"rack": "a"},
                    "match-expressions": [{"key": "k", "operator": "In", "values": ["a", "b"]}],
                }
            ],
        }
    ],
    "bgp-communities": {"no-export": "65535:65281"},
    "address-pools": [
        {
            "protocol": "bgp",
            "name": "a",
            "addresses": ["10.0.0.0/28"],
            "avoid-buggy-ips": True,
            "auto-assign": False,
            "bgp-advertisements": [
                {"aggregation-length": 32, "localpref": 100, "communities": ["no-export"]}
            ],
        }
    ],
}
# The field, where it lies, its content, and the releases before and with it.
LATER = [
    (("peers", 0), "source-address", "10.0.0.3", (0, 10, 3), (0, 11, 0)),
    (("peers", 0), "keepalive-time", "30s", (0, 11, 0), (0, 12, 0)),
    (("peers", 0), "bfd-profile", "fast", (0, 11, 0), (0, 12, 0)),
    (("peers", 0), "ebgp-multihop", True, (0, 11, 0), (0, 12, 0)),
    (
        ("address-pools", 0, "bgp-advertisements", 0),
        "aggregation-length-v6",
        128,
        (0, 11, 0),
        (0, 12, 0),
    ),
    (
        (),
        "bfd-profiles",
        [
            {
                "name": "fast",
                "receive-interval": 1,
                "transmit-interval": 2,
                "detect-multiplier": 3,
                "echo-interval": 4,
                "echo-mode": True,
                "passive-mode": False,
                "minimum-ttl": 5,
            }
        ],
        (0, 11, 0),
        (0, 12, 0),
    ),
]


def test_every_field_is_read() -> None:
    assert decode(yaml.safe_dump(DOCUMENT), (0, 8, 1)) == DOCUMENT


@pytest.mark.parametrize(("path", "field", "content", "before", "since"), LATER)
def test_later_field_is_unknown_to_releases_before_it(
    path: tuple[Any, ...],
    field: str,
    content: Any,
    before: tuple[int, int, int],
    since: tuple[int, int, int],
) -> None:
    document = yaml.safe_load(yaml.safe_dump(DOCUMENT))
    struct = document
    for step in path:
        struct = struct[step]
    struct[field] = content
    text = yaml.safe_dump(document)

    assert decode(text, since) == document
    with pytest.raises(RefusedError, match=f"field {field} not found in type config"):
        decode(text, before)


FULL = """\
peers:
- {my-asn: 64512, peer-asn: 64513, peer-address: 10.0.0.1, peer-port: 179, hold-time: 90s,
   node-selectors: [{match-labels: {rack: a}}]}
bgp-communities: {no-export: "65535:65281"}
address-pools:
- name: default
  protocol: bgp
  addresses: [192.168.1.0/24, 192.168.2.1-192.168.2.9]
  avoid-buggy-ips: true
  bgp-advertisements: [{aggregation-length: 32, localpref: 100, communities: [no-export]}]
"""


@pytest.mark.parametrize(
    "entry",
    ["avoid-buggy-ips: !!bool maybe", "avoid-buggy-ips: !!int 1", "name: [" + "[" * 3000],
)
def test_text_that_only_a_converter_refuses_is_refused(entry: str) -> None:
    """PyYAML has other classes of errors for a wrong tag and for deep nesting."""
    with pytest.raises(RefusedError, match="could not parse config: yaml: "):
        decode("address-pools:\n- " + entry, (0, 12, 1))


@pytest.mark.parametrize("number", ["!!int abc", '!!int ""', "!!int '[1]'", "!!int '-'"])
def test_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(RefusedError, match=r"cannot unmarshal !!int .* into uint16"):
        decode(f"peers:\n- peer-port: {number}\n", (0, 12, 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("address-pools:\n-\n", "parsing address pool #1: missing pool name"),
        ("peers: [null]\n", "parsing peer #1: missing local ASN"),
        ("address-pools: [{name: a, protocol: layer2, addresses: [~]}]", 'invalid CIDR "" in'),
        ("bgp-communities: {a: }", 'invalid community string ""'),
    ],
)
def test_empty_list_entry_is_an_empty_struct(text: str, message: str) -> None:
    """As Go decodes it; a dash without anything after it is a common slip."""
    problems = validate.problems(decode(text, (0, 12, 1)), (0, 12, 1))

    assert message in "; ".join(problems)


def test_damaged_configuration_has_problems_or_is_read() -> None:
    """No text of the option ends the hook with an error."""
    refused = 0
    for text in damaged_texts(FULL, 400):
        try:
            configuration = decode(text, (0, 12, 1))
        except RefusedError:
            refused += 1
            continue
        validate.problems(configuration, (0, 12, 1))
        read_pools(configuration, (0, 12, 1))
        name_problems(configuration)
    assert refused > 100
