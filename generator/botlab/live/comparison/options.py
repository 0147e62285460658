"""Differences of the options of applications, and of their trust."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...bundle.go_text import BOOLEANS
from ...bundle.model import Application
from ...bundle.trust import is_trusted
from ...juju import Juju
from ...plan.difference import Delta, text_of
from ...plan.model_status import objects
from ...plan.option_commands import (
    assignments,
    can_change_options,
    is_argument,
    is_short,
    reason,
    shown_text,
)
from ..live_model import JsonObject
from .differences import Difference, JujuCommand, Stage, by_deploy


def option_differences(
    name: str, application: Application, settings: Mapping[str, JsonObject], juju: Juju
) -> Iterator[Difference]:
    """Yield the options that differ, and those that the bundle does not set.

    Args:
        name: The name of the application.
        application: The application in the bundle.
        settings: The options in the model, as ``juju config`` prints them.
        juju: The release of the controller.
    """
    options = {key: text for key, text in application.options.items() if key != "trust"}
    changed = [key for key in sorted(options) if not _is_same(settings.get(key), options[key])]
    texts = {key: text_of(options[key]) for key in changed}
    is_by_deploy = can_change_options(juju)
    command = _deployed_command(name, texts) if is_by_deploy else _early_command(name, texts)
    for key, text in texts.items():
        delta = _delta(name, key, settings.get(key), text)
        is_command = not is_by_deploy or is_argument(key, text)
        yield Difference(delta, (command,)) if is_command else by_deploy(delta)
    yield from _resets(name, options, settings, juju)


def _resets(
    name: str, options: Mapping[str, object], settings: Mapping[str, JsonObject], juju: Juju
) -> Iterator[Difference]:
    """Yield the options that have another value than their default, which the site expects.

    Juju 4.0.15 does not run the hook ``config-changed`` after a reset, so that the charm would not
    notice it. Therefore the default is set instead.
    """
    keys = [key for key in sorted(settings) if key not in options and _is_changed(settings[key])]
    defaults = {key: text_of(settings[key].get("default")) for key in keys}
    is_set = juju >= Juju.V4_0
    texts = {
        key: text
        for key, text in defaults.items()
        if is_set and settings[key].get("default") is not None and is_short(text)
    }
    commands = {
        key: _default_command(name, texts) if key in texts else _reset_command(name, keys, texts)
        for key in keys
    }
    for key in keys:
        yield Difference(_delta(name, key, settings[key], defaults[key]), (commands[key],))


def _default_command(name: str, texts: Mapping[str, str]) -> JujuCommand:
    pairs = [f"{key}={text}" for key, text in texts.items()]
    why = "the site does not set it; in Juju 4 a reset would run no hook of the charm"
    return JujuCommand(Stage.SETTINGS, "config", (name, *pairs), (), why)


def _reset_command(name: str, keys: Sequence[str], texts: Mapping[str, str]) -> JujuCommand:
    options = ("--reset", ",".join(key for key in keys if key not in texts))
    why = "the site does not set it, and deploy never resets an option"
    return JujuCommand(Stage.SETTINGS, "config", (name,), options, why)


def trust_differences(
    name: str, application: Application, config: JsonObject
) -> Iterator[Difference]:
    """Yield the difference of an application's trust, if there is one."""
    trust = objects(config.get("application-config")).get("trust")
    if trust is None:
        return
    is_trusted_now = trust.get("value") is True
    if is_trusted_now == is_trusted(application):
        return
    texts = text_of(is_trusted_now), text_of(not is_trusted_now)
    options = ("--remove",) if is_trusted_now else ()
    why = "deploy never removes trust" if is_trusted_now else "deploy trusts new applications only"
    command = JujuCommand(Stage.SETTINGS, "trust", (name,), options, why)
    yield Difference(Delta("changed", "application", name, "trust", *texts), (command,))


def _delta(name: str, key: str, setting: JsonObject | None, text: str) -> Delta:
    old = text_of(setting.get("value")) if setting else ""
    texts = shown_text(key, old), shown_text(key, text)
    return Delta("changed", "application", name, f"options.{key}", *texts)


def _deployed_command(name: str, texts: Mapping[str, str]) -> JujuCommand:
    """Return a command for the options that ``juju deploy`` can also set."""
    pairs = assignments({key: text for key, text in texts.items() if is_argument(key, text)})
    why = "the site sets it"
    return JujuCommand(Stage.SETTINGS, "config", (name, *pairs), (), why, is_part_of_deploy=True)


def _early_command(name: str, texts: Mapping[str, str]) -> JujuCommand:
    """Return the command for options that must be set before ``juju deploy``."""
    operands = (name, *assignments(texts))
    values = tuple(texts.items())
    return JujuCommand(Stage.OPTIONS, "config", operands, (), reason(texts), values=values)


def typed_value(setting: JsonObject, text: str) -> object:
    """Return the value that Juju makes of a text, with the type of the option.

    Args:
        setting: The option, as ``juju config`` prints it.
        text: The text. A text that is no value of the type is returned as it is.
    """
    kind = setting.get("type")
    if kind == "boolean":
        return BOOLEANS.get(text, text)
    number = _number(text) if kind in ("int", "float") else None
    if number is None:
        return text
    return int(text) if kind == "int" and text.lstrip("+-").isdecimal() else number


def _is_changed(setting: JsonObject) -> bool:
    """Return whether somebody set an option to another value than its default."""
    if setting.get("source") != "user":
        return False
    current, default = setting.get("value"), setting.get("default")
    return (current or "") != (default or "") or isinstance(current, bool) != isinstance(
        default, bool
    )


def _is_same(setting: JsonObject | None, desired: object) -> bool:
    """Return whether an option has a value, which Juju converts to the option's type."""
    if setting is None:
        return False
    current = setting.get("value")
    if isinstance(current, bool):
        return current == BOOLEANS.get(text_of(desired))
    if isinstance(current, int | float):
        return _number(desired) == float(current)
    return text_of(current) == text_of(desired)


def _number(content: object) -> float | None:
    try:
        return float(text_of(content))
    except ValueError:
        return None
