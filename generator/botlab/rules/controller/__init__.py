"""What Juju refuses while it deploys a bundle, in Juju's own words.

No client, from 2.6 to 4.0, verifies a bundle against its charms, and a dry run sends no change to
the controller. Therefore the faults that these rules find appear half way through the deployment.
Most of the messages are the controller's. A few are of the client, which looks at containers,
local charms and resource files only when their change is due.

Juju stops at the first refusal. These rules report all of them.

Sources in juju/juju: the client's bundle handler (cmd/juju/application), the controller of 2.6,
2.9 and 3.6 (apiserver/facades/client/application and state), and that of 4.0 (apiserver and
domain). Where a message of 4.0.15 was recorded, the record counts.

The module :mod:`.deployment` holds the bundle and its facts. The other modules follow the changes:
:mod:`.local_charms`, :mod:`.resources`, :mod:`.applications`, :mod:`.options`, :mod:`.storage` and
:mod:`.exposure` belong to an application, :mod:`.containers` to machines, :mod:`.endpoints` and
:mod:`.relations` to relations, :mod:`.units`, :mod:`.unit_machines` and
:mod:`.storage_attachment` to units.
"""

from __future__ import annotations

from ...findings import Finding
from .applications import check_applications
from .containers import check_containers
from .deployment import Deployment
from .exposure import check_exposure
from .local_charms import check_local_charms
from .options import check_options
from .relations import check_relations
from .resources import check_resources
from .storage import check_storage
from .storage_attachment import check_storage_attachment
from .units import check_units

__all__ = ["Deployment", "controller_findings"]

_CHECKS = (
    check_local_charms,
    check_resources,
    check_applications,
    check_options,
    check_storage,
    check_exposure,
    check_containers,
    check_relations,
    check_units,
    check_storage_attachment,
)


def controller_findings(deployment: Deployment) -> list[Finding]:
    """Return what Juju refuses while it deploys a bundle, in the order of Juju's changes."""
    for check in _CHECKS:
        check(deployment)
    return deployment.report.findings
