"""Machines of MAAS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from botlab.inventory.maas import MaasMachine


@pytest.fixture
def maas_host() -> Callable[..., MaasMachine]:
    """Return a function that makes a machine of MAAS with some fields."""

    def make(**fields: Any) -> MaasMachine:
        values: dict[str, Any] = {
            "name": "node1",
            "system_id": "id1",
            "tags": ("gpu0", "fast"),
            "zone": "rack1",
            "addresses": (),
            "cores": 16,
            "memory": 65536,
            "status": "Ready",
            "architecture": "amd64",
            "subnets": (),
            **fields,
        }
        return MaasMachine(**values)

    return make
