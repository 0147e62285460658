"""Commands that read and change options, settings, constraints and exposure."""

from __future__ import annotations

import json
from typing import Any

from ..arguments import Arguments, assignments
from ..errors import CommandError, usage_error
from ..objects import application_of, generation_of, model_of
from ..output import Output, formatted
from ..store import JsonObject
from ..yaml_files import load
from .status import constraint_values

_TRUST = {
    "default": False,
    "description": "Does this application have access to trusted credentials",
    "type": "bool",
}
_MODEL_DEFAULTS = {
    "default-space": "",
    "default-base": "",
    "image-stream": "released",
    "logging-config": "<root>=INFO",
    "type": "maas",
}


def config(state: JsonObject, arguments: Arguments) -> Output:
    """Show, set or reset the options of an application."""
    if not arguments.words:
        raise usage_error("no application name specified")
    name, *words = arguments.words
    application = application_of(model_of(state, arguments), name)
    settings = _assignments(state, arguments, words, name)
    resets = arguments.values("reset")
    if settings or resets:
        _check_keys(application, [*settings, *resets], is_strict=state["knows_all_names"])
        _change_options(application, settings, resets)
        return Output()
    if len(words) == 1:
        return Output(f"{_option_value(name, application, words[0])}\n")
    return formatted(arguments, _options_document(name, application))


def _assignments(
    state: JsonObject, arguments: Arguments, words: list[str], name: str
) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    path = arguments.value("file")
    if path:
        with open(path) as file:
            settings.update((load(file.read(), state["yaml"]) or {}).get(name, {}))
    keys = [word for word in words if "=" not in word]
    if keys and (len(keys) > 1 or len(words) > 1):
        raise usage_error("cannot specify multiple keys to get")
    settings.update({key: _file_value(value) for key, value in assignments(words).items()})
    return settings


def _file_value(value: str) -> str:
    """Return a value of `config`. The client reads ``@FILE`` from a file."""
    if not value.startswith("@"):
        return value
    with open(value[1:], encoding="utf-8", newline="") as file:
        return file.read()


def _check_keys(application: JsonObject, keys: list[str], *, is_strict: bool) -> None:
    schema = application["schema"]
    for key in keys if schema or is_strict else ():
        if key not in schema and key != "trust":
            raise CommandError(f'unknown option "{key}"')


def _change_options(application: JsonObject, settings: dict[str, Any], resets: list[str]) -> None:
    for key, value in settings.items():
        if key == "trust":
            application["trust"] = str(value).lower() == "true"
        else:
            application["options"][key] = typed(key, value, application["schema"].get(key, {}))
    for key in resets:
        application["options"].pop(key, None)


def typed(key: str, value: Any, option: JsonObject) -> Any:
    """Return the value of an option in the option's type.

    Args:
        key: The name of the option.
        value: The value as the caller wrote it.
        option: The definition of the option; empty if it is not known.

    Raises:
        CommandError: The value is not of the type.
    """
    kind = option.get("type", "string" if isinstance(value, str) else "")
    try:
        return _CONVERSIONS[kind](value) if kind in _CONVERSIONS else value
    except (KeyError, ValueError):
        text = json.dumps(value)
        raise CommandError(f'option "{key}" expected {kind}, got {text}') from None


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else {"true": True, "false": False}[str(value).lower()]


_CONVERSIONS = {"int": int, "float": float, "boolean": _boolean, "string": str, "secret": str}


def _option_value(name: str, application: JsonObject, key: str) -> str:
    if key == "trust":
        return str(bool(application.get("trust"))).lower()
    schema, options = application["schema"], application["options"]
    if key not in schema and key not in options:
        raise CommandError(
            f'key "{key}" not found in "{name}" application config or charm settings.'
        )
    value = options.get(key, schema.get(key, {}).get("default", ""))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _options_document(name: str, application: JsonObject) -> JsonObject:
    schema, options = application["schema"], application["options"]
    trust = bool(application.get("trust"))
    return {
        "application": name,
        "application-config": {
            "trust": dict(
                sorted(
                    {**_TRUST, "source": "user" if trust else "default", "value": trust}.items()
                )
            )
        },
        "charm": application["charm"]["name"],
        "settings": {key: _setting(key, schema, options) for key in sorted({*schema, *options})},
    }


def _setting(key: str, schema: JsonObject, options: JsonObject) -> JsonObject:
    option = schema.get(key, {})
    kind = option.get("type", "string")
    default = option.get("default")
    if key in options:
        value, source = options[key], "user"
    else:
        value, source = default, "unset" if default is None else "default"
    return {
        **({} if default is None else {"default": default}),
        "description": option.get("description", key),
        "source": source,
        "type": kind,
        **({} if value is None else {"value": value}),
    }


