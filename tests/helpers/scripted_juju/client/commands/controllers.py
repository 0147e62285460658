"""Commands about the client itself, controllers and models."""

from __future__ import annotations

import json
from typing import Any

from ..arguments import Arguments, assignments
from ..clock import now
from ..errors import CommandError, usage_error
from ..generations import Generation
from ..new_state import new_model
from ..objects import generation_of, model_name
from ..output import Output, formatted
from ..store import JsonObject


def version(state: JsonObject, arguments: Arguments) -> Output:
    """Print the version of the client."""
    system = {"2.6": "bionic"}.get(state["generation"], "ubuntu")
    text = f"{state['client_version']}-{system}-amd64"
    if not arguments.has("all"):
        return formatted(arguments, text, text)
    details = {
        "version": text,
        "git-commit": "0" * 40,
        "git-tree-state": "clean",
        "compiler": "gc",
    }
    return formatted(arguments, details)


def whoami(state: JsonObject, arguments: Arguments) -> Output:
    """Print the current controller, model and user."""
    name = _current_controller(state)
    user = state["controllers"][name]["user"]
    value = {
        "controller": name,
        **({"model": _qualified(state, state["current_model"])} if state["current_model"] else {}),
        "user": user,
    }
    lines = [f"{key.title()}:{' ' * (12 - len(key))}{text}" for key, text in value.items()]
    return formatted(arguments, value, "\n".join(lines))


def controllers(state: JsonObject, arguments: Arguments) -> Output:
    """List the controllers that the client has registered."""
    if not state["controllers"]:
        raise CommandError(_no_controllers())
    entries = {name: _controller_entry(state, name) for name in sorted(state["controllers"])}
    value = {"controllers": entries, "current-controller": state["current_controller"]}
    return formatted(arguments, value, _names_table("Controller", list(entries)))


def _no_controllers() -> str:
    return (
        'No controllers registered.\n\nPlease either create a new controller using "juju '
        'bootstrap" or connect to\nanother controller that you have been given access to using '
        '"juju register".\n'
    )


def _controller_entry(state: JsonObject, name: str) -> JsonObject:
    controller = state["controllers"][name]
    return {
        **_optional("current-model", _qualified(state, state["current_model"])),
        "user": controller["user"],
        "access": controller["access"],
        "recent-server": controller["endpoints"][0],
        "uuid": controller["uuid"],
        "api-endpoints": controller["endpoints"],
        "ca-cert": controller["ca_cert"],
        "cloud": controller["cloud"],
        **_optional("region", controller.get("region")),
        "agent-version": controller["version"],
        "model-count": len(state["models"]) + 1,
        "machine-count": 1 + sum(len(model["machines"]) for model in state["models"].values()),
        "controller-machines": {"active": 1, "total": 1},
    }


def show_controller(state: JsonObject, arguments: Arguments) -> Output:
    """Show the details of controllers."""
    names = arguments.words or [_current_controller(state)]
    for name in names:
        if name not in state["controllers"]:
            raise CommandError(f"controller {name} not found")
    return formatted(arguments, {name: _controller_details(state, name) for name in names})


def _controller_details(state: JsonObject, name: str) -> JsonObject:
    controller, generation = state["controllers"][name], generation_of(state)
    is_newer = generation.name != "2.6"
    models = {
        model["name"]: {
            "uuid": model["uuid"],
            **_optional("machine-count", len(model["machines"])),
        }
        for model in _all_models(state)
    }
    return {
        "details": {
            "uuid": controller["uuid"],
            "api-endpoints": controller["endpoints"],
            "cloud": controller["cloud"],
            **_optional("region", controller.get("region")),
            "agent-version": controller["version"],
            **({"agent-git-commit": "0" * 10} if is_newer else {}),
            **({"controller-model-version": controller["version"]} if is_newer else {}),
            "ca-fingerprint": ":".join(["00"] * 32),
            "ca-cert": controller["ca_cert"],
        },
        "controller-machines": {"0": {"instance-id": "node-controller"}},
        "models": models,
        **_optional("current-model", _qualified(state, state["current_model"])),
        "account": {"user": controller["user"], "access": controller["access"]},
    }


def _all_models(state: JsonObject) -> list[JsonObject]:
    """Return the models, with the controller's own model first."""
    controller = new_model("controller", 0, now(state))
    controller["machines"] = {"0": {}}
    return [controller, *(model for _, model in sorted(state["models"].items()))]


def models(state: JsonObject, arguments: Arguments) -> Output:
    """List the models of a controller."""
    current = state["current_model"]
    entries = [_model_summary(state, model) for model in _all_models(state)]
    value = {"models": entries, **_optional("current-model", current)}
    return formatted(
        arguments, value, _names_table("Model", [entry["short-name"] for entry in entries])
    )


def _model_summary(state: JsonObject, model: JsonObject) -> JsonObject:
    return {**_model_head(state, model), "access": "admin", "last-connection": "just now"}


def _model_head(state: JsonObject, model: JsonObject) -> JsonObject:
    name = state["current_controller"]
    controller, generation = state["controllers"][name], generation_of(state)
    return {
        "name": _qualified(state, model["name"]),
        "short-name": model["name"],
        "model-uuid": model["uuid"],
        "model-type": model["type"],
        "controller-uuid": controller["uuid"],
        "controller-name": name,
        "is-controller": model["name"] == "controller",
        **({} if generation.is_juju4 else {"owner": model["owner"]}),
        "cloud": controller["cloud"],
        **_optional("region", controller.get("region")),
        "type": controller["cloud_type"],
        "life": model.get("life", "alive"),
        "status": {"current": model["status"]["current"], "since": "just now"},
        "agent-version": model.get("version") or state["version"],
    }


