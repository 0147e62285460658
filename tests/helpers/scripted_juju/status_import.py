"""A model read from a document of `juju status --format json` of any release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .client.clock import now, stamp_of
from .client.generations import base_of
from .client.new_state import new_model
from .client.store import JsonObject

_MACHINE_FIELDS = {
    "hostname": "hostname",
    "dns-name": "dns_name",
    "ip-addresses": "ip_addresses",
    "instance-id": "instance_id",
    "display-name": "display_name",
    "network-interfaces": "network_interfaces",
    "constraints": "constraints",
    "hardware": "hardware",
    "lxd-profiles": "lxd_profiles",
    "status-error": "status_error",
}
_KUBERNETES_FIELDS = {"address": "address", "provider-id": "provider_id", "scale": "scale"}
_UNIT_FIELDS = {
    "provider-id": "provider_id",
    "leader": "leader",
    "machine": "machine",
    "open-ports": "open_ports",
    "public-address": "public_address",
    "address": "address",
    "upgrading-from": "upgrading_from",
    "status-error": "status_error",
}


def import_status(state: JsonObject, document: Mapping[str, Any], name: str = "") -> None:
    """Replace a model by the one of a status document, and select it.

    The versions that the document shows become those of the model and of the agents.

    Args:
        state: The state.
        document: The document.
        name: The model's name; that of the document if it is empty.
    """
    head = document["model"]
    name = name or head["name"]
    model = new_model(name, len(state["models"]) + 1, now(state))
    model["type"] = head.get("type", "iaas")
    model["version"] = head["version"]
    if "model-status" in head:
        model["status"] = _status(head["model-status"])
    model["storage"] = document.get("storage", {})
    model["offers"] = document.get("offers", {})
    model["remote_applications"] = document.get("application-endpoints", {})
    for identifier, machine in (document.get("machines") or {}).items():
        _import_machine(model, identifier, machine)
    for application, body in (document.get("applications") or {}).items():
        _import_application(state, model, application, body)
    model["relations"] = list(_relations(document.get("applications") or {}))
    model["next_relation"] = len(model["relations"])
    _set_counters(model)
    state["models"][name] = model
    state["current_model"] = name
    _import_controller(state, head)


def _import_controller(state: JsonObject, head: JsonObject) -> None:
    controller = state["controllers"].pop(state["current_controller"])
    controller.update(cloud=head["cloud"], region=head.get("region"), version=head["version"])
    state["controllers"][head["controller"]] = controller
    state["current_controller"] = head["controller"]


def _import_machine(model: JsonObject, identifier: str, body: JsonObject) -> None:
    fields = {own: body[key] for key, own in _MACHINE_FIELDS.items() if key in body}
    base = body.get("base")
    model["machines"][identifier] = {
        "juju_status": _status(body.get("juju-status", {})),
        "machine_status": _status(body.get("machine-status", {})),
        "modification_status": _status(body.get("modification-status", {})),
        "base": f"{base['name']}@{base['channel']}" if base else base_of(body.get("series", "")),
        **fields,
    }
    for name, container in body.get("containers", {}).items():
        _import_machine(model, name, container)


def _import_application(state: JsonObject, model: JsonObject, name: str, body: JsonObject) -> None:
    if "status-error" in body:
        model["applications"][name] = {"status_error": body["status-error"]}
        return
    base = body.get("base")
    facts = state["charms"].get(body["charm-name"], {})
    model["applications"][name] = {
        "charm": _charm(body),
        "base": f"{base['name']}@{base['channel']}" if base else base_of(body.get("series", "")),
        "subordinate": bool(body.get("subordinate-to")),
        "endpoints": facts.get("endpoints", {}),
        "schema": facts.get("options", {}),
        "actions": facts.get("actions", {}),
        "options": {},
        "resources": {},
        "constraints": "",
        "exposed": body["exposed"],
        "endpoint_bindings": body.get("endpoint-bindings", {}),
        **(
            {"status": _status(body["application-status"])} if "application-status" in body else {}
        ),
        "since": now(state),
        **({"version": body["version"]} if "version" in body else {}),
        **({"life": body["life"]} if "life" in body else {}),
        **{own: body[key] for key, own in _KUBERNETES_FIELDS.items() if key in body},
    }
    for unit, unit_body in body.get("units", {}).items():
        _import_unit(model, unit, unit_body, "")


def _charm(body: JsonObject) -> JsonObject:
    is_local = body["charm-origin"] == "local"
    optional = {
        "charm-channel": "channel",
        "charm-version": "version",
        "can-upgrade-to": "can_upgrade_to",
    }
    return {
        "name": body["charm-name"],
        "origin": body["charm-origin"],
        "url": "" if is_local else body["charm"],
        "revision": body["charm-rev"],
        **{own: body[key] for key, own in optional.items() if key in body},
    }


def _import_unit(model: JsonObject, name: str, body: JsonObject, principal: str) -> None:
    fields = {own: body[key] for key, own in _UNIT_FIELDS.items() if key in body}
    model["units"][name] = {
        "application": name.partition("/")[0],
        "workload": _status(body.get("workload-status", {})),
        "agent": _status(body.get("juju-status", {"current": "unknown"})),
        **fields,
        **({"principal": principal} if principal else {}),
    }
    for child, child_body in body.get("subordinates", {}).items():
        _import_unit(model, child, child_body, name)


def _status(body: JsonObject) -> JsonObject:
    if "status-error" in body:
        return {"status_error": body["status-error"], "current": "unknown"}
    status = dict(body)
    if "since" in status:
        status["since"] = stamp_of(status["since"])
    return status


def _relations(applications: JsonObject) -> Iterator[JsonObject]:
    """Yield the relations of a document.

    The two ends are matched by their interface, or by their order. A document names a related
    application only once at an endpoint, also if it is related twice; the second relation is then
    matched with an end that is matched already.
    """
    ends = [end for name in applications for end in _ends(name, applications)]
    waiting = list(ends)
    number = 0
    while waiting:
        end = waiting.pop(0)
        endpoints = [[end["application"], end["endpoint"]]]
        if end["peer"] != end["application"]:
            peer = _peer(end, waiting) or _peer(end, ends) or {**end, "application": end["peer"]}
            waiting = [candidate for candidate in waiting if candidate is not peer]
            endpoints.append([peer["application"], peer["endpoint"]])
        yield {
            "id": number,
            "endpoints": endpoints,
            "interface": end["interface"],
            "scope": end["scope"],
        }
        number += 1


def _ends(name: str, applications: JsonObject) -> Iterator[JsonObject]:
    for endpoint, related in applications[name].get("relations", {}).items():
        for entry in related:
            is_object = isinstance(entry, dict)
            yield {
                "application": name,
                "endpoint": endpoint,
                "peer": entry["related-application"] if is_object else entry,
                "interface": entry["interface"] if is_object else "",
                "scope": entry["scope"] if is_object else _scope(applications, name, entry),
            }


def _scope(applications: JsonObject, name: str, peer: str) -> str:
    """Return the scope of a relation of a 2.x document, which does not show it."""
    pairs = ((name, peer), (peer, name))
    is_container = any(
        principal in applications[subordinate].get("subordinate-to", [])
        for principal, subordinate in pairs
    )
    return "container" if is_container else "global"


def _peer(end: JsonObject, ends: list[JsonObject]) -> JsonObject | None:
    return next((candidate for candidate in ends if _belong_together(end, candidate)), None)


def _belong_together(end: JsonObject, candidate: JsonObject) -> bool:
    return (
        end["application"] == candidate["peer"]
        and end["peer"] == candidate["application"]
        and end["interface"] == candidate["interface"]
    )


def _set_counters(model: JsonObject) -> None:
    hosts = [int(name) for name in model["machines"] if name.isdigit()]
    model["next_machine"] = max(hosts, default=-1) + 1
    for name in model["machines"]:
        if "/" in name:
            host, _, number = name.rpartition("/")
            counter = model["next_container"].get(host, 0)
            model["next_container"][host] = max(counter, int(number) + 1)
    for name in model["units"]:
        application, _, number = name.partition("/")
        counter = model["next_unit"].get(application, 0)
        model["next_unit"][application] = max(counter, int(number) + 1)
