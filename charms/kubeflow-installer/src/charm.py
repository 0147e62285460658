#!/usr/bin/env python3
"""The charm kubeflow-installer: reads what is there, asks the modules, writes the difference."""

import json
import os
from contextlib import closing, contextmanager
from typing import Any, Dict, Iterator, List, Optional

import yaml
from ops.charm import CharmBase
from ops.main import main
from ops.model import (
    ActiveStatus,
    BlockedStatus,
    MaintenanceStatus,
    ModelError,
    StatusBase,
    WaitingStatus,
)

from kubeflow_installer import methods
from kubeflow_installer.errors import BlockedError, GoneError, WaitingError
from kubeflow_installer.ingress.tls import CertificateError
from kubeflow_installer.installation import PATIENCE, Kubeflow, Site
from kubeflow_installer.options import Options, read_options
from kubeflow_installer.reconcile import loop, plan
from kubeflow_installer.releases import inventory, table
from kubeflow_installer.releases.table import ReleaseError
from kubeflow_installer.sources import files
from kubeflow_installer.sources.files import Sources
from kubeflow_installer.state import credentials
from kubeflow_installer.state.credentials import Credentials
from kubeflow_installer.transform import transform
from kubeflow_installer.uninstall import progress
from kubeflow_installer.verify import verify
from labcharm import compat
from labcharm.machine import CommandError, Machine
from labcharm.text import some
from labcharm.validators import OptionsError
from labcharm.verify import as_results, report
from labkube.apply.objects import ForeignObjectError
from labkube.charm import actions
from labkube.charm.cluster import Cluster
from labkube.client.access import Access, MissingError
from labkube.client.api import Api, ApiError
from labkube.client.kubeconfig import KubeconfigError

HOME = "/var/lib/kubeflow-installer-charm"
KUBECONFIG = HOME + "/kubeconfig"
PEER = "installers"
_REMOVED, _CREDENTIALS = "removed", "credentials"
_AGAIN = "uninstalled by the action; bring it back with install"
_FOREIGN = "%s; remove it, or take it over with the action install adopt=true"
_NONE_YET = "there are no credentials yet; they are made when Kubeflow is installed"


