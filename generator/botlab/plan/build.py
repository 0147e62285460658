"""Build the ordered list of changes that Juju would make for a bundle."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from typing import Any

from ..bundle.charm_url import CharmUrlError, is_local_path, parse_charm_url
from ..bundle.constraints import split_constraints
from ..bundle.model import KUBERNETES, Application, Bundle, Machine
from ..catalogue.model import Charm
from ..juju import Juju
from .change import Change, ChangeSet, natural
from .model import Model, ModelApplication
from .units import NewMachine, UnitPlanner, machine_args
from .words import Words

DEFAULT_ARCH = "amd64"


def changes(
    bundle: Bundle,
    juju: Juju,
    *,
    charms: Mapping[str, Charm] | None = None,
    model: Model | None = None,
) -> ChangeSet:
    """Return Juju's changes for a bundle that verifies.

    Args:
        bundle: The bundle.
        juju: The release that shall deploy it.
        charms: Facts by application name; a local charm's own series comes from there.
        model: What exists already; nothing by default.

    Raises:
        PlanError: When Juju could not plan it either, with its words.
    """
    planner = _Planner(bundle, juju, charms or {}, model or Model())
    planner.run()
    return planner.changes


class _Planner:
    """The first half: charms, applications, machines, offers and relations."""

    def __init__(
        self, bundle: Bundle, juju: Juju, charms: Mapping[str, Charm], model: Model
    ) -> None:
        self._bundle = bundle
        self._juju = juju
        self._charms = charms
        self._model = model
        self._words = Words(juju)
        self._uploads: dict[tuple[Any, ...], Change] = {}
        self._platforms: dict[str, str] = {}
        self._deployed: dict[str, Change] = {}
        self.changes = ChangeSet(juju)

    def run(self) -> None:
        """Add all changes."""
        kubernetes = self._bundle.type == KUBERNETES
        self._model.infer_machines(self._bundle)
        for name in sorted(self._bundle.applications, key=natural):
            self._add_application(name, self._bundle.applications[name] or Application())
        machines = {} if kubernetes else self._add_machines()
        self._add_offers()
        self._add_relations()
        if not kubernetes:
            UnitPlanner(
                self._bundle,
                self._juju,
                self._model,
                self.changes,
                self._deployed,
                machines,
                self._platforms,
            ).run()

    def _charm_text(self, application: Application) -> str:
        """Return the charm as this release names it: from 2.9 on, a path is absolute."""
        charm = application.charm
        if is_local_path(charm) and self._juju >= Juju.V2_9:
            return os.path.normpath(os.path.join(self._bundle.directory, charm))  # noqa: PTH118 - joined as Go's filepath.Join does
        return charm

    def _platform(self, name: str, application: Application) -> str:
        series, charm = application.series, application.charm
        default = self._bundle.series
        if self._bundle.type == KUBERNETES and self._juju < Juju.V2_9:
            default = KUBERNETES
        if not series and is_local_path(charm):
            facts = self._charms.get(name)
            first = facts.series[0] if facts and facts.series else ""
            series = default or first
        elif not series:
            series = self._url_series(charm)
        return self._words.platform(series, application.base, default, self._bundle.default_base)

    def _url_series(self, charm: str) -> str:
        try:
            return parse_charm_url(charm, self._juju).series
        except CharmUrlError:
            return ""

    def _arch(self, application: Application) -> str:
        if self._juju < Juju.V2_9:
            return ""
        return dict(split_constraints(application.constraints)).get("arch") or DEFAULT_ARCH

    def _add_application(self, name: str, application: Application) -> None:
        charm = self._charm_text(application)
        platform = self._platform(name, application)
        self._platforms[name] = platform
        existing = self._model.applications.get(name)
        upload = self._upload(application, charm, platform)
        reference = upload.placeholder if upload else charm
        if existing is None:
            change = self._deploy(name, application, charm, reference, platform, upload)
            self._deployed[name] = change
            if application.expose or application.exposed_endpoints:
                self._expose(name, application, change.placeholder, [change.id])
            if application.annotations:
                args = [change.placeholder, "application", application.annotations]
                self._annotate(args, name, [change.id])
            return
        self._update(name, application, existing, charm, reference, platform, upload)

    def _upload(self, application: Application, charm: str, platform: str) -> Change | None:
        old = self._juju < Juju.V2_9
        arch = self._arch(application)
        key: tuple[Any, ...] = (charm,)
        if not old:
            key = (charm, arch, platform, application.channel, application.revision)
        if key in self._uploads:
            return self._uploads[key]
        if self._has_charm(charm, platform, application.channel):
            return None
        args: list[Any] = [charm, platform]
        if not old:
            args.append(application.channel)
        text = self._words.add_charm(
            charm, platform, application.channel, application.revision, arch
        )
        self._uploads[key] = self.changes.add("addCharm", args, [text])
        return self._uploads[key]

    def _has_charm(self, charm: str, platform: str, channel: str) -> bool:
        applications = self._model.applications.values()
        if self._juju < Juju.V2_9:
            return any(application.charm == charm for application in applications)
        return any(
            (application.charm, application.platform, application.channel)
            == (charm, platform, channel)
            for application in applications
        )

    def _deploy(
        self,
        name: str,
        application: Application,
        charm: str,
        reference: str,
        platform: str,
        upload: Change | None,
    ) -> Change:
        units = application.num_units if self._bundle.type == KUBERNETES else 0
        resources = {
            key: value
            for key, value in application.resources.items()
            if isinstance(value, int) and not isinstance(value, bool)
        }
        args: list[Any] = [
            reference,
            platform,
            name,
            application.options,
            application.constraints,
            application.storage,
            application.bindings,
            resources,
            units,
        ]
        if self._juju >= Juju.V2_9:
            args.append(application.channel)
        text = self._words.deploy(name, charm, platform, application.channel, units)
        return self.changes.add("deploy", args, [text], [upload.id] if upload else [])

    def _expose(
        self, name: str, application: Application, target: str, requires: list[str]
    ) -> None:
        args: list[Any] = [target]
        if self._juju >= Juju.V2_9:
            endpoints = {
                key: {
                    part: values
                    for part, values in (
                        ("expose-to-spaces", exposure.spaces),
                        ("expose-to-cidrs", exposure.cidrs),
                    )
                    if values
                }
                for key, exposure in application.exposed_endpoints.items()
            }
            args.append(endpoints or None)
        words = self._words.expose(name, application.exposed_endpoints)
        self.changes.add("expose", args, words, requires)

    def _annotate(self, args: list[Any], target: str, requires: list[str]) -> None:
        words = [f"set annotations for {target}"]
        self.changes.add("setAnnotations", args, words, requires)

    def _update(
        self,
        name: str,
        application: Application,
        existing: ModelApplication,
        charm: str,
        reference: str,
        platform: str,
        upload: Change | None,
    ) -> None:
        if existing.charm != charm:
            args: list[Any] = [reference, name, platform]
            if self._juju >= Juju.V2_9:
                args.append(application.channel)
            text = self._words.upgrade(name, charm, platform, application.channel)
            waits = [upload.id] if upload and self._juju >= Juju.V3_6 else []
            self.changes.add("upgradeCharm", args, [text], waits)
        options = existing.changed_options(application.options)
        if options:
            words = [f"set application options for {name}"]
            self.changes.add("setOptions", [name, options], words)
        if existing.constraints is not None and not _same_constraints(
            existing.constraints, application.constraints
        ):
            constraints = application.constraints
            words = [f'set constraints for {name} to "{constraints}"']
            self.changes.add("setConstraints", [name, constraints], words)
        if (application.expose or application.exposed_endpoints) and (
            not existing.exposed or existing.exposed_endpoints != application.exposed_endpoints
        ):
            self._expose(name, application, name, [])
        if self._bundle.type == KUBERNETES and existing.scale != application.num_units:
            units = application.num_units
            self.changes.add("scale", [name, units], [f"scale {name} to {units} units"])
        annotations = existing.changed_annotations(application.annotations)
        if annotations:
            self._annotate([name, "application", annotations], name, [])

    def _add_machines(self) -> dict[str, NewMachine]:
        added: dict[str, NewMachine] = {}
        for name in sorted(self._bundle.machines, key=natural):
            machine = self._bundle.machines[name] or Machine()
            existing = self._model.machine_of(name)
            if existing is None:
                new = self._add_machine(name, machine)
                added[name] = new
                if machine.annotations:
                    args = [new.change.placeholder, "machine", machine.annotations]
                    self._annotate(args, f"new machine {new.id}", [new.change.id])
                continue
            have = existing.annotations
            changed = {
                key: value
                for key, value in machine.annotations.items()
                if have is not None and have.get(key) != value
            }
            if changed:
                args = [existing.id, "machine", changed]
                self._annotate(args, f"existing machine {existing.id}", [])
        return added

    def _add_machine(self, name: str, machine: Machine) -> NewMachine:
        number = self._model.next_machine()
        platform = self._words.platform(
            machine.series, machine.base, self._bundle.series, self._bundle.default_base
        )
        text = f"add new machine {number}"
        if name != number:
            text += f" (bundle machine {name})"
        args = machine_args(platform, machine.constraints, "", "")
        return NewMachine(self.changes.add("addMachines", [args], [text]), number)

    def _add_offers(self) -> None:
        # Juju walks its maps here, in random order; ours is the bundle's.
        for name, url in self._bundle.saas.items():
            words = [f"consume offer {name} at {url}"]
            self._deployed[name] = self.changes.add("consumeOffer", [url, name], words)
        for name, application in self._bundle.applications.items():
            for offer_name, offer in application.offers.items() if application else ():
                deploy = self._deployed.get(name)
                text = f"create offer {offer_name} using {name}:{','.join(offer.endpoints)}"
                args: list[Any] = [name, offer.endpoints, offer_name]
                waits = [deploy.id] if deploy else []
                change = self.changes.add("createOffer", args, [text], waits)
                for user, access in offer.acl.items():
                    text = f"grant user {user} {access} access to offer {offer_name}"
                    args = [user, access, offer_name]
                    self.changes.add("grantOfferAccess", args, [text], [change.id])

    def _add_relations(self) -> None:
        for pair in self._bundle.relations:
            if len(pair) != 2 or frozenset(pair) in self._model.relations:
                continue
            requires: list[str] = []
            args: list[Any] = []
            for end in pair:
                application, colon, relation = end.partition(":")
                change = self._deployed.get(application)
                if change is None or application in self._model.applications:
                    args.append(end)
                    continue
                requires.append(change.id)
                args.append(f"{change.placeholder}{colon}{relation}")
            words = [f"add relation {pair[0]} - {pair[1]}"]
            self.changes.add("addRelation", args, words, requires)


def _same_constraints(left: str, right: str) -> bool:
    return sorted(split_constraints(left)) == sorted(split_constraints(right))
