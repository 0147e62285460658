"""All findings about a cluster, for the status and for `verify`."""

from typing import Iterable, List, Sequence

from labcharm.text import clip
from labcharm.verify import Check
from metallb.cluster.assignments import assignments, usage
from metallb.cluster.observed import Observed
from metallb.desired_state import DesiredState
from metallb.health import announcers, handled_services, kube_proxy, rivals, subnets
from metallb.health.findings import BLOCKED, NOTE, OK, WAITING, Finding

_FAILED = (BLOCKED, WAITING)


def findings(
    desired: DesiredState, observed: Observed, unit_networks: Iterable[str]
) -> List[Finding]:
    """Return the outcome of every check.

    Args:
        desired: The desired state.
        observed: The cluster.
        unit_networks: The networks of the unit's machine, as ADDRESS/BITS.
    """
    handled = handled_services.handled_services(desired, observed.services)
    return [
        announcers.announcers(desired, observed),
        kube_proxy.kube_proxy(desired, observed),
        rivals.rivals(desired.pools, handled, observed),
        handled_services.services(desired.pools, handled),
        subnets.subnets(desired.pools, observed, unit_networks),
    ]


def worst(outcomes: Sequence[Finding]) -> Finding:
    """Return the first of the most severe findings."""
    severities = (BLOCKED, WAITING, NOTE, OK)
    return min(outcomes, key=lambda finding: severities.index(finding.severity))


def as_checks(outcomes: Iterable[Finding]) -> List[Check]:
    """Return findings as checks of `verify`; a note does not fail."""
    return [
        Check(finding.check, finding.severity not in _FAILED, finding.message)
        for finding in outcomes
    ]


def summary(desired: DesiredState, observed: Observed) -> str:
    """Return the message of the active unit."""
    handled = handled_services.handled_services(desired, observed.services)
    used, total = usage(assignments(handled), desired.pools)
    addresses = f"{used} of {total} addresses used"
    count = len(desired.pools)
    pools = f"pool {clip(desired.pools[0].name)}" if count == 1 else f"{count} pools"
    return f"MetalLB {desired.release.name}, {pools}, {addresses}"