class KubeflowInstallerCharm(CharmBase):
    """Kubeflow on the cluster that this application is related to."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        root = os.environ.get("KUBEFLOW_INSTALLER_ROOT", "")
        self._machine = Machine(root, compat.proxies())
        self._cluster = Cluster(self, self._machine, KUBECONFIG, yaml.safe_load)
        self._data = compat.LeaderData(self, PEER)
        self._secret = compat.SecretData(self, self._data, _CREDENTIALS)
        on = self.on
        for event in (
            on.install, on.upgrade_charm, on.config_changed, on.start, on.update_status,
            on.leader_elected, on[PEER].relation_created, *self._cluster.events(),
        ):  # fmt: skip
            self.framework.observe(event, self._reconcile)
        self.framework.observe(on.stop, self._on_stop)
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

    def _reconcile(self, event: Any) -> None:
        if compat.leaving(self):
            return  # `stop` takes everything away, once
        self._cluster.publish(event)
        self.unit.status = self._reconciled(event)

    def _reconciled(self, event: Any, adopt: bool = False, force: bool = False) -> StatusBase:
        """Bring the cluster a step nearer to what is wanted; return what there is to say."""
        if not self.unit.is_leader():
            methods.stop(self._machine, HOME)
            return ActiveStatus("the leader looks after Kubeflow")
        if self._data.read().get(_REMOVED):
            return BlockedStatus(_AGAIN)
        try:
            with self._kubeflow(event) as kubeflow:
                if not isinstance(self.unit.status, ActiveStatus):
                    self.unit.status = MaintenanceStatus("looking at the cluster")
                told = loop.go_on(kubeflow, adopt, force)
                self._set_version(kubeflow)
                return ActiveStatus(told)
        except GoneError:
            self._data.write({_REMOVED: "true"})
            return BlockedStatus(_AGAIN)
        except (*_USER, ForeignObjectError) as error:
            return BlockedStatus(_told(error))
        except (WaitingError, MissingError, ApiError, compat.KeepError) as error:
            return WaitingStatus(str(error))
        except (CommandError, OSError) as error:
            return WaitingStatus("%s; the next hook tries again" % error)

    def _set_version(self, kubeflow: Kubeflow) -> None:
        self.unit.set_workload_version(kubeflow.release(kubeflow.keeper.read()).name)

    @contextmanager
    def _kubeflow(self, event: Any = None) -> Iterator[Kubeflow]:
        """Reach the cluster; what people wrote is judged first, as it does not go by waiting."""
        options = read_options(self.config)
        access = self._cluster.access(event)
        with closing(Api(access)) as api:
            kubeflow = Kubeflow(api, self._site(options, access))
            try:
                yield kubeflow
            finally:
                for one in kubeflow.left:
                    self._log("no longer wanted, left as it may hold users' data: %s" % one)

    def _site(self, options: Options, access: Access) -> Site:
        sources = Sources(
            self._machine, HOME + "/files", self.app.name, self._resource, options.pinned,
            compat.proxies(),
        )  # fmt: skip
        return Site(
            self._machine, HOME, options, sources, access, compat.identity(self),
            lambda: self._credentials(options.user),
        )  # fmt: skip

    def _credentials(self, user: str) -> Credentials:
        return credentials.ensure(self._secret, user)

    def _resource(self, name: str) -> str:
        """Return the path of an attached resource; empty where none is attached."""
        try:
            return str(self.model.resources.fetch(name))
        except (ModelError, RuntimeError, NameError, KeyError):
            return ""

    # Going away.

    def _on_stop(self, _: Any) -> None:
        if compat.leaving(self):
            for one in self._cluster.leave(self._removed):
                self._log("left on the cluster: %s" % one)
            if self.unit.is_leader():
                self._secret.forget()
        methods.stop(self._machine, HOME)
        self._cluster.forget()
        files.forget(self._machine, HOME)

    def _removed(self, access: Access) -> List[str]:
        """Take Kubeflow away; its volumes are kept, and named in the log."""
        # What is wanted does not matter for taking away, and may not even be readable.
        options = read_options({"user": "nobody@lab.invalid"})
        with closing(Api(access)) as api:
            kubeflow = Kubeflow(api, self._site(options, access))
            found = progress.uninstall(kubeflow, 2 * PATIENCE)
        for one in found.kept:
            self._log("kept, with its data: %s" % one)
        return found.left

    def _log(self, text: str) -> None:
        self._machine.run(["juju-log", text])

    # Actions.

    def _on_verify(self, event: Any) -> None:
        if not actions.leads(self, event, "knows the"):
            return
        params = event.params
        with actions.failing(event, _ANY, _told), self._kubeflow() as kubeflow:
            wish = verify.Wish(
                bool(params.get("login", True)),
                str(params.get("notebook-image") or ""),
                kubeflow.site.options.gpu_vendor,
                float(params.get("timeout") or 120),
            )
            answer = report(verify.checks(kubeflow, wish))
            event.set_results(as_results(answer))
            if not answer["ok"]:
                event.fail("; ".join(answer["failures"]))

    def _on_install(self, event: Any) -> None:
        if not actions.leads(self, event, "applies"):
            return
        with actions.failing(event, _ANY, _told):
            self._data.write({_REMOVED: ""})
            params = event.params
            status = self._reconciled(event, bool(params.get("adopt")), bool(params.get("force")))
            self.unit.status = status
            event.set_results({"status": status.name, "message": status.message})
            if isinstance(status, BlockedStatus):
                event.fail(status.message)

    def _on_upgrade(self, event: Any) -> None:
        if not actions.leads(self, event, "applies"):
            return
        with actions.failing(event, _ANY, _told), self._kubeflow() as kubeflow:
            found = plan.plan(kubeflow, str(event.params.get("version") or "").strip())
            event.set_results(_as_plan(found, kubeflow.left))
            wrong = found.refused or "; ".join(found.problems)
            forced = event.params.get("force") and event.params.get("apply") and not found.refused
            if wrong and not forced:
                event.fail(wrong)
            elif event.params.get("apply"):
                plan.move(kubeflow, found.after)
                self.unit.status = self._reconciled(event)

    def _on_uninstall(self, event: Any) -> None:
        if not actions.leads(self, event, "removes"):
            return
        params = event.params
        with actions.failing(event, _ANY, _told), self._kubeflow() as kubeflow:
            seconds = float(params.get("timeout") or 240)
            found = progress.uninstall(kubeflow, seconds, bool(params.get("delete-data")))
            event.set_results(dict(actions.removed(found.left), kept=json.dumps(found.kept)))
            if found.done:
                self._data.write({_REMOVED: "true"})
                self.unit.status = BlockedStatus(_AGAIN)
            else:
                self.unit.status = WaitingStatus("being uninstalled: %s" % some(found.left))
                event.fail("; ".join(found.left))

    def _on_list_objects(self, event: Any) -> None:
        if not actions.leads(self, event, "knows the"):
            return
        with actions.failing(event, _ANY, _told), self._kubeflow() as kubeflow:
            found = actions.listed(plan.compare(kubeflow))
            event.set_results(dict(found, left=json.dumps(kubeflow.left)))

    def _on_list_images(self, event: Any) -> None:
        with actions.failing(event, _ANY, _told):
            options = read_options(self.config)
            name = str(event.params.get("version") or "").strip()
            release = table.find(name) if name else self._release()
            images = inventory.load(release.name).images
            found = [transform.placed(one, options.registry) for one in images]
            event.set_results(
                {
                    "release": release.name,
                    "images": json.dumps(list(images)),
                    "pulled-from": json.dumps(found),
                }
            )

    def _release(self) -> Any:
        with self._kubeflow() as kubeflow:
            return kubeflow.release(kubeflow.keeper.read())

    def _on_get_url(self, event: Any) -> None:
        with actions.failing(event, _ANY, _told):
            event.set_results({"url": self._url()})

    def _url(self) -> str:
        with self._kubeflow() as kubeflow:
            state = kubeflow.keeper.read()
            if not state.phase:
                raise BlockedError("Kubeflow is not installed")
            url = kubeflow.gateway(kubeflow.release(state)).url()
        if not url:
            raise WaitingError("the gateway has no address yet")
        return url

    def _on_get_credentials(self, event: Any) -> None:
        if not actions.leads(self, event, "knows the"):
            return
        with actions.failing(event, _ANY, _told):
            kept = self._kept()
            if kept is None:
                event.fail(_NONE_YET)
                return
            event.set_results(kept)

    def _kept(self) -> Optional[Dict[str, str]]:
        password = self._secret.read().get("password")
        if not password:
            return None
        return {"user": read_options(self.config).user, "password": password}

    def _on_rotate_credentials(self, event: Any) -> None:
        if not actions.leads(self, event, "changes"):
            return
        with actions.failing(event, _ANY, _told):
            if self._kept() is None:
                event.fail(_NONE_YET)
                return
            with self._kubeflow() as kubeflow:
                # The password that dex knows is kept nowhere else.
                loop.check_following(kubeflow)
            credentials.renew(self._secret, read_options(self.config).user)
            self.unit.status = self._reconciled(event)
            told = "made; get-credentials shows it, and dex follows: %s"
            event.set_results({"password": told % self.unit.status.message})


_USER = (OptionsError, KubeconfigError, ReleaseError, BlockedError, CertificateError)
_ANY = (
    *_USER, WaitingError, GoneError, MissingError, ApiError, ForeignObjectError,
    compat.KeepError, CommandError, OSError,
)  # fmt: skip


def _told(error: Exception) -> str:
    return _FOREIGN % error if isinstance(error, ForeignObjectError) else str(error)


def _as_plan(found: plan.Plan, left: List[str]) -> Dict[str, str]:
    """Return a plan as an action's results.

    Args:
        found: The plan.
        left: What is over then and stays, since it may hold users' data.
    """
    problems = ([found.refused] if found.refused else []) + found.problems
    results = {"from": found.before, "to": found.after, "problems": json.dumps(problems)}
    if found.objects is None:
        note = (
            "what kfctl makes is not known before it runs; objects it no longer makes are pruned,"
            " but for those that may hold users' data"
        )
        return dict(results, note=note)
    changes = {
        "same": len(found.objects.correct),
        "changed": found.objects.changed,
        "created": found.objects.missing,
        "pruned": found.objects.extra,
        "left": left,
    }
    return dict(results, **{key: json.dumps(value) for key, value in changes.items()})


if __name__ == "__main__":
    main(KubeflowInstallerCharm)
