"""Kubeflow of one application on a cluster: what is there of it, and what is known of it.

What is known of an installation lies on the cluster (`state.store`), so a crash, a reboot or
another leader goes on where the last one stopped. What is done about it is elsewhere
(`reconcile.loop`).
"""

import json
import time
from typing import Callable, List, NamedTuple, Optional

from kubeflow_installer.ingress.gateway import Gateway
from kubeflow_installer.options import Options
from kubeflow_installer.releases import table
from kubeflow_installer.releases.table import Release
from kubeflow_installer.sources.files import Sources
from kubeflow_installer.state import store
from kubeflow_installer.state.credentials import Credentials
from kubeflow_installer.state.store import State
from kubeflow_installer.uninstall import retention
from labcharm.machine import Machine
from labkube.apply.last_applied import APPLIED
from labkube.apply.objects import Objects
from labkube.apply.references import name_of, ref_of
from labkube.client.access import Access
from labkube.client.api import Api, Object

CHARM = "kubeflow-installer"
# Seconds that one hook may take; the agent has other hooks to run.
PATIENCE = 150.0

Site = NamedTuple(
    "Site",
    [
        ("machine", Machine),
        ("home", str),
        ("options", Options),
        ("sources", Sources),
        ("access", Access),
        # What tells the application from others on the cluster.
        ("application", str),
        # Makes them where they are not there yet.
        ("credentials", Callable[[], Credentials]),
    ],
)


class Kubeflow:
    """Kubeflow of one application.

    Args:
        api: The cluster.
        site: What is wanted, and where this unit is.
        sleep: Waits; handed in for tests.
    """

    def __init__(self, api: Api, site: Site, sleep: Callable[[float], None] = time.sleep) -> None:
        self.api, self.site, self.sleep = api, site, sleep
        self.objects = Objects(api, site.application, CHARM, (), sleep)
        self.keeper = store.Keeper(api, self.objects, site.application)
        # What was last seen of ours that is not wanted and stays, by uninstall.retention.
        self.left: List[str] = []

    def release(self, state: State) -> Release:
        """Return the release that is installed, or the one that would be.

        Raises:
            releases.table.ReleaseError: When the option's does not fit the server.
        """
        if state.release:
            return table.find(state.release)
        return table.choose(self.api.version(), self.site.options.version)

    def gateway(self, release: Release) -> Gateway:
        """Return the way in."""
        options = self.site.options
        return Gateway(self.api, release, options.hostname, options.tls_secret)

    def certificate(self, release: Release) -> Object:
        """Return the gateway's certificate, without its content."""
        metadata = {"name": self.gateway(release).secret, "namespace": "istio-system"}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}

    def everything(self) -> Objects:
        """Return ours among all kinds that the server has."""
        site = self.site
        return Objects(self.api, site.application, CHARM, self.api.kinds(), self.sleep)

    def owned(self) -> List[Object]:
        """Return every object of ours but the state's own."""
        return [one for one in self.everything().owned() if not self.keeper.is_it(one)]

    def kept(self) -> List[Object]:
        """Return what was applied, by the objects' annotations, where the book is lost.

        Secrets and large objects are not kept there; and it was made to fit as it was wanted then.
        """
        found = [_as_applied(one) for one in self.owned()]
        return [one for one in found if one is not None]

    def beyond(self, wanted: List[Object]) -> List[Object]:
        """Return what is ours and goes, as it is not among these; name what stays in `left`."""
        kept = {ref_of(one) for one in wanted}
        over = [one for one in self.owned() if ref_of(one) not in kept]
        stay = [one for one in over if retention.stays(self.api, self.objects.owns, one)]
        self.left = [name_of(one) for one in stay]
        return [one for one in over if one not in stay]


def _as_applied(live: Object) -> Optional[Object]:
    """Return what was applied of a live object, by its annotation; None where it is not kept."""
    text = (live["metadata"].get("annotations") or {}).get(APPLIED, "")
    return dict(json.loads(text)) if text.startswith("{") else None
