#!/usr/bin/env python3
"""The charm nfs-server: reads options and relations, calls the workload, and sets the status."""

import json
import os
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import Iterator, List, Optional, Tuple

import yaml
from ops.charm import ActionEvent, CharmBase
from ops.framework import BoundEvent, EventBase, Framework, StoredState
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
from labcharm.errors import BlockedError, CharmError
from labcharm.json_types import JsonMapping
from labcharm.machine import Machine
from labcharm.status import status_of
from labcharm.text import summarize
from labcharm.verify import Check, as_results, report
from labkube.apply.objects import Applied
from labkube.charm import actions as object_actions
from labkube.charm.cluster import KUBE_CONTROL, Cluster
from labkube.client.access import Access, IncompleteAccessError
from labkube.client.api import Api, ApiError
from labkube.client.kubeconfig import KubeconfigError
from nfs_server import actions, relations, serving_unit, usage
from nfs_server.cluster import cache
from nfs_server.cluster.cache import ClusterCache
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState
from nfs_server.cluster.relocation import check_relocation
from nfs_server.cluster.status import read_status
from nfs_server.cluster.storage_class import ExportSource
from nfs_server.options import Options, read_options
from nfs_server.server import client_directories
from nfs_server.server.file_server import STATE_DIRECTORY, STORAGE_PATH, FileServer
from nfs_server.server.plan import CurrentPlan, ExportPlan, make_plan, summarize_plan
from nfs_server.verify import checks
from nfs_server.verify.params import VerifyParams, read_params

KUBECONFIG = f"{STATE_DIRECTORY}/kubeconfig"
BINDING = "nfs"
_UNREACHABLE_OBJECTS = (
    "objects of this application on the cluster, which is no longer related; the exports no longer"
    " admit the cluster's nodes"
)
_STATUSES = {"active": ActiveStatus, "waiting": WaitingStatus, "blocked": BlockedStatus}


