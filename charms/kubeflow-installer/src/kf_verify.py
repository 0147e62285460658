"""The whole of the action `verify`, in the order in which things depend on each other."""

from typing import Any, List, NamedTuple

import kf_checks
import kf_diagnosis
import kf_inventory
import kf_plan
from kf_cluster import BlockedError, Kubeflow
from kf_releases import Release
from labcharm.verify import Check
from labkube import actions
from labkube.api import Object

Wish = NamedTuple(
    "Wish",
    [
        ("login", bool),
        # Image of a notebook that gets a GPU; empty starts none.
        ("image", str),
        ("gpu", str),
        ("timeout", float),
    ],
)


def checks(kubeflow: Kubeflow, wish: Wish) -> List[Check]:
    """Look at everything and try what is asked for.

    Raises:
        BlockedError: When nothing is installed.
        WaitingError: When it is not known yet what is wanted.
        ApiError: When the cluster does not answer.
    """
    state = kubeflow.keeper.read()
    if not state.phase:
        raise BlockedError("Kubeflow is not installed")
    release = kubeflow.release(state)
    request = kubeflow.request(release, state, looks=False)
    wanted = kubeflow.wanted(request, state)
    gateway = kubeflow.gateway(release)
    found = kf_checks.inventory_checks(
        kubeflow.api, _inventory(release, wanted), diagnose=kf_diagnosis.diagnose
    )
    found.append(actions.as_check("objects", kf_plan.compare(kubeflow)))
    site = kubeflow.site
    found += kf_checks.gateway_checks(gateway, site.options.hostname, site.machine)
    if wish.login:
        user = request.credentials
        found.append(kf_checks.login_check(gateway, user.user, user.password))
    if wish.image:
        trial = kf_checks.Trial(wish.image, wish.gpu, wish.timeout)
        found.append(kf_checks.Notebook(kubeflow.api, trial).check(request.credentials.user))
    return found


def _inventory(release: Release, wanted: List[Object]) -> Any:
    """Return the release's inventory without what was left out; a release without one has ours."""
    here = {(one["kind"], *_place(one)) for one in wanted}
    table = kf_inventory.load(release.name)
    names = table.namespaces or tuple(
        _place(one)[1] for one in wanted if one["kind"] == "Namespace"
    )
    rows = table.workloads or tuple(
        one for one in sorted(here) if one[0] in ("Deployment", "StatefulSet", "DaemonSet")
    )
    claims = table.claims or tuple(one[1:] for one in here if one[0] == "PersistentVolumeClaim")
    return table._replace(
        namespaces=names,
        workloads=tuple(one for one in rows if one in here),
        claims=tuple(one for one in claims if ("PersistentVolumeClaim", *one) in here),
    )


def _place(found: Object) -> Any:
    metadata = found["metadata"]
    return metadata.get("namespace", ""), metadata["name"]
