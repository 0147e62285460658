"""The URL of Kubeflow."""

from __future__ import annotations

from collections.abc import Sequence

from ...rules.lab.facts import INSTALLER
from ..cluster.model import LoadBalancer
from ..lab import Lab

# The service that serves Kubeflow, in every release that the charm installs.
_GATEWAY = ("istio-system", "istio-ingressgateway")


def kubeflow_url(lab: Lab, balancers: Sequence[LoadBalancer]) -> str:
    """Return the URL that users open; empty if there is none yet.

    The charm kubeflow-installer makes the certificate for its option ``hostname`` or, without
    one, for the gateway's address.

    Args:
        lab: The lab.
        balancers: The services of the type LoadBalancer.
    """
    addresses = [
        address
        for balancer in balancers
        if (balancer.namespace, balancer.name) == _GATEWAY
        for address in balancer.addresses
    ]
    for name, _ in lab.facts.applications_of(INSTALLER):
        host = lab.facts.option(name, "hostname") or next(iter(addresses), "")
        return f"https://{f'[{host}]' if ':' in host else host}" if host else ""
    return ""
