"""The checks of `verify` that compare the cluster with the release's inventory."""

from typing import Callable, Collection, Dict, Iterable, List, Optional, Tuple

from kubeflow_installer.releases.inventory import Inventory
from labcharm.json_types import JsonObject
from labcharm.text import summarize
from labcharm.verify import Check
from labkube.client.api import Api
from labkube.inspect.events import latest_message
from labkube.inspect.readiness import not_ready_reason, phase_of

Workload = Tuple[str, str, str]  # kind, namespace, name
Diagnose = Callable[[Api, List[Workload]], List[str]]
_MISSING = "is missing"
NO_EVENT = "there is no event about it"


def checks(
    api: Api,
    inventory: Inventory,
    excluded: Collection[Workload] = (),
    diagnose: Optional[Diagnose] = None,
) -> List[Check]:
    """Compare namespaces, workloads and claims with a release's inventory.

    Args:
        api: The cluster.
        inventory: What the release consists of.
        excluded: Workloads that were excluded on purpose.
        diagnose: Describes why workloads are not ready; without it no reason is shown.

    Raises:
        ApiError: When the cluster does not answer.
    """
    workloads = [workload for workload in inventory.workloads if workload not in excluded]
    return [
        namespaces_check(api, inventory.namespaces),
        workloads_check(api, workloads, diagnose),
        claims_check(api, inventory.claims),
    ]


def namespaces_check(api: Api, names: Iterable[str]) -> Check:
    """Check that namespaces exist and are not being deleted."""
    live = {namespace["metadata"]["name"]: namespace for namespace in api.list("v1", "Namespace")}
    expected = list(names)
    problems = []
    for name in expected:
        phase = phase_of(live.get(name), "Active")
        if name not in live:
            problems.append(f"{name} {_MISSING}")
        elif phase != "Active":
            problems.append(f"{name} is {phase}")
    return _check("namespaces", problems, f"{len(expected)} exist")


def not_ready(api: Api, workloads: Iterable[Workload]) -> Dict[Workload, str]:
    """Return the workloads that are not ready, and their states; each kind is listed once.

    Raises:
        ApiError: When the cluster does not answer.
    """
    expected = list(workloads)
    live: Dict[Workload, JsonObject] = {}
    for kind in sorted({kind for kind, _, _ in expected}):
        for workload in api.list("apps/v1", kind):
            live[(kind, *_key(workload))] = workload
    states = {key: not_ready_reason(live[key]) if key in live else _MISSING for key in expected}
    return {key: state for key, state in states.items() if state}


def workloads_check(
    api: Api, workloads: Iterable[Workload], diagnose: Optional[Diagnose] = None
) -> Check:
    """Check that workloads are ready; describe the states of the others, and why."""
    expected = list(workloads)
    waiting = sorted(not_ready(api, expected).items())
    problems = [f"{kind} {namespace}/{name} {state}" for (kind, namespace, name), state in waiting]
    check = _check("workloads", problems, f"{len(expected)} ready")
    existing = [key for key, state in waiting if state != _MISSING]
    reasons = diagnose(api, existing) if diagnose is not None and existing else []
    return check._replace(message="; ".join([check.message, *reasons]))


def claims_check(api: Api, claims: Iterable[Tuple[str, str]]) -> Check:
    """Check that volume claims are bound; show the latest event about the first that is not."""
    live = {_key(claim): claim for claim in api.list("v1", "PersistentVolumeClaim")}
    expected = list(claims)
    problems, event = [], ""
    for key in expected:
        phase = phase_of(live.get(key), "missing")
        if key not in live or phase != "Bound":
            problems.append(f"{key[0]}/{key[1]} is {phase}")
            if key in live and not event:
                event = f"; {latest_message(api, live[key], NO_EVENT)}"
    check = _check("claims", problems, f"{len(expected)} bound")
    return check._replace(message=check.message + event)


def _check(name: str, problems: List[str], success: str) -> Check:
    return Check(name, not problems, summarize(problems) if problems else success)


def _key(live: JsonObject) -> Tuple[str, str]:
    return live["metadata"]["namespace"], live["metadata"]["name"]
