"""Commands that change units, machines and relations."""

from __future__ import annotations

from ..arguments import Arguments
from ..clock import now
from ..errors import CommandError, not_found, usage_error
from ..generations import base_of
from ..objects import (
    add_machine as new_machine,
)
from ..objects import (
    add_unit as new_unit,
)
from ..objects import (
    application_of,
    host_of,
    model_of,
    next_container,
    next_machine,
    subordinates_of,
    unit_name,
    units_of,
)
from ..output import Output
from ..phases import plan_progress
from ..relations import AlreadyRelatedError, find_relation
from ..relations import add_relation as relate
from ..relations import remove_relation as unrelate
from ..store import JsonObject


def integrate(state: JsonObject, arguments: Arguments) -> Output:
    """Relate two applications."""
    if len(arguments.words) != 2:
        word = "a relation" if arguments.command == "add-relation" else "an integration"
        raise usage_error(f"{word} must involve two applications")
    model = model_of(state, arguments)
    try:
        relate(state, model, arguments.words[0], arguments.words[1])
    except AlreadyRelatedError as error:
        if state["generation"] != "2.6":
            raise
        return Output(stderr=f"{error.message}\n")
    return Output()


add_relation = integrate


def remove_relation(state: JsonObject, arguments: Arguments) -> Output:
    """Remove a relation."""
    if len(arguments.words) != 2:
        raise usage_error("a relation must involve two applications")
    model = model_of(state, arguments)
    relation = find_relation(model, arguments.words[0], arguments.words[1])
    if relation is None:
        raise CommandError(f'relation "{" ".join(arguments.words)}" not found')
    unrelate(model, relation)
    return Output()


def add_unit(state: JsonObject, arguments: Arguments) -> Output:
    """Add units to an application."""
    if not arguments.words:
        raise usage_error("no application specified")
    model = model_of(state, arguments)
    name = arguments.words[0]
    application = application_of(model, name)
    if application.get("subordinate"):
        raise CommandError("cannot add unit: application is a subordinate")
    directives = arguments.values("to")
    for position in range(int(arguments.value("num-units", "1"))):
        directive = directives[position] if position < len(directives) else ""
        machine = place_unit(state, model, application, directive)
        add_unit_with_subordinates(state, model, name, machine)
    plan_progress(state, model["name"])
    return Output()


def place_unit(
    state: JsonObject, model: JsonObject, application: JsonObject, directive: str
) -> str:
    """Return the machine for a new unit; a new machine or container is added if necessary."""
    base, constraints = application.get("base", ""), application.get("constraints", "")
    kind, _, host = directive.rpartition(":")
    if host and host.isdigit() and host not in model["machines"]:
        raise CommandError(f"cannot add unit to machine {host}: machine {host} not found")
    if not host:
        host = next_machine(model)
        new_machine(state, model, host, base, constraints)
    if not kind:
        return host
    container = next_container(model, host, kind)
    new_machine(state, model, container, base)
    return container


def add_unit_with_subordinates(
    state: JsonObject, model: JsonObject, name: str, machine: str
) -> str:
    """Add a unit and the units of the subordinates that are related to its application."""
    unit = new_unit(state, model, name, machine=machine)
    for relation in model["relations"]:
        if relation["scope"] != "container":
            continue
        peers = [end[0] for end in relation["endpoints"]]
        for peer in peers:
            if name in peers and model["applications"][peer].get("subordinate"):
                new_unit(state, model, peer, principal=unit)
    return unit


def remove_unit(state: JsonObject, arguments: Arguments) -> Output:
    """Remove units; their machines stay."""
    if not arguments.words:
        raise usage_error("no units specified")
    model = model_of(state, arguments)
    _require_consent(state, arguments)
    names = [unit_name(model, word) for word in arguments.words]
    for name in names:
        _delete_unit(model, name)
    return Output("".join(f"will remove unit {name}\n" for name in names))


