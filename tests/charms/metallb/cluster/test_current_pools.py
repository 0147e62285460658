"""The pools that an application has on the cluster now, on a server in memory."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.memory_api import MemoryApi
from metallb.cluster.current_pools import current_pools
from metallb.config.custom_resources import ADDRESS_POOL
from metallb.config.pools import Pool

TEXT = "address-pools: [{name: a, protocol: layer2, addresses: [10.0.0.0/28]}]"


def pools(api: Any) -> list[tuple[str, list[str], bool]]:
    """Return name, networks and the treatment of .0 and .255 of each pool."""
    owned: list[Pool] = current_pools(
        api, lambda live: live["metadata"].get("labels") == {"x": "y"}
    )
    return [
        (pool.name, [str(part) for part in pool.networks], pool.avoids_buggy) for pool in owned
    ]


def add(
    api: Any, api_version: str, kind: str, name: str, owned: bool = True, **fields: Any
) -> None:
    """Add an object in MetalLB's namespace."""
    metadata: Any = {"name": name, "namespace": "metallb-system"}
    if owned:
        metadata["labels"] = {"x": "y"}
    api.create({"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"data": {"config": TEXT}}, [("a", ["10.0.0.0/28"], False)]),
        ({"data": {"config": "address-pools: x"}}, []),
        ({"data": {"other": TEXT}}, []),
        ({"data": None}, []),
        ({}, []),
    ],
)
def test_config_map_holds_the_pools_before_0_13(
    fields: dict[str, Any], expected: list[Any]
) -> None:
    api = MemoryApi((1, 19))
    add(api, "v1", "ConfigMap", "config", **fields)

    assert pools(api) == expected


def test_config_map_of_others_does_not_count() -> None:
    api = MemoryApi((1, 19))
    add(api, "v1", "ConfigMap", "config", owned=False, data={"config": TEXT})

    assert pools(api) == []


def test_custom_resources_hold_the_pools_from_0_13_on() -> None:
    """Those of others do not count."""
    api = MemoryApi((1, 28), (ADDRESS_POOL,))
    spec = {"addresses": ["10.0.0.0/28", "10.0.1.0/28"], "avoidBuggyIPs": True}
    add(api, *ADDRESS_POOL, "a", spec=spec)
    add(api, *ADDRESS_POOL, "b", spec={"addresses": ["10.0.2.0/28"]})
    add(api, *ADDRESS_POOL, "c")
    add(api, *ADDRESS_POOL, "d", owned=False, spec=spec)

    assert pools(api) == [
        ("a", ["10.0.0.0/28", "10.0.1.0/28"], True),
        ("b", ["10.0.2.0/28"], False),
        ("c", [], False),
    ]
