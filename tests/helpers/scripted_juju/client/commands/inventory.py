"""Commands that list networks, offers and storage, and export the model as a bundle."""

from __future__ import annotations

from ..arguments import Arguments
from ..errors import CommandError
from ..generations import Generation, series_of
from ..objects import generation_of, model_of, units_of
from ..output import Output, formatted, yaml_text
from ..status_document import StatusDocument
from ..store import JsonObject

_NO_EXPORT = (
    "\njuju client not compatible with server: Juju 4.0 doesn't support exporting bundles (not "
    "implemented)\nre-install your juju client to match the version running on the controller"
)


def export_bundle(state: JsonObject, arguments: Arguments) -> Output:
    """Print the model as a bundle; Juju 4 cannot do it.

    Raises:
        CommandError: The release is 4.0.
    """
    generation = generation_of(state)
    if generation.is_juju4:
        raise CommandError(_NO_EXPORT, 1, "Juju 4.0 has no export-bundle")
    model = model_of(state, arguments)
    if not model["applications"]:
        raise CommandError("nothing to export as there are no applications")
    text = bundle_text(state, model)
    path = arguments.value("filename")
    if not path:
        return Output(text)
    with open(path, "w") as file:
        file.write(text)
    return Output(f"Bundle successfully exported to {path}\n")


def bundle_text(state: JsonObject, model: JsonObject) -> str:
    """Return a model as a bundle, with the annotations that no other command shows."""
    return yaml_text(_bundle(state, model, generation_of(state)))


def _bundle(state: JsonObject, model: JsonObject, generation: Generation) -> JsonObject:
    applications = model["applications"]
    first = next(iter(applications.values()))
    platform = (
        {"series": series_of(first["base"])}
        if generation.is_juju2
        else {"default-base": f"{first['base']}/stable"}
    )
    machines = {
        name: {"constraints": machine["constraints"]} if machine.get("constraints") else {}
        for name, machine in model["machines"].items()
        if "/" not in name
    }
    pairs = [r["endpoints"] for r in model["relations"] if len(r["endpoints"]) == 2]
    return {
        **platform,
        "applications": {name: _application(state, model, name) for name in sorted(applications)},
        "machines": machines,
        "relations": [[":".join(end) for end in pair] for pair in pairs],
    }


def _application(state: JsonObject, model: JsonObject, name: str) -> JsonObject:
    application = model["applications"][name]
    units = units_of(model, name)
    placements = [_placement(model["units"][unit].get("machine", "")) for unit in units]
    return {
        "charm": StatusDocument(state, model).charm_text(name),
        **({} if application["subordinate"] else {"num_units": len(units), "to": placements}),
        **({"expose": True} if application.get("exposed") else {}),
        **({"options": application["options"]} if application["options"] else {}),
        **({"constraints": application["constraints"]} if application.get("constraints") else {}),
        **({"annotations": application["annotations"]} if application.get("annotations") else {}),
        **({"trust": True} if application.get("trust") else {}),
    }


def _placement(machine: str) -> str:
    host, *container = machine.split("/")
    return f"{container[0]}:{host}" if container else host


def subnets(state: JsonObject, arguments: Arguments) -> Output:
    """List the subnets."""
    spaces_of_model = model_of(state, arguments)["spaces"]
    value = {
        cidr: {"type": "ipv4", "status": "in-use", "space": space, "zones": ["default"]}
        for space, cidrs in spaces_of_model.items()
        for cidr in cidrs
    }
    return formatted(arguments, {"subnets": value})


def spaces(state: JsonObject, arguments: Arguments) -> Output:
    """List the spaces."""
    spaces_of_model = model_of(state, arguments)["spaces"]
    subnet = {"type": "ipv4", "status": "in-use", "zones": ["default"]}
    value = [
        {"id": str(number), "name": name, "subnets": dict.fromkeys(cidrs, subnet)}
        for number, (name, cidrs) in enumerate(spaces_of_model.items())
    ]
    table = "\n".join(["Name  Space ID  Subnets", *spaces_of_model])
    return formatted(arguments, {"spaces": value}, table)


def offers(state: JsonObject, arguments: Arguments) -> Output:
    """List the offers."""
    return formatted(arguments, model_of(state, arguments)["offers"], "")


def storage(state: JsonObject, arguments: Arguments) -> Output:
    """List the storage."""
    return formatted(arguments, model_of(state, arguments)["storage"], "")
