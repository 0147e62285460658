"""Refusals of an application: its name, constraints, bindings and architecture."""

from __future__ import annotations

import math

from ...bundle.constraints import size_in_mib, split_constraints
from ...bundle.go_text import quote
from ...bundle.model import Application
from ...bundle.relation import APPLICATION_NAME
from ...catalogue.model import JUJU_INFO, Charm
from ...findings import KeyPath
from ...juju import Juju
from .deployment import Deployment

_DEFAULT_ARCHITECTURE = "amd64"
# The order in which Juju 4.0 prints constraints (core/constraints Value.String).
_CONSTRAINT_ORDER = (
    "arch",
    "container",
    "cores",
    "cpu-power",
    "instance-role",
    "instance-type",
    "mem",
    "root-disk",
    "root-disk-source",
    "tags",
    "spaces",
    "virt-type",
    "zones",
    "allocate-public-ip",
    "image-id",
)


def check_applications(deployment: Deployment) -> None:
    """Check the arguments of the changes that deploy applications."""
    for name in deployment.applications:
        if not APPLICATION_NAME.fullmatch(name):
            _refuse_name(deployment, name)
    for name, application, charm in deployment.known_applications():
        path: KeyPath = ("applications", name)
        if charm.subordinate and application.constraints.strip():
            _refuse_constraints(deployment, application, path)
        _check_bindings(deployment, application, charm, path)
        if name in deployment.local_files and deployment.juju >= Juju.V4_0:
            _check_architecture(deployment, application, charm, path)


def _refuse_name(deployment: Deployment, name: str) -> None:
    """Refuse an invalid name: state AddApplication up to 3.6, domain/application at 4.0.

    The resources of a charm are announced before the application, and are refused first.
    """
    path = ("applications", name)
    charm = deployment.charms.get(name)
    if charm is not None and charm.resources:
        if deployment.juju < Juju.V2_9:
            deployment.refuse("J100", path, f"invalid application {quote(name)}")
            return
        tag = quote(f"application-{name}")
        deployment.refuse("J100", path, f"{tag} is not a valid application tag")
    elif deployment.juju >= Juju.V4_0:
        deployment.refuse_application("J100", path, "application name is not valid")
    else:
        reason = f"cannot add application {quote(name)}: invalid name"
        deployment.refuse_application("J100", path, reason)


def _refuse_constraints(deployment: Deployment, application: Application, path: KeyPath) -> None:
    """Refuse the constraints of a subordinate (facades/client/application/deploy.go)."""
    reason = "subordinate application must be deployed without constraints"
    if deployment.juju >= Juju.V4_0:
        reason += f", not {quote(_constraints_text(application.constraints))}"
    deployment.refuse_application("J106", (*path, "constraints"), reason)


def _constraints_text(text: str) -> str:
    """Return constraints as Juju prints them: in its own order, with sizes in MiB."""
    values = {
        "cores" if name == "cpu-cores" else name: value for name, value in split_constraints(text)
    }
    for name in ("mem", "root-disk"):
        size = size_in_mib(values.get(name, ""))
        if size is not None and math.isfinite(size):
            values[name] = f"{int(size)}M"
    words = [f"{name}={values[name]}" for name in _CONSTRAINT_ORDER if name in values]
    return " ".join(word.replace(" ", "\\ ") for word in words)


def _check_bindings(
    deployment: Deployment, application: Application, charm: Charm, path: KeyPath
) -> None:
    """Refuse bindings of unknown endpoints.

    Source: state/endpoint_bindings.go ``validateForCharm`` up to 3.6, and
    domain/application/state ``checkEndpointBindingName`` at 4.0, which stores ``juju-info`` with
    the charm's own endpoints.
    """
    known = {*charm.endpoints, *charm.extra_bindings, ""}
    if deployment.juju >= Juju.V4_0:
        known.add(JUJU_INFO.name)
    for endpoint in application.bindings:
        if endpoint in known:
            continue
        name = str(path[1])
        if deployment.juju >= Juju.V4_0:
            reason = deployment.failed_insertion(
                name,
                f"inserting exposed endpoints for application {quote(name)}: checking charm"
                f" relation: charm relation(s) or extra binding {quote(endpoint)} not found",
            )
        else:
            reason = f"unknown endpoint {quote(endpoint)} not valid"
            reason = f"cannot add application {quote(name)}: {reason}"
        deployment.refuse_application("J073", (*path, "bindings", endpoint), reason)


def _check_architecture(
    deployment: Deployment, application: Application, charm: Charm, path: KeyPath
) -> None:
    """Refuse a local charm without the architecture of its application.

    Source: 4.0 facades/client/application ``deployApplication`` takes a single architecture from
    the manifest; domain/application compares it with the constraint, or needs it of a subordinate.
    """
    architectures = charm.architectures
    if deployment.is_kubernetes or "all" in architectures:
        return
    if charm.subordinate:
        if len(architectures) != 1:
            reason = "cannot insert application with an empty architecture"
            reason = deployment.failed_insertion(str(path[1]), reason)
            deployment.refuse_application("J112", (*path, "charm"), reason)
        return
    constraints = dict(split_constraints(application.constraints))
    requested = constraints.get("arch") or _DEFAULT_ARCHITECTURE
    if len(architectures) == 1 and requested not in architectures:
        reason = "arch in platform and constraints for application do not match"
        reason = f"preparing application args: {reason}"
        deployment.refuse_application("J112", (*path, "charm"), reason)
