#!/usr/bin/env python3
"""The charm metallb: reads what is there, asks the modules, writes only the difference."""

import os
from contextlib import closing, contextmanager
from typing import Any, Iterator, List, Optional

import yaml
from ops.charm import CharmBase
from ops.framework import StoredState
from ops.main import main
from ops.model import ActiveStatus, BlockedStatus, ModelError, StatusBase, WaitingStatus

from labcharm import compat
from labcharm.machine import Machine
from labcharm.text import some
from labcharm.verify import as_results, report
from labkube.apply.objects import ForeignObjectError
from labkube.charm import actions
from labkube.charm.cluster import Cluster
from labkube.client.access import Access, MissingError
from labkube.client.api import Api, ApiError
from labkube.client.kubeconfig import KubeconfigError
from metallb import verify
from metallb.cluster import usage as usage_module
from metallb.deployment import Metallb
from metallb.desired import Wish, WishError
from metallb.options import OptionsError, read_options
from metallb.upstream import manifest
from metallb.upstream.manifest import ManifestError
from metallb.upstream.releases import Release, ReleaseError

HOME = "/var/lib/metallb-charm"
KUBECONFIG = HOME + "/kubeconfig"
MANIFEST = HOME + "/manifest.yaml"
_FOREIGN = "%s; remove it, or take it over with sync-objects adopt=true"
_STRANDED = (
    "these services would lose their address: %s; keep it in a pool, or sync-objects force=true"
)


