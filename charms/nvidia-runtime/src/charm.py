#!/usr/bin/env python3
"""The charm nvidia-runtime: observes events, calls the workload, and sets the status."""

import json
import os
from functools import partial
from typing import Callable, Iterator, Mapping, Optional

import yaml
from ops.charm import ActionEvent, CharmBase
from ops.framework import EventBase, Framework
from ops.main import main
from ops.model import ActiveStatus, BlockedStatus, ModelError, StatusBase, WaitingStatus

from labcharm import compat
from labcharm.errors import BlockedError, CharmError, WaitingError, log_on_error
from labcharm.machine import Machine
from labcharm.proxies import read_settings
from labcharm.status import status_of
from labcharm.status_text import fitting_status
from labcharm.verify import as_results, report
from labkube.apply.objects import ForeignObjectError
from labkube.charm import actions
from labkube.charm.cluster import RELATIONS, Cluster
from labkube.charm.privileges import Privileges
from labkube.charm.roles import Roles
from labkube.client.api import Api
from nvidia_runtime import peers, rights, status
from nvidia_runtime.cluster.device_plugin import CHARM, DevicePlugin
from nvidia_runtime.cluster.labels import LABELS, NodeLabels
from nvidia_runtime.cluster.node import KUBECONFIG, local_node_name
from nvidia_runtime.gpu_host import GpuHost
from nvidia_runtime.host import gpus
from nvidia_runtime.host.reboot import Reboot, request_reboot
from nvidia_runtime.options import Options, read_options
from nvidia_runtime.verify import VerifyParams

_REMAINS = "labels or device plugin remain on the cluster"
SOURCE = os.path.dirname(os.path.abspath(__file__))


