"""What each charm says and does without a cluster, and with one of its options changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from helpers.charm_projects import default_options

_NO_CLUSTER = (
    "kube-control is not related to the control plane; on Kubernetes before 1.22 also relate "
    "kube-api-endpoint; no CA certificate; relate certificates to the certificate authority"
)
_NO_POOL = "no address pool; set addresses, such as 192.168.1.240-192.168.1.250"


@dataclass(frozen=True)
class Status:
    """A status of a unit: its state, and a pattern for its whole message."""

    state: str
    message: str


@dataclass(frozen=True)
class Expected:
    """The status that a unit must get, in one or more forms."""

    forms: tuple[Status, ...]

    def allows(self, state: str | None, message: str | None) -> bool:
        """Return whether a unit's state and message are one of the forms."""
        return any(
            state == form.state and re.fullmatch(form.message, message or "") is not None
            for form in self.forms
        )

    def or_else(self, other: Expected) -> Expected:
        """Return what allows the forms of both."""
        return Expected((*self.forms, *other.forms))


def exactly(state: str, message: str) -> Expected:
    """Return a status that has exactly one message."""
    return Expected((Status(state, re.escape(message)),))


# A machine of the cloud may be a container, which has no NFS server of its own.
NO_NFS_SERVER = Expected(
    (Status("blocked", r"this is a container \(.+\).*; place the unit on a machine"),)
)


@dataclass(frozen=True)
class Action:
    """An action and what comes of it.

    Attributes:
        name: The name of the action.
        status: Its status when it has ended.
        message: Its message.
        results: Some of its results.
    """

    name: str
    status: str
    message: str = ""
    results: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class CharmCase:
    """What a charm does when it is deployed alone.

    Attributes:
        charm: The name of the charm.
        alone: Its status after the deployment.
        action: An action.
        option: An option and a value for it.
        changed: The status with this option.
        subordinate: Whether it needs a principal.
    """

    charm: str
    alone: Expected
    action: Action
    option: tuple[str, str]
    changed: Expected
    subordinate: bool = False

    @property
    def default(self) -> str:
        """The default of the option."""
        return str(default_options(self.charm)[self.option[0]])


CASES = (
    CharmCase(
        "metallb",
        alone=exactly("blocked", _NO_POOL),
        action=Action("verify", "failed", _NO_POOL),
        option=("addresses", "10.99.0.200-10.99.0.210"),
        changed=exactly("blocked", _NO_CLUSTER),
    ),
    CharmCase(
        "kubeflow-installer",
        alone=exactly("blocked", _NO_CLUSTER),
        action=Action(
            "get-credentials",
            "failed",
            "there are no credentials yet; they are generated when Kubeflow is installed",
        ),
        option=("user", "nobody"),
        changed=exactly(
            "blocked", "user is 'nobody'; write an e-mail address such as admin@lab.example"
        ),
    ),
    CharmCase(
        "nvidia-runtime",
        alone=exactly("active", "no GPU on this machine"),
        action=Action("list-gpus", "completed", results={"count": "0", "gpus": "[]"}),
        option=("driver", "no driver!"),
        changed=exactly(
            "blocked",
            "driver is 'no driver!'; use auto, host, none, or PACKAGE[=VERSION] such as "
            "nvidia-headless-535-server",
        ),
        subordinate=True,
    ),
    CharmCase(
        "nfs-server",
        alone=exactly("active", "0 directories exported to 0 clients").or_else(NO_NFS_SERVER),
        action=Action("list-exports", "completed", results={"ok": "true", "missing": "[]"}),
        option=("networks", "10.0.0.0/99"),
        changed=exactly(
            "blocked",
            "networks: '10.0.0.0/99' is not a client; write an address, a network such as "
            "10.0.0.0/24, or a host name",
        ),
    ),
)