def _require_consent(state: JsonObject, arguments: Arguments) -> None:
    """Require --no-prompt where the client asks a question that a program cannot answer.

    The client of 3.x and 4 asks only if the model's setting `mode` says so; the note of that is in
    `cmd/modelcmd/confirmation.go`.
    """
    mode = model_of(state, arguments)["config"].get("mode", "")
    if "requires-prompts" in mode and not arguments.has("no-prompt", "force", "dry-run"):
        raise CommandError("removal: aborted", 1, f"{arguments.command} asks for confirmation")


def _delete_unit(model: JsonObject, name: str) -> None:
    for subordinate in subordinates_of(model, name):
        del model["units"][subordinate]
    application = model["units"].pop(name)["application"]
    rest = units_of(model, application)
    if rest and not any(model["units"][unit].get("leader") for unit in rest):
        model["units"][rest[0]]["leader"] = True


def remove_application(state: JsonObject, arguments: Arguments) -> Output:
    """Remove applications with their units and relations."""
    if not arguments.words:
        raise usage_error("no application specified")
    model = model_of(state, arguments)
    _require_consent(state, arguments)
    lines: list[str] = []
    for name in arguments.words:
        application_of(model, name)
        units = units_of(model, name)
        lines += [
            f"will remove application {name}",
            *(f"- will remove unit {unit}" for unit in units),
        ]
        _delete_application(model, name)
    text = "".join(f"{line}\n" for line in lines)
    return Output(stderr=text) if state["generation"] in ("2.6", "2.9") else Output(text)


def _delete_application(model: JsonObject, name: str) -> None:
    ends = [relation for relation in model["relations"] if name in _applications(relation)]
    for relation in ends:
        unrelate(model, relation)
    for unit in units_of(model, name):
        _delete_unit(model, unit)
    del model["applications"][name]


def _applications(relation: JsonObject) -> list[str]:
    return [end[0] for end in relation["endpoints"]]


def add_machine(state: JsonObject, arguments: Arguments) -> Output:
    """Add machines, or containers on a machine."""
    model = model_of(state, arguments)
    base = arguments.value("base") or arguments.value("series")
    constraints = arguments.value("constraints")
    lines: list[str] = []
    for _ in range(int(arguments.value("num-units", "1"))):
        if arguments.words and ":" in arguments.words[0]:
            kind, _, host = arguments.words[0].partition(":")
            identifier = next_container(model, host, kind)
        else:
            identifier = next_machine(model)
        new_machine(state, model, identifier, base_of(base or "24.04"), constraints)
        lines.append(f"created machine {identifier}\n")
    return Output(stderr="".join(lines))


def remove_machine(state: JsonObject, arguments: Arguments) -> Output:
    """Remove machines that carry no units."""
    if not arguments.words:
        raise usage_error("no machines specified")
    model = model_of(state, arguments)
    for identifier in arguments.words:
        if identifier not in model["machines"]:
            raise not_found("machine", identifier)
        units = [
            name for name, unit in model["units"].items() if host_of(model, unit) == identifier
        ]
        if units and not arguments.has("force"):
            text = f'machine {identifier} has unit "{units[0]}" assigned'
            raise CommandError(f"removing machine failed: {text}")
        for name in units:
            model["units"].pop(name, None)
        for machine in [m for m in model["machines"] if f"{m}/".startswith(f"{identifier}/")]:
            del model["machines"][machine]
    return Output("".join(f"will remove machine {name}\n" for name in arguments.words))


def resolved(state: JsonObject, arguments: Arguments) -> Output:
    """Mark errors of units as resolved; the unit continues."""
    model = model_of(state, arguments)
    failed = [n for n, unit in model["units"].items() if unit["workload"]["current"] == "error"]
    if arguments.has("all"):
        names = failed
    elif not arguments.words:
        raise usage_error("no unit specified")
    else:
        names = [unit_name(model, word) for word in arguments.words]
    for name in names:
        if name not in failed:
            raise CommandError(f'unit "{name}" is not in an error state')
        model["units"][name]["workload"] = {"current": "maintenance", "since": now(state)}
        model["units"][name]["agent"].update(current="executing", since=now(state))
    return Output()
