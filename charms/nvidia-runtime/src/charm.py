#!/usr/bin/env python3
"""The charm nvidia-runtime: reads what is there, asks the modules, writes only the difference."""

import json
import os
from typing import Any, List, Optional

import yaml
from ops.charm import CharmBase
from ops.main import main
from ops.model import ActiveStatus, BlockedStatus, ModelError, StatusBase, WaitingStatus

from labcharm import compat
from labcharm.machine import CommandError, Machine
from labcharm.verify import as_results, report
from labkube.apply.objects import ForeignObjectError
from labkube.charm.cluster import RELATIONS, Cluster
from labkube.client.access import MissingError
from labkube.client.api import ApiError
from labkube.client.kubeconfig import KubeconfigError
from labkube.client.kubeconfig import read as read_kubeconfig
from nvidia_runtime import verify
from nvidia_runtime.cluster.cluster import LABELS, ClusterSide
from nvidia_runtime.engine import Engine, find_engine
from nvidia_runtime.host import driver, gpus, toolkit
from nvidia_runtime.host.node import KUBECONFIG, Reboot, request_reboot
from nvidia_runtime.host.packages import Apt
from nvidia_runtime.options import Options, OptionsError, read_options
from reconciler.settings import HOME, PROGRAM, Wish, find_program

SOURCE = os.path.dirname(os.path.abspath(__file__))