class NfsServerCharm(CharmBase):
    """An NFS server, and a StorageClass on the cluster that the application is related to."""

    _stored = StoredState()

    def __init__(self, framework: Framework) -> None:
        super().__init__(framework)
        self._stored.set_default(removed=False)
        self._machine = Machine(os.environ.get("NFS_SERVER_ROOT", ""), compat.proxy_environment())
        self._cluster = Cluster(self, self._machine, KUBECONFIG, yaml.safe_load)
        self._file_server = FileServer(self._machine, self.app.name)
        on = self.on
        for event in (
            on.install, on.upgrade_charm, on.config_changed, on.start, on.update_status,
            on.leader_elected, on.export_storage_attached, *self._peer_events(),
            *self._client_events(), *self._cluster.events(),
        ):  # fmt: skip
            self.framework.observe(event, self._reconcile)
        self.framework.observe(on.export_storage_detaching, self._on_detaching)
        for event in (on.stop, on.remove):  # `remove` also runs after a `stop` that was killed
            self.framework.observe(event, self._on_removal)
        self.framework.observe(on.verify_action, self._on_verify)
        self.framework.observe(on.list_exports_action, self._on_list_exports)
        self.framework.observe(on.list_objects_action, self._on_list_objects)
        self.framework.observe(on.sync_objects_action, self._on_sync_objects)
        self.framework.observe(on.remove_objects_action, self._on_remove_objects)
        self.framework.observe(on.usage_action, self._on_usage)

    def _peer_events(self) -> List[BoundEvent]:
        kinds = ("relation_created", "relation_joined", "relation_changed", "relation_departed")
        return [getattr(self.on[serving_unit.PEER], kind) for kind in kinds]

    def _client_events(self) -> List[BoundEvent]:
        kinds = ("relation_joined", "relation_changed", "relation_departed", "relation_broken")
        endpoints = (relations.MOUNT, relations.FILESYSTEM)
        return [getattr(self.on[endpoint], kind) for endpoint in endpoints for kind in kinds]

    # Reconciliation.

    def _reconcile(self, event: EventBase) -> None:
        if compat.is_being_removed(self):
            return  # `stop` removes everything once
        self._cluster.publish(event)
        self._set_status(event)

    def _set_status(self, event: EventBase) -> None:
        self.unit.status = self._reconciled_status(event)
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
            self._file_server.prepare(options, storage_path)
            if not self._has_cluster(event):
                return self._reconcile_alone(options, storage_path, event)
            return self._reconcile_cluster(options, storage_path, event)
        except (CharmError, OSError) as error:
            return status_of(error)

    def _keep_access(self, event: EventBase) -> None:
        """Keep access to the cluster also on a leader that stands by.

        The leader deletes the objects when the application is removed.
        """
        if self.unit.is_leader() and self._has_cluster(event):
            with suppress(IncompleteAccessError, KubeconfigError):
                self._access(event)

    def _reconcile_alone(
        self, options: Options, storage_path: Optional[str], event: EventBase
    ) -> StatusBase:
        """Serve without a cluster. The nodes of a former cluster keep access to their claims."""
        nodes = self._former_nodes()
        summary = summarize_plan(self._export(options, storage_path, nodes, event))
        if nodes:
            return WaitingStatus(
                f"{summary}; cluster no longer related; run remove-objects to end its nodes'"
                " access"
            )
        return ActiveStatus(summary)

    def _former_nodes(self) -> List[str]:
        return [] if self._stored.removed else cache.read(self._machine).nodes

    def _reconcile_cluster(
        self, options: Options, storage_path: Optional[str], event: EventBase
    ) -> StatusBase:
        try:
            with self._connect(event) as cluster:
                return self._apply(cluster, options, storage_path, event)
        except (IncompleteAccessError, ApiError) as error:
            cached = cache.read(self._machine)  # this hook may have written it
            if cached.root and cached.root != options.export_root.path:
                return WaitingStatus(
                    "export-root changes only after the cluster answers, because claims may lie in"
                    f" {cached.root}: {error}"
                )
            plan = self._export(options, storage_path, cached.nodes, event)
            if isinstance(error, BlockedError):
                return BlockedStatus(f"{error}; {summarize_plan(plan)}")
            return WaitingStatus(f"{summarize_plan(plan)}; {error}")

    def _apply(
        self,
        cluster: ClusterStorage,
        options: Options,
        storage_path: Optional[str],
        event: EventBase,
    ) -> StatusBase:
        """Export to the cluster's nodes, then apply the objects."""
        summary = summarize_plan(self._export_to_nodes(cluster, options, storage_path, event))
        if self._stored.removed:
            return BlockedStatus(
                f"{summary}; objects removed by action; run sync-objects to apply them again"
            )
        desired = self._desired_state(cluster, options)
        cluster.apply(desired)
        self.unit.set_workload_version(desired.release.name)
        status = read_status(cluster, desired, summary)
        return _STATUSES[status.name](status.message)

    def _export_to_nodes(
        self,
        cluster: ClusterStorage,
        options: Options,
        storage_path: Optional[str],
        event: EventBase,
    ) -> ExportPlan:
        """Export to the nodes first, so that no object names an export that does not exist."""
        nodes, source = cluster.nodes(), self._source(options)
        has_several_units = partial(serving_unit.has_several_units, self)
        check_relocation(
            self._machine, self._file_server, cluster, options, source, has_several_units
        )
        plan = self._export(options, storage_path, nodes, event)
        cache.write(self._machine, ClusterCache(nodes, source.path))
        return plan

    def _export(
        self, options: Options, storage_path: Optional[str], nodes: List[str], event: EventBase
    ) -> ExportPlan:
        clients = relations.read_related_clients(self, options.allow_world, event)
        plan = make_plan(options, nodes, clients, client_directories.read(self._machine))
        self._file_server.export(plan, options, storage_path)
        shares = {client.application: share for client, share in zip(clients, plan.client_shares)}
        client_directories.add(
            self._machine, {application: share.path for application, share in shares.items()}
        )
        relations.publish(self, shares, ",".join(options.mount_options), event)
        return plan

    # Observed state.

    def _has_cluster(self, event: Optional[EventBase] = None) -> bool:
        is_related = bool(compat.relations(self, KUBE_CONTROL, event))
        return is_related or bool(str(self.config.get("kubeconfig") or "").strip())

    def _storage_path(self) -> Optional[str]:
        """Return where Juju's storage is mounted; None without one."""
        try:
            storages = list(self.model.storages["export"])
            return str(storages[0].location) if storages else None
        except (ModelError, KeyError):
            return None

    def _source(self, options: Options) -> ExportSource:
        address = relations.address_of(self, BINDING)
        if address is None:
            raise IncompleteAccessError([f"the binding {BINDING} has no address yet"])
        return ExportSource(address, options.export_root.path, options.mount_options)

    def _access(self, event: Optional[EventBase] = None) -> Access:
        """Return access. After remove-objects the machine stores no credentials."""
        return self._cluster.access(event, stores=not self._stored.removed)

    @contextmanager
    def _connect(self, event: Optional[EventBase] = None) -> Iterator[ClusterStorage]:
        with closing(Api(self._access(event))) as api:
            yield ClusterStorage(api, compat.identity(self))

    @contextmanager
    def _connect_desired(self, options: Options) -> Iterator[Tuple[ClusterStorage, DesiredState]]:
        with self._connect() as cluster:
            yield cluster, self._desired_state(cluster, options)

    def _desired_state(self, cluster: ClusterStorage, options: Options) -> DesiredState:
        return cluster.desired_state(
            options.storage_class,
            self._source(options),
            options.provisioner_version,
            options.image_registry,
        )

    def _current_plan(self) -> CurrentPlan:
        """Return the current plan for actions, which only read it."""
        options = read_options(self.config, yaml.safe_load)
        cached_nodes = cache.read(self._machine).nodes
        nodes = cached_nodes if self._has_cluster() else self._former_nodes()
        clients = relations.read_related_clients(self, options.allow_world)
        plan = make_plan(options, nodes, clients, client_directories.read(self._machine))
        return CurrentPlan(options, plan, self._storage_path())

    # Removal.

    def _on_detaching(self, _: EventBase) -> None:
        """Stop exporting the storage that is about to be unmounted; its files stay on it."""
        self._file_server.detach(self._storage_path() or STORAGE_PATH)
        self.unit.status = BlockedStatus(
            "the storage export is being detached; its files are no longer exported"
        )

    def _on_removal(self, _: EventBase) -> None:
        remaining = (
            self._cluster.remove_objects(self._remove_objects)
            if compat.is_being_removed(self)
            else []
        )
        locations = self._file_server.remove()
        self._cluster.remove_kubeconfig()
        cache.forget(self._machine)
        client_directories.forget(self._machine)
        self._machine.remove_empty_directory(STATE_DIRECTORY)
        message = f"no longer exported; the data stays {locations}" if locations else ""
        for line in [message, *(f"left on the cluster: {name}" for name in remaining)]:
            if line:
                self._log(line)
        parts = [message] if message else []
        if remaining:
            parts.append(f"left on the cluster: {summarize(remaining)}")
        if parts:
            self.unit.status = MaintenanceStatus("; ".join(parts))

    def _remove_objects(self, access: Access) -> List[str]:
        with closing(Api(access)) as api:
            return ClusterStorage(api, compat.identity(self)).remove()

    def _log(self, text: str) -> None:
        self._machine.run(["juju-log", text])

    # Actions.

    def _on_verify(self, event: ActionEvent) -> None:
        if actions.is_elsewhere(self, event, self._directories(), "checks"):
            return
        params = read_params(event.params)
        with object_actions.fail_on_error(event):
            answer = report(self._checks(params))
            event.set_results(as_results(answer))
            if not answer["ok"]:
                event.fail("; ".join(answer["failures"]))

    def _checks(self, params: VerifyParams) -> List[Check]:
        current, address = self._current_plan(), relations.address_of(self, BINDING)
        kernel_problems = checks.kernel_problems(self._file_server)
        if kernel_problems:
            return kernel_problems  # no claim can be bound either
        machine_checks = checks.machine_checks(self._machine, self._file_server, current, address)
        if not self._has_cluster():
            return machine_checks
        connect = partial(self._connect_desired, current.options)
        export_root = current.plan.root.path
        return machine_checks + checks.cluster_checks(self._machine, connect, export_root, params)

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
            options = read_options(self.config, yaml.safe_load)
            storage_path = self._storage_path()
            with self._connect() as cluster:
                self._file_server.prepare(options, storage_path)
                self._export_to_nodes(cluster, options, storage_path, event)
                applied = self._sync(cluster, options, event.params)
            event.set_results(object_actions.apply_results(applied))
            self._stored.removed = False
            self._set_status(event)

    def _sync(self, cluster: ClusterStorage, options: Options, params: JsonMapping) -> Applied:
        adopt, only_default = bool(params.get("adopt")), bool(params.get("only-default"))
        return cluster.sync(self._desired_state(cluster, options), adopt, only_default)

    def _on_remove_objects(self, event: ActionEvent) -> None:
        if not actions.may_act(self, event, self._directories(), "removes"):
            return
        is_unreachable = not self._has_cluster() and bool(cache.read(self._machine).nodes)
        with object_actions.fail_on_error(event):
            remaining = (
                [_UNREACHABLE_OBJECTS]
                if is_unreachable
                else self._remove_objects(self._cluster.access())
            )
            self._stored.removed = True
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
