#!/usr/bin/env python3
"""The charm nfs-server: reads options and relations, calls the workload, and sets the status."""

import json
import os
from contextlib import contextmanager, suppress
from functools import partial
from typing import Callable, Iterator, List, Optional, Tuple, Union

import yaml
from ops.charm import ActionEvent, CharmBase
from ops.framework import EventBase, Framework, StoredState
from ops.main import main
from ops.model import (
    ActiveStatus,
    BlockedStatus,
    MaintenanceStatus,
    ModelError,
    StatusBase,
    WaitingStatus,
)

from labcharm import compat
from labcharm.errors import BlockedError, CharmError, error_message
from labcharm.json_types import JsonMapping
from labcharm.machine import Machine
from labcharm.proxies import read_settings
from labcharm.status import status_of
from labcharm.status_text import set_status
from labcharm.verify import Check, as_results, report
from labkube.apply.objects import Applied, ForeignObjectError
from labkube.charm import actions as object_actions
from labkube.charm.cluster import Cluster
from labkube.client.access import Access, IncompleteAccessError
from labkube.client.api import ApiError
from labkube.client.references import name_of
from nfs_server import actions, departure, relations, serving_unit, usage
from nfs_server.cluster import cache, removal
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState, merge_syncs
from nfs_server.cluster.desired import desired_state_of
from nfs_server.cluster.status import read_status
from nfs_server.errors import foreign_objects_text
from nfs_server.external import trial
from nfs_server.external.external_server import ExternalServer
from nfs_server.external.reachability import reach_check
from nfs_server.granted_work import GrantedWork, T
from nfs_server.options import EXTERNAL_EXPORT, Options, read_options
from nfs_server.own_server import BINDING, OwnServer
from nfs_server.server import client_directories
from nfs_server.server.file_server import STATE_DIRECTORY, STORAGE_PATH, FileServer
from nfs_server.server.plan import CurrentPlan, make_plan
from nfs_server.verify import checks
from nfs_server.verify.params import VerifyParams, read_params

KUBECONFIG = f"{STATE_DIRECTORY}/kubeconfig"
_STATUSES = {"active": ActiveStatus, "waiting": WaitingStatus, "blocked": BlockedStatus}


