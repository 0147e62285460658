"""Rules about Canonical Kubernetes, whose charms k8s and k8s-worker have features of their own."""

from __future__ import annotations

from collections.abc import Iterator

from ....catalogue.profiles import OWN_CHARMS
from ....findings import Severity
from ..facts import K8S, K8S_WORKER, Facts
from ..options.address_pools import METALLB
from ..options.cluster_features import LOAD_BALANCER, LOCAL_STORAGE, clusters_with, is_on
from ..options.exports import NFS_SERVER
from ..rule import PLACEMENT_KEYS, Violation, rule

_CERTIFICATES = "certificates"


@rule("BL122", Severity.ERROR, depends_on=PLACEMENT_KEYS)
def two_snaps_on_a_machine(facts: Facts) -> Iterator[Violation]:
    """Yield the machines on which two units would install the snap k8s."""
    for machine, units in facts.machines_with(K8S, K8S_WORKER):
        names = " and ".join(unit.application for unit in units)
        yield Violation(
            ("machines", machine),
            f"machine {machine} has units of {names}, which both install the snap k8s",
            "remove the role worker; pods run on the control plane's machines, too"
            if facts.site
            else f"keep the unit of {units[0].application}, whose machine runs pods, too",
        )


@rule("BL123", Severity.ERROR)
def two_load_balancers(facts: Facts) -> Iterator[Violation]:
    """Yield the cluster's own load balancer where the charm metallb is deployed, too."""
    if not facts.applications_of(METALLB):
        return
    for name in clusters_with(facts, LOAD_BALANCER):
        yield Violation(
            ("applications", name, "options", LOAD_BALANCER),
            f"the load balancer of {name} and the charm metallb would both give addresses to"
            " services",
            f"set {LOAD_BALANCER} to false, or remove metallb",
        )


@rule("BL124", Severity.ERROR)
def local_storage_beside_default_class(facts: Facts) -> Iterator[Violation]:
    """Yield the local storage of k8s where nfs-server has the default StorageClass."""
    servers = [name for name, _ in facts.applications_of(NFS_SERVER)]
    if not any(is_on(facts, name, "default-class") for name in servers):
        return
    for name in clusters_with(facts, LOCAL_STORAGE):
        yield Violation(
            ("applications", name, "options", LOCAL_STORAGE),
            f"the local storage of {name} and nfs-server would both have the default StorageClass",
            f"set {LOCAL_STORAGE} to false, or default-class of nfs-server to false",
        )


@rule("BL125", Severity.ERROR)
def certificates_of_another_authority(facts: Facts) -> Iterator[Violation]:
    """Yield the relations that look for the cluster's CA where Canonical Kubernetes has none."""
    clusters = {name for name, _ in facts.applications_of(K8S)}
    clients = {
        name
        for name, _ in facts.applications_of(*OWN_CHARMS)
        if clusters & facts.related_applications.get(name, set())
    }
    for relation in facts.relations:
        for end in relation.ends:
            if end.application in clusters | clients and end.relation == _CERTIFICATES:
                yield Violation(
                    ("relations", relation.position),
                    f"{end.application}:{_CERTIFICATES} is related, but Canonical Kubernetes has"
                    " its own certificate authority, whose certificate kube-control provides",
                    "remove the relation",
                )
