"""The checks of a change of pools, before it is applied."""

from typing import List, Sequence, Set, Tuple

from labcharm.text import clip
from metallb.cluster.assignments import assignments, lost_addresses
from metallb.cluster.networks import UsedNetwork, cluster_networks, probe_service_networks
from metallb.cluster.observed import Observed
from metallb.config.addresses import Network
from metallb.config.pools import Pool
from metallb.deployment import MetallbDeployment
from metallb.desired_state import DesiredState
from metallb.health.rivals import other_metallbs


def failed_checks(
    deployment: MetallbDeployment,
    desired: DesiredState,
    observed: Observed,
    allow_lost_addresses: bool = False,
) -> List[str]:
    """Return a description of each check that fails.

    Args:
        deployment: The deployment that the desired state is for.
        desired: The desired state.
        observed: The cluster.
        allow_lost_addresses: Whether services may lose their addresses.
    """
    current = deployment.current_pools()
    reserved = [UsedNetwork("the network", network) for network in desired.reserved_networks]
    nodes, services = observed.nodes, observed.services
    networks = reserved + cluster_networks(deployment.api, nodes, services)
    failures = other_metallbs(observed) + overlaps(desired.pools, networks)
    if not failures and have_different_addresses(current, desired.pools):
        failures = overlaps(desired.pools, probe_service_networks(deployment.api))
    if allow_lost_addresses:
        return failures
    lost = lost_addresses(assignments(services), current, desired.pools)
    if lost:
        fix = "keep it, or sync-objects force=true"
        failures.append(f"services would lose their address; {fix}: {', '.join(lost)}")
    return failures


def overlaps(pools: Sequence[Pool], networks: Sequence[UsedNetwork]) -> List[str]:
    """Return the overlaps of pools with networks in use, one for each pool and network."""
    messages = []
    for pool in pools:
        for used in networks:
            if any(_overlap(part, used.network) for part in pool.networks):
                network = f"{clip(used.user)} {used.network}"
                messages.append(f"pool {pool.name} overlaps {network}; use other addresses")
    return messages


def _overlap(network: Network, used: Network) -> bool:
    return network.version == used.version and network.overlaps(used)


def have_different_addresses(pools: Sequence[Pool], changed: Sequence[Pool]) -> bool:
    """Return whether two lists of pools hold different addresses, in any order."""

    def addresses(of_pools: Sequence[Pool]) -> Set[Tuple[str, Tuple[Network, ...]]]:
        return {(pool.name, pool.networks) for pool in of_pools}

    return addresses(pools) != addresses(changed)