class NvidiaRuntimeCharm(CharmBase):
    """One unit, beside a principal's unit on its machine."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._machine = Machine(os.environ.get("NVIDIA_RUNTIME_ROOT", ""), compat.proxies())
        # Tests hand over a tree of faked devices; sysfs itself cannot be written.
        self._sysfs = os.environ.get("NVIDIA_RUNTIME_SYSFS", "/sys")
        self._apt = Apt(self._machine)
        on = self.on
        for event in (
            on.install, on.upgrade_charm, on.config_changed, on.start, on.update_status,
            on.juju_info_relation_joined, on.juju_info_relation_changed,
        ):  # fmt: skip
            self.framework.observe(event, self._reconcile)
        self._cluster = Cluster(self, self._machine, KUBECONFIG, yaml.safe_load)
        for event in (*self._cluster.events(), on.leader_elected):
            self.framework.observe(event, self._reconcile)
        self.framework.observe(on.stop, self._on_stop)
        self.framework.observe(on.verify_action, self._on_verify)
        self.framework.observe(on.list_gpus_action, self._on_list_gpus)
        self.framework.observe(on.reconcile_action, self._on_reconcile_action)
        self.framework.observe(on.reboot_node_action, self._on_reboot_node)

    def _reconcile(self, event: Any) -> None:
        self.unit.status = self._reconciled(event, allow_restart=None)

    def _reconciled(self, event: Any, allow_restart: Optional[bool]) -> StatusBase:
        """Bring the machine to what the options say, and return what there is to say of it."""
        found = gpus.find_gpus(self._machine, self._sysfs)
        try:
            options = read_options(self.config)
        except OptionsError as error:
            return BlockedStatus(str(error))
        usable = bool(gpus.usable(found))
        if usable and self._rebooting():
            return WaitingStatus("rebooting, as the action reboot-node asked")
        cluster = self._on_cluster(event, options, usable)
        if not usable:
            return cluster or ActiveStatus(_idle(found))
        status = self._set_up(found, options, allow_restart)
        return cluster if cluster is not None and isinstance(status, ActiveStatus) else status

    def _on_cluster(self, event: Any, options: Options, usable: bool) -> Optional[StatusBase]:
        """Do this unit's part on the cluster; return what is in the way, None when nothing is."""
        self._cluster.publish(event)
        leads = self.unit.is_leader()
        if not (usable or leads) or not self._has_cluster():
            return None
        try:
            side = ClusterSide(self._cluster.access(event), self._machine, compat.identity(self))
        except MissingError as error:
            return WaitingStatus("cluster: %s" % error)
        except KubeconfigError as error:
            return BlockedStatus(str(error))
        try:
            left = side.apply_plugin(options) if leads else ""
            told = side.label_node(options) if usable else ""
        except ForeignObjectError as error:
            return BlockedStatus("device-plugin: %s; remove it, or set device-plugin=none" % error)
        except ApiError as error:
            return WaitingStatus("cluster: %s" % error)
        finally:
            side.close()
        if left:
            self._log(left)
        return WaitingStatus("cluster: %s" % told) if told else None

    def _has_cluster(self) -> bool:
        related = any(self.model.relations[name] for name in RELATIONS)
        return related or bool(self.config.get("kubeconfig"))

    def _set_up(
        self, found: List[gpus.Gpu], options: Options, allow_restart: Optional[bool]
    ) -> StatusBase:
        state = driver.ensure(
            self._machine, self._apt, options.driver, options.hold_driver, options.pins
        )
        tools = toolkit.ensure(self._machine, self._apt, options, self._resource, compat.proxies())
        engine = find_engine(self._machine, SOURCE)
        blocked = [text for text in (state.blocked, tools.blocked) if text]
        waiting = [text for text in (state.waiting, tools.waiting) if text]
        if engine is None:
            waiting.append("neither docker nor containerd is installed yet")
        elif tools.path:
            wish = _wish(options, tools.path)
            restart = options.allow_restart if allow_restart is None else allow_restart
            applied = engine.apply(wish, restart)
            blocked += applied.problems
            waiting += [applied.pending] if applied.pending else []
        if blocked:
            return BlockedStatus("; ".join(blocked))
        if waiting or engine is None:
            return WaitingStatus("; ".join(waiting))
        return ActiveStatus(_told(found, state, engine, options))

    def _rebooting(self) -> bool:
        """Do the reboot that was asked for, or finish it; tell whether it is under way."""
        reboot = Reboot(self._machine)
        try:
            if reboot.has_happened():
                reboot.finish()
            if not reboot.is_due():
                return False
            reboot.prepare()
        except CommandError as error:
            self._log("reboot-node waits: %s" % error)
            return False
        # Juju reboots after this hook and calls `start` then (2.8 and later; before, others come).
        return self._machine.run(["juju-reboot"]).code == 0

    def _resource(self) -> str:
        try:
            return str(self.model.resources.fetch("toolkit"))
        except (ModelError, RuntimeError, NameError):
            return ""  # none is attached

    def _on_stop(self, _: Any) -> None:
        self._leave_cluster()
        engine = find_engine(self._machine, SOURCE)
        if engine is not None and engine.installed():
            self._log(engine.give_back(bool(self.config.get("allow-restart", True))))
        self._apt.give_back()
        self._machine.remove_folder(HOME)

    def _leave_cluster(self) -> None:
        """Take labels and plugin away; the relations may be gone, the kubeconfig is not."""
        text = self._machine.read(KUBECONFIG)
        if text is None:
            return
        try:
            access = read_kubeconfig(text, json.loads)
            side = ClusterSide(access, self._machine, compat.identity(self))
            side.remove(self.unit.is_leader() and compat.leaving(self))
            side.close()
        except (ApiError, KubeconfigError) as error:
            self._log("left on the cluster: labels or device plugin: %s" % error)
        self._cluster.forget()
        self._machine.remove(LABELS)

    def _on_verify(self, event: Any) -> None:
        try:
            options = read_options(self.config)
        except OptionsError as error:
            event.fail(str(error))
            return
        answer = report(
            verify.run_checks(
                self._machine,
                gpus.find_gpus(self._machine, self._sysfs),
                find_engine(self._machine, SOURCE),
                _wish(options, self._runtime_path(options)),
                options.driver,
                event.params.get("image", ""),
                event.params.get("command", "nvidia-smi -L"),
            )
        )
        event.set_results(as_results(answer))
        if not answer["ok"]:
            event.fail("; ".join(answer["failures"]))

    def _runtime_path(self, options: Options) -> str:
        return find_program(self._machine, options.path or PROGRAM) or options.path or PROGRAM

    def _on_list_gpus(self, event: Any) -> None:
        found = gpus.find_gpus(self._machine, self._sysfs)
        event.set_results({"gpus": json.dumps(gpus.as_data(found)), "count": str(len(found))})

    def _on_reconcile_action(self, event: Any) -> None:
        self.unit.status = status = self._reconciled(event, allow_restart=True)
        event.set_results({"status": status.name, "message": status.message})
        if isinstance(status, BlockedStatus):
            event.fail(status.message)

    def _on_reboot_node(self, event: Any) -> None:
        request_reboot(self._machine, bool(event.params.get("drain", False)))
        event.set_results({"result": "the machine is rebooted by the next hook"})

    def _log(self, text: str) -> None:
        self._machine.run(["juju-log", text])


def _wish(options: Options, path: str) -> Wish:
    return Wish(path, options.args, options.default_runtime)


def _idle(found: List[gpus.Gpu]) -> str:
    if not found:
        return "no GPU here"
    uses = sorted({gpu.use for gpu in found})
    return "%d GPU(s) left alone: %s" % (len(found), ", ".join(uses))


def _told(found: List[gpus.Gpu], state: driver.Driver, engine: Engine, options: Options) -> str:
    parts = ["%d GPU(s)" % len(gpus.usable(found))]
    if state.state.loaded:
        parts.append("driver %s" % state.state.loaded)
    default = "the default runtime" if options.default_runtime else "a runtime"
    parts.append("nvidia is %s of %s" % (default, engine.name))
    if state.reboot:
        parts.append("reboot needed (%s): run the action reboot-node" % state.reboot)
    return ", ".join(parts)


if __name__ == "__main__":
    main(NvidiaRuntimeCharm)
