"""A configuration checked as the release's own parser does, before it is applied.

MetalLB logs a bad configuration and keeps the old one, which nobody notices. The tests of this
charm record what each release's own parser reports about a set of configurations. These functions
report the same; where MetalLB stops at the first problem, they return all of them.
"""

from typing import List

from metallb.config.bgp import community_problems, native_mode_problems
from metallb.config.decode import Configuration
from metallb.config.peers import peer_problems
from metallb.config.pools import pool_problems
from metallb.releases import Number


def problems(configuration: Configuration, number: Number) -> List[str]:
    """Return the problems of a configuration in MetalLB's words; the first is MetalLB's verdict.

    Args:
        configuration: The decoded configuration.
        number: The number of MetalLB's release.
    """
    native_mode = native_mode_problems(configuration, number) if number >= (0, 12, 0) else []
    return [
        *native_mode,
        *peer_problems(configuration.get("peers") or [], number),
        *community_problems(configuration.get("bgp-communities") or {}, number),
        *pool_problems(configuration, number),
    ]
