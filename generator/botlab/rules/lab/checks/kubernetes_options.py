"""Rules about the options of the Kubernetes charms."""

from __future__ import annotations

from collections.abc import Iterator

from ....findings import Severity
from ..facts import INSTALLER, WORKER, Facts
from ..rule import Violation, rule

_MASTER_2019, _CONTROL_PLANE = "kubernetes-master", "kubernetes-control-plane"
# The values that the charms use when the options are not set. Today's worker does not have the
# option `allow-privileged`.
_AUTHORIZATION_DEFAULTS = {_MASTER_2019: "AlwaysAllow", _CONTROL_PLANE: "Node,RBAC"}
_PRIVILEGED_DEFAULTS = {_MASTER_2019: "auto", _CONTROL_PLANE: "auto", WORKER: "true"}


@rule("BL048", Severity.WARNING)
def missing_rbac(facts: Facts) -> Iterator[Violation]:
    """Yield the control planes that do not use RBAC."""
    effect = "so every notebook of Kubeflow may do anything" if _has_kubeflow(facts) else ""
    for charm, default in _AUTHORIZATION_DEFAULTS.items():
        for name, _ in facts.applications_of(charm):
            mode = facts.option(name, "authorization-mode") or default
            if "RBAC" not in mode:
                yield Violation(
                    ("applications", name, "options", "authorization-mode"),
                    f"{name} has the authorization mode {mode}, which ignores RBAC objects"
                    f"{', ' if effect else ''}{effect}",
                    "set authorization-mode to RBAC,Node",
                )


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
    ]
    # One key of a site sets both charms' options, so one finding at that key is enough.
    by_key = {facts.subject.origin(entry.path): entry for entry in reversed(violations)}
    yield from by_key.values()


def _has_kubeflow(facts: Facts) -> bool:
    return bool(facts.applications_of(INSTALLER))


@rule("BL050", Severity.WARNING)
def old_etcd(facts: Facts) -> Iterator[Violation]:
    """Yield the etcd applications from the Charm Store that do not set a channel."""
    for name, application in facts.applications_of("etcd"):
        if application.charm.startswith("cs:") and "channel" not in application.options:
            yield Violation(
                ("applications", name, "options"),
                f"{name} uses its default channel 2.3/stable, which is too old for Kubernetes",
                "set the option channel to 3.2/stable",
            )
