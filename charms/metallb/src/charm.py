#!/usr/bin/env python3
"""The charm metallb: reads options and relations, runs the workload, and sets the status."""

import os
from contextlib import contextmanager
from typing import Callable, Iterator, List, Optional, Tuple, TypeVar

import yaml
from ops.charm import ActionEvent, CharmBase
from ops.framework import EventBase, Framework, StoredState
from ops.main import main
from ops.model import ActiveStatus, BlockedStatus, ModelError, StatusBase, WaitingStatus

from labcharm import compat
from labcharm.documents import read_text
from labcharm.errors import BlockedError, CharmError, WaitingError, log_on_error
from labcharm.machine import Machine
from labcharm.proxies import read_settings
from labcharm.status import status_of
from labcharm.status_text import set_status
from labcharm.text import clip, summarize
from labcharm.verify import as_results, report
from labkube.apply.objects import Applied, ForeignObjectError, merge_runs
from labkube.charm import actions
from labkube.charm.cluster import Cluster
from labkube.charm.privileges import Privileges
from labkube.charm.roles import Roles
from labkube.client.access import Access
from labkube.client.api import Api
from labkube.client.references import name_of
from metallb import rights, verify
from metallb.cluster.observed import Observed
from metallb.deployment import CHARM, MetallbDeployment
from metallb.desired_state import DesiredState, refuse_unusable_options
from metallb.health import report as health
from metallb.health.findings import BLOCKED, NOTE, WAITING
from metallb.manifests.sources import ManifestSources
from metallb.options import Options, read_options
from metallb.preflight import failed_checks
from metallb.removal import RemovalRecord

# The charm's directory on the machine. Its files keep their names when the charm is refreshed.
DIRECTORY = "/var/lib/metallb-charm"
KUBECONFIG = DIRECTORY + "/kubeconfig"
MANIFEST = DIRECTORY + "/manifest.yaml"
REMOVAL_RECORD = DIRECTORY + "/removal"
# Exists from the removal of the objects, when the application is removed, to the hook `stop`.
UNINSTALLED = DIRECTORY + "/uninstalled"
PEERS = "units"
_REMOVED = 'removed by action; run the action "sync-objects" to reinstall'
T = TypeVar("T")