def model_config(state: JsonObject, arguments: Arguments) -> Output:
    """Show, set or reset the settings of a model."""
    model = model_of(state, arguments)
    settings = {**_MODEL_DEFAULTS, "agent-version": model.get("version") or state["version"]}
    changes = _model_changes(state, arguments)
    resets = arguments.values("reset")
    if changes or resets:
        model["config"].update(changes)
        for key in resets:
            model["config"].pop(key, None)
        return Output()
    values = {
        **{key: {"Value": value, "Source": "default"} for key, value in settings.items()},
        **{key: {"Value": value, "Source": "model"} for key, value in model["config"].items()},
    }
    if not arguments.words:
        return formatted(arguments, values)
    key = arguments.words[0]
    if key not in values:
        raise CommandError(f'key "{key}" not found in "{model["name"]}" model.')
    return Output(f"{values[key]['Value']}\n")


def _model_changes(state: JsonObject, arguments: Arguments) -> dict[str, str]:
    """Return the settings of the call. The client of Juju 2 reads each value as YAML."""
    changes = assignments(arguments.words)
    if not generation_of(state).is_juju2:
        return changes
    for key, text in changes.items():
        value = load(text, state["yaml"])
        if isinstance(value, dict | list) or value is None:
            kind = {dict: "map", list: "list"}.get(type(value), "nothing")
            raise CommandError(f"{key}: expected string, got {kind}")
        changes[key] = value if isinstance(value, str) else text
    return changes


def model_constraints(state: JsonObject, arguments: Arguments) -> Output:
    """Show the constraints of a model."""
    text = model_of(state, arguments)["constraints"]
    return formatted(arguments, constraint_values(text), text)


get_model_constraints = model_constraints


def set_model_constraints(state: JsonObject, arguments: Arguments) -> Output:
    """Set the constraints of a model."""
    model_of(state, arguments)["constraints"] = " ".join(arguments.words)
    return Output()


def constraints(state: JsonObject, arguments: Arguments) -> Output:
    """Show the constraints of an application."""
    if not arguments.words:
        raise usage_error("no application name specified")
    text = application_of(model_of(state, arguments), arguments.words[0]).get("constraints", "")
    return formatted(arguments, constraint_values(text), text)


get_constraints = constraints


def set_constraints(state: JsonObject, arguments: Arguments) -> Output:
    """Set the constraints of an application."""
    if not arguments.words:
        raise usage_error("no application name specified")
    name, *words = arguments.words
    application = application_of(model_of(state, arguments), name)
    if application.get("subordinate"):
        raise CommandError("constraints do not apply to subordinate applications")
    application["constraints"] = " ".join(words)
    return Output()


def trust(state: JsonObject, arguments: Arguments) -> Output:
    """Give an application access to the credentials of the cloud, or revoke the access."""
    if not arguments.words:
        raise usage_error("no application name specified")
    application = application_of(model_of(state, arguments), arguments.words[0])
    application["trust"] = not arguments.has("remove")
    return Output()


def expose(state: JsonObject, arguments: Arguments) -> Output:
    """Expose an application, or some of its endpoints."""
    application = application_of(model_of(state, arguments), _single_name(arguments))
    endpoints = arguments.values("endpoints") or [""]
    cidrs, spaces = arguments.values("to-cidrs"), arguments.values("to-spaces")
    entry: JsonObject = {}
    if spaces:
        entry["expose-to-spaces"] = spaces
    if cidrs or not spaces:
        entry["expose-to-cidrs"] = cidrs or ["0.0.0.0/0", "::/0"]
    application["exposed"] = True
    exposed = application.setdefault("exposed_endpoints", {})
    exposed.update({endpoint: dict(entry) for endpoint in endpoints})
    if generation_of(state).name == "2.6":
        application.pop("exposed_endpoints")
    return Output()


def unexpose(state: JsonObject, arguments: Arguments) -> Output:
    """Close an application, or some of its endpoints."""
    application = application_of(model_of(state, arguments), _single_name(arguments))
    exposed = application.get("exposed_endpoints", {})
    for endpoint in arguments.values("endpoints") or list(exposed):
        exposed.pop(endpoint, None)
    application["exposed_endpoints"] = exposed
    application["exposed"] = bool(exposed)
    return Output()


def _single_name(arguments: Arguments) -> str:
    if not arguments.words:
        raise usage_error("no application name specified")
    if len(arguments.words) > 1:
        raise usage_error(f"unrecognized args: [{' '.join(map(json.dumps, arguments.words[1:]))}]")
    return arguments.words[0]
