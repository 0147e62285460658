"""What each rule finds and what it passes by, as texts that are run by the tests."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources
from typing import Any

from ...catalogue.reader import load_yaml


@dataclass(frozen=True, slots=True)
class Example:
    """A text in which a rule strikes, and its near miss.

    Attributes:
        fires: The text with the fault.
        path: Where the finding stands.
        quiet: A text of the same kind without the finding.
        layer: Whether the texts are layers over the base site.
        juju: The Juju release that judges both.
    """

    fires: str
    path: str
    quiet: str
    layer: bool = False
    juju: str = "2.9"


@functools.cache
def base_site() -> str:
    """Return the site that the layers are laid over."""
    return str(_data()["site"])


@functools.cache
def examples() -> dict[str, Example]:
    """Return the example of each rule, by the rule's id."""
    return {rule: Example(**body) for rule, body in _data()["rules"].items()}


@functools.cache
def _data() -> dict[str, Any]:
    file = resources.files("botlab.rules.lab") / "examples.yaml"
    return load_yaml(file.read_text("utf-8"), "the rules' examples")
