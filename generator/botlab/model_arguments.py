"""The command ``juju model-config`` that sets options, and its arguments."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from .juju import Juju
from .shell import command_line
from .yaml_text import yaml_flow


def model_config_command(options: Mapping[str, str], model: str, juju: Juju) -> str:
    """Return the command that sets options of a model; empty when there are none.

    Args:
        options: The options.
        model: The name of the model; empty for the current one.
        juju: The release of Juju.
    """
    words = ["juju", "model-config", *(["-m", model] if model else [])]
    return command_line(*words, *model_arguments(options, juju)) if options else ""


def model_arguments(options: Mapping[str, str], juju: Juju) -> list[str]:
    """Return the arguments that set options of a model.

    Juju 2 reads the value of an argument as YAML (``ConfigFlag.Set`` in juju/juju
    cmd/juju/common/flags.go of 2.6 and 2.9), so that a text such as that of cloudinit-userdata
    would become a mapping, which the controller refuses. There it is written as a text in quotes.

    Args:
        options: The options.
        juju: The release of Juju.
    """
    is_yaml = juju < Juju.V3_6
    return [f"{key}={_quoted(text) if is_yaml else text}" for key, text in options.items()]


def _quoted(text: str) -> str:
    return text if _is_kept(text) else yaml_flow(text)


def _is_kept(text: str) -> bool:
    """Return whether YAML reads a text as the same text, or as a number or boolean."""
    try:
        value: object = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return False
    return value == text or isinstance(value, bool | int | float)
