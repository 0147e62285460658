"""Commands that show the state of a model."""

from __future__ import annotations

from typing import Any

from ..arguments import Arguments
from ..errors import usage_error
from ..generations import series_of
from ..objects import application_of, generation_of, host_of, model_of, unit_name
from ..output import Output, formatted
from ..status_document import StatusDocument
from ..store import JsonObject


def status(state: JsonObject, arguments: Arguments) -> Output:
    """Show the status of a model; words select applications, units and machines."""
    model = model_of(state, arguments)
    document = StatusDocument(state, model, is_utc=arguments.has("utc")).document()
    if arguments.words:
        _select(document, arguments.words)
    if not (document["machines"] or document["applications"]) and not arguments.value("format"):
        name = f"{state['current_controller']}:{model['owner']}/{model['name']}"
        return Output(stderr=f'Model "{name.partition(":")[2]}" is empty.\n')
    table = "" if arguments.value("format") else _table(document)
    output = formatted(arguments, document, table)
    if arguments.words and not (document["machines"] or document["applications"]):
        output.stderr = "Nothing matched specified filter.\n" + output.stderr
    return output


def _select(document: JsonObject, words: list[str]) -> None:
    """Keep the applications, units and machines that the words name, as Juju 4 does: exactly."""
    applications: JsonObject = {}
    for name, application in document["applications"].items():
        units = {
            unit: body for unit, body in application.get("units", {}).items() if unit in words
        }
        if name in words:
            applications[name] = application
        elif units:
            applications[name] = {**application, "units": units}
    hosts = {
        unit["machine"].partition("/")[0]
        for application in applications.values()
        for unit in application.get("units", {}).values()
        if unit.get("machine")
    }
    document["applications"] = applications
    document["machines"] = {
        name: machine
        for name, machine in document["machines"].items()
        if name in hosts or name in words
    }


def _table(document: JsonObject) -> str:
    model = document["model"]
    lines = [
        "Model  Controller  Cloud/Region  Version",
        "  ".join(map(str, model.values()))[:100],
        "",
    ]
    for name, application in document["applications"].items():
        lines.append(f"{name}  {application.get('application-status', {}).get('current', '')}")
        for unit, body in application.get("units", {}).items():
            workload = body.get("workload-status", {})
            lines.append(
                f"{unit}  {workload.get('current', '')}  {workload.get('message', '')[:110]}"
            )
    for name, machine in document["machines"].items():
        lines.append(f"{name}  {machine.get('juju-status', {}).get('current', '')}")
    return "\n".join(lines)


def show_application(state: JsonObject, arguments: Arguments) -> Output:
    """Show what `status` leaves out: exposed endpoints, bindings and constraints."""
    if not arguments.words:
        raise usage_error("an application name must be supplied")
    model = model_of(state, arguments)
    value = {name: _application_details(state, model, name) for name in arguments.words}
    return formatted(arguments, value)


def _application_details(state: JsonObject, model: JsonObject, name: str) -> JsonObject:
    application, generation = application_of(model, name), generation_of(state)
    charm, base = application["charm"], application.get("base", "")
    platform = {"series": series_of(base)} if generation.is_juju2 else {"base": base}
    has_endpoints = generation.name != "2.6"
    exposed_endpoints = application.get("exposed_endpoints") if has_endpoints else None
    return {
        "charm": charm["name"],
        **platform,
        **_optional("channel", charm.get("channel")),
        "constraints": constraint_values(application.get("constraints", "")),
        "principal": not application.get("subordinate"),
        "exposed": bool(application.get("exposed")),
        **_optional("exposed-endpoints", exposed_endpoints),
        "remote": False,
        **({"life": application.get("life", "alive")} if has_endpoints else {}),
        **_optional("endpoint-bindings", _bindings(application)),
    }


def _bindings(application: JsonObject) -> JsonObject:
    bindings = application.get("endpoint_bindings") or {"": "alpha"}
    names = sorted({*bindings, *application.get("endpoints", {}), "juju-info"})
    return {name: bindings.get(name, bindings.get("", "alpha")) for name in names}


def constraint_values(text: str) -> JsonObject:
    """Return constraints as the JSON of Juju's own type: sizes in MiB, lists as lists."""
    values: JsonObject = {}
    for word in text.split():
        name, _, value = word.partition("=")
        values[name] = _constraint_value(name, value)
    return values


def _constraint_value(name: str, value: str) -> Any:
    if name in ("tags", "spaces", "zones"):
        return value.split(",") if value else []
    if name in ("cores", "cpu-cores", "cpu-power"):
        return int(value or 0)
    if name in ("mem", "root-disk"):
        units = {"M": 1, "G": 1024, "T": 1024**2, "P": 1024**3}
        return int(float(value.rstrip("MGTP") or 0) * units.get(value[-1:], 1))
    return value


def show_unit(state: JsonObject, arguments: Arguments) -> Output:
    """Show units."""
    if not arguments.words:
        raise usage_error("an unit name must be supplied")
    model = model_of(state, arguments)
    names = [unit_name(model, word) for word in arguments.words]
    return formatted(arguments, {name: _unit_details(state, model, name) for name in names})


def _unit_details(state: JsonObject, model: JsonObject, name: str) -> JsonObject:
    unit = model["units"][name]
    return {
        "machine": host_of(model, unit),
        "opened-ports": unit.get("open_ports"),
        **_optional("public-address", unit.get("public_address")),
        "charm": StatusDocument(state, model).charm_text(unit["application"]),
        "leader": bool(unit.get("leader")),
        "life": unit.get("life", "alive"),
    }


def machines(state: JsonObject, arguments: Arguments) -> Output:
    """List the machines."""
    model = model_of(state, arguments)
    entries = StatusDocument(state, model, is_utc=arguments.has("utc")).machines()
    return formatted(arguments, {"model": model["name"], "machines": entries}, "\n".join(entries))


def show_machine(state: JsonObject, arguments: Arguments) -> Output:
    """Show machines."""
    model = model_of(state, arguments)
    entries = StatusDocument(state, model, is_utc=arguments.has("utc")).machines()
    selected = {name: body for name, body in entries.items() if name in arguments.words}
    return formatted(arguments, {"model": model["name"], "machines": selected})


def show_status_log(state: JsonObject, arguments: Arguments) -> Output:
    """Show the history of the statuses of an entity."""
    if not arguments.words:
        raise usage_error("entity name is missing")
    model = model_of(state, arguments)
    entries = model["status_log"].get(arguments.words[0], [])
    limit = int(arguments.value("num-units", "20"))
    lines = [
        f"{entry['since']}  {entry['type']}  {entry['status']}  {entry.get('message', '')}"
        for entry in entries[-limit:]
    ]
    header = "Time                  Type       Status     Message"
    return formatted(arguments, entries[-limit:], "\n".join([header, *lines]))


def debug_log(state: JsonObject, arguments: Arguments) -> Output:
    """Print the log of a model."""
    lines: list[str] = model_of(state, arguments)["debug_log"]
    entities = arguments.values("include", "i")
    chosen = [line for line in lines if not entities or any(name in line for name in entities)]
    limit = arguments.value("limit") or arguments.value("lines") or arguments.value("num-units")
    count = int(limit) if limit else len(chosen)
    return Output("".join(f"{line}\n" for line in chosen[-count:]) if chosen else "")


def _optional(name: str, value: Any) -> JsonObject:
    return {name: value} if value else {}