class MetallbCharm(CharmBase):
    """MetalLB on the cluster that this application is related to."""

    _stored = StoredState()

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._stored.set_default(removed=False)
        self._machine = Machine(os.environ.get("METALLB_ROOT", ""), compat.proxies())
        self._cluster = Cluster(self, self._machine, KUBECONFIG, yaml.safe_load)
        on = self.on
        for event in (
            on.install, on.upgrade_charm, on.config_changed, on.start, on.update_status,
            on.leader_elected, *self._cluster.events(),
        ):  # fmt: skip
            self.framework.observe(event, self._reconcile)
        self.framework.observe(on.stop, self._on_stop)
        self.framework.observe(on.verify_action, self._on_verify)
        self.framework.observe(on.list_objects_action, self._on_list_objects)
        self.framework.observe(on.sync_objects_action, self._on_sync_objects)
        self.framework.observe(on.remove_objects_action, self._on_remove_objects)

    def _reconcile(self, event: Any) -> None:
        if compat.leaving(self):
            self._leave()
            return
        self._cluster.publish(event)
        self.unit.status = self._reconciled(event)

    def _reconciled(self, event: Any) -> StatusBase:
        """Bring the cluster to what the options say, and return what there is to say of it."""
        if not self.unit.is_leader():
            return ActiveStatus("the leader looks after MetalLB")
        if self._stored.removed:
            return BlockedStatus("removed by the action; bring it back with sync-objects")
        try:
            with self._metallb(event) as metallb:
                return self._applied(metallb)
        except (*_USER, ForeignObjectError) as error:
            return BlockedStatus(_told(error))
        except (MissingError, ApiError) as error:
            return WaitingStatus(str(error))
        except ManifestError as error:
            kind = WaitingStatus if error.passes else BlockedStatus
            return kind(str(error))

    @contextmanager
    def _metallb(self, event: Any = None) -> Iterator[Metallb]:
        """Reach the cluster; what people wrote is judged first, as it does not go by waiting."""
        options = read_options(self.config)
        with closing(Api(self._cluster.access(event))) as api:
            yield Metallb(api, compat.identity(self), options, self._manifest)

    def _applied(self, metallb: Metallb) -> StatusBase:
        wish = metallb.wish()
        services = metallb.services()
        problems = _problems(metallb, wish, services)
        if problems:
            return BlockedStatus("; ".join(problems))
        metallb.apply(wish)
        self.unit.set_workload_version(wish.release.name)
        waiting = metallb.not_ready(wish)
        if waiting:
            return WaitingStatus("MetalLB %s: %s" % (wish.release.name, "; ".join(waiting)))
        return ActiveStatus(_summary(metallb, wish, services))

    def _manifest(self, release: Optional[Release]) -> str:
        """Return the attached manifest, or the one of a release; each is fetched once."""
        if release is None:
            return self._resource()
        options = read_options(self.config)
        url, digest = options.manifest_url, options.digest
        if not url:
            url, digest = manifest.source(release), release.digest
        text = self._machine.read(MANIFEST)
        if text is None or not manifest.is_it(text, digest):
            text = manifest.fetch(url, digest, compat.proxies())
            self._machine.write(MANIFEST, text)
        return text

    def _resource(self) -> str:
        try:
            path = str(self.model.resources.fetch("manifest"))
        except (ModelError, RuntimeError, NameError):
            return ""  # none is attached
        with open(path, encoding="utf-8") as file:
            return file.read()

    def _on_stop(self, _: Any) -> None:
        if compat.leaving(self):
            self._leave()
        self._cluster.forget()
        self._machine.remove(MANIFEST)
        self._machine.remove_folder(HOME)

    def _leave(self) -> None:
        """Take everything away as the application goes."""
        for one in self._cluster.leave(self._removed):
            self._log("left on the cluster: %s" % one)
        self._cluster.forget()  # once is enough: hooks of relations that go come here too

    def _removed(self, access: Access) -> List[str]:
        with closing(Api(access)) as api:
            # What is wanted does not matter for taking away, and may not even be readable.
            options = read_options({"addresses": "192.0.2.0/32"})
            return Metallb(api, compat.identity(self), options, self._manifest).remove()

    # Actions.

    def _on_verify(self, event: Any) -> None:
        params = event.params
        with actions.failing(event, (ValueError, *_ANY), _told):
            trial = verify.Trial(
                verify.read_selector(params.get("selector") or ""),
                params.get("namespace") or "default",
                int(params.get("port") or 80),
                float(params.get("timeout") or 60),
            )
            with self._metallb() as metallb:
                answer = report(verify.run_checks(metallb, metallb.wish(), trial))
            event.set_results(as_results(answer))
            if not answer["ok"]:
                event.fail("; ".join(answer["failures"]))

    def _on_list_objects(self, event: Any) -> None:
        with actions.failing(event, _ANY, _told), self._metallb() as metallb:
            event.set_results(actions.listed(metallb.compare(metallb.wish())))

    def _on_sync_objects(self, event: Any) -> None:
        if not actions.leads(self, event, "applies"):
            return
        with actions.failing(event, _ANY, _told), self._metallb() as metallb:
            self._sync(event, metallb, metallb.wish())

    def _sync(self, event: Any, metallb: Metallb, wish: Wish) -> None:
        problems = _problems(metallb, wish, metallb.services(), bool(event.params.get("force")))
        if problems:
            event.fail("; ".join(problems))
            return
        event.set_results(actions.synced(metallb.apply(wish, bool(event.params.get("adopt")))))
        self._stored.removed = False
        self.unit.status = self._reconciled(event)

    def _on_remove_objects(self, event: Any) -> None:
        if not actions.leads(self, event, "removes"):
            return
        with actions.failing(event, _ANY, _told):
            left = self._removed(self._cluster.access())
            self._stored.removed = True
            event.set_results(actions.removed(left))
            self.unit.status = self._reconciled(event)
            if left:
                event.fail("; ".join(left))

    def _log(self, text: str) -> None:
        self._machine.run(["juju-log", text])


_USER = (OptionsError, KubeconfigError, ReleaseError, WishError)
_ANY = (*_USER, MissingError, ApiError, ManifestError, ForeignObjectError)


def _told(error: Exception) -> str:
    return _FOREIGN % error if isinstance(error, ForeignObjectError) else str(error)


def _problems(metallb: Metallb, wish: Wish, services: List[Any], force: bool = False) -> List[str]:
    """Return what speaks against applying; with `force`, lost addresses do not."""
    before = metallb.pools_before()
    problems = metallb.clashes(wish, services)
    if usage_module.differ(before, wish.pools) and not problems:
        problems = metallb.probe_service_network(wish)
    lost = [] if force else metallb.stranded(before, wish, services)
    return problems + ([_STRANDED % ", ".join(lost)] if lost else [])


def _summary(metallb: Metallb, wish: Wish, services: List[Any]) -> str:
    usage = metallb.usage(wish.pools, services)
    names = some([pool.name for pool in wish.pools])
    pools = "pool%s %s" % ("s" if len(wish.pools) > 1 else "", names)
    told = "MetalLB %s, %s, %d of %d addresses used"
    return told % (wish.release.name, pools, usage.used, usage.total)


if __name__ == "__main__":
    main(MetallbCharm)
