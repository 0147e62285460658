"""Refusals of exposed endpoints that a charm does not have.

Source: state/application.go ``MergeExposeSettings`` at 2.9 and 3.6, domain/application/state
``EndpointsExist`` at 4.0. 2.6 exposes whole applications only.
"""

from __future__ import annotations

from ...bundle.go_text import quote
from ...bundle.model import Application
from ...catalogue.model import JUJU_INFO, Charm
from ...findings import KeyPath
from ...juju import Juju
from .deployment import Deployment


def check_exposure(deployment: Deployment) -> None:
    """Check the exposed endpoints of the applications whose charms are known."""
    if deployment.is_kubernetes:
        return
    for name, application, charm in deployment.known_applications():
        path: KeyPath = ("applications", name, "exposed-endpoints")
        start = f"cannot expose application {name}"
        unknown = _unknown_endpoints(deployment, application, charm)
        if unknown and deployment.juju >= Juju.V4_0:
            names = " ".join(endpoint for endpoint in application.exposed_endpoints if endpoint)
            reason = f"one or more of the provided endpoints [{names}] do not exist"
            deployment.refuse("J113", path, f"{start}: {reason}")
        elif unknown:
            endpoint = unknown[0]
            message = f"{start}: endpoint {quote(endpoint)} not found"
            deployment.refuse("J113", (*path, endpoint), message)


def _unknown_endpoints(
    deployment: Deployment, application: Application, charm: Charm
) -> list[str]:
    """Return the exposed endpoints that cannot be exposed. An empty name means all endpoints."""
    known = {*charm.endpoints, ""}
    if deployment.juju >= Juju.V4_0:
        known.add(JUJU_INFO.name)
    else:
        known.update(charm.extra_bindings)
    return [endpoint for endpoint in application.exposed_endpoints if endpoint not in known]
