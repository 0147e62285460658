"""The identities that a unit requests on kube-control: a narrow one, and an administrator's.

Sources for how control planes answer:

- kubernetes-master of 2019 to kubernetes-control-plane of today
  (reactive/kubernetes_master.py `create_service_configs`, src/charm.py `configure_kube_control`):
  `kubelet_token` belongs to the user and the group of the request, `client_token` is always the
  administrator's. The token of a user is created once, and never gets another group.
- k8s (src/kube_control.py `configure`): `client_token` belongs to the user and the group of the
  request, and `kubelet_token` is empty. The credentials of a user stay until its unit leaves.

Since a user keeps the group that it was created with, each identity has a user name of its own.
"""

from typing import NamedTuple

ADMIN_GROUP = "system:masters"
PREFIX = "lab-charms:"


class Identity(NamedTuple):
    """A user of the API, and the group that it belongs to."""

    user: str
    group: str


def narrow_identity(application: str, unit: str) -> Identity:
    """Return the identity that a unit works with; its rights are those of the charm's roles.

    Args:
        application: The application's identity on the cluster (`compat.identity`).
        unit: The unit's name.
    """
    number = unit.rpartition("/")[2]
    return Identity(f"{PREFIX}{application}/{number}", f"{PREFIX}{application}")


def admin_identity(application: str, unit: str) -> Identity:
    """Return the identity with which a leader creates the charm's roles.

    Args:
        application: The application's identity on the cluster (`compat.identity`).
        unit: The unit's name.
    """
    return Identity(f"{narrow_identity(application, unit).user}:admin", ADMIN_GROUP)
