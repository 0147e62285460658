#!/usr/bin/env python3
"""The charm nfs-server: reads what is there, asks the modules, writes only the difference."""

import json
import os
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import Any, Iterator, List, Mapping, Optional, Tuple

import yaml
from ops.charm import CharmBase
from ops.framework import StoredState
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
from labcharm.machine import CommandError, Machine
from labcharm.text import some
from labcharm.verify import Check, as_results, report
from labkube.apply.objects import Applied
from labkube.charm import actions
from labkube.charm.cluster import KUBE_CONTROL, Cluster
from labkube.client.access import Access, MissingError
from labkube.client.api import Api, ApiError
from labkube.client.kubeconfig import KubeconfigError
from nfs_server import actions as actions_module
from nfs_server import errors, related_clients, relations, serving_unit
from nfs_server.cluster import cache, status
from nfs_server.cluster.cache import Known
from nfs_server.cluster.provisioner import Source
from nfs_server.cluster.relocation import InTheWayError, check_moves
from nfs_server.cluster.storage import Storage, Wish
from nfs_server.options import Options, read_options
from nfs_server.server.serving import HOME, STORAGE_PATH, Plan, Serving, Step, plan, summary
from nfs_server.verify import checks as checks_module
from nfs_server.verify import usage
from nfs_server.verify.claim import Trial

KUBECONFIG = HOME + "/kubeconfig"
BINDING = "nfs"
_OUT_OF_REACH = "objects of ours on the cluster that is not related any more; its nodes are let go"
_STATUSES = {"active": ActiveStatus, "waiting": WaitingStatus, "blocked": BlockedStatus}


