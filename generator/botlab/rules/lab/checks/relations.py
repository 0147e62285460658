"""Rules about relations."""

from __future__ import annotations

from collections.abc import Iterator

from ....bundle.charm_url import charm_name, is_local_charm
from ....bundle.model import Application
from ....findings import Severity
from ..facts import CONTROL_PLANES, K8S_WORKER, WORKER, Facts
from ..rule import PLACEMENT_KEYS, Violation, rule
from .roles import reported_roles

# The charms whose units wait until they are related. This project's charms that use a cluster wait
# too, unless they have a kubeconfig. Any other charm may work alone, as several of Kubeflow's do.
_NEEDS_RELATIONS = (
    *CONTROL_PLANES,
    WORKER,
    "etcd",
    "kubeapi-load-balancer",
    "calico",
    "canal",
    "cilium",
    "containerd",
    "flannel",
    "filesystem-client",
    "nvidia-runtime",
    K8S_WORKER,
)
# The endpoints without which a worker never joins its cluster, with the role of the other end.
_ENDPOINTS_OF_WORKERS = {
    WORKER: {"kube-control": "control-plane", "certificates": "easyrsa"},
    K8S_WORKER: dict.fromkeys(("cluster", "containerd"), "control-plane"),
}
_CLUSTER_USERS = ("metallb", "kubeflow-installer")


# What gives a subordinate a principal: in a bundle, and for the GPU machines of a site.
_PRINCIPAL = (
    "relate its container-scoped endpoint to the application whose machines it should run on"
)
_PRINCIPAL_OF_GPUS = "give a machine with gpu: true the role worker, or remove gpu: true"
_GPU_CHARM = "nvidia-runtime"


@rule("BL053", Severity.ERROR)
def subordinate_without_principal(facts: Facts) -> Iterator[Violation]:
    """Yield the subordinates that no container-scoped relation places on a machine.

    Without its principal, because a role of the site is missing, nothing else is wrong.
    """
    if facts.missing_roles:
        return
    placed: set[str] = set()
    for relation in facts.relations:
        if facts.is_container_scoped(relation) is not False:
            placed |= {end.application for end in relation.ends}
    for name in facts.applications:
        charm = facts.charms.get(name)
        if charm and charm.subordinate and name not in placed:
            yield Violation(
                ("applications", name),
                f"{name} is a subordinate, but is not related to a principal",
                _PRINCIPAL_OF_GPUS if facts.site and charm.name == _GPU_CHARM else _PRINCIPAL,
            )


@rule("BL054", Severity.ERROR)
def container_scope_between_principals(facts: Facts) -> Iterator[Violation]:
    """Yield the container-scoped relations that do not have a subordinate at either end."""
    for relation in facts.relations:
        charms = [facts.charms.get(end.application) for end in relation.ends]
        are_principals = all(charm and not charm.subordinate for charm in charms)
        if facts.is_container_scoped(relation) and are_principals:
            left, right = relation.left.application, relation.right.application
            yield Violation(
                ("relations", relation.position),
                f"{left} and {right} are principals, but their relation has container scope",
                "relate endpoints of global scope",
            )


@rule("BL056", Severity.WARNING, depends_on=PLACEMENT_KEYS)
def worker_without_control_plane(facts: Facts) -> Iterator[Violation]:
    """Yield the workers whose required endpoints are not related.

    Without the other end, because a role of the site is missing (BL118), nothing else is wrong.
    """
    ends = {end for relation in facts.relations for end in relation.ends}
    missing = {app.role for app, _ in reported_roles(facts) if app.name not in facts.applications}
    workers = (
        (name, endpoint)
        for charm, endpoints in _ENDPOINTS_OF_WORKERS.items()
        for name, _ in facts.applications_of(charm)
        for endpoint, role in endpoints.items()
        if role not in missing
    )
    for name, endpoint in workers:
        if (name, endpoint) not in ends and (name, "") not in ends:
            yield Violation(
                ("applications", name),
                f"{name}:{endpoint} is not related to anything, so {name} never joins the cluster",
                f"relate {name}:{endpoint}",
            )


@rule("BL062", Severity.WARNING, depends_on=PLACEMENT_KEYS)
def unrelated_application(facts: Facts) -> Iterator[Violation]:
    """Yield the applications without relations whose charms wait for some.

    Without the other ends, because a role of the site is missing (BL118), nothing else is wrong.
    """
    of_profile = facts.profile.applications if facts.profile and reported_roles(facts) else ()
    for name, application in facts.applications.items():
        if name in of_profile:
            continue
        is_related = not facts.bundle.relations or name in facts.related_applications
        if not is_related and _needs_relations(application):
            yield Violation(
                ("applications", name),
                f"{name} has no relations, and its charm waits for some",
                "relate the application, or remove it",
            )


def _needs_relations(application: Application) -> bool:
    """Return whether the charm of an application does nothing without relations."""
    charm = charm_name(application.charm)
    if charm in _CLUSTER_USERS:
        # Charmhub has another charm of the name metallb, which needs no relations.
        has_access = {**application.options, **application.resources}.get("kubeconfig")
        return is_local_charm(application.charm) and not has_access
    return charm in _NEEDS_RELATIONS