class NfsServerCharm(CharmBase):
    """An NFS server, and a StorageClass on the cluster that the application is related to."""

    _stored = StoredState()

    def __init__(self, framework: Framework) -> None:
        super().__init__(framework)
        self._stored.set_default(removed=False)
        root, proxies = os.environ.get("NFS_SERVER_ROOT", ""), read_settings(os.environ)
        self._machine = Machine(root, proxies=proxies)
        self._cluster = Cluster(self, self._machine, KUBECONFIG, yaml.safe_load, is_narrow=True)
        self._granted_work = GrantedWork(
            self._cluster, compat.identity(self), self._cluster.connect
        )
        self._file_server = FileServer(self._machine, self.app.name)
        self._take_over_stored_state()
        on = self.on
        for event in (
            on.install, on.upgrade_charm, on.config_changed, on.start, on.update_status,
            on.leader_elected, on.export_storage_attached, *serving_unit.peer_events(self),
            *relations.client_events(self), *self._cluster.events(),
        ):  # fmt: skip
            self.framework.observe(event, self._reconcile)
        self.framework.observe(on.export_storage_detaching, self._on_detaching)
        self.framework.observe(
            on[serving_unit.PEER].relation_broken, self._keep_access_for_removal
        )
        for event in (on.stop, on.remove):  # `remove` also runs after a `stop` that was killed
            self.framework.observe(event, self._on_removal)
        self.framework.observe(on.verify_action, self._on_verify)
        self.framework.observe(on.list_exports_action, self._on_list_exports)
        self.framework.observe(on.list_objects_action, self._on_list_objects)
        self.framework.observe(on.sync_objects_action, self._on_sync_objects)
        self.framework.observe(on.remove_objects_action, self._on_remove_objects)
        self.framework.observe(on.usage_action, self._on_usage)

    def _take_over_stored_state(self) -> None:
        """Keep what a former version of the charm stored by ops (see cluster.removal)."""
        if self._stored.removed:
            removal.record(self._machine)
            self._stored.removed = False

    # Reconciliation.

    def _reconcile(self, event: EventBase) -> None:
        if compat.is_being_removed(self):
            self._keep_access_for_removal(event)
            return  # `stop` removes everything once
        standby_reason = serving_unit.standby_reason_of(self, self._directories(), event)
        self._cluster.publish(event, administers=standby_reason is None)
        self._set_status(event)

    def _set_status(self, event: EventBase) -> None:
        set_status(self.unit, self._reconciled_status(event))
        serving_unit.publish(self, bool(self._directories()), event)

    def _directories(self) -> List[str]:
        return self._file_server.directories.paths()

    def _reconciled_status(self, event: EventBase) -> StatusBase:
        """Bring the machine and the cluster to the desired state; return the unit's status."""
        standby_reason = serving_unit.standby_reason_of(self, self._directories(), event)
        if standby_reason is not None:
            self._keep_access(event)
            return status_of(standby_reason)
        try:
            options = read_options(self.config, yaml.safe_load)
            storage_path = self._storage_path()
            self._server(options).prepare(options, storage_path)
            if not self._has_cluster(event):
                return self._reconcile_alone(options, storage_path, event)
            return self._reconcile_cluster(options, storage_path, event)
        except ForeignObjectError as error:
            return BlockedStatus(foreign_objects_text(error))
        except (CharmError, OSError) as error:
            return status_of(error)

    def _keep_access(self, event: EventBase) -> None:
        """Keep access to the cluster also on a leader that stands by.

        The leader deletes the objects when the application is removed.
        """
        if self.unit.is_leader() and self._has_cluster(event):
            with suppress(CharmError, OSError):
                self._access(event)

    def _reconcile_alone(
        self, options: Options, storage_path: Optional[str], event: EventBase
    ) -> StatusBase:
        """Serve without a cluster. The nodes of a former cluster keep access to their claims."""
        if options.external:
            return BlockedStatus(
                "external-export serves a cluster only; relate kube-control, or set kubeconfig"
            )
        nodes = self._former_nodes()
        summary = self._server(options).export(options, storage_path, nodes, event)
        if nodes:
            return BlockedStatus(
                "cluster no longer related; relate it, or run remove-objects to end its nodes'"
                f" access: {summary}"
            )
        return ActiveStatus(summary)

    def _former_nodes(self) -> List[str]:
        is_removed = removal.is_recorded(self._machine)
        return [] if is_removed else cache.read(self._machine).nodes

    def _reconcile_cluster(
        self, options: Options, storage_path: Optional[str], event: EventBase
    ) -> StatusBase:
        apply = partial(self._apply, options=options, storage_path=storage_path, event=event)
        is_removed = removal.is_recorded(self._machine)
        try:
            if not is_removed:
                return self._work(options, apply, event)
            with self._connect(event) as cluster:
                return apply(cluster)
        except (IncompleteAccessError, ApiError) as error:
            status = BlockedStatus if isinstance(error, BlockedError) else WaitingStatus
            server = self._server(options)
            root = server.moving_root(options)
            if root:
                return status(
                    "export-root changes after the cluster answers, because claims may lie in"
                    f" {root}: {error}"
                )
            nodes = cache.read(self._machine).nodes
            summary = server.export(options, storage_path, nodes, event)
            if is_removed and isinstance(error, ApiError) and error.status == 403:
                # The roles were deleted with the last object.
                return status_of(removal.removed_error([], summary))
            return status(f"{error}; {summary}")

    def _apply(
        self,
        cluster: ClusterStorage,
        options: Options,
        storage_path: Optional[str],
        event: EventBase,
    ) -> StatusBase:
        """Export to the cluster's nodes, then apply the objects."""
        server = self._server(options)
        summary = server.export_to_nodes(cluster, options, storage_path, event)
        if removal.is_recorded(self._machine):
            remaining = [name_of(live) for live in cluster.objects.owned()]
            if not remaining:
                self._cluster.remove_kubeconfig()
            raise removal.removed_error(remaining, summary)
        desired = self._desired_state(cluster, options)
        cluster.apply(desired)
        self.unit.set_workload_version(desired.release.name)
        status = read_status(cluster, desired, summary)
        status = server.confirm(cluster, desired, options, status)
        return _STATUSES[status.name](status.message)

    # Observed state.

    def _has_cluster(self, event: Optional[EventBase] = None) -> bool:
        return self._cluster.is_named(event)

    def _storage_path(self) -> Optional[str]:
        """Return where Juju's storage is mounted; None without one."""
        try:
            storages = list(self.model.storages["export"])
            return str(storages[0].location) if storages else None
        except (ModelError, KeyError):
            return None

    def _server(self, options: Options) -> Union[OwnServer, ExternalServer]:
        """Return the server that the options name: another one, or this machine."""
        mode = ExternalServer if options.external else OwnServer
        return mode(self, self._machine, self._file_server)

    def _access(self, event: Optional[EventBase] = None) -> Access:
        """Return access. After remove-objects the machine stores no credentials."""
        return self._cluster.access(event, stores=not removal.is_recorded(self._machine))

    @contextmanager
    def _connect(self, event: Optional[EventBase] = None) -> Iterator[ClusterStorage]:
        with self._cluster.connect(self._access(event)) as api:
            yield ClusterStorage(api, compat.identity(self))

    @contextmanager
    def _connect_desired(self, options: Options) -> Iterator[Tuple[ClusterStorage, DesiredState]]:
        with self._connect() as cluster:
            yield cluster, self._desired_state(cluster, options)

    def _work(self, options: Options, work: Callable[[ClusterStorage], T], event: EventBase) -> T:
        desired_state = partial(self._desired_state, options=options)
        return self._granted_work.run(self._access(event), desired_state, work, event)

    def _desired_state(self, cluster: ClusterStorage, options: Options) -> DesiredState:
        source = self._server(options).source(options)
        return desired_state_of(cluster, options, source, self._machine)

    def _current_plan(self) -> CurrentPlan:
        """Return the current plan for actions, which only read it.

        Raises:
            BlockedError: When another server has the exports.
        """
        options = read_options(self.config, yaml.safe_load)
        if options.external:
            raise BlockedError(f"this unit exports nothing: {options.external} has the claims")
        cached_nodes = cache.read(self._machine).nodes
        nodes = cached_nodes if self._has_cluster() else self._former_nodes()
        clients = relations.read_related_clients(self, options.allow_world)
        plan = make_plan(options, nodes, clients, client_directories.read(self._machine))
        return CurrentPlan(options, plan, self._storage_path())

    # Removal.

    def _on_detaching(self, _: EventBase) -> None:
        """Stop exporting the storage that is about to be unmounted; its files stay on it."""
        try:
            self._file_server.detach(self._storage_path() or STORAGE_PATH)
        except (CharmError, OSError) as error:
            message = f"the storage export is detached while exported: {error_message(error)}"
            set_status(self.unit, BlockedStatus(message))
            return
        self.unit.status = BlockedStatus(
            "the storage export is being detached; its files are no longer exported"
        )

    def _keep_access_for_removal(self, event: EventBase) -> None:
        """Keep access for `stop`."""
        if compat.is_being_removed(self) and not removal.is_recorded(self._machine):
            self._cluster.keep_access(event)

    def _on_removal(self, _: EventBase) -> None:
        remove = self._remove_objects if compat.is_being_removed(self) else None
        external = str(self.config.get(EXTERNAL_EXPORT) or "")
        message = departure.remove_unit(
            self._machine, self._file_server, self._cluster, remove, external
        )
        if message:
            set_status(self.unit, MaintenanceStatus(message))

    def _remove_objects(self, access: Access) -> List[str]:
        remove_trials = partial(trial.remove_leftovers, self._machine)
        return self._granted_work.remove(access, compat.is_being_removed(self), remove_trials)

    # Actions.

    def _on_verify(self, event: ActionEvent) -> None:
        if actions.is_elsewhere(self, event, self._directories(), "checks"):
            return
        with object_actions.fail_on_error(event):
            options = read_options(self.config, yaml.safe_load)
            params = read_params(event.params, options.image_registry)
            answer = report(self._checks(options, params))
            event.set_results(as_results(answer))
            if not answer["ok"]:
                event.fail("; ".join(answer["failures"]))

    def _checks(self, options: Options, params: VerifyParams) -> List[Check]:
        connect = partial(self._connect_desired, options)
        try_claim = partial(self._server(options).try_claim, options, params)
        cluster_checks = partial(
            checks.cluster_checks, connect, options.admission_policy, params, try_claim
        )
        if options.external:
            return [reach_check(options.external, options.mount_options), *cluster_checks()]
        current, address = self._current_plan(), relations.address_of(self, BINDING)
        kernel_problems = checks.kernel_problems(self._file_server)
        if kernel_problems:
            return kernel_problems  # no claim can be bound either
        machine_checks = checks.machine_checks(self._machine, self._file_server, current, address)
        return machine_checks + (cluster_checks() if self._has_cluster() else [])

    def _on_list_exports(self, event: ActionEvent) -> None:
        with object_actions.fail_on_error(event):
            current = self._current_plan()
            shares = self._file_server.exported_shares(current.plan, current.storage_path)
            comparison = self._file_server.exports.compare(shares)
            event.set_results(object_actions.comparison_results(comparison))

    def _on_list_objects(self, event: ActionEvent) -> None:
        if actions.is_elsewhere(self, event, self._directories(), "compares"):
            return
        with object_actions.fail_on_error(event):
            options = read_options(self.config, yaml.safe_load)
            with self._connect_desired(options) as (cluster, desired):
                comparison = cluster.compare(desired)
            event.set_results(object_actions.comparison_results(comparison))

    def _on_sync_objects(self, event: ActionEvent) -> None:
        if not actions.may_act(self, event, self._directories(), "applies"):
            return
        with object_actions.fail_on_error(event):
            options, storage_path = read_options(self.config, yaml.safe_load), self._storage_path()
            clusters: List[ClusterStorage] = []

            def sync(cluster: ClusterStorage) -> Applied:
                clusters.append(cluster)
                server = self._server(options)
                server.prepare(options, storage_path)
                server.export_to_nodes(cluster, options, storage_path, event)
                removal.forget(self._machine)
                return self._sync(cluster, options, event.params)

            applied = merge_syncs(clusters, self._work(options, sync, event))
            event.set_results(object_actions.apply_results(applied))
            self._set_status(event)

    def _sync(self, cluster: ClusterStorage, options: Options, params: JsonMapping) -> Applied:
        adopt, only_default = bool(params.get("adopt")), bool(params.get("only-default"))
        return cluster.sync(self._desired_state(cluster, options), adopt, only_default)

    def _on_remove_objects(self, event: ActionEvent) -> None:
        if not actions.may_act(self, event, self._directories(), "removes"):
            return
        is_unreachable = not self._has_cluster() and bool(cache.read(self._machine).nodes)
        with object_actions.fail_on_error(event):
            access = None if is_unreachable else self._cluster.access()
            removal.record(self._machine)
            remaining = self._remove_objects(access) if access else [removal.UNREACHABLE_OBJECTS]
            if not remaining:
                self._cluster.remove_kubeconfig()
            event.set_results(object_actions.removal_results(remaining))
            self._set_status(event)
            if remaining:
                event.fail("; ".join(remaining))

    def _on_usage(self, event: ActionEvent) -> None:
        with object_actions.fail_on_error(event):
            current = self._current_plan()
            provisioner = current.options.storage_class.provisioner
            volumes = usage.volumes_of(self._connect, provisioner) if self._has_cluster() else []
            shares = usage.measure(self._machine, current.plan.all_shares(), volumes)
            event.set_results({"shares": json.dumps(shares), "note": usage.NOTE})


if __name__ == "__main__":
    main(NfsServerCharm)
