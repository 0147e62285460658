"""What is, against what is wanted or would be: for the actions that only look."""

from typing import List, NamedTuple, Optional

import kf_releases
from kf_cluster import BlockedError, Kubeflow, begun
from kf_state import NOTHING
from labkube.api import Object
from labkube.objects import Comparison, name_of

Plan = NamedTuple(
    "Plan",
    [
        ("before", str),
        ("after", str),
        # What would change; None where that is not known before it is done.
        ("objects", Optional[Comparison]),
        ("problems", List[str]),
    ],
)


def compare(kubeflow: Kubeflow) -> Comparison:
    """Tell correct, changed, missing and extra objects.

    Raises:
        BlockedError, WaitingError: When it is not known what is wanted.
    """
    state = kubeflow.keeper.read()
    if not state.phase:
        raise BlockedError("Kubeflow is not installed")
    release = kubeflow.release(state)
    wanted = kubeflow.wanted(kubeflow.request(release, state, looks=False), state)
    secret = kubeflow.gateway(release).tls_secret(kubeflow.site.machine)
    return _compared(kubeflow, wanted if secret is None else [*wanted, secret])


def plan(kubeflow: Kubeflow, wish: str) -> Plan:
    """Say what a move to another release would change.

    What kfctl would make is not known before it runs, so its objects are left out.

    Raises:
        kf_releases.ReleaseError: When the release is not known, or does not fit the server.
        BlockedError, WaitingError: When its files cannot be had.
    """
    state = kubeflow.keeper.read()
    after = kf_releases.choose(kubeflow.api.version(), wish or kubeflow.site.options.version)
    if not state.phase:
        return Plan("", after.name, None, ["nothing is installed; run install"])
    before = kubeflow.release(state)
    reason = kf_releases.follows(before, after)
    if reason or after.method == kf_releases.KFCTL:
        return Plan(before.name, after.name, None, [reason] if reason else [])
    wanted = kubeflow.wanted(kubeflow.request(after, NOTHING, looks=False), NOTHING)
    secret = kubeflow.gateway(after).tls_secret(kubeflow.site.machine)
    found = _compared(kubeflow, wanted if secret is None else [*wanted, secret])
    return Plan(before.name, after.name, found, [])


def move(kubeflow: Kubeflow, release: str) -> None:
    """Note that another release is wanted from now on; `Kubeflow.go_on` brings it."""
    state = kubeflow.keeper.read()
    kubeflow.keeper.write(begun(release, state.adopt, state.user))


def _compared(kubeflow: Kubeflow, wanted: List[Object]) -> Comparison:
    found = kubeflow.objects.compare(wanted, kubeflow.objects.look(wanted))
    return found._replace(extra=[name_of(one) for one in kubeflow.beyond(wanted)])
