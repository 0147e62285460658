"""Build the changes that Juju would make for a bundle; `change_set` puts them in Juju's order."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..bundle.charm_url import CharmUrlError, is_local_path, parse_charm_url
from ..bundle.constraints import split_constraints
from ..bundle.model import KUBERNETES, Application, Bundle, Exposure, Machine
from ..catalogue.model import Charm
from ..juju import Juju
from .change_set import Change, ChangeSet, natural
from .descriptions import Descriptions
from .model import Model, ModelApplication, ModelMachine
from .unit_planner import NewMachine, PlannedParts, UnitPlanner, machine_args

_DEFAULT_ARCHITECTURE = "amd64"


@dataclass(frozen=True, slots=True)
class _PlannedCharm:
    """The charm of an application.

    Attributes:
        text: The charm as the Juju release names it.
        platform: The series or base that it is deployed on.
        upload: The change that uploads it; None when the model has it.
    """

    text: str
    platform: str
    upload: Change | None

    @property
    def reference(self) -> str:
        """The text by which other changes refer to the charm."""
        return self.upload.placeholder if self.upload else self.text

    @property
    def requires(self) -> list[str]:
        """The ids of the changes that come before changes that use the charm."""
        return [self.upload.id] if self.upload else []


def changes(
    bundle: Bundle,
    juju: Juju,
    *,
    charms: Mapping[str, Charm] | None = None,
    model: Model | None = None,
) -> ChangeSet:
    """Return Juju's changes for a bundle that it verifies.

    Args:
        bundle: The bundle.
        juju: The release that will deploy it.
        charms: The facts of the charms, by application name. They hold the series of local charms.
        model: The model to deploy to; by default an empty one.

    Raises:
        PlanError: When Juju could not plan it either. The message is Juju's.
    """
    planner = _Planner(bundle, juju, charms or {}, model or Model())
    planner.run()
    return planner.changes


class _Planner:
    """The first half of the planning: charms, applications, machines, offers and relations."""

    def __init__(
        self, bundle: Bundle, juju: Juju, charms: Mapping[str, Charm], model: Model
    ) -> None:
        self._bundle = bundle
        self._juju = juju
        self._charms = charms
        self._model = model
        self._is_2_6 = juju < Juju.V2_9
        self._is_kubernetes = bundle.type == KUBERNETES
        self._descriptions = Descriptions(juju)
        self._uploads: dict[tuple[Any, ...], Change] = {}
        self._platforms: dict[str, str] = {}
        self._deployments: dict[str, Change] = {}
        self.changes = ChangeSet(juju)

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

    def _add_application(self, name: str, application: Application) -> None:
        charm = self._charm(name, application)
        self._platforms[name] = charm.platform
        existing = self._model.applications.get(name)
        if existing is None:
            self._add_new_application(name, application, charm)
        else:
            self._update(name, application, existing, charm)

    def _charm(self, name: str, application: Application) -> _PlannedCharm:
        text = self._charm_text(application)
        platform = self._platform(name, application)
        return _PlannedCharm(text, platform, self._upload(application, text, platform))

    def _charm_text(self, application: Application) -> str:
        """Return the charm as this release names it. From 2.9 on, a path is absolute."""
        charm = application.charm
        if is_local_path(charm) and not self._is_2_6:
            return os.path.normpath(os.path.join(self._bundle.directory, charm))  # noqa: PTH118 - joined as Go's filepath.Join does
        return charm

    def _platform(self, name: str, application: Application) -> str:
        default = self._bundle.series
        if self._is_kubernetes and self._is_2_6:
            default = KUBERNETES
        series = application.series
        if not series and is_local_path(application.charm):
            charm = self._charms.get(name)
            series = default or (charm.series[0] if charm and charm.series else "")
        elif not series:
            series = self._series_of_url(application.charm)
        return self._descriptions.platform(
            series, application.base, default, self._bundle.default_base
        )

    def _series_of_url(self, charm: str) -> str:
        try:
            return parse_charm_url(charm, self._juju).series
        except CharmUrlError:
            return ""

    def _upload(self, application: Application, charm: str, platform: str) -> Change | None:
        """Return the change that uploads a charm; None when the model has the charm."""
        channel, architecture = application.channel, self._architecture(application)
        key: tuple[Any, ...] = (charm,)
        args: list[Any] = [charm, platform]
        if not self._is_2_6:
            key = (charm, architecture, platform, channel, application.revision)
            args.append(channel)
        if key not in self._uploads:
            if self._has_charm(charm, platform, channel):
                return None
            text = self._descriptions.add_charm(
                charm, platform, channel, application.revision, architecture
            )
            self._uploads[key] = self.changes.add("addCharm", args, [text])
        return self._uploads[key]

    def _architecture(self, application: Application) -> str:
        if self._is_2_6:
            return ""
        constraints = dict(split_constraints(application.constraints))
        return constraints.get("arch") or _DEFAULT_ARCHITECTURE

    def _has_charm(self, charm: str, platform: str, channel: str) -> bool:
        applications = self._model.applications.values()
        if self._is_2_6:
            return any(application.charm == charm for application in applications)
        return any(
            (application.charm, application.platform, application.channel)
            == (charm, platform, channel)
            for application in applications
        )

    def _add_new_application(
        self, name: str, application: Application, charm: _PlannedCharm
    ) -> None:
        change = self._deploy(name, application, charm)
        self._deployments[name] = change
        if application.expose or application.exposed_endpoints:
            self._expose(name, application, change.placeholder, [change.id])
        if application.annotations:
            args = [change.placeholder, "application", application.annotations]
            self._annotate(args, name, [change.id])

    def _deploy(self, name: str, application: Application, charm: _PlannedCharm) -> Change:
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
        self, name: str, application: Application, existing: ModelApplication, charm: _PlannedCharm
    ) -> None:
        """Add the changes of an application that the model has."""
        if existing.charm != charm.text:
            self._upgrade(name, application, charm)
        options = existing.changed_options(application.options)
        if options:
            text = f"set application options for {name}"
            self.changes.add("setOptions", [name, options], [text])
        constraints = application.constraints
        if not existing.has_constraints(constraints):
            text = f'set constraints for {name} to "{constraints}"'
            self.changes.add("setConstraints", [name, constraints], [text])
        if (application.expose or application.exposed_endpoints) and (
            not existing.exposed or existing.exposed_endpoints != application.exposed_endpoints
        ):
            self._expose(name, application, name, [])
        units = application.num_units
        if self._is_kubernetes and existing.scale != units:
            self.changes.add("scale", [name, units], [f"scale {name} to {units} units"])
        annotations = existing.changed_annotations(application.annotations)
        if annotations:
            self._annotate([name, "application", annotations], name, [])

    def _upgrade(self, name: str, application: Application, charm: _PlannedCharm) -> None:
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
        platform = self._descriptions.platform(
            machine.series, machine.base, self._bundle.series, self._bundle.default_base
        )
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
                deployment = self._deployments.get(name)
                text = f"create offer {offer_name} using {name}:{','.join(offer.endpoints)}"
                args: list[Any] = [name, offer.endpoints, offer_name]
                requires = [deployment.id] if deployment else []
                change = self.changes.add("createOffer", args, [text], requires)
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