class MetallbCharm(CharmBase):
    """MetalLB on the cluster that this application is related to."""

    _stored = StoredState()

    def __init__(self, framework: Framework) -> None:
        super().__init__(framework)
        self._stored.set_default(removed=False)  # set by earlier releases of the charm
        root, proxies = os.environ.get("METALLB_ROOT", ""), read_settings(os.environ)
        self._machine = Machine(root, proxies=proxies)
        self._cluster = Cluster(self, self._machine, KUBECONFIG, yaml.safe_load, is_narrow=True)
        self._leader_data = compat.LeaderData(self, PEERS)
        self._removal_record = RemovalRecord(
            self._machine, REMOVAL_RECORD, self._leader_data.read, self._leader_data.write
        )
        on = self.on
        for event in (
            on.install, on.upgrade_charm, on.config_changed, on.start, on.update_status,
            on.leader_elected, *self._cluster.events(),
        ):  # fmt: skip
            self.framework.observe(event, self._on_reconcile)
        self.framework.observe(on[PEERS].relation_broken, self._on_peers_broken)
        for event in (on.stop, on.remove):  # `remove` also runs after a `stop` that was killed
            self.framework.observe(event, self._on_removal)
        self.framework.observe(on.verify_action, self._on_verify)
        self.framework.observe(on.list_objects_action, self._on_list_objects)
        self.framework.observe(on.sync_objects_action, self._on_sync_objects)
        self.framework.observe(on.remove_objects_action, self._on_remove_objects)

    def _on_reconcile(self, event: EventBase) -> None:
        if compat.is_being_removed(self):
            self._begin_removal(event)
            return
        self._cluster.publish(event)
        set_status(self.unit, self._reconcile(event))

    def _reconcile(self, event: EventBase) -> StatusBase:
        """Run one reconcile and return the unit's status."""
        if not self.unit.is_leader():
            return ActiveStatus("the leader unit manages MetalLB")
        try:
            self._update_removal_record()
            if self._is_removed:
                return BlockedStatus(self._removed_message(event))
            return self._with_rights(self._apply, event)
        except ForeignObjectError as error:
            names = summarize([clip(name) for name in error.names], 1)
            fix = "remove them, or sync-objects adopt=true"
            return BlockedStatus(f"foreign objects: {names}; {fix}")
        except (CharmError, OSError) as error:
            return status_of(error)

    @property
    def _is_removed(self) -> bool:
        """Whether the action removed MetalLB. Only the leader can read that."""
        return self.unit.is_leader() and self._removal_record.is_removed()

    def _update_removal_record(self) -> None:
        """Store the record for the next leader, also one of an earlier release of the charm."""
        if self._stored.removed:
            self._removal_record.intend(True)
            self._stored.removed = False
        self._removal_record.publish()

    def _removed_message(self, event: EventBase) -> str:
        """Return the message of a unit whose objects were removed by action.

        An action that was killed, and foreign objects in the namespace, leave objects.
        """
        try:
            with self._cluster.connect(self._cluster.access(event, stores=False)) as api:
                owned = MetallbDeployment(api, compat.identity(self)).owned()
        except CharmError:
            # Without the cluster or without rights on it, only the record is left.
            return _REMOVED
        if owned:
            names = summarize([clip(name_of(live)) for live in owned], 1)
            return f"removed by action, except {names}; run remove-objects again"
        self._cluster.remove_kubeconfig()  # a killed action left it
        return _REMOVED

    @contextmanager
    def _desired_state(
        self, event: Optional[EventBase] = None
    ) -> Iterator[Tuple[MetallbDeployment, DesiredState]]:
        """Connect to the cluster, and yield the deployment and its desired state."""
        with self._options_first() as options, self._cluster.connect(self._access(event)) as api:
            yield self._desired_on(api, options)

    @contextmanager
    def _options_first(self) -> Iterator[Options]:
        """Yield the options. If the block has to wait, problems of the options come first.

        Waiting for access or for the server does not fix an invalid option.
        """
        options = read_options(self.config)
        try:
            yield options
        except WaitingError:
            refuse_unusable_options(options, self._attached_manifest())
            raise

    def _access(self, event: Optional[EventBase]) -> Access:
        """Return access. After remove-objects the machine stores no credentials."""
        stores = self.unit.is_leader() and not self._is_removed
        return self._cluster.access(event, stores=stores)

    def _desired_on(self, api: Api, options: Options) -> Tuple[MetallbDeployment, DesiredState]:
        deployment = MetallbDeployment(api, compat.identity(self))
        manifests = ManifestSources(
            self._attached_manifest(), self._machine, MANIFEST, self._machine.proxies
        )
        return deployment, deployment.desired_state(options, manifests)

    def _with_rights(
        self, work: Callable[[MetallbDeployment, DesiredState], T], event: EventBase
    ) -> T:
        """Return the outcome of work that applies objects; see `Privileges.run`."""
        with self._options_first() as options:

            def work_on(api: Api) -> T:
                return work(*self._desired_on(api, options))

            access, privileges = self._access(event), self._privileges()
            return privileges.run(access, lambda _: self._roles(), work_on, work_on, event)

    def _privileges(self) -> Privileges:
        return Privileges(self._cluster, self.unit.is_leader(), self._cluster.connect)

    def _roles(self) -> Roles:
        return Roles(compat.identity(self), CHARM, rights.grants())

    def _attached_manifest(self) -> str:
        """Return the text of the resource; empty when none is attached."""
        try:
            path = str(self.model.resources.fetch("manifest"))
        except (ModelError, RuntimeError, NameError):
            return ""
        return read_text(path, "resource manifest")

    def _apply(self, deployment: MetallbDeployment, desired: DesiredState) -> StatusBase:
        observed = deployment.observe()
        failures = failed_checks(deployment, desired, observed)
        if failures:
            raise BlockedError(summarize(failures, 1))
        deployment.apply(desired)
        self.unit.set_workload_version(desired.release.name)
        waiting = deployment.not_ready(desired)
        if waiting:
            return WaitingStatus(f"MetalLB {desired.release.name}: {summarize(waiting, 1)}")
        return self._health_status(desired, observed)

    def _health_status(self, desired: DesiredState, observed: Observed) -> StatusBase:
        worst = health.worst(health.findings(desired, observed, self._unit_networks()))
        if worst.severity == BLOCKED:
            return BlockedStatus(worst.message)
        if worst.severity == WAITING:
            return WaitingStatus(worst.message)
        if worst.severity == NOTE:
            return ActiveStatus(worst.message)
        return ActiveStatus(health.summary(desired, observed))

    def _unit_networks(self) -> List[str]:
        return compat.unit_networks(self, PEERS)

    def _on_peers_broken(self, event: EventBase) -> None:
        if compat.is_being_removed(self):
            self._begin_removal(event)

    def _on_removal(self, _: EventBase) -> None:
        if compat.is_being_removed(self):
            self._uninstall()
        with log_on_error(self._log, "records remain"):
            self._machine.remove(REMOVAL_RECORD)
            self._machine.remove(UNINSTALLED)
        with log_on_error(self._log, "files remain"):
            self._remove_files()

    def _remove_files(self) -> None:
        """Remove the credentials and the other files of this charm from the machine."""
        self._cluster.remove_kubeconfig()
        self._machine.remove(MANIFEST)
        self._machine.remove_empty_directory(DIRECTORY)

    def _begin_removal(self, event: EventBase) -> None:
        """Remove the objects in the first hook with access, before the access may be revoked."""
        self._keep_access(event)
        if self.unit.is_leader() and self._machine.exists(KUBECONFIG):
            self._uninstall()
            with log_on_error(self._log, "the next hook removes the objects again"):
                self._machine.write(UNINSTALLED, "the objects were removed\n")

    def _keep_access(self, event: EventBase) -> None:
        """Keep access for the removal; also on a unit that may become the leader before `stop`."""
        if not self._machine.exists(UNINSTALLED) and not self._is_removed:
            self._cluster.keep_access(event)

    def _uninstall(self) -> None:
        """Remove the objects from the cluster when the application is removed."""
        for remaining in self._cluster.remove_objects(self._remove_objects):
            self._log(f"left on the cluster: {remaining}")
        # Without its kubeconfig, later hooks of the same removal do not try again.
        with log_on_error(self._log, "the credentials remain on the machine"):
            self._cluster.remove_kubeconfig()

    def _log(self, text: str) -> None:
        self._machine.run(["juju-log", text])

    def _remove_objects(self, access: Access) -> List[str]:
        return self._privileges().run_once(access, self._remove_from)

    def _remove_from(self, api: Api) -> List[str]:
        """Remove the objects; without any left, the units need no rights any more."""
        remaining = MetallbDeployment(api, compat.identity(self)).remove()
        if not remaining or compat.is_being_removed(self):
            self._roles().revoke(api)
        return remaining

    def _on_verify(self, event: ActionEvent) -> None:
        with actions.fail_on_error(event):
            params = verify.read_params(event.params)
            with self._desired_state() as (deployment, desired):
                checks = verify.run_checks(deployment, desired, params, self._unit_networks())
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
        runs: List[Applied] = []

        def apply(deployment: MetallbDeployment, desired: DesiredState) -> Applied:
            runs.append(deployment.written)
            observed, force = deployment.observe(), bool(event.params.get("force"))
            failures = failed_checks(deployment, desired, observed, allow_lost_addresses=force)
            if failures:
                raise BlockedError("; ".join(failures))
            self._removal_record.intend(False)
            return deployment.apply(desired, adopt=bool(event.params.get("adopt")))

        with actions.fail_on_error(event):
            last = self._with_rights(apply, event)
            event.set_results(actions.apply_results(merge_runs(runs, last)))
            set_status(self.unit, self._reconcile(event))

    def _on_remove_objects(self, event: ActionEvent) -> None:
        if not actions.require_leader(self, event, "removes"):
            return
        with actions.fail_on_error(event):
            access = self._cluster.access(stores=False)
            self._leader_data.check_writable()
            self._removal_record.intend(True)
            remaining = self._remove_objects(access)
            if not remaining:
                self._remove_files()
            event.set_results(actions.removal_results(remaining))
            set_status(self.unit, self._reconcile(event))
            if remaining:
                event.fail("; ".join(remaining))


if __name__ == "__main__":
    main(MetallbCharm)
