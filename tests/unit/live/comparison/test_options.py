"""Values that Juju converts to the type of the option."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.bundle.model import Application
from botlab.juju import Juju
from botlab.live.comparison.options import option_differences
from helpers.live_differences import summary


@pytest.mark.parametrize(
    ("desired", "current"),
    [
        (5, 5),
        ("5", 5),
        (5, 5.0),
        (True, True),
        ("True", True),
        (0.5, 0.5),
        ("text", "text"),
        ("", None),
    ],
)
def test_same_value_in_another_form_does_not_differ(desired: object, current: object) -> None:
    settings = {"size": {"value": current, "source": "user"}}
    application = Application(options={"size": desired})
    assert list(option_differences("web", application, settings, Juju.V3_6)) == []


@pytest.mark.parametrize(
    "setting",
    [
        {"value": 3, "default": 3, "source": "user"},
        {"value": 3, "default": 3, "source": "default"},
        {"value": "", "source": "user"},
        {"source": "unset"},
    ],
)
def test_default_that_somebody_set_is_not_reset(setting: dict[str, Any]) -> None:
    assert list(option_differences("web", Application(), {"size": setting}, Juju.V3_6)) == []


def test_false_is_another_value_than_an_empty_text() -> None:
    settings = {"fast": {"value": False, "default": True, "source": "user"}}
    assert summary(option_differences("web", Application(), settings, Juju.V3_6)) == (
        ["application web: options.fast false -> true"],
        ["juju config web --reset fast"],
    )


def test_juju_4_gets_the_default_because_a_reset_runs_no_hook() -> None:
    settings = {
        "fast": {"value": False, "default": True, "source": "user"},
        "name": {"value": "x", "source": "user"},
        "size": {"value": 4, "default": 3, "source": "user"},
    }
    deltas, commands = summary(option_differences("web", Application(), settings, Juju.V4_0))
    assert deltas == [
        "application web: options.fast false -> true",
        "application web: options.name x -> (none)",
        "application web: options.size 4 -> 3",
    ]
    assert commands == ["juju config web fast=true size=3", "juju config web --reset name"]
