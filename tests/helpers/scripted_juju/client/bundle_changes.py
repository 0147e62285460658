"""A bundle applied to a model: applications, machines, units and relations."""

from __future__ import annotations

import os
from collections.abc import Callable

from .bundles import base_of_application, needs_trust, unit_count
from .charm_facts import charm_at
from .clock import now
from .commands.configuration import typed
from .commands.topology import add_unit_with_subordinates
from .errors import CommandError
from .generations import Generation, base_of
from .objects import add_machine, generation_of, next_container, next_machine, units_of
from .relations import add_relation, find_relation
from .store import JsonObject

Report = Callable[[str], None]


class BundleChanges:
    """One deployment of a bundle.

    Attributes:
        lines: The changes.
        current: The change that is made, or that failed.

    Args:
        state: The state.
        model: The model.
        bundle: The merged bundle.
        machine_map: Machines of the model by the bundle's machine id; the key ``existing`` is set
            when machines with the same id are used.
    """

    def __init__(
        self, state: JsonObject, model: JsonObject, bundle: JsonObject, machine_map: dict[str, str]
    ) -> None:
        self._state = state
        self._model = model
        self._bundle = bundle
        self._map = machine_map
        self._machines: dict[str, str] = {}
        self._generation: Generation = generation_of(state)
        self.lines: list[str] = []
        self.current = ""
        self._new: set[str] = set()

    def apply(self) -> None:
        """Apply the bundle; `lines` describes the changes.

        Raises:
            CommandError: A change fails. The changes before it stay, as with the real controller.
        """
        applications = self._bundle["applications"]
        for name in sorted(applications):
            self.current = f"deploy application {name}"
            self._fail_if_scripted(name)
            self._apply_application(name, applications[name] or {})
        needed = self._hosts_of_new_units()
        for identifier in sorted(map(str, self._bundle.get("machines") or {}), key=int):
            self._apply_machine(identifier, is_needed=identifier in needed)
        for pair in self._bundle.get("relations") or []:
            self.current = f"add relation {pair[0]} - {pair[1]}"
            self._relate(str(pair[0]), str(pair[1]))
        for name in self._in_order_of_placement():
            self._add_units(name, applications[name] or {})

    def output(self) -> list[list[str]]:
        """Return the changes as lines of output, with their streams."""
        if not self.lines:
            return [["stderr", "No changes to apply."]]
        changes = [["stdout", f"- {line}"] for line in self.lines]
        end = ["stderr", "Deploy of bundle completed."]
        return [["stdout", "Executing changes:"], *changes, end]

    def _fail_if_scripted(self, name: str) -> None:
        failure = self._state["deploy_failure"]
        if failure and failure["application"] == name:
            raise CommandError(f"cannot deploy bundle: {failure['message']}")

    def _apply_application(self, name: str, body: JsonObject) -> None:
        existing = self._model["applications"].get(name)
        if existing is None:
            existing = self._new_application(name, body)
            self._new.add(name)
            self._model["applications"][name] = existing
            self.lines.append(f"deploy application {name}")
            for endpoint, facts in existing["endpoints"].items():
                if facts["role"] == "peer":
                    self._add_peer_relation(name, endpoint, facts)
        else:
            self._refuse_second_deployment(name, existing, body)
        self._set_options(name, existing, body)
        self._set_exposure(name, existing, body)
        self._set_constraints(name, existing, body)
        existing["annotations"] = dict(body.get("annotations") or existing.get("annotations", {}))
        existing["resources"].update(body.get("resources") or {})
        existing["trust"] = needs_trust(body) or existing.get("trust", False)

    def _refuse_second_deployment(
        self, name: str, application: JsonObject, body: JsonObject
    ) -> None:
        """Refuse what Juju 4.0.15 was seen to refuse: local principals without an architecture.

        The client reads the constraints only of applications with units.
        """
        is_affected = application["charm"]["origin"] == "local" and not application["subordinate"]
        constraints = f"{application['constraints']} {self._model['constraints']}"
        is_unknown = "arch=" not in constraints or not units_of(self._model, name)
        if self._generation.is_juju4 and is_affected and is_unknown:
            self.current = ""
            text = f'cannot deploy local charm at "{body["charm"]}": file does not exist'
            raise CommandError(f"cannot deploy bundle: {text}")

    def _refuse_two_architectures(self, name: str, body: JsonObject, facts: JsonObject) -> None:
        """Refuse a local subordinate for two architectures, as Juju 4.0.15 does."""
        is_local = os.path.isabs(str(body.get("charm", "")))
        if not (self._generation.is_juju4 and is_local and facts["subordinate"]):
            return
        if len(facts.get("architectures", ())) > 1:
            application = f'application "{name}"'
            raise CommandError(
                f'cannot deploy bundle: cannot deploy {application}: cannot deploy "{name}": '
                f"creating {application}: creating IAAS {application}: inserting IAAS "
                f"{application}: cannot insert application with an empty architecture"
            )

    def _new_application(self, name: str, body: JsonObject) -> JsonObject:
        facts = self._facts(body)
        self._refuse_two_architectures(name, body, facts)
        base = base_of_application(self._bundle, body, facts)
        bindings = body.get("bindings") or {"": "alpha"}
        return {
            "charm": self._charm(body, facts),
            "base": base,
            "subordinate": facts["subordinate"],
            "endpoints": facts["endpoints"],
            "schema": facts["options"],
            "actions": facts["actions"],
            "options": {},
            "resources": dict.fromkeys(facts["resources"], ""),
            "endpoint_bindings": bindings,
            "constraints": "",
            "exposed": False,
            "since": now(self._state),
            **({"life": "alive"} if self._generation.is_juju4 else {}),
        }

    def _facts(self, body: JsonObject) -> JsonObject:
        charm = str(body.get("charm", ""))
        if os.path.isabs(charm):
            if self._generation.is_juju4 and os.path.isdir(charm):
                raise CommandError(f"cannot deploy bundle: read {charm}: is a directory")
            return charm_at(charm, self._state["yaml"])
        name = charm_name(charm)
        facts = self._state["charms"].get(name, {})
        empty = {"endpoints": {}, "options": {}, "actions": {}, "resources": [], "bases": []}
        return {"name": name, "subordinate": unit_count(body) == 0 and not facts, **empty, **facts}

    def _charm(self, body: JsonObject, facts: JsonObject) -> JsonObject:
        text = str(body.get("charm", ""))
        if os.path.isabs(text):
            revisions = self._model["local_revisions"]
            revision = revisions.get(facts["name"], -1) + 1
            revisions[facts["name"]] = revision
            return {"name": facts["name"], "origin": "local", "url": "", "revision": revision}
        origin = "charmstore" if text.startswith("cs:") else "charmhub"
        number = text.rpartition("-")[2]
        revision = int(number) if number.isdigit() else int(body.get("revision", 1))
        channel = str(body.get("channel", "stable" if origin == "charmstore" else "latest/stable"))
        url = text if origin == "charmstore" else facts["name"]
        return {
            "name": facts["name"],
            "origin": origin,
            "url": url,
            "revision": revision,
            "channel": channel,
        }

    def _add_peer_relation(self, name: str, endpoint: str, facts: JsonObject) -> None:
        self._model["relations"].append(
            {
                "id": self._model["next_relation"],
                "endpoints": [[name, endpoint]],
                "interface": facts["interface"],
                "scope": facts["scope"],
            }
        )
        self._model["next_relation"] += 1

    def _set_options(self, name: str, application: JsonObject, body: JsonObject) -> None:
        options = {k: v for k, v in (body.get("options") or {}).items() if k != "trust"}
        schema = application["schema"]
        for key in options:
            if schema and key not in schema:
                raise CommandError(f'cannot deploy bundle: unknown option "{key}"')
        settings = {key: typed(key, value, schema.get(key, {})) for key, value in options.items()}
        if any(application["options"].get(key) != value for key, value in settings.items()):
            self._refuse_changed_options(name)
            application["options"].update(settings)
            self.lines.append(f"set application options for {name}")

    def _refuse_changed_options(self, name: str) -> None:
        """Refuse to set options of an existing application, as Juju 4.0.15 does."""
        if self._generation.is_juju4 and name not in self._new:
            self.current = f"set application options for {name}"
            text = "config yaml not supported not implemented"
            raise CommandError(
                f'cannot deploy bundle: cannot update options for application "{name}": {text}'
            )

    def _set_exposure(self, name: str, application: JsonObject, body: JsonObject) -> None:
        endpoints = body.get("exposed-endpoints")
        if not body.get("expose") and not endpoints:
            return
        everywhere = {"": {"expose-to-cidrs": ["0.0.0.0/0", "::/0"]}}
        application["exposed"] = True
        if self._generation.name != "2.6":
            application["exposed_endpoints"] = endpoints or everywhere
        self.lines.append(f"expose {name}")

    def _set_constraints(self, name: str, application: JsonObject, body: JsonObject) -> None:
        constraints = str(body.get("constraints") or "")
        if application.get("subordinate") and constraints:
            text = "subordinate application must be deployed without constraints"
            where = f'cannot deploy application "{name}": cannot deploy "{name}"'
            raise CommandError(f'cannot deploy bundle: {where}: {text}, not "{constraints}"')
        application["constraints"] = constraints

    def _hosts_of_new_units(self) -> set[str]:
        """Return the machines of the bundle on which units are missing."""
        hosts: set[str] = set()
        for name, body in self._bundle["applications"].items():
            hosts.update(self._open_directives(name, body or {}))
        return {text.rpartition(":")[2] for text in hosts}

    def _open_directives(self, name: str, body: JsonObject) -> list[str]:
        """Return the placements for which there is no unit yet.

        A unit on the machine of a placement fills it, and otherwise the first ones are filled.
        """
        directives = [str(text) for text in body.get("to") or []]
        units = [self._model["units"][unit] for unit in units_of(self._model, name)]
        places = [unit.get("machine", "") for unit in units]
        open_directives = [text for text in directives if not self._fills(text, places)]
        count = max(0, len(directives) - len(units))
        return open_directives[len(open_directives) - count :]

    def _fills(self, directive: str, places: list[str]) -> bool:
        """Return whether a unit is at a placement, and take it from the places of units."""
        kind, _, target = directive.rpartition(":")
        machine = self._mapped(target)
        at_machine = [
            place
            for place in places
            if place.partition("/")[0] == machine and ("/" in place) == bool(kind)
        ]
        if at_machine:
            places.remove(at_machine[0])
        return bool(at_machine)

    def _mapped(self, identifier: str) -> str | None:
        """Return the machine of the model that a machine of the bundle stands for."""
        if "existing" in self._map and identifier in self._model["machines"]:
            return self._map.get(identifier, identifier)
        return self._map.get(identifier)

    def _apply_machine(self, identifier: str, *, is_needed: bool) -> None:
        mapped = self._mapped(identifier)
        if mapped is not None:
            if mapped not in self._model["machines"]:
                raise CommandError(f"cannot deploy bundle: machine {mapped} not found")
            self._machines[identifier] = mapped
            return
        if not is_needed:
            return
        machines = {str(key): body or {} for key, body in self._bundle["machines"].items()}
        machine = machines[identifier]
        base = str(machine.get("base") or machine.get("series") or self._bundle_base())
        self._machines[identifier] = next_machine(self._model)
        constraints = str(machine.get("constraints") or "")
        add_machine(
            self._state, self._model, self._machines[identifier], base_of(base), constraints
        )
        self.lines.append(f"add new machine {self._machines[identifier]}")

    def _bundle_base(self) -> str:
        return str(self._bundle.get("default-base") or self._bundle.get("series") or "")

    def _relate(self, first: str, second: str) -> None:
        if find_relation(self._model, first, second) is None:
            try:
                add_relation(self._state, self._model, first, second)
            except CommandError as error:
                where = f'cannot add relation between "{first}" and "{second}"'
                raise CommandError(f"cannot deploy bundle: {where}: {error.message}") from error
            self.lines.append(f"add relation {first} - {second}")

    def _in_order_of_placement(self) -> list[str]:
        """Return the applications so that each follows those next to whose units it is placed."""
        bodies = self._bundle["applications"]
        order: list[str] = []
        waiting = sorted(bodies)
        while waiting:
            ready = [
                name
                for name in waiting
                if not _targets(bodies[name] or {}) & set(waiting) - {name}
            ]
            if not ready:
                text = "cannot deploy bundle: cycle in placement directives for"
                raise CommandError(f"{text}: {', '.join(waiting)}")
            order += ready
            waiting = [name for name in waiting if name not in ready]
        return order

    def _add_units(self, name: str, body: JsonObject) -> None:
        directives = self._open_directives(name, body)
        present = len(units_of(self._model, name))
        for position in range(present, unit_count(body)):
            directive = directives.pop(0) if directives else ""
            machine = self._machine_for(name, directive, position)
            unit = add_unit_with_subordinates(self._state, self._model, name, machine)
            self.lines.append(f"add unit {unit} to {machine}")

    def _machine_for(self, name: str, directive: str, position: int) -> str:
        kind, _, target = directive.rpartition(":")
        host = self._host(target, position)
        base = self._model["applications"][name]["base"]
        if not host:
            host = next_machine(self._model)
            constraints = self._model["applications"][name]["constraints"]
            add_machine(self._state, self._model, host, base, constraints)
        if not kind:
            return host
        container = next_container(self._model, host, kind)
        add_machine(self._state, self._model, container, base)
        return container

    def _host(self, target: str, position: int) -> str:
        """Return the machine that a directive names; empty for a new one."""
        if target in self._machines:
            return self._machines[target]
        if target in ("", "new"):
            return ""
        application, _, number = target.partition("/")
        units = units_of(self._model, application)
        index = int(number) if number else position
        if index >= len(units):
            return ""
        return self._model["units"][units[index]]["machine"].partition("/")[0]


def charm_name(charm: str) -> str:
    """Return the name of a charm from its URL, such as ``cs:~containers/easyrsa-195``."""
    name = charm.rpartition("/")[2].rpartition(":")[2]
    head, _, revision = name.rpartition("-")
    return head if head and revision.isdigit() else name


def _targets(body: JsonObject) -> set[str]:
    texts = [str(text).rpartition(":")[2] for text in body.get("to") or []]
    return {text.partition("/")[0] for text in texts if not text.isdigit() and text != "new"}
