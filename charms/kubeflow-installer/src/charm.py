#!/usr/bin/env python3
"""The charm kubeflow-installer: installs Kubeflow on the cluster that it is related to."""

import json
import os
from contextlib import contextmanager
from typing import Dict, Iterator, List, Optional

import yaml
from ops.charm import ActionEvent, CharmBase
from ops.framework import EventBase, Framework
from ops.main import main
from ops.model import (
    ActiveStatus,
    BlockedStatus,
    MaintenanceStatus,
    ModelError,
    StatusBase,
    UnknownStatus,
)

from kubeflow_installer import list_images
from kubeflow_installer.installation import HOOK_SECONDS, Host, Installation, Kubeflow, Site
from kubeflow_installer.methods.objects import remove_jobs
from kubeflow_installer.options import Options, read_options
from kubeflow_installer.reconcile import comparison, loop, upgrade
from kubeflow_installer.reconcile.loop import NO_PERMISSIONS, Permissions
from kubeflow_installer.releases import table
from kubeflow_installer.releases.table import Release
from kubeflow_installer.sources import release_files
from kubeflow_installer.sources.release_files import ReleaseFiles
from kubeflow_installer.state import credentials
from kubeflow_installer.state.credentials import Credentials
from kubeflow_installer.state.history import History
from kubeflow_installer.uninstall import lifecycle
from kubeflow_installer.uninstall.lifecycle import UNINSTALLED, UninstallFinished
from kubeflow_installer.verify import verify
from kubeflow_installer.verify.verify import VerifyParams
from labcharm import compat
from labcharm.errors import BlockedError, CharmError, WaitingError, log_on_error
from labcharm.machine import Machine
from labcharm.proxies import read_settings
from labcharm.status import status_of
from labcharm.status_text import set_status
from labcharm.verify import as_results, report
from labkube.charm import actions
from labkube.charm.cluster import Cluster
from labkube.client.access import Access

HOME = "/var/lib/kubeflow-installer-charm"
KUBECONFIG = f"{HOME}/kubeconfig"
PEER = "installers"
_CREDENTIALS = "credentials"  # a key of the peer relation's application data
_NO_CREDENTIALS = "there are no credentials yet; they are generated when Kubeflow is installed"


