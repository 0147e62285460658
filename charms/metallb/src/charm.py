#!/usr/bin/env python3
"""The charm metallb: reads options and relations, runs the workload, and sets the status."""

import os
from contextlib import closing, contextmanager
from typing import Iterator, List, Optional, Tuple

import yaml
from ops.charm import ActionEvent, CharmBase
from ops.framework import EventBase, Framework, StoredState
from ops.main import main
from ops.model import ActiveStatus, BlockedStatus, ModelError, StatusBase, WaitingStatus

from labcharm import compat
from labcharm.errors import CharmError
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labcharm.status import status_of
from labcharm.text import summarize
from labcharm.verify import as_results, report
from labkube.charm import actions
from labkube.charm.cluster import Cluster
from labkube.client.access import Access
from labkube.client.api import Api
from metallb import verify
from metallb.cluster.assignments import assignments, usage
from metallb.deployment import MetallbDeployment
from metallb.desired_state import DesiredState
from metallb.manifests.sources import ManifestSources
from metallb.options import read_options
from metallb.preflight import failed_checks

# The charm's directory on the machine. Its files keep their names when the charm is refreshed.
DIRECTORY = "/var/lib/metallb-charm"
KUBECONFIG = DIRECTORY + "/kubeconfig"
MANIFEST = DIRECTORY + "/manifest.yaml"


class MetallbCharm(CharmBase):
    """MetalLB on the cluster that this application is related to."""

    _stored = StoredState()

    def __init__(self, framework: Framework) -> None:
        super().__init__(framework)
        self._stored.set_default(removed=False)
        self._machine = Machine(os.environ.get("METALLB_ROOT", ""), compat.proxy_environment())
        self._cluster = Cluster(self, self._machine, KUBECONFIG, yaml.safe_load)
        on = self.on
        for event in (
            on.install, on.upgrade_charm, on.config_changed, on.start, on.update_status,
            on.leader_elected, *self._cluster.events(),
        ):  # fmt: skip
            self.framework.observe(event, self._on_reconcile)
        for event in (on.stop, on.remove):  # `remove` also runs after a `stop` that was killed
            self.framework.observe(event, self._on_removal)
        self.framework.observe(on.verify_action, self._on_verify)
        self.framework.observe(on.list_objects_action, self._on_list_objects)
        self.framework.observe(on.sync_objects_action, self._on_sync_objects)
        self.framework.observe(on.remove_objects_action, self._on_remove_objects)

    def _on_reconcile(self, event: EventBase) -> None:
        if compat.is_being_removed(self):
            self._uninstall()
            return
        self._cluster.publish(event)
        self.unit.status = self._reconcile(event)

    def _reconcile(self, event: EventBase) -> StatusBase:
        """Run one reconcile and return the unit's status."""
        if not self.unit.is_leader():
            return ActiveStatus("the leader unit manages MetalLB")
        if self._stored.removed:
            return BlockedStatus('removed by action; run the action "sync-objects" to reinstall')
        try:
            with self._desired_state(event) as (deployment, desired):
                return self._apply(deployment, desired)
        except CharmError as error:
            return status_of(error)

    @contextmanager
    def _desired_state(
        self, event: Optional[EventBase] = None
    ) -> Iterator[Tuple[MetallbDeployment, DesiredState]]:
        """Connect to the cluster, and yield the deployment and its desired state.

        The options are read first, because waiting for access does not fix an invalid option.
        """
        options = read_options(self.config)
        access = self._cluster.access(event, stores=not self._stored.removed)
        with closing(Api(access)) as api:
            deployment = MetallbDeployment(api, compat.identity(self))
            manifests = ManifestSources(
                self._attached_manifest(), self._machine, MANIFEST, compat.proxy_environment()
            )
            yield deployment, deployment.desired_state(options, manifests)

    def _attached_manifest(self) -> str:
        """Return the text of the resource; empty when none is attached."""
        try:
            path = str(self.model.resources.fetch("manifest"))
        except (ModelError, RuntimeError, NameError):
            return ""
        with open(path, encoding="utf-8") as file:
            return file.read()

    def _apply(self, deployment: MetallbDeployment, desired: DesiredState) -> StatusBase:
        services = deployment.services()
        failures = failed_checks(deployment, desired, services)
        if failures:
            return BlockedStatus("; ".join(failures))
        deployment.apply(desired)
        self.unit.set_workload_version(desired.release.name)
        waiting = deployment.not_ready(desired)
        if waiting:
            return WaitingStatus(f"MetalLB {desired.release.name}: {'; '.join(waiting)}")
        return ActiveStatus(_summary(desired, services))

    def _on_removal(self, _: EventBase) -> None:
        if compat.is_being_removed(self):
            self._uninstall()
        self._remove_files()

    def _remove_files(self) -> None:
        """Remove the credentials and the other files of this charm from the machine."""
        self._cluster.remove_kubeconfig()
        self._machine.remove(MANIFEST)
        self._machine.remove_empty_directory(DIRECTORY)

    def _uninstall(self) -> None:
        """Remove the objects from the cluster when the application is removed."""
        for remaining in self._cluster.remove_objects(self._remove_objects):
            self._machine.run(["juju-log", f"left on the cluster: {remaining}"])
        # Without its kubeconfig, later hooks of the same removal do not try again.
        self._cluster.remove_kubeconfig()

    def _remove_objects(self, access: Access) -> List[str]:
        with closing(Api(access)) as api:
            return MetallbDeployment(api, compat.identity(self)).remove()

    def _on_verify(self, event: ActionEvent) -> None:
        with actions.fail_on_error(event):
            params = verify.read_params(event.params)
            with self._desired_state() as (deployment, desired):
                checks = verify.run_checks(deployment, desired, params)
            answer = report(checks)
            event.set_results(as_results(answer))
            if not answer["ok"]:
                event.fail("; ".join(answer["failures"]))

    def _on_list_objects(self, event: ActionEvent) -> None:
        with actions.fail_on_error(event), self._desired_state() as (deployment, desired):
            event.set_results(actions.comparison_results(deployment.compare(desired)))

    def _on_sync_objects(self, event: ActionEvent) -> None:
        if not actions.require_leader(self, event, "applies"):
            return
        with actions.fail_on_error(event), self._desired_state() as (deployment, desired):
            services, force = deployment.services(), bool(event.params.get("force"))
            failures = failed_checks(deployment, desired, services, allow_lost_addresses=force)
            if failures:
                event.fail("; ".join(failures))
                return
            applied = deployment.apply(desired, adopt=bool(event.params.get("adopt")))
            event.set_results(actions.apply_results(applied))
            self._stored.removed = False
            self.unit.status = self._reconcile(event)

    def _on_remove_objects(self, event: ActionEvent) -> None:
        if not actions.require_leader(self, event, "removes"):
            return
        with actions.fail_on_error(event):
            remaining = self._remove_objects(self._cluster.access())
            self._stored.removed = True
            if not remaining:
                self._remove_files()
            event.set_results(actions.removal_results(remaining))
            self.unit.status = self._reconcile(event)
            if remaining:
                event.fail("; ".join(remaining))


def _summary(desired: DesiredState, services: List[JsonObject]) -> str:
    """Return the message of the active unit."""
    used, total = usage(assignments(services), desired.pools)
    noun = "pools" if len(desired.pools) > 1 else "pool"
    pools = f"{noun} {summarize([pool.name for pool in desired.pools])}"
    return f"MetalLB {desired.release.name}, {pools}, {used} of {total} addresses used"


if __name__ == "__main__":
    main(MetallbCharm)
