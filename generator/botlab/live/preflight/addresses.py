"""The addresses of the pools, which MAAS must never assign."""

from __future__ import annotations

from collections.abc import Iterator

from ...inventory.address_use import Verdict, address_use
from ...inventory.dumps import MaasInventory
from ...rules.lab.facts import Facts
from ...rules.lab.options.address_pools import pool_ranges
from .check import Check, failed, passed, skipped


def check_addresses(facts: Facts, inventory: MaasInventory) -> Iterator[Check]:
    """Check that MAAS does not assign the addresses of the pools to machines.

    Args:
        facts: The bundle with its pools.
        inventory: What MAAS knows.
    """
    for pool in pool_ranges(facts):
        use = address_use(pool.span, inventory)
        name = f"addresses {pool.span.first}-{pool.span.last}"
        if use.verdict is Verdict.SAFE:
            yield passed(name, use.message)
        elif use.verdict is Verdict.UNKNOWN:
            yield skipped(name, use.message, use.fix)
        else:
            yield failed(name, use.message, use.fix)
