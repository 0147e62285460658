"""Build the changes that Juju would make for a bundle; `change_set` puts them in Juju's order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..bundle.model import KUBERNETES, Application, Bundle, Exposure, Machine, Offer
from ..catalogue.model import Charm
from ..juju import Juju
from .change_set import Change, ChangeSet, natural
from .charm_planner import CharmPlanner, PlannedCharm
from .descriptions import Descriptions
from .machine_check import check_machines_used
from .model import Model, ModelApplication, ModelMachine
from .unit_planner import NewMachine, PlannedParts, UnitPlanner, machine_args


def changes(
    bundle: Bundle,
    juju: Juju,
    *,
    charms: Mapping[str, Charm] | None = None,
    model: Model | None = None,
    model_constraints: str = "",
) -> ChangeSet:
    """Return Juju's changes for a bundle that it verifies.

    Args:
        bundle: The bundle.
        juju: The release that will deploy it.
        charms: The facts of the charms, by application name. They hold the series and bases of
            local charms.
        model: The model to deploy to; by default an empty one.
        model_constraints: The constraints of the model.

    Raises:
        PlanError: When Juju could not plan it either. The message is Juju's.
    """
    changes = ChangeSet(juju)
    target = model or Model()
    charm_planner = CharmPlanner(bundle, juju, charms or {}, target, changes, model_constraints)
    _Planner(bundle, juju, target, changes, charm_planner).run()
    return changes


class _Planner:
    """The first half of the planning: charms, applications, machines, offers and relations."""

    def __init__(
        self,
        bundle: Bundle,
        juju: Juju,
        model: Model,
        changes: ChangeSet,
        charms: CharmPlanner,
    ) -> None:
        self._bundle = bundle
        self._juju = juju
        self._model = model
        self._charms = charms
        self._is_2_6 = juju < Juju.V2_9
        self._is_kubernetes = bundle.type == KUBERNETES
        self._descriptions = Descriptions(juju)
        self._platforms: dict[str, str] = {}
        self._deployments: dict[str, Change] = {}
        self.changes = changes

    def run(self) -> None:
        """Add all changes."""
        self._model.infer_machines(self._bundle)
        for name in sorted(self._bundle.applications, key=natural):
            self._add_application(name, self._bundle.applications[name] or Application())
        machines = {} if self._is_kubernetes else self._add_machines()
        self._add_offers()
        self._add_relations()
        if not self._is_kubernetes:
            parts = PlannedParts(self._deployments, machines, self._platforms)
            UnitPlanner(self._bundle, self._juju, self._model, self.changes, parts).run()
            check_machines_used(self._bundle, self._model, self.changes, machines)

    def _add_application(self, name: str, application: Application) -> None:
        charm = self._charms.plan(name, application)
        self._platforms[name] = charm.platform
        existing = self._model.applications.get(name)
        if existing is None:
            self._add_new_application(name, application, charm)
        else:
            self._update(name, application, existing, charm)

    def _add_new_application(
        self, name: str, application: Application, charm: PlannedCharm
    ) -> None:
        change = self._deploy(name, application, charm)
        self._deployments[name] = change
        if application.expose or application.exposed_endpoints:
            self._expose(name, application, change.placeholder, [change.id])
        if application.annotations:
            args = [change.placeholder, "application", application.annotations]
            self._annotate(args, name, [change.id])

    def _deploy(self, name: str, application: Application, charm: PlannedCharm) -> Change:
        units = application.num_units if self._is_kubernetes else 0
        revisions = {
            key: source
            for key, source in application.resources.items()
            if isinstance(source, int) and not isinstance(source, bool)
        }
        args: list[Any] = [
            charm.reference,
            charm.platform,
            name,
            application.options,
            application.constraints,
            application.storage,
            application.bindings,
            revisions,
            units,
        ]
        if not self._is_2_6:
            args.append(application.channel)
        text = self._descriptions.deploy(
            name, charm.text, charm.platform, application.channel, units
        )
        return self.changes.add("deploy", args, [text], charm.requires)

    def _expose(
        self, name: str, application: Application, target: str, requires: list[str]
    ) -> None:
        args: list[Any] = [target]
        if not self._is_2_6:
            endpoints = {
                key: _exposure_args(exposure)
                for key, exposure in application.exposed_endpoints.items()
            }
            args.append(endpoints or None)
        description = self._descriptions.expose(name, application.exposed_endpoints)
        self.changes.add("expose", args, description, requires)

    def _annotate(self, args: list[Any], target: str, requires: list[str]) -> None:
        self.changes.add("setAnnotations", args, [f"set annotations for {target}"], requires)

    def _update(
        self, name: str, application: Application, existing: ModelApplication, charm: PlannedCharm
    ) -> None:
        """Add the changes of an application that the model has."""
        if self._charms.needs_upgrade(name, application, existing, charm):
            self._upgrade(name, application, charm)
        options = existing.changed_options(application.options)
        if options:
            text = f"set application options for {name}"
            self.changes.add("setOptions", [name, options], [text])
        constraints = application.constraints
        if not existing.has_constraints(constraints):
            text = f'set constraints for {name} to "{constraints}"'
            self.changes.add("setConstraints", [name, constraints], [text])
        if self._changes_exposure(application, existing):
            self._expose(name, application, name, [])
        units = application.num_units
        if self._is_kubernetes and existing.scale != units:
            self.changes.add("scale", [name, units], [f"scale {name} to {units} units"])
        annotations = existing.changed_annotations(application.annotations)
        if annotations:
            self._annotate([name, "application", annotations], name, [])

    def _changes_exposure(self, application: Application, existing: ModelApplication) -> bool:
        if self._is_2_6:
            return application.expose and not existing.exposed
        is_exposed = application.expose or bool(application.exposed_endpoints)
        return is_exposed and not existing.has_exposure(application.exposed_endpoints)

    def _upgrade(self, name: str, application: Application, charm: PlannedCharm) -> None:
        args: list[Any] = [charm.reference, name, charm.platform]
        if not self._is_2_6:
            args.append(application.channel)
        text = self._descriptions.upgrade(name, charm.text, charm.platform, application.channel)
        requires = charm.requires if self._juju >= Juju.V3_6 else []
        self.changes.add("upgradeCharm", args, [text], requires)

    def _add_machines(self) -> dict[str, NewMachine]:
        """Add the machines that the model does not have, and return them."""
        added: dict[str, NewMachine] = {}
        for name in sorted(self._bundle.machines, key=natural):
            machine = self._bundle.machines[name] or Machine()
            existing = self._model.machine_of(name)
            if existing is not None:
                self._update_machine(machine, existing)
                continue
            added[name] = new = self._add_machine(name, machine)
            if machine.annotations:
                args = [new.change.placeholder, "machine", machine.annotations]
                self._annotate(args, f"new machine {new.id}", [new.change.id])
        return added

    def _update_machine(self, machine: Machine, existing: ModelMachine) -> None:
        annotations = existing.changed_annotations(machine.annotations)
        if annotations:
            args = [existing.id, "machine", annotations]
            self._annotate(args, f"existing machine {existing.id}", [])

    def _add_machine(self, name: str, machine: Machine) -> NewMachine:
        number = self._model.next_machine()
        platform = self._charms.platforms.of_machine(machine)
        text = f"add new machine {number}"
        if name != number:
            text += f" (bundle machine {name})"
        args = machine_args(platform, machine.constraints, "", "")
        return NewMachine(self.changes.add("addMachines", [args], [text]), number)

    def _add_offers(self) -> None:
        # Juju iterates over its maps here, in random order. This is the order of the bundle.
        for name, url in self._bundle.saas.items():
            text = f"consume offer {name} at {url}"
            self._deployments[name] = self.changes.add("consumeOffer", [url, name], [text])
        for name, application in self._bundle.applications.items():
            for offer_name, offer in application.offers.items() if application else ():
                change = self._create_offer(name, offer_name, offer)
                for user, access in offer.acl.items():
                    text = f"grant user {user} {access} access to offer {offer_name}"
                    args = [user, access, offer_name]
                    self.changes.add("grantOfferAccess", args, [text], [change.id])

    def _create_offer(self, name: str, offer_name: str, offer: Offer) -> Change:
        existing = self._model.applications.get(name)
        updates = existing is not None and offer_name in existing.offers
        deployment = self._deployments.get(name)
        verb = "update" if updates else "create"
        text = f"{verb} offer {offer_name} using {name}:{','.join(offer.endpoints)}"
        requires = [deployment.id] if deployment else []
        args = [name, offer.endpoints, offer_name]
        return self.changes.add("createOffer", args, [text], requires)

    def _add_relations(self) -> None:
        for pair in self._bundle.relations:
            if len(pair) != 2 or frozenset(pair) in self._model.relations:
                continue
            requires: list[str] = []
            args: list[Any] = []
            for end in pair:
                application, colon, relation = end.partition(":")
                change = self._deployments.get(application)
                if change is None or application in self._model.applications:
                    args.append(end)
                    continue
                requires.append(change.id)
                args.append(f"{change.placeholder}{colon}{relation}")
            text = f"add relation {pair[0]} - {pair[1]}"
            self.changes.add("addRelation", args, [text], requires)


def _exposure_args(exposure: Exposure) -> dict[str, list[str]]:
    args = {"expose-to-spaces": exposure.spaces, "expose-to-cidrs": exposure.cidrs}
    return {key: names for key, names in args.items() if names}
