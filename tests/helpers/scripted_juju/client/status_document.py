"""The document of `juju status --format json`, computed from the state, per release.

The shapes are those of `cmd/juju/status/formatted.go` of each release.
"""

from __future__ import annotations

from typing import Any

from .clock import now, status_time
from .generations import Generation, series_of
from .objects import generation_of, subordinates_of, units_of
from .store import JsonObject

_AGENT_LOST = {
    True: "agent lost, see `juju debug-logs` or `juju show-status-log` for more information",
    False: "agent lost, see 'juju show-status-log {unit}'",
}
_STATUS_FIELDS = ("current", "message", "reason", "since", "version", "life")
_SEVERITY = ("error", "blocked", "maintenance", "waiting", "active", "terminated", "unknown")


def _present(pairs: dict[str, Any]) -> JsonObject:
    """Return the members that Go's `omitempty` writes."""
    return {key: value for key, value in pairs.items() if value not in (None, "", [], {}, False)}


class StatusDocument:
    """The status of one model in the shape of one release."""

    def __init__(self, state: JsonObject, model: JsonObject, *, is_utc: bool = False) -> None:
        self._state = state
        self._model = model
        self._is_utc = is_utc
        self._generation: Generation = generation_of(state)

    def document(self) -> JsonObject:
        """Return the whole document."""
        model = self._model
        sections = {
            "model": self._model_section(),
            "machines": self.machines(),
            "applications": {
                name: self._application(name) for name in sorted(model["applications"])
            },
        }
        optional = {
            "application-endpoints": model.get("remote_applications"),
            "offers": model.get("offers"),
        }
        stamp = self._time(now(self._state))
        return {
            **sections,
            **_present(optional),
            "storage": model.get("storage", {}),
            "controller": {"timestamp": stamp.split()[-1]},
        }

    def _model_section(self) -> JsonObject:
        model, controller = (
            self._model,
            self._state["controllers"][self._state["current_controller"]],
        )
        return {
            **_present(
                {
                    "name": model["name"],
                    "type": model["type"],
                    "controller": self._state["current_controller"],
                    "cloud": controller["cloud"],
                    "region": controller.get("region"),
                    "version": model.get("version") or self._state["version"],
                    "upgrade-available": model.get("upgrade_available"),
                }
            ),
            "model-status": self._status(model["status"]),
            **({} if self._generation.is_juju4 else {"sla": "unsupported"}),
        }

    def machines(self) -> JsonObject:
        """Return the machines; containers stand below their hosts."""
        hosts = [name for name in self._model["machines"] if "/" not in name]
        return {
            name: self.machine(name)
            for name in sorted(hosts, key=lambda name: (not name.isdigit(), name.zfill(9)))
        }

    def machine(self, identifier: str) -> JsonObject:
        """Return one machine or container."""
        machine = self._model["machines"][identifier]
        if "status_error" in machine:
            return {"status-error": machine["status_error"]}
        has_hostname = self._generation.name != "2.6"
        return {
            "juju-status": self._status(machine["juju_status"]),
            **_present(
                {
                    "hostname": machine.get("hostname") if has_hostname else None,
                    "dns-name": machine.get("dns_name"),
                    "ip-addresses": machine.get("ip_addresses"),
                    "instance-id": machine.get("instance_id"),
                    "display-name": machine.get("display_name"),
                }
            ),
            "machine-status": self._status(machine["machine_status"]),
            "modification-status": self._status(machine.get("modification_status", {})),
            **self._platform(machine.get("base", "")),
            **_present(
                {
                    "network-interfaces": machine.get("network_interfaces"),
                    "containers": self._containers(identifier),
                    "constraints": machine.get("constraints"),
                    "hardware": machine.get("hardware"),
                    "lxd-profiles": machine.get("lxd_profiles"),
                }
            ),
        }

    def _containers(self, host: str) -> JsonObject:
        depth = host.count("/") + 2
        names = [
            name
            for name in self._model["machines"]
            if name.startswith(f"{host}/") and name.count("/") == depth
        ]
        return {name: self.machine(name) for name in sorted(names)}

    def _platform(self, base: str) -> JsonObject:
        if not base:
            return {}
        if self._generation.is_juju2:
            return {"series": series_of(base)}
        name, _, channel = base.partition("@")
        return {"base": {"name": name, "channel": channel.partition("/")[0]}}

    def _application(self, name: str) -> JsonObject:
        application = self._model["applications"][name]
        if "status_error" in application:
            return {"status-error": application["status_error"]}
        charm, is_juju2 = application["charm"], self._generation.is_juju2
        base = application.get("base", "")
        has_channel = self._generation.name != "2.6"
        return {
            "charm": self.charm_text(name),
            **self._platform(base),
            **({"os": base.partition("@")[0] or "ubuntu"} if is_juju2 else {}),
            "charm-origin": self._origin(charm["origin"]),
            "charm-name": charm["name"],
            "charm-rev": charm["revision"],
            **_present(
                {
                    "charm-channel": charm.get("channel") if has_channel else None,
                    "charm-version": charm.get("version"),
                    "can-upgrade-to": charm.get("can_upgrade_to"),
                }
            ),
            **_present(
                {
                    "scale": application.get("scale"),
                    "provider-id": application.get("provider_id"),
                    "address": application.get("address"),
                }
            ),
            "exposed": bool(application.get("exposed")),
            **_present({"life": application.get("life")}),
            "application-status": self._status(self.application_status(name)),
            **_present(
                {
                    "relations": self._relations(name),
                    "subordinate-to": self._principals(name),
                    "units": self._units(name),
                    "version": application.get("version"),
                    "endpoint-bindings": application.get("endpoint_bindings"),
                }
            ),
        }

    def charm_text(self, name: str) -> str:
        """Return the charm of an application as the release writes its URL."""
        application = self._model["applications"][name]
        charm = application["charm"]
        if charm["origin"] != "local":
            return charm["url"]
        if self._generation.is_juju4:
            return f"local:{charm['name']}-{charm['revision']}"
        series = series_of(application.get("base", ""))
        return f"local:{series}/{charm['name']}-{charm['revision']}"

    def _origin(self, origin: str) -> str:
        if origin == "local" or not self._generation.is_juju2:
            return origin
        if self._generation.name == "2.6":
            return "jujucharms"
        return "charmstore" if origin in ("charmstore", "jujucharms") else origin

    def application_status(self, name: str) -> JsonObject:
        """Return the status that the leader set, or the most severe status of the units."""
        application = self._model["applications"][name]
        if "status" in application:
            return application["status"]
        states = [self._workload(unit) for unit in units_of(self._model, name)]
        if not states:
            return {"current": "unknown", "since": application["since"]}
        return min(states, key=lambda state: _severity(state.get("current", "")))

    def _workload(self, name: str) -> JsonObject:
        unit = self._model["units"][name]
        is_kept = unit["workload"].get("current") in ("error", "terminated")
        if unit["agent"]["current"] != "lost" or is_kept:
            return unit["workload"]
        message = _AGENT_LOST[self._generation.is_juju4].format(unit=name)
        return {
            "current": "unknown",
            "message": message,
            "since": unit["workload"].get("since", ""),
        }

    def _relations(self, name: str) -> JsonObject:
        ends: dict[str, list[JsonObject]] = {}
        for relation in self._model["relations"]:
            for own, peer in _sides(relation["endpoints"]):
                if own[0] == name:
                    ends.setdefault(own[1], []).append({**relation, "peer": peer[0]})
        return {endpoint: self._related(ends[endpoint]) for endpoint in sorted(ends)}

    def _related(self, relations: list[JsonObject]) -> list[Any]:
        ordered = sorted({r["peer"]: r for r in relations}.values(), key=lambda r: r["peer"])
        if self._generation.is_juju2:
            return [relation["peer"] for relation in ordered]
        return [
            {
                "related-application": relation["peer"],
                "interface": relation["interface"],
                "scope": relation["scope"],
            }
            for relation in ordered
        ]

    def _principals(self, name: str) -> list[str]:
        if not self._model["applications"][name].get("subordinate"):
            return []
        peers = {
            peer[0]
            for relation in self._model["relations"]
            if relation["scope"] == "container"
            for own, peer in _sides(relation["endpoints"])
            if own[0] == name
        }
        return sorted(peers)

    def _units(self, name: str) -> JsonObject:
        if self._model["applications"][name].get("subordinate"):
            return {}
        return {unit: self.unit(unit) for unit in units_of(self._model, name)}

    def unit(self, name: str) -> JsonObject:
        """Return one unit with its subordinates."""
        unit = self._model["units"][name]
        if "status_error" in unit:
            return {"status-error": unit["status_error"]}
        subordinates = subordinates_of(self._model, name)
        return {
            "workload-status": self._status(self._workload(name)),
            "juju-status": self._status(unit["agent"]),
            **_present(
                {
                    "leader": unit.get("leader"),
                    "upgrading-from": unit.get("upgrading_from"),
                    "machine": unit.get("machine"),
                    "open-ports": unit.get("open_ports"),
                    "public-address": unit.get("public_address"),
                    "address": unit.get("address"),
                    "provider-id": unit.get("provider_id"),
                    "subordinates": {child: self.unit(child) for child in sorted(subordinates)},
                }
            ),
        }

    def _status(self, status: JsonObject) -> JsonObject:
        if "status_error" in status:
            return {"status-error": status["status_error"]}
        since = self._time(status.get("since", ""))
        fields = {name: status.get(name) for name in _STATUS_FIELDS}
        return _present({**fields, **status, "since": since})

    def _time(self, stamp: str) -> str:
        return status_time(stamp, self._is_utc) if stamp else ""


def _sides(endpoints: list[list[str]]) -> list[tuple[list[str], list[str]]]:
    """Return both directions of a relation; a peer relation has only one endpoint."""
    if len(endpoints) == 1:
        return [(endpoints[0], endpoints[0])]
    return [(endpoints[0], endpoints[1]), (endpoints[1], endpoints[0])]


def _severity(status: str) -> int:
    return _SEVERITY.index(status) if status in _SEVERITY else len(_SEVERITY)
