"""What the action `verify` looks at: inventory, volumes, the way in."""

import socket
from typing import Any, Callable, Collection, Dict, Iterable, List, Optional, Tuple

from kubeflow_installer.ingress.gateway import Gateway
from labcharm.machine import Machine
from labcharm.text import some
from labcharm.verify import Check
from labkube.client.api import Api, Object
from labkube.inspect.readiness import unready
from labkube.inspect.trials import last_words

Workload = Tuple[str, str, str]  # kind, namespace, name
_SILENT = "nobody said anything of it"


def inventory_checks(
    api: Api,
    inventory: Any,
    absent: Collection[Workload] = (),
    diagnose: Optional[Callable[[Api, List[Workload]], List[str]]] = None,
) -> List[Check]:
    """Compare namespaces, workloads and claims with a release's inventory.

    Args:
        api: The cluster.
        inventory: What the release consists of (`namespaces`, `workloads`, `claims`).
        absent: Workloads that were left out on purpose.
        diagnose: Says why workloads are not ready; nothing is said without it.

    Raises:
        ApiError: When the cluster does not answer.
    """
    workloads = [one for one in inventory.workloads if one not in absent]
    return [
        namespaces_check(api, inventory.namespaces),
        workloads_check(api, workloads, diagnose),
        claims_check(api, inventory.claims),
    ]


def namespaces_check(api: Api, names: Iterable[str]) -> Check:
    """Look for namespaces, each there and not on its way out."""
    live = {one["metadata"]["name"]: one for one in api.list("v1", "Namespace")}
    wanted = list(names)
    wrong = []
    for name in wanted:
        phase = (live.get(name, {}).get("status") or {}).get("phase", "Active")
        if name not in live:
            wrong.append("%s is missing" % name)
        elif phase != "Active":
            wrong.append("%s is %s" % (name, phase))
    return _check("namespaces", wrong, "%d there" % len(wanted))


def not_ready(api: Api, workloads: Iterable[Workload]) -> Dict[Workload, str]:
    """Return which workloads do not serve, and how they stand; one list a kind is asked for.

    Raises:
        ApiError: When the cluster does not answer.
    """
    wanted = list(workloads)
    live: Dict[Workload, Object] = {}
    for kind in sorted({kind for kind, _, _ in wanted}):
        for one in api.list("apps/v1", kind):
            live[(kind, one["metadata"]["namespace"], one["metadata"]["name"])] = one
    told = {one: unready(live[one]) if one in live else "is missing" for one in wanted}
    return {one: reason for one, reason in told.items() if reason}


def workloads_check(
    api: Api,
    workloads: Iterable[Workload],
    diagnose: Optional[Callable[[Api, List[Workload]], List[str]]] = None,
) -> Check:
    """Look at workloads; say of those that do not serve how they stand, and why."""
    wanted = list(workloads)
    waiting = not_ready(api, wanted)
    wrong = ["%s %s/%s %s" % (*one, reason) for one, reason in sorted(waiting.items())]
    check = _check("workloads", wrong, "%d ready" % len(wanted))
    there = [one for one, reason in sorted(waiting.items()) if reason != "is missing"]
    reasons = diagnose(api, there) if diagnose is not None and there else []
    if reasons:
        check = check._replace(message="%s; %s" % (check.message, "; ".join(reasons)))
    return check


def claims_check(api: Api, claims: Iterable[Tuple[str, str]]) -> Check:
    """Look at volume claims; the last word on the first that is not bound is told."""
    kind = "PersistentVolumeClaim"
    live = {_place(one): one for one in api.list("v1", kind)}
    wanted = list(claims)
    wrong, last = [], ""
    for place in wanted:
        phase = (live.get(place, {}).get("status") or {}).get("phase", "not there yet")
        if place not in live or phase != "Bound":
            wrong.append("%s/%s is %s" % (*place, phase))
            if place in live and not last:
                last = "; " + last_words(api, live[place], _SILENT)
    check = _check("claims", wrong, "%d bound" % len(wanted))
    return check._replace(message=check.message + last)


def gateway_checks(
    gateway: Gateway, hostname: str = "", machine: Optional[Machine] = None
) -> List[Check]:
    """Look at address, host name and certificate, and what the dashboard says without a login.

    Args:
        gateway: The gateway.
        hostname: The option; empty where the address is used.
        machine: Where openssl reads the certificate; without it that is not looked at.

    Raises:
        ApiError: When the cluster does not answer.
    """
    address = gateway.address()
    if not address:
        told = "the service istio-system/istio-ingressgateway has no address of a LoadBalancer"
        return [Check("address", False, told)]
    checks = [Check("address", True, "the gateway was given %s" % address)]
    if hostname:
        checks.append(_hostname(hostname, address))
    if machine is not None:
        doubt = gateway.doubt(machine)
        checks.append(Check("certificate", not doubt, doubt or gateway.certificate(machine)))
    wrong = gateway.check()
    told = wrong or "%s leads to the login" % gateway.url()
    return [*checks, Check("url", not wrong, told)]


def login_check(gateway: Gateway, user: str, password: str) -> Check:
    """Log in as the first user, up to the dashboard.

    Raises:
        ApiError: When the cluster does not answer.
    """
    wrong = gateway.login(user, password)
    return Check("login", not wrong, wrong or "%s reached the dashboard" % user)


def _check(name: str, wrong: List[str], right: str) -> Check:
    return Check(name, not wrong, some(wrong) if wrong else right)


def _place(found: Object) -> Tuple[str, str]:
    return found["metadata"]["namespace"], found["metadata"]["name"]


def _hostname(hostname: str, address: str) -> Check:
    """Look where a name leads; that this machine does not know it need not be wrong."""
    found = _resolved(hostname)
    if not found:
        told = "this machine's resolver does not know %s; let it lead to %s"
        return Check("hostname", True, told % (hostname, address))
    right = set(found) & {address, *_resolved(address)}
    told = "%s leads to %s" % (hostname, some(found))
    return Check("hostname", bool(right), told if right else "%s, not to %s" % (told, address))


def _resolved(host: str) -> List[str]:
    try:
        return sorted({str(one[4][0]) for one in socket.getaddrinfo(host, 443)})
    except OSError:
        return []
