"""Refusals of containers whose type a release does not have.

Source: the client's ``addMachine`` and core/instance ``ParseContainerType``. Up to 2.9 the client
makes an LXD container where a placement says ``lxc``.
"""

from __future__ import annotations

from ...bundle.go_text import quote
from ...bundle.placement import parse_placement
from ...juju import Juju
from .deployment import Deployment

CONTAINER_TYPES = {
    Juju.V2_6: ("lxd", "kvm", "lxc"),
    Juju.V2_9: ("lxd", "kvm", "lxc"),
    Juju.V3_6: ("lxd", "kvm"),
    Juju.V4_0: ("lxd",),
}


def check_containers(deployment: Deployment) -> None:
    """Check the containers in which the bundle places units."""
    if deployment.is_kubernetes:
        return
    types = CONTAINER_TYPES[deployment.juju]
    for name, application in deployment.applications.items():
        for index, text in enumerate(application.to):
            placement = parse_placement(text)
            if placement and placement.container and placement.container not in types:
                reason = f"invalid container type {quote(placement.container)}"
                message = f"cannot create machine for holding {name} unit: {reason}"
                deployment.refuse("J101", ("applications", name, "to", index), message)
