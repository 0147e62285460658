"""One application's Kubeflow on a cluster: its objects, its stored state, and its site.

The state of an installation is stored on the cluster (`state.store`), so that the next hook can
continue after a crash, a reboot or a change of leader. `reconcile.loop` is what changes it.
"""

import time
from typing import Callable, List, NamedTuple, Optional

from kubeflow_installer.ingress.gateway import Gateway
from kubeflow_installer.options import Options
from kubeflow_installer.reconcile import prune_retention
from kubeflow_installer.releases import table
from kubeflow_installer.releases.table import Release
from kubeflow_installer.sources.release_files import ReleaseFiles
from kubeflow_installer.state.credentials import Credentials
from kubeflow_installer.state.store import State, StateStore
from labcharm.documents import parse_object
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labkube.apply.last_applied import annotation_of, last_applied
from labkube.apply.objects import Objects
from labkube.client.access import Access
from labkube.client.api import Api
from labkube.client.references import name_of, ref_of

CHARM = "kubeflow-installer"
_FOREIGN_FIX = "remove it, or adopt it with the action install adopt=true"
# Seconds that one hook may take; the agent has other hooks to run.
HOOK_SECONDS = 150.0


class Host(NamedTuple):
    """Where the unit runs: the machine, and the charm's directory on it."""

    machine: Machine
    home: str


class Site(NamedTuple):
    """What the administrator and the model provide for Kubeflow.

    Attributes:
        options: The charm's options.
        sources: The release's files.
        access: How kfctl reaches the cluster.
        credentials: Returns the first user's credentials; generates them when there are none.
        log: Writes a line to the unit's log.
    """

    options: Options
    sources: ReleaseFiles
    access: Access
    credentials: Callable[[], Credentials]
    log: Callable[[str], None]


class Leftovers(NamedTuple):
    """Objects of the application that are no longer desired.

    Attributes:
        prunable: Those that are deleted.
        retained: The names of those that stay, because they may hold users' data.
    """

    prunable: List[JsonObject]
    retained: List[str]


class Installation:
    """An application's objects and stored state; an uninstall needs nothing else.

    Args:
        api: The cluster.
        application: The application's identity on the cluster (`labcharm.compat.identity`).
        host: Where the unit runs.
        sleep: Waits; passed in by tests.
    """

    def __init__(
        self,
        api: Api,
        application: str,
        host: Host,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.api, self.application, self.host, self.sleep = api, application, host, sleep
        self.objects = Objects(api, application, CHARM, (), sleep, foreign_fix=_FOREIGN_FIX)
        self.store = StateStore(api, self.objects, application)

    def objects_of_all_kinds(self) -> Objects:
        """Return the application's objects among all kinds that the server has."""
        return Objects(self.api, self.application, CHARM, self.api.kinds(), self.sleep)

    def owned(self) -> List[JsonObject]:
        """Return every live object of the application except those that store its state."""
        owned = self.objects_of_all_kinds().owned()
        return [live for live in owned if not self.store.contains(live)]

    def last_applied(self) -> List[JsonObject]:
        """Return the objects as they were last applied, according to their annotations.

        This is the fallback for a lost snapshot. Secrets and large objects are left out, because
        they have no such annotation. The objects have the values of the options at the time when
        they were applied.
        """
        applied = (_last_applied(live) for live in self.owned())
        return [manifest for manifest in applied if manifest is not None]

    def leftovers(self, desired: List[JsonObject]) -> Leftovers:
        """Return the application's objects that are not among the desired ones."""
        references = {ref_of(manifest) for manifest in desired}
        surplus = [live for live in self.owned() if ref_of(live) not in references]
        retained = [
            live
            for live in surplus
            if prune_retention.is_retained(self.api, self.objects.owns, live)
        ]
        prunable = [live for live in surplus if live not in retained]
        return Leftovers(prunable, [name_of(live) for live in retained])


class Kubeflow(Installation):
    """The Kubeflow of one application, as its site configures it.

    Args:
        api: The cluster.
        application: The application's identity on the cluster.
        host: Where the unit runs.
        site: What the administrator and the model provide.
        sleep: Waits; passed in by tests.
    """

    def __init__(
        self,
        api: Api,
        application: str,
        host: Host,
        site: Site,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(api, application, host, sleep)
        self.site = site

    def release(self, state: State) -> Release:
        """Return the installed release, or the one that would be installed.

        Raises:
            ReleaseError: When the release of the option `version` does not fit the server.
        """
        if state.release:
            return table.find(state.release)
        return table.choose(self.api.version(), self.site.options.version)

    def gateway(self, release: Release) -> Gateway:
        """Return the gateway that serves the dashboard."""
        options = self.site.options
        proxies = self.host.machine.proxies
        return Gateway(self.api, release, options.hostname, options.tls_secret, proxies=proxies)

    def certificate(self, release: Release) -> JsonObject:
        """Return the Secret of the gateway's certificate without its content."""
        metadata = {"name": self.gateway(release).secret, "namespace": "istio-system"}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}

    def report_retained(self, leftovers: Leftovers) -> List[str]:
        """Log which objects stay because they may hold users' data, and return their names."""
        for name in leftovers.retained:
            self.site.log(f"no longer desired, kept because it may hold users' data: {name}")
        return leftovers.retained


def _last_applied(live: JsonObject) -> Optional[JsonObject]:
    """Return what was applied, according to the annotation; None without a readable one."""
    is_readable = last_applied(live) is not None
    return parse_object(annotation_of(live)) if is_readable else None
