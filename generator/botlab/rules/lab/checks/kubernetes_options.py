"""Rules about the options of the Kubernetes charms."""

from __future__ import annotations

from collections.abc import Iterator

from ....catalogue.charm_history import charm_has
from ....findings import Severity
from ..facts import CONTROL_PLANES, INSTALLER, WORKER, Facts
from ..rule import Violation, rule

_RBAC_SINCE = (1, 19)
_PRIVILEGED_DEFAULTS = {**dict.fromkeys(CONTROL_PLANES, "auto"), WORKER: "true"}
# The charms of container networks that need privileged containers.
_PRIVILEGED_NETWORKS = ("calico", "cilium", "kube-ovn")
# What runs in privileged containers: Istio of Kubeflow, and the GPU device plugin.
_NEEDS_PRIVILEGED = (INSTALLER, "nvidia-runtime")


@rule("BL048", Severity.WARNING)
def missing_rbac(facts: Facts) -> Iterator[Violation]:
    """Yield the control planes that do not use RBAC."""
    effect = ", so every notebook of Kubeflow may do anything" if _has_kubeflow(facts) else ""
    for name, application in facts.applications_of(*CONTROL_PLANES):
        setting = application.options.get("authorization-mode")
        mode = str(setting) if setting else _default_mode(facts, name)
        if "RBAC" not in mode:
            yield Violation(
                ("applications", name, "options", "authorization-mode"),
                f"{name} has the authorization mode {mode}, which ignores RBAC objects{effect}",
                "set authorization-mode to RBAC,Node",
            )


def _default_mode(facts: Facts, name: str) -> str:
    """Return the charm's default mode: by its revision or channel, its facts, or the cluster."""
    has_rbac = charm_has("rbac", facts.applications[name], facts.juju)
    if has_rbac is None:
        default = facts.option(name, "authorization-mode")
        if default:
            return default
        has_rbac = facts.kubernetes is None or facts.kubernetes >= _RBAC_SINCE
    return "Node,RBAC" if has_rbac else "AlwaysAllow"


@rule("BL049", Severity.WARNING)
def privileged_containers_forbidden(facts: Facts) -> Iterator[Violation]:
    """Yield the control planes, and workers of 2019, that forbid privileged containers."""
    effect = ", so Kubeflow is not installed" if _has_kubeflow(facts) else ""
    violations = [
        Violation(
            ("applications", name, "options", "allow-privileged"),
            f"allow-privileged of {name} is {setting}{effect}",
            'set allow-privileged to "true"',
        )
        for charm, default in _PRIVILEGED_DEFAULTS.items()
        for name, application in facts.applications_of(charm)
        if (setting := str(application.options.get("allow-privileged", default)).lower()) != "true"
        and (setting != "auto" or _auto_forbids(facts, name))
    ]
    # One key of a site sets both charms' options, so one finding at that key is enough.
    by_key = {facts.subject.origin(entry.path): entry for entry in reversed(violations)}
    yield from by_key.values()


def _auto_forbids(facts: Facts, name: str) -> bool:
    """Return whether `auto` forbids privileged containers that the bundle needs."""
    if not facts.applications_of(*_NEEDS_PRIVILEGED):
        return False
    related = facts.related_applications.get(name, set())
    engines = facts.applications_of("containerd")
    if any(engine in related and _is_nvidia(facts, engine) for engine, _ in engines):
        return False
    networks = {network for network, _ in facts.applications_of(*_PRIVILEGED_NETWORKS)}
    follows_network = charm_has("privileged-networks", facts.applications[name], facts.juju)
    return not (follows_network and networks & related)


def _is_nvidia(facts: Facts, engine: str) -> bool:
    return facts.option(engine, "gpu_driver") == "nvidia"


def _has_kubeflow(facts: Facts) -> bool:
    return bool(facts.applications_of(INSTALLER))


@rule("BL050", Severity.WARNING)
def old_etcd(facts: Facts) -> Iterator[Violation]:
    """Yield the etcd applications that use the old default channel 2.3/stable."""
    for name, application in facts.applications_of("etcd"):
        if "channel" not in application.options and _has_old_default(facts, name):
            yield Violation(
                ("applications", name, "options"),
                f"{name} uses its default channel 2.3/stable, which is too old for Kubernetes",
                "set the option channel to 3.2/stable",
            )


def _has_old_default(facts: Facts, name: str) -> bool:
    is_automatic = charm_has("automatic-channel", facts.applications[name], facts.juju)
    if is_automatic is None:
        return facts.option(name, "channel") == "2.3/stable"
    return not is_automatic
