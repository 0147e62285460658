"""Values that Juju converts to the type of the option."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.bundle.model import Application
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
    assert list(option_differences("web", application, settings)) == []


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
    assert list(option_differences("web", Application(), {"size": setting})) == []


def test_false_is_another_value_than_an_empty_text() -> None:
    settings = {"fast": {"value": False, "default": True, "source": "user"}}
    assert summary(option_differences("web", Application(), settings)) == (
        ["application web: options.fast false -> true"],
        ["juju config web --reset fast"],
    )
