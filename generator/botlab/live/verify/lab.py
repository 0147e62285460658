"""Run all checks of a lab at the same time."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence

from ..cluster.access import ClusterAccess
from ..cluster.of_lab import open_lab_cluster
from ..errors import CallTimedOutError, DeadlineError, LiveError
from ..kubeconfig.fetch import has_control_plane
from ..lab import Lab
from ..live_model import LiveModel
from ..parallel import Outcome, call_all
from ..status.model import ModelStatus
from ..time_limits import Deadline
from .answers import ACTION
from .balancers import Probe, tcp_probe
from .charms import CharmChecks, missing_units, units_to_verify, verify_unit
from .cluster import API_CHECK, cluster_checks
from .report import Check, VerifyReport

# Each call of the juju client is a process.
_MOST_ACTIONS = 8
# The longest action mounts, binds a claim and runs pods, with two minutes for each.
_LONGEST_ACTION = 900.0
# The longest wait for the kubeconfig of the control plane.
_LONGEST_FETCH = 120.0
# The time that remains to report an action that has not ended.
_RESERVE = 3.0

Task = Callable[[], CharmChecks]


def verify_lab(
    model: LiveModel,
    lab: Lab,
    cluster: ClusterAccess | None,
    deadline: Deadline,
    probe: Probe = tcp_probe,
) -> VerifyReport:
    """Run the checks of the charms and of the cluster.

    Args:
        model: The model of the lab.
        lab: The lab.
        cluster: Its cluster. None for the cluster of the kubeconfig that the control plane gives.
        deadline: When to stop. A check that has not ended by then has failed.
        probe: Connects to an address of a load balancer.

    Raises:
        LiveError: When the state of the model cannot be read.
    """
    status = model.status()
    units = list(units_to_verify(lab, status))
    seconds, is_limited = _action_limit(deadline)
    tasks: list[Task] = [
        functools.partial(verify_unit, model, status, unit, seconds) for unit in units
    ]
    names = [unit.name for unit in units]
    if cluster is not None or has_control_plane(lab):
        tasks.append(
            functools.partial(_verify_cluster, model, lab, status, cluster, probe, seconds)
        )
        names.append("")
    parts = [
        _ended(outcome, name) for outcome, name in zip(_run(tasks, deadline), names, strict=True)
    ]
    checks = [*missing_units(lab, status), *(check for part in parts for check in part.checks)]
    is_out_of_time = is_limited and any(part.is_out_of_time for part in parts)
    return VerifyReport(tuple(checks), is_out_of_time)


def _run(tasks: Sequence[Task], deadline: Deadline) -> list[Outcome[CharmChecks] | None]:
    """Run the tasks; the last one, which is the cluster's, starts among the first."""
    reordered = call_all(tasks[::-1], deadline, limit=_MOST_ACTIONS)
    return reordered[::-1]


def _ended(outcome: Outcome[CharmChecks] | None, unit: str) -> CharmChecks:
    if outcome is not None:
        return outcome.value()
    message = "no result in the time allowed; allow more with --timeout"
    check = Check(ACTION if unit else API_CHECK, False, message, unit)
    return CharmChecks((check,), is_out_of_time=True)


def _action_limit(deadline: Deadline) -> tuple[float, bool]:
    """Return how long an action may take, and whether the deadline is the reason."""
    remaining = deadline.remaining
    if remaining is None or remaining - _RESERVE > _LONGEST_ACTION:
        return _LONGEST_ACTION, False
    return max(1.0, remaining - _RESERVE), True


def _verify_cluster(
    model: LiveModel,
    lab: Lab,
    status: ModelStatus,
    cluster: ClusterAccess | None,
    probe: Probe,
    seconds: float,
) -> CharmChecks:
    """Return the checks of the cluster; one failed check if it cannot be opened.

    Args:
        model: The model of the lab.
        lab: The lab.
        status: The state of the model.
        cluster: The cluster; None for the one of the control plane's kubeconfig.
        probe: Connects to an address of a load balancer.
        seconds: How long the kubeconfig may take, 120 seconds at most.
    """
    if cluster is not None:
        return CharmChecks(tuple(cluster_checks(cluster, lab, status, probe)))
    try:
        opened = open_lab_cluster(model, lab, min(seconds, _LONGEST_FETCH))
    except (CallTimedOutError, DeadlineError) as error:
        check = Check(API_CHECK, False, error.message)
        return CharmChecks((check,), is_out_of_time=seconds <= _LONGEST_FETCH)
    except LiveError as error:
        return CharmChecks((Check(API_CHECK, False, error.message),))
    with contextlib.closing(opened):
        return CharmChecks(tuple(cluster_checks(opened, lab, status, probe)))