class KubeflowInstallerCharm(CharmBase):
    """Kubeflow on the cluster that this application is related to."""

    def __init__(self, framework: Framework) -> None:
        super().__init__(framework)
        root = os.environ.get("KUBEFLOW_INSTALLER_ROOT", "")
        self._machine = Machine(root, proxies=read_settings(os.environ))
        self._cluster = Cluster(self, self._machine, KUBECONFIG, yaml.safe_load)
        peer_data = compat.LeaderData(self, PEER)
        self._secret = compat.SecretData(self, peer_data, _CREDENTIALS)
        self._history = History(peer_data)
        on = self.on
        for event in (
            on.install, on.upgrade_charm, on.config_changed, on.start, on.update_status,
            on.leader_elected, on[PEER].relation_created, *self._cluster.events(),
        ):  # fmt: skip
            self.framework.observe(event, self._reconcile)
        for event in compat.secret_remove_events(self):
            self.framework.observe(event, self._on_secret_remove)
        self.framework.observe(on[PEER].relation_broken, self._on_peers_broken)
        for event in (on.stop, on.remove):  # `remove` also runs after a `stop` that was killed
            self.framework.observe(event, self._on_removal)
        for action, handler in (
            (on.verify_action, self._on_verify),
            (on.install_action, self._on_install),
            (on.upgrade_action, self._on_upgrade),
            (on.uninstall_action, self._on_uninstall),
            (on.list_objects_action, self._on_list_objects),
            (on.list_images_action, self._on_list_images),
            (on.get_url_action, self._on_get_url),
            (on.get_credentials_action, self._on_get_credentials),
            (on.rotate_credentials_action, self._on_rotate_credentials),
        ):
            self.framework.observe(action, handler)

    def _reconcile(self, event: EventBase) -> None:
        if compat.is_being_removed(self):
            self._keep_access(event)
            return  # the hook `stop` removes everything
        self._cluster.publish(event, needs_access=self.unit.is_leader())
        self._reconciled(event)

    def _reconciled(
        self, event: EventBase, permissions: Permissions = NO_PERMISSIONS
    ) -> StatusBase:
        """Run one reconcile step, set the unit's status, and return it with its whole text."""
        summary = ""
        try:
            status = self._reconciled_status(event, permissions)
        except UninstallFinished as error:
            self._record_uninstalled()
            status = status_of(error)
        except (CharmError, OSError) as error:
            status = status_of(error)
            summary = str(getattr(error, "summary", ""))
            if self._is_uninstalled():
                status = BlockedStatus(UNINSTALLED)  # the cluster has not shown anything else
        set_status(self.unit, status, summary)
        return status

    def _reconciled_status(self, event: EventBase, permissions: Permissions) -> StatusBase:
        if not self.unit.is_leader():
            remove_jobs(self._machine, HOME)
            self._cluster.remove_kubeconfig()  # a former leader's
            return ActiveStatus("the leader unit manages Kubeflow")
        return ActiveStatus(self._reconcile_cluster(event, permissions))

    def _reconcile_cluster(self, event: EventBase, permissions: Permissions) -> str:
        was_uninstalled = self._history.is_uninstalled()
        with self._kubeflow(event) as kubeflow:
            # Only at first: every hook would otherwise change the status twice.
            if isinstance(self.unit.status, (MaintenanceStatus, UnknownStatus)):
                set_status(self.unit, MaintenanceStatus("checking the cluster"))
            try:
                message = loop.reconcile(kubeflow, self._history, permissions)
            finally:
                if was_uninstalled and not self._history.is_uninstalled():
                    self._cluster.access(event)  # stored again, because the removal needs it
            self._set_version(kubeflow)
            return message

    def _record_uninstalled(self) -> None:
        self._history.record_uninstalled()
        self._remove_files()

    def _set_version(self, kubeflow: Kubeflow) -> None:
        self.unit.set_workload_version(kubeflow.release(kubeflow.store.read()).name)

    @contextmanager
    def _kubeflow(self, event: Optional[EventBase] = None) -> Iterator[Kubeflow]:
        """Validate the options, then connect to the cluster: waiting for it fixes no option."""
        options = read_options(self.config)
        access = self._cluster.access(event, stores=not self._history.is_uninstalled())
        with self._cluster.connect(access) as api:
            application = compat.identity(self)
            yield Kubeflow(api, application, self._host(), self._site(options, access))

    @contextmanager
    def _installation(self, access: Access) -> Iterator[Installation]:
        """Connect to the cluster for an uninstall, which depends on no option."""
        with self._cluster.connect(access) as api:
            yield Installation(api, compat.identity(self), self._host())

    def _host(self) -> Host:
        return Host(self._machine, HOME)

    def _site(self, options: Options, access: Access) -> Site:
        sources = ReleaseFiles(
            self._machine, f"{HOME}/files", self.app.name, self._resource, options.pinned,
            self._machine.proxies,
        )  # fmt: skip
        return Site(options, sources, access, lambda: self._credentials(options.user), self._log)

    def _credentials(self, user: str) -> Credentials:
        return credentials.ensure(self._secret, user)

    def _resource(self, name: str) -> str:
        """Return the path of an attached resource; empty if none is attached."""
        try:
            return str(self.model.resources.fetch(name))
        except (ModelError, RuntimeError, NameError, KeyError):
            return ""

    def _on_secret_remove(self, event: EventBase) -> None:
        with log_on_error(self._log, "a former password remains in Juju"):
            compat.remove_secret_revision(event)

    # Removal of the unit or the application.

    def _on_peers_broken(self, event: EventBase) -> None:
        if compat.is_being_removed(self):
            self._keep_access(event)

    def _on_removal(self, _: EventBase) -> None:
        is_last = compat.is_being_removed(self)
        if is_last:
            for message in self._cluster.remove_objects(self._uninstall):
                self._log(f"left on the cluster: {message}")
        self._remove_files()
        if is_last and self.unit.is_leader():
            with log_on_error(self._log, "the password remains in Juju"):
                self._secret.remove()

    def _keep_access(self, event: EventBase) -> None:
        if not self._is_uninstalled():
            self._cluster.keep_access(event)

    def _is_uninstalled(self) -> bool:
        """Return whether an uninstall was recorded. Only the leader can read that."""
        return bool(self.unit.is_leader()) and self._history.is_uninstalled()

    def _remove_files(self) -> None:
        """Remove the credentials and the other files of this charm from the machine."""
        with log_on_error(self._log, "background jobs remain"):
            remove_jobs(self._machine, HOME)
        with log_on_error(self._log, "the credentials remain on the machine"):
            self._cluster.remove_kubeconfig()
        release_files.remove_directory(self._machine, HOME)

    def _uninstall(self, access: Access) -> List[str]:
        """Uninstall Kubeflow; its volumes are kept, and the log names them."""
        with self._installation(access) as installation:
            outcome = lifecycle.uninstall(installation, 2 * HOOK_SECONDS)
        for name in outcome.retained:
            self._log(f"kept, with its data: {name}")
        return outcome.remaining

    def _log(self, text: str) -> None:
        self._machine.run(["juju-log", text])

    # Actions.

    def _on_verify(self, event: ActionEvent) -> None:
        if not actions.require_leader(self, event, "knows the"):
            return
        with actions.fail_on_error(event), self._kubeflow() as kubeflow:
            params = VerifyParams(
                bool(event.params.get("login", True)),
                str(event.params.get("notebook-image") or ""),
                kubeflow.site.options.gpu_vendor,
                float(event.params.get("timeout") or 120),
            )
            answer = report(verify.checks(kubeflow, params))
            event.set_results(as_results(answer))
            if not answer["ok"]:
                event.fail("; ".join(answer["failures"]))

    def _on_install(self, event: ActionEvent) -> None:
        if not actions.require_leader(self, event, "applies"):
            return
        with actions.fail_on_error(event):
            self._history.forget()  # also for the hooks that continue
            params = event.params
            permissions = Permissions(
                bool(params.get("adopt")), bool(params.get("force")), reinstall=True
            )
            status = self._reconciled(event, permissions)
            event.set_results({"status": status.name, "message": status.message})
            if isinstance(status, BlockedStatus):
                event.fail(status.message)

    def _on_upgrade(self, event: ActionEvent) -> None:
        if not actions.require_leader(self, event, "applies"):
            return
        with actions.fail_on_error(event), self._kubeflow() as kubeflow:
            plan = upgrade.plan(kubeflow, str(event.params.get("version") or "").strip())
            event.set_results(_plan_results(plan))
            failure = plan.refused or "; ".join(plan.problems)
            is_applied = bool(event.params.get("apply"))
            is_forced = event.params.get("force") and is_applied and not plan.refused
            if failure and not is_forced:
                event.fail(failure)
            elif is_applied:
                upgrade.start(kubeflow, plan.after)
                self._reconciled(event)

    def _on_uninstall(self, event: ActionEvent) -> None:
        if not actions.require_leader(self, event, "removes"):
            return
        params = event.params
        access = self._cluster.access
        with actions.fail_on_error(event), self._installation(access()) as installation:
            seconds = float(params.get("timeout") or 240)
            delete_data = bool(params.get("delete-data"))
            outcome = lifecycle.uninstall(installation, seconds, delete_data, self._history)
            results = actions.removal_results(outcome.remaining)
            event.set_results(dict(results, kept=json.dumps(outcome.retained)))
            if outcome.done:
                self._record_uninstalled()
                set_status(self.unit, BlockedStatus(UNINSTALLED))
            else:
                set_status(self.unit, status_of(lifecycle.incomplete(outcome)))
                event.fail("; ".join(outcome.remaining))

    def _on_list_objects(self, event: ActionEvent) -> None:
        if not actions.require_leader(self, event, "knows the"):
            return
        with actions.fail_on_error(event), self._kubeflow() as kubeflow:
            objects = comparison.compare_installed(kubeflow)
            retained = json.dumps(objects.retained)
            event.set_results(dict(actions.comparison_results(objects.comparison), left=retained))

    def _on_list_images(self, event: ActionEvent) -> None:
        is_named = bool(event.params.get("version"))
        if not is_named and not actions.require_leader(self, event, "knows the"):
            return
        with actions.fail_on_error(event):
            options = read_options(self.config)
            name = str(event.params.get("version") or "").strip()
            release = table.find(name) if name else self._release()
            event.set_results(list_images.results(release.name, options))

    def _release(self) -> Release:
        with self._kubeflow() as kubeflow:
            return kubeflow.release(kubeflow.store.read())

    def _on_get_url(self, event: ActionEvent) -> None:
        if not actions.require_leader(self, event, "knows the"):
            return
        with actions.fail_on_error(event):
            event.set_results({"url": self._url()})

    def _url(self) -> str:
        with self._kubeflow() as kubeflow:
            state = kubeflow.store.read()
            if not state.phase:
                raise BlockedError(comparison.NOT_INSTALLED)
            url = kubeflow.gateway(kubeflow.release(state)).url()
        if not url:
            raise WaitingError("the gateway has no address yet")
        return url

    def _on_get_credentials(self, event: ActionEvent) -> None:
        if not actions.require_leader(self, event, "knows the"):
            return
        with actions.fail_on_error(event):
            stored = self._stored_credentials()
            if stored is None:
                event.fail(_NO_CREDENTIALS)
                return
            event.set_results(stored)

    def _stored_credentials(self) -> Optional[Dict[str, str]]:
        password = self._secret.read().get("password")
        if not password:
            return None
        return {"user": read_options(self.config).user, "password": password}

    def _on_rotate_credentials(self, event: ActionEvent) -> None:
        if not actions.require_leader(self, event, "changes"):
            return
        with actions.fail_on_error(event):
            if self._stored_credentials() is None:
                event.fail(_NO_CREDENTIALS)
                return
            with self._kubeflow() as kubeflow:
                # Nothing else stores the password that dex accepts now.
                loop.require_changeable_credentials(kubeflow)
                credentials.renew(self._secret, read_options(self.config).user)
                changed = loop.rotate_storage_passwords(kubeflow)
            status = self._reconciled(event)
            message = (
                "a new password is generated; the action get-credentials shows it. The status"
                f" after applying it to dex: {status.message}"
            )
            event.set_results({"password": message, "storage": json.dumps(changed)})


def _plan_results(plan: upgrade.Plan) -> Dict[str, str]:
    """Return a plan as an action's results."""
    problems = ([plan.refused] if plan.refused else []) + list(plan.problems)
    results = {"from": plan.before, "to": plan.after, "problems": json.dumps(problems)}
    if plan.report is None:
        note = (
            "the objects that kfctl makes are not known before it runs; objects that it no longer"
            " makes are pruned, except those that may hold users' data"
        )
        return dict(results, note=note)
    objects = plan.report.comparison
    changes = {
        "same": len(objects.correct),
        "changed": objects.changed,
        "created": objects.missing,
        "pruned": objects.extra,
        "left": plan.report.retained,
    }
    return dict(results, **{key: json.dumps(names) for key, names in changes.items()})


if __name__ == "__main__":
    main(KubeflowInstallerCharm)
