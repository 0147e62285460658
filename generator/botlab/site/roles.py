"""The roles of machines."""

from __future__ import annotations

import enum


class Role(enum.Enum):
    """What runs on a machine. Each profile names the application of a role."""

    EASYRSA = "easyrsa"
    ETCD = "etcd"
    LOAD_BALANCER = "load-balancer"
    CONTROL_PLANE = "control-plane"
    WORKER = "worker"