class NvidiaRuntimeCharm(CharmBase):
    """One unit, on the machine of a principal's unit."""

    def __init__(self, framework: Framework) -> None:
        super().__init__(framework)
        root, proxies = os.environ.get("NVIDIA_RUNTIME_ROOT", ""), read_settings(os.environ)
        self._machine = Machine(root, proxies=proxies)
        # Tests pass a tree of faked devices; sysfs itself cannot be written.
        sysfs = os.environ.get("NVIDIA_RUNTIME_SYSFS", "/sys")
        self._host = GpuHost(self._machine, SOURCE, sysfs, proxies, self._fetch_resource)
        self._cluster = Cluster(self, self._machine, KUBECONFIG, yaml.safe_load, is_narrow=True)
        self._observe()

    def _observe(self) -> None:
        on = self.on
        for event in (
            on.install, on.upgrade_charm, on.config_changed, on.start, on.update_status,
            on.juju_info_relation_joined, on.juju_info_relation_changed,
            *self._cluster.events(), *peers.events(self), on.leader_elected,
        ):  # fmt: skip
            self.framework.observe(event, self._reconcile)
        self.framework.observe(on[peers.PEER].relation_broken, self._keep_access)
        for event in (on.stop, on.remove):  # `remove` also runs after a `stop` that was killed
            self.framework.observe(event, self._on_removal)
        self.framework.observe(on.verify_action, self._on_verify)
        self.framework.observe(on.list_gpus_action, self._on_list_gpus)
        self.framework.observe(on.reconcile_action, self._on_reconcile_action)
        self.framework.observe(on.reboot_node_action, self._on_reboot_node)

    def _reconcile(self, event: EventBase) -> None:
        self._keep_access(event)
        self.unit.status = self._reconciled(event)

    def _reconciled(self, event: EventBase, allow_restart: Optional[bool] = None) -> StatusBase:
        """Reconcile machine and cluster with the options, and return the unit's status.

        Args:
            event: The event that is handled.
            allow_restart: Whether the engine may be restarted; None leaves it to the option.
        """
        try:
            self._host.protect_credentials()
            options = read_options(self.config)
            machine_gpus = self._host.gpus()
            has_gpu = bool(gpus.usable(machine_gpus))
            if self._reboot():
                return WaitingStatus("rebooting, as requested by the action reboot-node")
            cluster_error = self._reconcile_cluster(event, options, has_gpu)
            message = status.idle_message(machine_gpus)
            if has_gpu:
                restart = options.allow_restart if allow_restart is None else allow_restart
                message = self._host.set_up(machine_gpus, options, restart)
        except (CharmError, OSError) as error:
            return self._status(error)
        return self._status(cluster_error) if cluster_error else ActiveStatus(message)

    def _status(self, error: Exception) -> StatusBase:
        """Return the status for an error, and log a message that is too long for it.

        The errors of an engine begin with their cause (see `engine.base`).
        """
        return fitting_status(status_of(error), more=status.MORE, drops_middle=False)

    def _reconcile_cluster(
        self, event: EventBase, options: Options, has_gpu: bool
    ) -> Optional[CharmError]:
        """Do this unit's part on the cluster; return what prevents it."""
        has_work = has_gpu or self.unit.is_leader()
        self._cluster.publish(event, has_work)
        peers.publish_node(self, local_node_name() if has_gpu else "", event)
        if not has_work or not self._has_cluster():
            return None
        try:
            self._apply_on_cluster(event, options, has_gpu)
        except ForeignObjectError as error:
            return BlockedError(str(error))
        except BlockedError as error:
            return error
        except WaitingError as error:
            return WaitingError(f"cluster: {error}")
        return None

    def _has_cluster(self) -> bool:
        is_related = any(self.model.relations[name] for name in RELATIONS)
        return is_related or bool(self.config.get("kubeconfig"))

    def _apply_on_cluster(self, event: EventBase, options: Options, has_gpu: bool) -> None:
        def apply(api: Api) -> None:
            if self.unit.is_leader():
                apply_plugin(api)
            if has_gpu and not NodeLabels(api, self._machine).reconcile(options):
                raise WaitingError(f"node {local_node_name()} is not registered yet")

        def apply_plugin(api: Api) -> None:
            plugins = DevicePlugin(api, compat.identity(self)).reconcile(options)
            if plugins:
                self._log(f"the cluster has a device plugin already: {plugins[0]}")

        access = self._cluster.access(event)
        privileges = Privileges(self._cluster, self.unit.is_leader(), self._cluster.connect)
        nodes = peers.read_nodes(self, event)
        if has_gpu:  # the peer relation may not exist yet
            nodes[self.unit.name] = local_node_name()
        privileges.run(access, lambda _: self._roles(nodes), apply, apply_plugin, event)
        if self.unit.is_leader() and not access.is_option:
            peers.announce_grants(self, nodes)

    def _roles(self, nodes: Mapping[str, str]) -> Roles:
        return Roles(compat.identity(self), CHARM, rights.grants(nodes))

    def _reboot(self) -> bool:
        """Carry out a requested reboot, or complete it; return whether it is under way."""
        reboot = Reboot(self._machine)
        try:
            if reboot.has_happened():
                reboot.finish()
            if not reboot.is_due():
                return False
            reboot.prepare()
        except CharmError as error:
            self._log(f"reboot-node waits: {error}")
            return False
        # Juju reboots after this hook. Afterwards it runs `start` from 2.8 on, before that others.
        return self._machine.run(["juju-reboot"]).code == 0

    def _fetch_resource(self) -> str:
        try:
            return str(self.model.resources.fetch("toolkit"))
        except (ModelError, RuntimeError, NameError):
            return ""  # none is attached

    def _on_removal(self, event: EventBase) -> None:
        self._leave_cluster()
        peers.publish_node(self, "", event)
        message = self._host.restore(bool(self.config.get("allow-restart", True)))
        if message:
            self._log(message)
        self._host.remove_state()

    def _keep_access(self, event: EventBase) -> None:
        """Keep access for `stop` if the application is being removed."""
        if compat.is_being_removed(self):
            self._cluster.keep_access(event)

    def _leave_cluster(self) -> None:
        """Remove labels and plugin by the last kubeconfig; the relations may be gone already."""
        with log_on_error(self._log, _REMAINS):
            self._remove_from_cluster()
        with log_on_error(self._log, "the credentials remain on the machine"):
            self._cluster.remove_kubeconfig()
        with log_on_error(self._log, "the record of the labels remains on the machine"):
            self._machine.remove(LABELS)

    def _remove_from_cluster(self) -> None:
        if not self.unit.is_leader() and not self._machine.exists(KUBECONFIG):
            return  # it has set no labels
        access = self._cluster.last_access()
        if access is None:
            return
        self._cluster.restore_patience()
        with self._cluster.connect(access) as api:
            for step in self._last_steps(api):
                with log_on_error(self._log, _REMAINS):  # a killed hook may have done it before
                    step()

    def _last_steps(self, api: Api) -> Iterator[Callable[[], None]]:
        """Return what the unit removes from the cluster; its rights come last."""
        application, roles = compat.identity(self), self._roles({})
        is_last = self.unit.is_leader() and compat.is_being_removed(self)
        yield NodeLabels(api, self._machine).remove
        if is_last:
            yield DevicePlugin(api, application).remove
        yield partial(roles.revoke, api, self.unit.name)
        if is_last:
            yield partial(roles.revoke, api)

    def _on_verify(self, event: ActionEvent) -> None:
        params = VerifyParams(
            event.params.get("image", ""), event.params.get("command", "nvidia-smi -L")
        )
        with actions.fail_on_error(event):
            answer = report(self._host.verify(read_options(self.config), params))
            event.set_results(as_results(answer))
            if not answer["ok"]:
                event.fail("; ".join(answer["failures"]))

    def _on_list_gpus(self, event: ActionEvent) -> None:
        with actions.fail_on_error(event):
            machine_gpus = self._host.gpus()
            text = json.dumps(gpus.as_dictionaries(machine_gpus))
            event.set_results({"gpus": text, "count": str(len(machine_gpus))})

    def _on_reconcile_action(self, event: ActionEvent) -> None:
        self.unit.status = new_status = self._reconciled(event, allow_restart=True)
        event.set_results({"status": new_status.name, "message": new_status.message})
        if isinstance(new_status, BlockedStatus):
            event.fail(new_status.message)

    def _on_reboot_node(self, event: ActionEvent) -> None:
        with actions.fail_on_error(event):
            request_reboot(self._machine, bool(event.params.get("drain", False)))
            event.set_results({"result": "the next hook reboots the machine"})

    def _log(self, text: str) -> None:
        self._machine.run(["juju-log", text])


if __name__ == "__main__":
    main(NvidiaRuntimeCharm)