def show_model(state: JsonObject, arguments: Arguments) -> Output:
    """Show the details of a model."""
    names = arguments.words or [model_name(state, arguments)]
    value = {}
    for name in names:
        short = model_name(state, arguments._replace(options={"model": [name]}))
        value[short] = _model_details(state, state["models"][short])
    return formatted(arguments, value)


def _model_details(state: JsonObject, model: JsonObject) -> JsonObject:
    controller, generation = (
        state["controllers"][state["current_controller"]],
        generation_of(state),
    )
    user = {"display-name": controller["user"], "access": "admin", "last-connection": "just now"}
    credential = {
        "name": "default",
        "owner": controller["user"],
        "cloud": controller["cloud"],
        "validity-check": "valid",
    }
    return {
        **_model_head(state, model),
        "users": {controller["user"]: user},
        **_optional("machines", {name: {"cores": 8} for name in model["machines"]}),
        **_secret_backends(generation),
        **({} if generation.is_juju4 else {"sla": "unsupported"}),
        "credential": credential,
        **_supported_features(state),
    }


def _supported_features(state: JsonObject) -> JsonObject:
    if generation_of(state).name == "2.6":
        return {}
    text = "the version of Juju used by the model"
    return {
        "supported-features": [{"name": "juju", "description": text, "version": state["version"]}]
    }


def _secret_backends(generation: Generation) -> JsonObject:
    if generation.is_juju2:
        return {}
    return {"secret-backends": {"internal": {"num-secrets": 0, "status": "active"}}}


def switch(state: JsonObject, arguments: Arguments) -> Output:
    """Select a model, or print the selected one."""
    before = f"{state['current_controller']}:{_qualified(state, state['current_model'])}"
    if not arguments.words:
        return Output(f"{before}\n")
    state["current_model"] = model_name(
        state, arguments._replace(options={"model": arguments.words})
    )
    after = f"{state['current_controller']}:{_qualified(state, state['current_model'])}"
    return Output(stderr=f"{before} -> {after}\n")


def add_model(state: JsonObject, arguments: Arguments) -> Output:
    """Add a model."""
    if not arguments.words:
        raise usage_error("model name is required")
    name = arguments.words[0]
    if name in state["models"]:
        raise CommandError(
            f'failed to create new model: model "{name}" for admin already exists (already exists)'
        )
    settings = assignments(arguments.options.get("config", []))
    state["models"][name] = new_model(name, len(state["models"]) + 1, now(state), settings)
    if not arguments.has("no-switch"):
        state["current_model"] = name
    controller = state["controllers"][state["current_controller"]]
    cloud = "/".join(filter(None, (controller["cloud"], controller.get("region"))))
    text = f"Added '{name}' model on {cloud} with credential 'default'"
    return Output(stderr=f"{text} for user '{controller['user']}'\n")


def destroy_model(state: JsonObject, arguments: Arguments) -> Output:
    """Destroy a model at once."""
    if not arguments.words:
        raise usage_error("no model specified")
    name = model_name(state, arguments._replace(options={"model": arguments.words}))
    if not arguments.has("yes", "y", "no-prompt"):
        raise CommandError("model destruction: aborted", 1, "destroy-model asks for confirmation")
    del state["models"][name]
    if state["current_model"] == name:
        state["current_model"] = ""
    return Output(stderr="Destroying model\n")


def add_user(state: JsonObject, arguments: Arguments) -> Output:
    """Add a user, and print how the user registers the controller."""
    if not arguments.words:
        raise usage_error("no username supplied")
    name = arguments.words[0]
    users = state["controllers"][_current_controller(state)].setdefault("users", [])
    users.append(name)
    text = f'User "{name}" added\nPlease send this command to {name}:\n    juju register MFATA\n'
    return Output(text)


def grant(state: JsonObject, arguments: Arguments) -> Output:
    """Give a user access to models."""
    if len(arguments.words) < 3:
        raise usage_error("no permission level specified")
    user, access, *models = arguments.words
    if user not in state["controllers"][_current_controller(state)].get("users", []):
        raise CommandError(f'could not grant model access: user "{user}" not found')
    if access not in ("read", "write", "admin"):
        raise CommandError(f'"{access}" is not a valid model access')
    for name in models:
        model_name(state, arguments._replace(options={"model": [name]}))
    return Output()


def change_user_password(state: JsonObject, arguments: Arguments) -> Output:
    """Change the password of a user, as if the user had typed it."""
    if len(arguments.words) > 1:
        raise usage_error(f"unrecognized args: {json.dumps(arguments.words[1:])}")
    _current_controller(state)
    return Output(stderr="Your password has been changed.\n")


def create_backup(state: JsonObject, arguments: Arguments) -> Output:
    """Write a backup of the controller; Juju 4 cannot do it.

    Raises:
        CommandError: The release is 4.0, or the model is not that of the controller.
    """
    if generation_of(state).is_juju4:
        text = "Dqlite-based backups not implemented"
        raise CommandError(text, 1, "Juju 4.0 has no backups")
    model = model_name(state, arguments)
    if model != "controller":
        raise CommandError(f"backups are only supported from the controller model, not {model}")
    path = arguments.value("filename", "juju-backup.tar.gz")
    with open(path, "w") as file:
        file.write("backup\n")
    return Output(f"Downloaded to {path}.\n")


def _current_controller(state: JsonObject) -> str:
    if not state["controllers"]:
        raise CommandError(_no_controllers())
    return state["current_controller"]


def _qualified(state: JsonObject, model: str) -> str:
    return f"{state['models'][model]['owner']}/{model}" if model in state["models"] else model


def _optional(name: str, value: Any) -> JsonObject:
    return {name: value} if value else {}


def _names_table(title: str, names: list[str]) -> str:
    return "\n".join([title, *names])
