"""Every field of MetalLB's configuration, by the release that has it first."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from metallb.config.decode import decode
from metallb.config.errors import RefusedError

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
