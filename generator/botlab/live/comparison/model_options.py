"""Differences of the options of a model from those that a site needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...juju import Juju
from ...model_arguments import model_arguments
from ...plan.difference import Delta
from ...plan.model_status import objects
from ..live_model import JsonObject
from .differences import Difference, JujuCommand, Stage, impossible

_HIDDEN_ADVICE = "it contains a password; run the command that botlab render prints"
_LISTS = frozenset(("juju-no-proxy", "no-proxy"))


def model_option_differences(
    desired: Mapping[str, str], document: JsonObject, juju: Juju
) -> Iterator[Difference]:
    """Yield the options of the model that differ from what the site needs.

    A list may have more entries in the model, such as the address of the controller.

    Args:
        desired: The options that the site needs.
        document: What ``juju model-config`` prints.
        juju: The release of Juju that runs the commands.
    """
    settings = objects(document)
    current = {key: str(settings.get(key, {}).get("Value") or "") for key in desired}
    changed = {
        key: _merged(key, current[key], text)
        for key, text in desired.items()
        if not _is_covered(key, current[key], text)
    }
    hidden = [key for key, text in changed.items() if "@" in text or "@" in current[key]]
    shown = {key: text for key, text in changed.items() if key not in hidden}
    words = tuple(model_arguments(shown, juju))
    why = "the site needs these options of the model"
    command = JujuCommand(Stage.MODEL, "model-config", words, (), why)
    for key, text in changed.items():
        if key in hidden:
            delta = Delta("changed", "model", "config", key, "(not shown)", "(not shown)")
            yield impossible(delta, _HIDDEN_ADVICE)
        else:
            delta = Delta("changed", "model", "config", key, current[key], text)
            yield Difference(delta, (command,))


def _is_covered(key: str, current: str, text: str) -> bool:
    if key in _LISTS:
        return set(text.split(",")) <= set(current.split(","))
    return current == text


def _merged(key: str, current: str, text: str) -> str:
    if key not in _LISTS or not current:
        return text
    return ",".join(dict.fromkeys((*text.split(","), *current.split(","))))
