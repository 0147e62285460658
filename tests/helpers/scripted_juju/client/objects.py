"""Objects of a model: how the state describes them, and how they are found and created."""

from __future__ import annotations

import os

from .arguments import Arguments
from .clock import now
from .errors import CommandError, not_found
from .generations import Generation
from .store import JsonObject


def generation_of(state: JsonObject) -> Generation:
    """Return the release that the program is."""
    return Generation(state["generation"])


def model_name(state: JsonObject, arguments: Arguments) -> str:
    """Return the name of the model that a call is for, without owner and controller.

    Raises:
        CommandError: The controller has no such model, or none is selected.
    """
    text = arguments.value("model") or os.environ.get("JUJU_MODEL", "") or state["current_model"]
    controller, _, name = text.rpartition(":")
    if controller and controller not in state["controllers"]:
        raise CommandError(f"controller {controller} not found")
    if not name:
        raise CommandError(
            'No model in focus.\n\nPlease use "juju models" to see models available to you.\n'
            'You can set current model by running "juju switch"\nor specify any other model on '
            'the command line using the "-m" option.\n'
        )
    short = name.rpartition("/")[2]
    if short not in state["models"]:
        raise CommandError(
            f"model {controller or state['current_controller']}:{_owned(name)} not found"
        )
    return short


def _owned(name: str) -> str:
    return name if "/" in name else f"admin/{name}"


def model_of(state: JsonObject, arguments: Arguments) -> JsonObject:
    """Return the model that a call is for."""
    return state["models"][model_name(state, arguments)]


def application_of(model: JsonObject, name: str) -> JsonObject:
    """Return an application of a model.

    Raises:
        CommandError: The model has no such application.
    """
    application = model["applications"].get(name)
    if application is None:
        raise not_found("application", name)
    return application


def unit_name(model: JsonObject, text: str) -> str:
    """Return the name of a unit that a caller wrote as ``app/0`` or ``app/leader``.

    Raises:
        CommandError: The model has no such unit.
    """
    application, _, number = text.partition("/")
    if number == "leader":
        application_of(model, application)
        units = units_of(model, application)
        leaders = [name for name in units if model["units"][name].get("leader")]
        if not leaders:
            raise CommandError(f'could not determine leader for "{application}"')
        return leaders[0]
    if text not in model["units"]:
        raise not_found("unit", text)
    return text


def units_of(model: JsonObject, application: str) -> list[str]:
    """Return the names of an application's units, in the order of their numbers."""
    names = [name for name, unit in model["units"].items() if unit["application"] == application]
    return sorted(names, key=unit_number)


def unit_number(name: str) -> int:
    """Return the number of a unit."""
    return int(name.rpartition("/")[2])


def subordinates_of(model: JsonObject, principal: str) -> list[str]:
    """Return the names of the subordinate units of a unit."""
    return [name for name, unit in model["units"].items() if unit.get("principal") == principal]


def host_of(model: JsonObject, unit: JsonObject) -> str:
    """Return the machine that a unit runs on, also that of a subordinate."""
    principal = unit.get("principal")
    return model["units"][principal]["machine"] if principal else unit.get("machine", "")


def add_machine(
    state: JsonObject, model: JsonObject, identifier: str, base: str, constraints: str = ""
) -> None:
    """Add a machine or a container that is not started yet."""
    stamp, life = now(state), life_of(state)
    name = identifier.replace("/", "-")
    model["machines"][identifier] = {
        "juju_status": {"current": "pending", "since": stamp, **life},
        "instance_id": "pending",
        "machine_status": {"current": "pending", "since": stamp, **life},
        "modification_status": {"current": "idle", "since": stamp},
        "base": base,
        "constraints": constraints,
        "hostname_when_started": f"node-{name}"
        if "/" not in identifier
        else f"juju-f00ba4-{name}",
    }


def life_of(state: JsonObject) -> JsonObject:
    """Return the field `life`, which Juju 4 shows for objects that are not dying."""
    return {"life": "alive"} if generation_of(state).is_juju4 else {}


def next_machine(model: JsonObject) -> str:
    """Return the id of the next machine, and count it."""
    identifier = str(model["next_machine"])
    model["next_machine"] += 1
    return identifier


def next_container(model: JsonObject, host: str, kind: str) -> str:
    """Return the id of the next container on a machine; ids of removed ones are not used again."""
    counters = model["next_container"]
    key = f"{host}/{kind}"
    number = counters.get(key, 0)
    counters[key] = number + 1
    return f"{key}/{number}"


def add_unit(
    state: JsonObject,
    model: JsonObject,
    application: str,
    *,
    machine: str = "",
    principal: str = "",
) -> str:
    """Add a unit that waits for its machine, and return its name."""
    numbers = model["next_unit"]
    number = numbers.get(application, 0)
    numbers[application] = number + 1
    name, stamp = f"{application}/{number}", now(state)
    is_first = not units_of(model, application)
    model["units"][name] = {
        "application": application,
        "workload": {"current": "waiting", "message": "waiting for machine", "since": stamp},
        "agent": {"current": "allocating", "since": stamp},
        **({"principal": principal} if principal else {"machine": machine}),
        **({"leader": True} if is_first else {}),
    }
    return name


def start_machine(state: JsonObject, model: JsonObject, identifier: str) -> None:
    """Let a machine's agent report that it is started, with an address and hardware."""
    machine = model["machines"][identifier]
    stamp, position = now(state), list(model["machines"]).index(identifier)
    is_container = "/" in identifier
    # The machines of a real 4.0.15 show no version (juju/juju#22957), and a mask with an address.
    is_juju4 = generation_of(state).is_juju4
    version = {} if is_juju4 else {"version": state["version"]}
    hostname = machine.pop("hostname_when_started", None) or machine.get("hostname", identifier)
    address = machine.get("dns_name") or f"192.0.2.{10 + position % 240}"
    machine.update(
        juju_status={"current": "started", "since": stamp, **life_of(state), **version},
        machine_status={
            "current": "running",
            "message": "Container started" if is_container else "Deployed",
            "since": stamp,
            **life_of(state),
        },
        hostname=hostname,
        dns_name=address,
        ip_addresses=[address],
        instance_id=hostname,
        display_name=hostname,
        network_interfaces={
            "enp1s0": {
                "ip-addresses": [f"{address}/24" if is_juju4 else address],
                "mac-address": f"52:54:00:00:00:{position % 256:02x}",
                "gateway": "192.0.2.1",
                "space": "alpha",
                "is-up": True,
            }
        },
        hardware="availability-zone=default"
        if is_container
        else machine.get("hardware") or "arch=amd64 cores=8 mem=65536M availability-zone=default",
    )