class NfsServerCharm(CharmBase):
    """An NFS server, and a StorageClass on the cluster that this application is related to."""

    _stored = StoredState()

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._stored.set_default(removed=False)
        self._machine = Machine(os.environ.get("NFS_SERVER_ROOT", ""), compat.proxies())
        self._cluster = Cluster(self, self._machine, KUBECONFIG, yaml.safe_load)
        self._serving = Serving(self._machine, self.app.name)
        on = self.on
        for event in (
            on.install, on.upgrade_charm, on.config_changed, on.start, on.update_status,
            on.leader_elected, on.export_storage_attached, *self._peer_events(),
            *self._guest_events(), *self._cluster.events(),
        ):  # fmt: skip
            self.framework.observe(event, self._reconcile)
        self.framework.observe(on.export_storage_detaching, self._on_detaching)
        self.framework.observe(on.stop, self._on_stop)
        self.framework.observe(on.verify_action, self._on_verify)
        self.framework.observe(on.list_exports_action, self._on_list_exports)
        self.framework.observe(on.list_objects_action, self._on_list_objects)
        self.framework.observe(on.sync_objects_action, self._on_sync_objects)
        self.framework.observe(on.remove_objects_action, self._on_remove_objects)
        self.framework.observe(on.usage_action, self._on_usage)

    def _peer_events(self) -> List[Any]:
        kinds = ("relation_created", "relation_joined", "relation_changed", "relation_departed")
        return [getattr(self.on[serving_unit.PEER], kind) for kind in kinds]

    def _guest_events(self) -> List[Any]:
        kinds = ("relation_joined", "relation_changed", "relation_departed", "relation_broken")
        ends = (relations.MOUNT, relations.FILESYSTEM)
        return [getattr(self.on[end], kind) for end in ends for kind in kinds]

    def _reconcile(self, event: Any) -> None:
        if compat.leaving(self):
            return  # `stop` takes everything away, once
        self._cluster.publish(event)
        self._settle(event)

    def _settle(self, event: Any) -> None:
        self.unit.status = self._reconciled(event)
        serving_unit.tell(self, bool(self._folders()), event)

    def _folders(self) -> List[str]:
        return self._serving.folders.known()

    def _stood_by(self, stand: serving_unit.Stand, event: Any) -> StatusBase:
        """Return what to say of a unit that does not serve.

        Where it leads it keeps the access: whoever leads takes the objects away at the end.
        """
        if self.unit.is_leader() and self._has_cluster(event):
            with suppress(MissingError, KubeconfigError):
                self._cluster.access(event)
        return WaitingStatus(stand.told) if stand.waits else BlockedStatus(stand.told)

    def _reconciled(self, event: Any) -> StatusBase:
        """Bring machine and cluster to what the options say, and return what there is to say."""
        stand = serving_unit.stand_of(self, self._folders(), event)
        if not stand.serves:
            return self._stood_by(stand, event)
        try:
            options = read_options(self.config, yaml.safe_load)
            storage = self._storage_path()
            self._serving.prepare(options, storage)
            if not self._has_cluster(event):
                return self._alone(options, storage, event)
            return self._with_cluster(options, storage, event)
        except (*errors.USER, InTheWayError) as error:
            return BlockedStatus(errors.told(error))
        except (CommandError, OSError) as error:
            return WaitingStatus("%s; the next hook tries again" % error)

    def _alone(self, options: Options, storage: Optional[str], event: Any) -> StatusBase:
        """Serve without a cluster; the nodes of one that is gone keep their claims' folders."""
        nodes = self._nodes_of_before()
        served = summary(self._export(options, storage, nodes, event))
        if nodes:
            told = "%s; the cluster is not related any more, and its nodes keep their access until"
            return WaitingStatus((told + " remove-objects") % served)
        return ActiveStatus(served)

    def _nodes_of_before(self) -> List[str]:
        return [] if self._stored.removed else cache.read(self._machine).nodes

    def _with_cluster(self, options: Options, storage: Optional[str], event: Any) -> StatusBase:
        try:
            with self._on_cluster(event) as cluster:
                return self._applied(cluster, options, storage, event)
        except (MissingError, ApiError) as error:
            known = cache.read(self._machine)  # what this very hook may have seen
            if known.root and known.root != options.root.path:
                told = "export-root changes when the cluster answers; claims may lie in %s: %s"
                return WaitingStatus(told % (known.root, error))
            served = summary(self._export(options, storage, known.nodes, event))
            return WaitingStatus("%s; %s" % (served, error))

    def _applied(
        self, cluster: Storage, options: Options, storage: Optional[str], event: Any
    ) -> StatusBase:
        served = summary(self._served(cluster, options, storage, event))
        if self._stored.removed:
            told = "%s; objects removed by the action; bring them back with sync-objects"
            return BlockedStatus(told % served)
        wish = self._wish(cluster, options)
        cluster.apply(wish)
        self.unit.set_workload_version(wish.release.name)
        outcome = status.look(cluster, wish, served)
        return _STATUSES[outcome.state](outcome.told)

    def _served(
        self, cluster: Storage, options: Options, storage: Optional[str], event: Any
    ) -> Plan:
        """Export to the nodes, so that no object ever names what is not served."""
        nodes, source = cluster.nodes(), self._source(options)
        several = partial(serving_unit.is_several, self)
        check_moves(self._machine, self._serving, cluster, options, source, several)
        planned = self._export(options, storage, nodes, event)
        cache.write(self._machine, Known(nodes, source.path))
        return planned

    def _export(
        self, options: Options, storage: Optional[str], nodes: List[str], event: Any
    ) -> Plan:
        guests = relations.guests(self, options.world, event)
        planned = plan(options, nodes, guests, related_clients.read(self._machine))
        self._serving.export(planned, options, storage)
        shares = {guest.application: share for guest, share in zip(guests, planned.guests)}
        related_clients.keep(self._machine, {name: share.path for name, share in shares.items()})
        relations.publish(self, shares, ",".join(options.mount_options), event)
        return planned

    # What is there.

    def _has_cluster(self, event: Any = None) -> bool:
        related = bool(compat.relations(self, KUBE_CONTROL, event))
        return related or bool(str(self.config.get("kubeconfig") or "").strip())

    def _storage_path(self) -> Optional[str]:
        """Return where Juju's storage is; None without one."""
        try:
            attached = list(self.model.storages["export"])
            return str(attached[0].location) if attached else None
        except (ModelError, KeyError):
            return None

    def _source(self, options: Options) -> Source:
        server = relations.address(self, BINDING)
        if server is None:
            raise MissingError(["the binding %s has no address yet" % BINDING])
        return Source(server, options.root.path, options.mount_options)

    @contextmanager
    def _on_cluster(self, event: Any = None) -> Iterator[Storage]:
        with closing(Api(self._cluster.access(event))) as api:
            yield Storage(api, compat.identity(self))

    @contextmanager
    def _wished(self, options: Options) -> Iterator[Tuple[Storage, Wish]]:
        with self._on_cluster() as cluster:
            yield cluster, self._wish(cluster, options)

    def _wish(self, cluster: Storage, options: Options) -> Wish:
        source = self._source(options)
        return cluster.wish(options.kind, source, options.version, options.registry)

    def _step(self) -> Step:
        """Return what is served by what is known now, for actions, which change nothing of it."""
        options = read_options(self.config, yaml.safe_load)
        known = cache.read(self._machine).nodes
        nodes = known if self._has_cluster() else self._nodes_of_before()
        guests = relations.guests(self, options.world)
        planned = plan(options, nodes, guests, related_clients.read(self._machine))
        return Step(options, planned, self._storage_path())

    # Going away.

    def _on_detaching(self, _: Any) -> None:
        """Stop exporting what is about to be unmounted; its data stay on the storage."""
        self._serving.detach(self._storage_path() or STORAGE_PATH)
        told = "the storage export is being detached; what lies on it is not exported any more"
        self.unit.status = BlockedStatus(told)

    def _on_stop(self, _: Any) -> None:
        left = self._cluster.leave(self._removed) if compat.leaving(self) else []
        kept = self._serving.leave()
        self._cluster.forget()
        cache.forget(self._machine)
        related_clients.forget(self._machine)
        self._machine.remove_folder(HOME)
        told = ["no longer exported; the data stay %s" % kept] if kept else []
        for one in [*told, *("left on the cluster: %s" % one for one in left)]:
            self._log(one)
        told += ["left on the cluster: %s" % some(left)] if left else []
        if told:
            self.unit.status = MaintenanceStatus("; ".join(told))

    def _removed(self, access: Access) -> List[str]:
        with closing(Api(access)) as api:
            return Storage(api, compat.identity(self)).remove()

    def _log(self, text: str) -> None:
        self._machine.run(["juju-log", text])

    # Actions.

    def _on_verify(self, event: Any) -> None:
        if actions_module.is_elsewhere(self, event, self._folders(), "checks"):
            return
        trial = checks_module.read_trial(event.params)
        with actions_module.failing(event):
            answer = report(self._checks(trial))
            event.set_results(as_results(answer))
            if not answer["ok"]:
                event.fail("; ".join(answer["failures"]))

    def _checks(self, trial: Trial) -> List[Check]:
        step, address = self._step(), relations.address(self, BINDING)
        checks = checks_module.machine_checks(self._machine, self._serving, step, address)
        if not self._has_cluster():
            return checks
        root, reach = step.plan.root.path, partial(self._wished, step.options)
        return checks + checks_module.cluster_checks(self._machine, reach, root, trial)

    def _on_list_exports(self, event: Any) -> None:
        with actions_module.failing(event):
            step = self._step()
            shares = self._serving.exported(step.plan, step.storage)
            event.set_results(actions.listed(self._serving.exports.compare(shares)))

    def _on_list_objects(self, event: Any) -> None:
        if actions_module.is_elsewhere(self, event, self._folders(), "compares"):
            return
        with actions_module.failing(event):
            options = read_options(self.config, yaml.safe_load)
            with self._wished(options) as (cluster, wish):
                found = cluster.compare(wish)
            event.set_results(actions.listed(found))

    def _on_sync_objects(self, event: Any) -> None:
        if not actions_module.acts(self, event, self._folders(), "applies"):
            return
        with actions_module.failing(event):
            options = read_options(self.config, yaml.safe_load)
            storage = self._storage_path()
            with self._on_cluster() as cluster:
                self._serving.prepare(options, storage)
                self._served(cluster, options, storage, event)
                done = self._synced(cluster, options, event.params)
            event.set_results(actions.synced(done))
            self._stored.removed = False
            self._settle(event)

    def _synced(self, cluster: Storage, options: Options, params: Mapping[str, Any]) -> Applied:
        adopt, only_default = bool(params.get("adopt")), bool(params.get("only-default"))
        return cluster.sync(self._wish(cluster, options), adopt, only_default)

    def _on_remove_objects(self, event: Any) -> None:
        if not actions_module.acts(self, event, self._folders(), "removes"):
            return
        gone = not self._has_cluster() and bool(cache.read(self._machine).nodes)
        with actions_module.failing(event):
            left = [_OUT_OF_REACH] if gone else self._removed(self._cluster.access())
            self._stored.removed = True
            event.set_results(actions.removed(left))
            self._settle(event)
            if left:
                event.fail("; ".join(left))

    def _on_usage(self, event: Any) -> None:
        with actions_module.failing(event):
            step = self._step()
            shares = [step.plan.root, *step.plan.shares, *step.plan.guests]
            made = step.options.kind.provisioner
            has = self._has_cluster()
            volumes = usage.volumes_of(self._on_cluster, made) if has else []
            found = usage.usage(self._machine, shares, volumes)
            event.set_results({"shares": json.dumps(found), "note": usage.NOTE})


if __name__ == "__main__":
    main(NfsServerCharm)
